"""How every widget looks with invented data, for developers: ``streamlit run desk/widgets/gallery.py``.

Query parameters: ``view`` (desk, states, keys, hostile), ``lang`` (it, en), ``undo`` (1 shows the undo bar),
``locked`` (1 locks the composer), ``compact`` (1). The theme is chosen in the browser's or Streamlit's settings.
The gallery keeps the draft it is sent, as a page would, and shows the last event for the browser tests.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import streamlit as st

from desk.widgets import gallery_sample as sample
from desk.widgets.composer import Composer, ComposerEvent, ComposerLabels, ComposerMode, ComposerResult, Draft, composer
from desk.widgets.frame import DeskColumns, desk_columns, install_frame
from desk.widgets.keys import KeyAction, page_keys, sheet_html
from desk.widgets.markup import chip, html_tag, urgency_tag
from desk.widgets.person import person_html
from desk.widgets.queue_list import QueueListResult, queue_list
from desk.widgets.rows import QueueLabels
from desk.widgets.states import StateAction, StateBox, StateStep, StateTone, alert_html, state_box
from desk.widgets.thread import ThreadLabels, thread
from desk.widgets.undo import undo_bar

LANG = "en" if st.query_params.get("lang") == "en" else "it"
VIEW = st.query_params.get("view", "desk")
COMPOSER_IT = ComposerLabels(
    public="Risposta pubblica",
    internal="Nota interna",
    route="Rispondi a {to} su {channel} come {account}",
    note_route="Una nota su questo caso",
    anyone="La legge chiunque",
    team_only="la vede solo il team",
    preview="come si vedrà",
    placeholder="Scrivi la risposta",
    note_placeholder="Scrivi una nota per i colleghi",
    save_note="Salva la nota",
    promised="Ho promesso:",
    promise_text="che cosa hai promesso",
    by="entro",
    due_day="giorno",
    due_time="ora",
    other_day="un altro giorno",
    unsaved="Non ancora salvata",
    too_long="{n} di troppo",
)
THREAD_IT = ThreadLabels(
    "Conversazione", "Nota interna", "la vede solo il team", "Mostra l’immagine", "L’immagine non c’è più", "Apri il post",
    "Mostra tutto il testo",
)  # fmt: skip


def word(italian: str, english: str) -> str:
    """The gallery's own few words; pages use gettext."""
    return italian if LANG == "it" else english


def remember(result: ComposerResult) -> None:
    """Keep the draft like a page with a database would, and show the event."""
    kept: Draft = st.session_state.setdefault("kept", sample.composer_state(LANG).draft)
    sent = result.event in {ComposerEvent.SEND, ComposerEvent.NOTE}
    text = "" if sent and result.mode is ComposerMode.PUBLIC else result.reply_text
    note = "" if sent and result.mode is ComposerMode.INTERNAL else result.note_text
    st.session_state.kept = Draft(kept.version + 1, text, note, result.promise)
    st.session_state.last = f"{result.event}|{result.subject}|{result.mode}|{result.text}"


def choose(result: QueueListResult) -> None:
    """Open or claim a row."""
    if result.open is not None:
        st.session_state.selected = result.open
    st.session_state.last = f"open={result.open} claim={result.claim}"


def press(action: KeyAction) -> None:
    """Show the action a key asked for."""
    st.session_state.last = f"key={action}"


def written() -> Composer:
    """The composer's state for the case on screen."""
    base = sample.composer_state(LANG)
    undo = st.query_params.get("undo") == "1"
    locked = undo or st.query_params.get("locked") == "1"
    draft = st.session_state.get("kept", base.draft)
    selected = st.session_state.get("selected", 2)
    if selected != 2:
        return replace(base, subject=f"case-{selected}", draft=Draft(), hide_primary=undo)
    return replace(base, draft=draft, locked=locked, hide_primary=undo)


def draw_header() -> None:
    """The case's title and reasons."""
    name, handle = (("Marta Riva", "X") if LANG == "it" else ("Helen Doyle", "X"))
    with st.container(key="sp_head_case", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.html(html_tag("div", html_tag("div", name, cls="sp-title cut"), cls="sp"))
            with st.container(key="sp_narrow_person", width="content"):
                st.button(word("Persona", "Person"), icon=":material/group:")
            st.button(word("Rimanda", "Snooze"), shortcut="S")
            with st.container(key="sp_wide_pass", width="content"):
                st.button(word("Passa", "Hand over"))
            st.button(word("Risolvi e prossimo", "Resolve and next"), shortcut="E")
        state = chip("mine", word("In carico a te", "Yours to the end"), "hand")
        since = word("su X · 4 contatti dal 18 novembre · aspetta dalle 10:18", f"on {handle} · 4 contacts since 18 November · waiting since 10:18")
        st.html(html_tag("div", html_tag("div", state, html_tag("span", since, cls="cut s muted"), cls="row-flex"), cls="sp"))
        reasons = word("Persona vulnerabile · senza riscaldamento da 2 giorni · quarto contatto · promessa di giovedì non mantenuta", "Vulnerable person · no heating for 2 days · fourth contact · Thursday’s promise was not kept")
        tag = urgency_tag("u3", word("Subito", "Now"))
        st.html(html_tag("div", html_tag("div", tag, html_tag("span", reasons, cls="txt grow"), cls="sp-why"), cls="sp"))  # fmt: skip


def draw_desk(columns: DeskColumns, *, hostile: bool) -> None:
    """The three columns with every widget in its place."""
    with columns.queue:
        with st.container(key="sp_head_queue"):
            st.segmented_control("tab", [word("Liberi 14", "Free 14"), word("Miei 6", "Mine 6"), word("Promesse 3", "Promises 3"), word("Tutti 41", "All 41")], default=word("Tutti 41", "All 41"), label_visibility="collapsed", width="stretch")  # fmt: skip
        labels = QueueLabels("Coda", "Prendi") if LANG == "it" else QueueLabels()
        rows = sample.hostile_rows() if hostile else sample.rows(LANG)
        queue_list(rows, st.session_state.get("selected", 2), labels=labels, on_event=choose, compact=st.query_params.get("compact") == "1")  # fmt: skip
    with columns.case:
        draw_header()
        items = sample.hostile_items() if hostile else sample.thread_items(LANG)
        thread(items, labels=THREAD_IT if LANG == "it" else ThreadLabels(), subject=str(st.session_state.get("selected", 2)))
        composer(written(), labels=COMPOSER_IT if LANG == "it" else ComposerLabels(), on_event=remember)
        if st.query_params.get("undo") == "1":
            with st.container(key="sp_foot_undo"):
                undo_bar(text=word("Esce su X tra {s} s.", "Goes out on X in {s} s."), detail=word("Non la legge ancora nessuno.", "Nobody can read it yet."), undo_label=word("Annulla", "Undo"), left_s=11, window_s=15)  # fmt: skip
    with columns.person:
        st.html(person_html(replace(sample.person(LANG), name=sample.HOSTILE, about=sample.HOSTILE) if hostile else sample.person(LANG)))


def draw_states() -> None:
    """The boxes for what the desk does not know, or needs."""
    st.html(alert_html("**Reddit è fermo dalle 09:12.** L’autorizzazione è scaduta: da 1 ora e 54 minuti non vediamo i post nuovi."))
    boxes = [
        StateBox(StateTone.EMPTY, "Nessun caso libero", "Tutto ciò che è arrivato ha già qualcuno che lo segue. Abbiamo letto 4 canali su 5 fino alle 11:05. **Reddit no**: da lì potrebbe mancare qualcosa.", actions=(StateAction("see", "Vedi le promesse"),)),
        StateBox(StateTone.REFUSED, "Paolo è stato più veloce", "Paolo Neri ha preso in carico **Bar Centrale** quattro secondi prima di te. Da qui in poi risponde solo lui.", "Avevi già scritto, ed è salvo:", "«Buongiorno, la terza stima di fila è troppo anche per noi. Mi dà un attimo per…»", actions=(StateAction("next", "Prossimo caso libero", True), StateAction("pass", "Passa il testo a Paolo")), foot="Serve proprio a te? **Subentra**: chiede un motivo e avvisa Paolo."),
        StateBox(StateTone.UNCERTAIN, "La risposta a Marta è uscita o no?", "Alle 10:58 X ha chiuso la connessione senza conferma. Guarda tu.", "", "«Marta, ha ragione: ieri non siamo venuti e non l’abbiamo avvisata. Mi scuso…»", actions=(StateAction("open", "Apri il post su X", True, "https://example.org/1"), StateAction("yes", "Sì, c’è"), StateAction("no", "No, non c’è")), foot="Con «Sì» la colleghiamo al caso. Con «No» torna in coda di invio, una volta sola."),
        StateBox(StateTone.BY_HAND, "Questa si pubblica a mano", "Franco non ha nominato @LumenEnergia: in questo caso X non accetta risposte da un programma.", steps=(StateStep("Testo copiato, 198 caratteri su 280", done=True), StateStep("**Apri il post di Franco e incolla**", "entra come @LumenEnergia, non con il tuo profilo", current=True), StateStep("Incolla qui il link della risposta")), actions=(StateAction("go", "Apri", True, "https://example.org/2"),)),
        StateBox(StateTone.START, "Benvenuti. Cominciamo da un canale solo", steps=(StateStep("Il marchio: **Lumen Energia**", done=True), StateStep("**Da dove ascoltiamo?**", current=True)), actions=(StateAction("sample", "Prova con l’esempio", True),)),
        StateBox(StateTone.ERROR, "Non riusciamo a salvare dalle 11:03", "L’archivio non risponde. Il testo che vedi è ancora in questa finestra.", warning="Non chiudere la finestra prima di aver copiato il testo.", actions=(StateAction("again", "Riprova", True), StateAction("copy", "Copia il testo"))),
    ]  # fmt: skip
    for start in (0, 3):
        for column, box in zip(st.columns(3), boxes[start : start + 3], strict=True):
            with column:
                pressed = state_box(box, key=box.tone.value)
                if pressed:
                    st.session_state.last = f"state={box.tone}/{pressed}"


st.set_page_config(page_title="Sportello · widgets", layout="wide", initial_sidebar_state="collapsed")
install_frame(is_desk=VIEW in {"desk", "hostile"})
if VIEW == "states":
    draw_states()
elif VIEW == "keys":
    st.html(sheet_html({action: action.value for action in KeyAction}))
else:
    with st.container(key="sp_top", horizontal=True, vertical_alignment="center"):
        st.text_input(word("Cerca", "Search"), key="sp_search", label_visibility="collapsed", placeholder=word("Cerca persone, post, casi", "Search people, posts, cases"), width=250)  # fmt: skip
        st.html(html_tag("div", html_tag("span", word("Reddit fermo dalle 09:12.", "Reddit not read since 09:12."), cls="sp-cover"), cls="sp"))
        st.html(html_tag("output", str(st.session_state.get("last", "")), cls="sp xs muted", id="last"))
    draw_desk(desk_columns(), hostile=VIEW == "hostile")
    page_keys(on_action=press)
