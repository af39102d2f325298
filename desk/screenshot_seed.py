"""What happens on the desk that is photographed? The sample, a small team, and one case in each state worth seeing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import bootstrap
import settings
from collectors.protocol import BadItem, Cursor, Gap, GapReason, Page, Quota
from db import polls
from domain.errors import DeskError, NotPossible, OutcomeUnknown
from domain.mention import Author, Mention
from domain.people import Role, Training
from services import (
    brands,
    cases,
    claims,
    delivering,
    drafts,
    health,
    intake,
    losing,
    problems,
    profile,
    promises,
    queue,
    sample,
    team,
    triage,
    watches,
)
from services.context import Context
from services.queue import QueueEntry, QueueFilter, Tab

PASSWORD = "a quiet afternoon"
POSTS = 400
#: Minutes ago, who, what: what a brand of one's own hears before its network refuses it.
_TALK = (
    (49, "mirko", "Il treno Aurora delle 7:12 è di nuovo in ritardo di 40 minuti, nessun annuncio in stazione."),
    (64, "lucia", "Grazie ad Aurora Trasporti: la borsa dimenticata mi aspettava già allo sportello di Lodi."),
    (93, "tomas", "Aurora Trasporti charged me twice for one ticket. Who do I write to?"),
    (140, "ines", "Stanotte forse si vede l’aurora boreale anche qui, altro che Aurora Trasporti."),
    (150, "noemi", "Grazie ad Aurora Trasporti: la borsa dimenticata mi aspettava già allo sportello di Lodi."),
    (155, "bruno", "Il treno Aurora delle 7:12 è di nuovo in ritardo di 40 minuti, nessun annuncio in stazione."),
    (160, "aurora", "Da lunedì il treno Aurora delle 7:12 parte dal binario 2."),
    (181, "pietro", "#aurorabus fermo a Codogno con trenta persone sotto la pioggia. Che cosa succede?"),
)
#: They only pass on what others wrote.
_PASS_ON = ("noemi", "bruno")
_RIVAL_TALK = ((70, "greta", "Borea Linee in orario per una volta."), (122, "dario", "Con #borea si paga meno."))


@dataclass(frozen=True, slots=True)
class Photographed:
    """Whose desk is shown: their sign-in, language, the case and the customer that are open."""

    login: str
    language: str
    locale: str
    case_id: int
    customer_id: int
    uncertain_case_id: int
    refused_case_id: int


def plant(data_dir: str) -> tuple[Photographed, ...]:
    """Seed a new desk in ``data_dir``; returns one Italian and one English colleague."""
    built = bootstrap.open_backend(settings.load(data_dir=data_dir))
    _team(built.ctx)
    sample.install(built.ctx)
    triage.judge_pending(built.ctx, built.classifier(), posts=POSTS)
    sara, aoife, paolo = (built.for_member(team.find(built.ctx, login)) for login in ("sara", "aoife", "paolo"))
    brand_id = brands.resolve_brand(built.ctx, None).id
    free = {each.case_id: each for each in queue.page(paolo, QueueFilter(brand_id, tab=Tab.FREE), limit=50).entries}
    italian = [each for each in free.values() if (each.language or "").startswith("it")]
    english = [each for each in free.values() if (each.language or "").startswith("en")]
    _trainee_asks(sara, italian[3], "Buongiorno, ha ragione: verifico subito con la centrale e le scrivo qui. Sara")
    _on_the_way(paolo, italian[2], "Buongiorno, la squadra è avvisata. Le scrivo appena so l’ora. Paolo")
    _one_problem(paolo, brand_id)
    lost = tuple(_ended(*them, OutcomeUnknown()) for them in ((paolo, italian[4]), (aoife, english[2])))
    gone = NotPossible("The post was deleted by its author.", reason="parent_deleted")
    refused = tuple(_ended(*them, gone) for them in ((paolo, italian[5]), (aoife, english[3])))
    shown = (
        _answering(paolo, italian[1], "Buongiorno, mi dispiace molto. La squadra è avvisata e la richiamo oggi. Paolo"),
        _answering(
            aoife, english[1], "Good morning, I am sorry about this. The crew is told and calls you today. Aoife"
        ),
    )
    built.ctx.store.close()
    return tuple(
        Photographed(*who, entry.case_id, entry.customer_id, unclear.case_id, no.case_id)
        for who, entry, unclear, no in zip(
            (("paolo", "it", "it-IT"), ("aoife", "en", "en-GB")), shown, lost, refused, strict=True
        )
    )


def keep_alive(data_dir: str) -> None:
    """A sign of life, as a worker gives it: without one every page would say that nothing is read."""
    built = bootstrap.open_backend(settings.load(data_dir=data_dir))
    health.beat(built.ctx, "worker")
    built.ctx.store.close()


def lose_a_channel(data_dir: str) -> None:
    """A brand of one's own listens on Bluesky, has a gap and unreadable items there, and is refused now."""
    built = bootstrap.open_backend(settings.load(data_dir=data_dir))
    ctx, now = built.ctx, built.ctx.clock()
    brand = brands.add_brand(ctx, "Aurora Trasporti")
    secret = "AURORA_BLUESKY_PASSWORD"
    brands.add_account(ctx, brand.id, channel="bluesky", handle="aurora.example", secret_ref=secret)
    own = watches.list_watches(ctx, brand.id)[0]
    kept = replace(own, terms=("Aurora Trasporti", "#aurorabus", "treno aurora"), languages=("it", "en"))
    own = watches.change_watch(ctx, kept)
    rival = watches.add_watch(
        ctx, brand.id, name="Borea Linee", terms=("borea linee", "#borea"), channels=("bluesky",), is_competitor=True
    )
    for watch, posts in ((own, _TALK), (rival, _RIVAL_TALK)):
        page = Page(
            items=tuple(_said(author, text, now - timedelta(minutes=ago)) for ago, author, text in posts),
            next_cursor=Cursor("1"),
            complete_up_to=now - timedelta(minutes=47),
            gaps=(Gap(now - timedelta(hours=31), now - timedelta(hours=28), GapReason.TOO_MANY),) * (watch == own),
            bad=(BadItem('{"uri": "at://did:plc:x/app.bsky.feed.post/3l", "record": null}', "a post without a text"),)
            * (watch == own),
            quota=Quota(2_712, 3_000, now + timedelta(minutes=55)),
        )
        intake.store(ctx, watch, page, channel="bluesky")
        with ctx.store.write() as tx:
            polls.change(tx, "bluesky", watch_id=watch.id, holder=None, last_success_at=now - timedelta(minutes=47))
        intake.poll(ctx, "bluesky", watch.id)
    watches.change_watch(ctx, replace(own, exclusions=("aurora boreale",)))
    losing.tell_changes(ctx)
    ctx.store.close()


def _said(author: str, text: str, at: datetime) -> Mention:
    who, native_id = Author(f"did:plc:{author}", f"{author}.example", author.title()), f"{author}-{at:%d%H%M}"
    return Mention(
        *("bluesky", "bluesky.example", native_id, who, text, at, native_id),
        is_own=author == "aurora",
        is_repost=author in _PASS_ON,
    )


def _team(ctx: Context) -> None:
    everywhere = [Training("sample", mentor=True), Training("import")]
    people: tuple[tuple[str, str, list[Role], list[Training], str], ...] = (
        ("sara", "Sara Conti", [Role.OPERATOR], [], "it"),
        ("paolo", "Paolo Neri", list(Role), everywhere, "it"),
        ("giulia", "Giulia Ferri", [Role.OPERATOR], everywhere, "it"),
        ("aoife", "Aoife Byrne", list(Role), everywhere, "en"),
        ("mark", "Mark Reid", [Role.MARKETING], [], "en"),
    )
    for login, name, roles, trained, language in people:
        team.add_member(ctx, login=login, name=name, roles=roles, trained=trained, language=language, password=PASSWORD)
    giulia, sara = team.find(ctx, "giulia"), team.find(ctx, "sara")
    team.set_away(ctx, giulia.id, away=True, substitute_id=sara.id)


def _draft(ctx: Context, case_id: int, text: str) -> int:
    mention_id = cases.view(ctx, case_id).route.mention_id
    due = ctx.clock() + timedelta(hours=5)
    promise = text.split(". ")[-2].strip(". ") if text.count(". ") > 1 else None
    return drafts.save(
        ctx, case_id, mention_id=mention_id, text=text, promise_text=promise, promise_due_at=due if promise else None
    ).reply_id


def _trainee_asks(ctx: Context, entry: QueueEntry, text: str) -> None:
    claims.claim(ctx, entry.case_id)
    drafts.submit(ctx, _draft(ctx, entry.case_id, text))


def _on_the_way(ctx: Context, entry: QueueEntry, text: str) -> None:
    claims.claim(ctx, entry.case_id)
    promises.add(ctx, entry.case_id, text="richiamarla oggi", due_at=ctx.clock() + timedelta(hours=4))
    drafts.submit(ctx, _draft(ctx, entry.case_id, text), undo_s=24 * 3600)


def _one_problem(ctx: Context, brand_id: int) -> None:
    """The blackout of the sample's story, one problem of several people."""
    heard = queue.page(ctx, QueueFilter(brand_id, tab=Tab.ALL), limit=100).entries
    dark = [each.case_id for each in heard if "Fornaci" in each.text or "il Borgo" in each.text]
    about = "Guasto alla cabina di via Fornaci; la squadra 7 è sul posto."
    problems.open_problem(ctx, brand_id, title="Borgo Fornaci senza corrente", about=about, cases=dark)


def _ended(ctx: Context, entry: QueueEntry, answer: DeskError) -> QueueEntry:
    """A reply on which the network gave this answer."""
    claims.claim(ctx, entry.case_id)
    it = (entry.language or "").startswith("it")
    text = "Buongiorno, me ne occupo subito io." if it else "Good morning, I am looking into this now."
    reply_id = _draft(ctx, entry.case_id, text)
    drafts.submit(ctx, reply_id, undo_s=0)
    started = delivering.start(ctx, reply_id, worker="pictures")
    if isinstance(started, delivering.Started):
        delivering.record(ctx, started, answer)
    return entry


def _answering(ctx: Context, entry: QueueEntry, text: str) -> QueueEntry:
    claims.claim(ctx, entry.case_id)
    it = text.startswith("Buongiorno")
    profile.set_dont_ask(ctx, entry.customer_id, "Codice cliente, telefono." if it else "Customer number, phone.")
    cases.add_note(
        ctx, entry.case_id, "Sentita la centrale: squadra 7 confermata." if it else "Dispatch confirms crew 7."
    )
    _draft(ctx, entry.case_id, text)
    return entry
