"""Invented cases for the widget gallery, in Italian and English, and texts made to do harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from desk.widgets.composer import Aside, Composer, Draft, DueDay, PromiseFields
from desk.widgets.person import KnownBy, Mark, PaneLine, PaneSection, Person
from desk.widgets.rows import ChipKind, QueueRow, UrgencyShape
from desk.widgets.thread import Delivery, Evidence, Media, ThreadItem, ThreadKind

U = UrgencyShape
HOSTILE = (
    "<script>window.broken = 1</script><img src=x onerror='window.broken = 2'> ** & \u202eabc\u202c "
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \ud800 \x00 שלום"
)
LONG = "parola lunga " * 770


def rows(lang: str) -> list[QueueRow]:
    """Eleven cases, one in each state the list can show."""
    return _rows_it() if lang == "it" else _rows_en()


def hostile_rows() -> list[QueueRow]:
    """Rows whose every outside string is hostile."""
    return [
        QueueRow(901, U.NOW, "Now", HOSTILE, "X", "1 min", HOSTILE, (HOSTILE,), ChipKind.LOCKED, HOSTILE, "he"),
        QueueRow(902, U.SOON, "Soon", "n" * 300, "X", "1 min", LONG, ("w" * 400,), ChipKind.FREE, "Free", can_claim=True),
    ]


def _rows_it() -> list[QueueRow]:
    free = ChipKind.FREE
    return [
        QueueRow(1, U.NOW, "Subito", "Davide Sanna", "Mastodon", "6 min", "Odore di gas sulle scale, il numero verde è sempre occupato", ("odore di gas", "nessuno ha ancora risposto"), ChipKind.LOCKED, "Paolo ci lavora", "it"),
        QueueRow(2, U.NOW, "Subito", "Marta Riva", "X", "24 min", "Buongiorno, è la quarta volta che scrivo. Mia madre ha 84 anni", ("persona vulnerabile", "senza riscaldamento da 2 giorni", "quarto contatto"), ChipKind.YOURS, "Tuo", "it"),
        QueueRow(3, U.TODAY, "In giornata", "Bar Centrale", "Recensioni", "2 h", "Terza bolletta stimata di fila: 1.140 € per un locale chiuso ad agosto", ("terzo contatto", "nomina ARERA"), free, "Libero", "it", can_claim=True),
        QueueRow(4, U.TODAY, "In giornata", "Nadia Benali", "Bluesky", "1 h", "Mi avevate detto voltura fatta entro venerdì. Oggi è venerdì.", ("promessa nostra",), ChipKind.PROMISE, "Promessa: oggi, 15:00", "it"),
        QueueRow(5, U.UNSURE, "Non sono sicuro, leggi", "Tommaso Greco", "X", "51 min", "Complimenti, quattro ore di musichetta. Servizio impeccabile.", ("forse ironia",), free, "Libero", "it", can_claim=True),
        QueueRow(6, U.UNJUDGED, "Da valutare", "Elena Piras", "Mastodon", "ora", "Salve, ho due contatori e una bolletta sola, a chi lo dico?", ("ordinato con le regole",), free, "Libero", "it", can_claim=True),
        QueueRow(7, U.SOON, "A breve", "Ginevra Leone", "X", "3 h", "L’app di @LumenEnergia ci mette una vita ad aprirsi, voi?", ("84.000 la seguono (conta poco)",), free, "Libero", "it", can_claim=True),
        QueueRow(8, U.SOON, "A breve", "u/pendolare_lodi", "Reddit", "2 h", "Qualcuno è riuscito a disdire senza raccomandata?", ("domanda", "risposta a mano"), ChipKind.OWNED, "di Giulia", "it"),
        QueueRow(9, U.SOON, "A breve", "Franco Villa", "X", "ieri", "Lampioni spenti in via Ozanam, condominio Aurora", ("aspetta la squadra rete",), ChipKind.SNOOZED, "Fino alle 14:00", "it", is_away=True),
        QueueRow(10, U.NO_RUSH, "Senza fretta", "Rosa Esposito", "Bluesky", "4 h", "Volevo solo ringraziare Giulia, ieri è stata gentilissima", ("elogio",), free, "Libero", "it", can_claim=True),
        QueueRow(11, U.NO_RUSH, "Senza fretta", "Ivo Marchetti", "Mastodon", "5 h", "Ma il bonus di fine anno c’è ancora?", ("domanda",), ChipKind.DONE, "Risolto", "it"),
    ]  # fmt: skip


def _rows_en() -> list[QueueRow]:
    free = ChipKind.FREE
    return [
        QueueRow(1, U.NOW, "Now", "Daniel Shaw", "Mastodon", "6 min", "Smell of gas on our stairs and the emergency line is engaged", ("smell of gas", "nobody has answered yet"), ChipKind.LOCKED, "Paolo is on it", "en"),
        QueueRow(2, U.NOW, "Now", "Helen Doyle", "X", "24 min", "Good morning, this is the fourth time I’m writing. My mother is 84", ("vulnerable person", "no heating for 2 days", "fourth contact"), ChipKind.YOURS, "Yours", "en"),
        QueueRow(3, U.TODAY, "Today", "The Corner Bar", "Reviews", "2 h", "Third estimated bill in a row: €1,140 for a place shut all August", ("third contact", "names the regulator"), free, "Free", "en", can_claim=True),
        QueueRow(4, U.TODAY, "Today", "Nadia Benali", "Bluesky", "1 h", "You said the account would be in my name by Friday. It is Friday.", ("our promise",), ChipKind.PROMISE, "Promised: today, 15:00", "en"),
        QueueRow(5, U.UNSURE, "Not sure, please read", "Tom Gleeson", "X", "51 min", "Well done, four hours of hold music. Impeccable service.", ("maybe irony",), free, "Free", "en", can_claim=True),
        QueueRow(6, U.UNJUDGED, "Unjudged", "Ellen Price", "Mastodon", "now", "Hello, I have two meters and one bill, who do I tell?", ("ranked by rules for now",), free, "Free", "en", can_claim=True),
        QueueRow(7, U.SOON, "Soon", "Jen Lyons", "X", "3 h", "The @LumenEnergia app takes ages to open, is it just me?", ("84,000 followers (counts little)",), free, "Free", "en", can_claim=True),
        QueueRow(8, U.SOON, "Soon", "u/commuter_cork", "Reddit", "2 h", "Has anyone managed to cancel without a registered letter?", ("question", "reply by hand"), ChipKind.OWNED, "Giulia’s", "en"),
        QueueRow(9, U.SOON, "Soon", "Frank Vale", "X", "1 d", "Street lights out along Ozanam Road, Aurora building", ("waiting for the grid crew",), ChipKind.SNOOZED, "Until 14:00", "en", is_away=True),
        QueueRow(10, U.NO_RUSH, "No rush", "Rose Kane", "Bluesky", "4 h", "Just wanted to thank Giulia, she was so kind yesterday", ("praise",), free, "Free", "en", can_claim=True),
    ]  # fmt: skip


def _marked(text: str, *words: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(text.index(word), text.index(word) + len(word)) for word in words)


def thread_items(lang: str) -> list[ThreadItem]:
    """One conversation with every kind of item."""
    it = lang == "it"
    now = (
        "@LumenEnergia buongiorno, è la quarta volta che scrivo. Mia madre ha 84 anni ed è senza riscaldamento da mercoledì"
        " sera. Il tecnico doveva passare ieri, non è venuto nessuno. Capisco che siate pieni, vorrei solo sapere a che"
        " ora passate oggi. Grazie."
        if it
        else "@LumenEnergia good morning, this is the fourth time I’m writing. My mother is 84 and has had no heating since"
        " Wednesday evening. The engineer was due yesterday and nobody came. I’d just like to know what time today."
    )
    marks = ("quarta volta", "84 anni", "senza riscaldamento da mercoledì sera") if it else ("fourth time", "84", "no heating since Wednesday evening")  # fmt: skip
    earlier = ThreadItem(ThreadKind.CUSTOMER, "Da stasera niente gas in via Moroni, solo noi?", "Marta Riva", "@marta_riva_bg", when="X, 19:02", lang="it", media=(Media("https://example.org/p.jpg", "foto della caldaia"),))  # fmt: skip
    name = "Marta Riva" if it else "Helen Doyle"
    handle = "@marta_riva_bg" if it else "@helen_doyle_c"
    return [
        ThreadItem(ThreadKind.FOLD, "2 contatti precedenti, mercoledì 18: «Da stasera niente gas in via Moroni…»" if it else "2 earlier contacts, Wednesday 18: “Since tonight no gas in Moroni Street…”", folded=(earlier,)),
        ThreadItem(ThreadKind.DAY, "giovedì 19 novembre" if it else "Thursday 19 November"),
        ThreadItem(ThreadKind.US, "Buongiorno Marta, ci dispiace. In zona non ci sono guasti: dal contatore risulta un blocco di sicurezza. Il tecnico passa oggi entro le 18. Giulia" if it else "Good morning Helen, we’re sorry. There is no outage in your area: the meter shows a safety lock. The engineer comes today by 6 pm. Giulia", "Lumen Energia", byline="risposta di Giulia Ferri" if it else "reply by Giulia Ferri", lang=lang, delivery=Delivery.SENT, delivery_text="pubblicata su X, 08:55" if it else "published on X, 08:55"),
        ThreadItem(ThreadKind.TOMBSTONE, "Post cancellato dall’autrice alle 22:04 di giovedì. Il testo non è più conservato." if it else "Post deleted by its author on Thursday at 22:04. Its text is no longer kept."),
        ThreadItem(ThreadKind.DAY, "oggi, venerdì 20 novembre" if it else "today, Friday 20 November"),
        ThreadItem(ThreadKind.NOW, now, name, handle, when="X, pubblico · 10:18" if it else "X, public · 10:18", lang=lang, url="https://example.org/status/1", evidence=_marked(now, *marks)),
        ThreadItem(ThreadKind.NOTE, "Sentita la centrale: giovedì la squadra è stata dirottata a Dalmine. La squadra 7 è confermata oggi tra le 11:30 e le 12:30." if it else "Spoke to dispatch: on Thursday the crew was diverted to Dalmine. Crew 7 is confirmed today between 11:30 and 12:30.", "Giulia Ferri", when="10:31", lang=lang),
    ]  # fmt: skip


def hostile_items() -> list[ThreadItem]:
    """Posts that try to run, to stretch, to turn the line round and to leave by a bad link."""
    post = ThreadItem(ThreadKind.CUSTOMER, HOSTILE, HOSTILE, HOSTILE, when="10:00", url="javascript:alert(1)", evidence=(Evidence(0, 8), Evidence(4, 12), Evidence(90, 9000)), media=(Media("data:text/html,x", HOSTILE),))  # fmt: skip
    return [
        post,
        replace(post, text=LONG, media=(Media("https://example.org/a.png", HOSTILE),)),
        replace(post, kind=ThreadKind.US, delivery=Delivery.UNCERTAIN, delivery_text="?"),
        replace(post, kind=ThreadKind.NOTE),
    ]


def composer_state(lang: str) -> Composer:
    """A reply in progress by a trainee, with a promise."""
    it = lang == "it"
    today = date(2026, 11, 20)
    text = (
        "Marta, ha ragione: ieri non siamo venuti e non l’abbiamo avvisata. Mi scuso, con lei e con sua mamma. La squadra 7"
        " è da voi oggi tra le 11:30 e le 12:30. Il caso lo seguo io: le scrivo qui appena i termosifoni sono caldi. Sara"
        if it
        else "Helen, you’re right: yesterday nobody came and nobody told you. I apologise, to you and to your mother. Crew 7 is"
        " with you today between 11:30 and 12:30. I’m staying on this: I’ll write here as soon as the radiators are warm."
    )
    promise = PromiseFields(True, "squadra 7 sul posto, poi le scrivo io" if it else "crew 7 on site, then I write to her", today, time(12, 30))  # fmt: skip
    handle = "@marta_riva_bg" if it else "@helen_doyle_c"
    note = (
        "Sei in affiancamento su X: Paolo la legge prima che esca.\nDopo il suo ok hai 15 secondi per annullare."
        if it
        else "You are being mentored on X: Paolo reads it before it goes out.\nAfter his ok you have 15 seconds to undo."
    )
    return Composer(
        subject="case-2",
        draft=Draft(1, text, "", promise),
        to_handle=handle,
        channel="X",
        as_handle="@LumenEnergia",
        as_name="Lumen Energia",
        fixed_prefix=handle,
        limit_chars=280,
        status="Bozza salvata alle 10:41" if it else "Draft saved at 10:41",
        primary="Chiedi l’ok a Paolo" if it else "Ask Paolo’s ok",
        primary_note=note,
        approver="Paolo Neri",
        lang=lang,
        asides=(Aside("similar", "3 casi simili risolti" if it else "3 similar cases, resolved"), Aside("canned", "Risposte pronte" if it else "Canned replies")),
        due_days=(DueDay(today, "oggi" if it else "today"), DueDay(date(2026, 11, 21), "domani" if it else "tomorrow")),
    )  # fmt: skip


def person(lang: str) -> Person:
    """A known customer with a broken promise."""
    if lang != "it":
        return _person_en()
    return Person(
        "Marta Riva",
        "Bergamo · scrive per la madre, Teresa Locatelli, cliente dal 2009",
        "La conosciamo dal 2021 · 11 conversazioni",
        "Non chiedere di nuovo",
        "Codice cliente, telefono, indirizzo della madre.",
        KnownBy("Chi la conosce", "Giulia Ferri", "di riferimento · in turno dalle 13:00", "Passata di mano 2 volte: tienila tu."),
        (
            PaneSection("Promesse", (PaneLine("Tecnico, gio 19 ore 18", "non mantenuta", Mark.BROKEN), PaneLine("Squadra 7 entro oggi, 12:30", "in bozza", Mark.PROMISE), PaneLine("Rimborso doppia bolletta", "feb 2025", Mark.KEPT))),
            PaneSection("Storia", (PaneLine("Blocco del contatore", "in corso"), PaneLine("Doppia bolletta, rimborsata", "feb 2025"), PaneLine("Voltura dopo il trasloco", "set 2023"))),
            PaneSection("Identità", (PaneLine("X", "2021", Mark.LINK, "@marta_riva_bg"), PaneLine("Mastodon", "2025", Mark.LINK, "@martariva@mastodon.uno")), foot="collegate da Giulia, dopo conferma di Marta"),
            PaneSection("Note", text="Preferisce messaggi brevi. La madre sente poco: al citofono suonare due volte."),
        ),
    )  # fmt: skip


def _person_en() -> Person:
    return Person(
        "Helen Doyle",
        "Cork · writes for her mother, Teresa, a customer since 2009",
        "Known to us since 2021 · 11 conversations",
        "Don’t ask again",
        "Customer number, phone, her mother’s address.",
        KnownBy("Who knows her", "Giulia Ferri", "preferred operator · on shift from 13:00", "Handed over twice: keep her with you."),
        (
            PaneSection("Promises", (PaneLine("Engineer, Thu 19, 18:00", "not kept", Mark.BROKEN), PaneLine("Crew 7 by today, 12:30", "sending", Mark.PROMISE), PaneLine("Double bill refunded", "Feb 2025", Mark.KEPT))),
            PaneSection("History", (PaneLine("Meter safety lock", "in progress"), PaneLine("Double bill, refunded", "Feb 2025"))),
            PaneSection("Identities", (PaneLine("X", "2021", Mark.LINK, "@helen_doyle_c"),), foot="linked by Giulia, she confirmed"),
            PaneSection("Notes", text="Prefers short messages. Her mother is hard of hearing: ring the bell twice."),
        ),
    )  # fmt: skip
