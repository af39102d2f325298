"""What happens on the desk that is photographed? The sample, a small team, and one case in each state worth seeing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import bootstrap
import settings
from domain.people import Role, Training
from services import brands, cases, claims, drafts, profile, promises, queue, sample, team, triage
from services.context import Context
from services.queue import QueueEntry, QueueFilter, Tab

PASSWORD = "a quiet afternoon"
POSTS = 400


@dataclass(frozen=True, slots=True)
class Photographed:
    """Whose desk is shown: their sign-in, language, the case and the customer that are open."""

    login: str
    language: str
    locale: str
    case_id: int
    customer_id: int


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
    _on_the_way(paolo, italian[2], "Buongiorno, la squadra è avvisata. Le scrivo entro le 18. Paolo")
    shown = (
        _answering(
            paolo, italian[1], "Buongiorno, mi dispiace molto. Ho avvisato la squadra: passa entro le 18. Paolo"
        ),
        _answering(
            aoife, english[1], "Good morning, I am sorry about this. The crew is told and calls you by 6. Aoife"
        ),
    )
    built.ctx.store.close()
    return tuple(
        Photographed(login, language, locale, entry.case_id, entry.customer_id)
        for (login, language, locale), entry in zip(
            (("paolo", "it", "it-IT"), ("aoife", "en", "en-GB")), shown, strict=True
        )
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
    promises.add(ctx, entry.case_id, text="richiamarla entro le 18", due_at=ctx.clock() + timedelta(hours=4))
    drafts.submit(ctx, _draft(ctx, entry.case_id, text), undo_s=24 * 3600)


def _answering(ctx: Context, entry: QueueEntry, text: str) -> QueueEntry:
    claims.claim(ctx, entry.case_id)
    it = text.startswith("Buongiorno")
    profile.set_dont_ask(ctx, entry.customer_id, "Codice cliente, telefono." if it else "Customer number, phone.")
    cases.add_note(
        ctx, entry.case_id, "Sentita la centrale: squadra 7 confermata." if it else "Dispatch confirms crew 7."
    )
    _draft(ctx, entry.case_id, text)
    return entry
