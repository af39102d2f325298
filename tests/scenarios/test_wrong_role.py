"""Is every act refused to those who may not, in the service itself, and is the refusal on record?"""

import pytest

from db import audit
from domain.errors import NotAllowed, Refused
from domain.judgement import Correction, Kind
from domain.people import Right, Role
from services import approvals, brands, cases, claims, drafts, importing, queue, sample, team, triage

OUTSIDERS = {
    "marketing claims": ("marketing", lambda ctx, case: claims.claim(ctx, case)),
    "marketing notes": ("marketing", lambda ctx, case: cases.add_note(ctx, case, "hello")),
    "marketing corrects": ("marketing", lambda ctx, case: triage.correct(ctx, 1, Correction(kind=Kind.IDEA))),
    "admin claims": ("admin", lambda ctx, case: claims.claim(ctx, case)),
    "operator adds a brand": ("operator", lambda ctx, case: brands.add_brand(ctx, "Borea")),
    "operator hires": ("operator", lambda ctx, case: team.add_member(ctx, login="x", name="X", roles=[Role.ADMIN])),
    "manager sets up": ("manager", lambda ctx, case: brands.add_account(ctx, 1, channel="fake", handle="x")),
    "operator removes the sample": ("operator", lambda ctx, case: sample.remove(ctx)),
    "operator switches publishing": ("operator", lambda ctx, case: brands.set_publishing(ctx, 1, on=False)),
}


@pytest.mark.parametrize(("role", "act"), OUTSIDERS.values(), ids=OUTSIDERS)
def test_an_act_beyond_ones_role_is_refused_and_audited(ctx, account, acting, say, role, act) -> None:
    case_id = say("BAD parcel")
    outsider = acting("nora", roles=(role,))
    with pytest.raises(NotAllowed):
        act(outsider, case_id)
    with ctx.store.read() as tx:
        (line,) = audit.page(tx, actor=outsider.actor.name)
    assert (line.outcome, line.user_id) == ("refused", outsider.actor.user_id)
    assert cases.view(ctx, case_id).case.owner_id is None


def test_somebody_without_any_role_does_not_even_read(brand, acting, say) -> None:
    say("BAD parcel")
    with pytest.raises(NotAllowed):
        queue.page(acting("ghost", roles=()), queue.QueueFilter(brand.id))


def test_an_operator_may_not_import(acting, brand, tmp_path) -> None:
    sheet = tmp_path / "posts.csv"
    sheet.write_text("text\nhello\n", encoding="utf-8")
    with pytest.raises(NotAllowed):
        importing.run_import(acting("nora"), sheet, file_name=sheet.name, brand_id=brand.id)


@pytest.mark.parametrize(
    ("roles", "trained", "mentor"),
    [(("operator",), ("fake",), False), (("operator",), ("other",), True), (("marketing",), ("fake",), True)],
    ids=["trained but no mentor", "mentor elsewhere", "mentor without the role"],
)
def test_only_a_manager_or_a_mentor_of_the_channel_approves(
    account, acting, say, network, ctx, roles, trained, mentor
) -> None:
    case_id = say("BAD parcel")
    tina = acting("tina", trained=())
    claims.claim(tina, case_id)
    draft = drafts.save(tina, case_id, mention_id=cases.view(tina, case_id).route.mention_id, text="Sorry")
    reply = drafts.submit(tina, draft.reply_id, undo_s=0)
    with pytest.raises(Refused):
        approvals.approve(acting("nora", roles=roles, trained=trained, mentor=mentor), reply.reply_id)
    assert cases.view(tina, case_id).under_way.status == "awaiting_approval"


def test_nobody_approves_their_own_words_whatever_their_role(account, acting, say) -> None:
    case_id = say("BAD parcel")
    boss = acting("boss", roles=("operator", "manager"), trained=())
    claims.claim(boss, case_id)
    draft = drafts.save(boss, case_id, mention_id=cases.view(boss, case_id).route.mention_id, text="Sorry")
    reply = drafts.submit(boss, draft.reply_id, undo_s=0)
    with pytest.raises(Refused):
        approvals.approve(boss, reply.reply_id)


def test_the_roles_give_what_the_design_says() -> None:
    from domain.people import RIGHTS

    assert {role for role, rights in RIGHTS.items() if Right.WORK in rights} == {Role.OPERATOR, Role.MANAGER}
    assert {role for role, rights in RIGHTS.items() if Right.SETUP in rights} == {Role.ADMIN}
