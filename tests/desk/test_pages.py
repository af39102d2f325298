"""What does each page show and do, for each colleague, in both languages? Drawn by Streamlit without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

import bootstrap
from db import cases as case_rows
from desk import published, pulse, session, warm
from desk.pages.queue import acts, keeping
from desk.pages.queue.answer import subject_of
from desk.shell import ROOMS
from desk.widgets.composer import ComposerEvent, ComposerMode, ComposerResult, PromiseFields
from desk.widgets.queue_list import QueueListResult
from domain.errors import AlreadyClaimed, NotAllowed
from domain.people import Member, Right, Role
from domain.states import CaseState, ReplyState
from services import brands, cases, claims, drafts, outbox, profile, promises, queue, sign_in, team, trail
from services.context import Context
from services.queue import QueueFilter, Tab

Visit = Callable[..., AppTest]
PAGES = [room.path for room in ROOMS if room.path != "queue"]


def shown(test: AppTest) -> str:
    """Every word on the page outside components."""
    pieces = [*test.get("html"), *test.markdown, *test.caption, *test.text, *test.subheader, *test.get("toast")]
    words = [str(getattr(piece, "value", "") or getattr(piece.proto, "body", "")) for piece in pieces]
    return "\n".join([*words, *(button.label for button in test.button), *head(test)])


def head(test: AppTest) -> list[str]:
    """The words at the head of the open case."""
    mounted = next(
        (each.proto for each in test.get("bidi_component") if "case_head" in each.proto.component_name), None
    )
    if mounted is None:
        return []
    told = json.loads(mounted.json)["head"]
    return [
        told["name"],
        told["line"],
        *(
            each[name]
            for part in ("acts", "more", "chips")
            for each in told[part]
            for name in ("label", "text")
            if name in each
        ),
    ]


def member_called(desk: bootstrap.Backend, login: str) -> Member:
    return team.find(desk.ctx, login)


def as_(desk: bootstrap.Backend, login: str) -> Context:
    return desk.for_member(member_called(desk, login))


def first_case(desk: bootstrap.Backend, login: str = "paolo") -> int:
    ctx = as_(desk, login)
    brand = brands.resolve_brand(ctx, None)
    return queue.page(ctx, QueueFilter(brand.id, tab=Tab.FREE), limit=1).entries[0].case_id


def button(test: AppTest, label: str) -> object:
    return next(each for each in test.button if each.label.startswith(label))


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("login", ["paolo", "aoife"])
def test_every_page_draws_in_both_languages(desk: bootstrap.Backend, visit: Visit, page: str, login: str) -> None:
    test = visit(login, page)
    room = next(each for each in ROOMS if each.path == page)
    if room.needs & member_called(desk, login).rights:
        assert not test.exception
        assert len(shown(test)) > 200


def test_every_page_is_warmed_up_before_the_first_visitor() -> None:
    assert {room.module for room in ROOMS} == set(warm.PAGES)


@pytest.mark.parametrize(("login", "words"), [("paolo", "Prendi in carico"), ("aoife", "Claim this case")])
def test_the_queue_opens_the_most_pressing_case(desk: bootstrap.Backend, visit: Visit, login: str, words: str) -> None:
    test = visit(login)
    assert not test.exception
    assert test.session_state[pulse.CASE] == first_case(desk, login)
    assert words in shown(test)


@pytest.mark.parametrize(
    ("login", "rooms"),
    [
        (
            "sara",
            {"queue", "promises", "approvals", "problems", "customers", "watches", "channels", "outbox", "account"},
        ),
        (
            "mark",
            {
                "queue",
                "promises",
                "problems",
                "customers",
                "trends",
                "report",
                "watches",
                "channels",
                "outbox",
                "import",
            }
            | {"exports", "start", "account"},
        ),
        ("aoife", {room.path for room in ROOMS}),
    ],
)
def test_the_navigation_holds_only_what_the_roles_open(desk: bootstrap.Backend, login: str, rooms: set[str]) -> None:
    rights = member_called(desk, login).rights
    assert {room.path for room in ROOMS if room.needs & rights} == rooms


def test_a_page_the_role_does_not_open_is_refused_by_the_service_too(desk: bootstrap.Backend) -> None:
    with pytest.raises(NotAllowed):
        trail.page(as_(desk, "sara"))
    assert trail.page(desk.ctx, action="audit.read")[0].outcome == "refused"


def test_an_address_opens_its_case_and_nonsense_opens_nothing(desk: bootstrap.Backend, visit: Visit) -> None:
    asked = first_case(desk)
    for told, opened in ((str(asked), asked), ("999999", None), ("-1", asked), ("1;drop", asked), ("٣", asked)):
        test = visit("paolo", query={"case": told})
        assert not test.exception
        assert opened is None or test.session_state[pulse.CASE] == opened


def test_a_case_of_another_brand_opens_that_brand_and_makes_nothing_in_it_new(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    known = brands.resolve_brand(desk.ctx, None)
    page = queue.page(desk.for_member(team.find(desk.ctx, "paolo")), QueueFilter(known.id, tab=Tab.ALL), limit=5)
    other = brands.add_brand(desk.ctx, "Aurora Trasporti")
    address = {"case": str(page.entries[0].case_id)}
    test = visit("paolo", query=address, **{session.BRAND_KEY: other.id})
    assert test.session_state[session.BRAND_KEY] == known.id
    assert [each.label for each in test.button if each.key == "sp_show_new"] == []


def test_an_ended_session_shows_nothing_but_the_way_in(desk: bootstrap.Backend, visit: Visit) -> None:
    test = visit("paolo")
    sign_in.sign_out_everywhere(as_(desk, "paolo"))
    test.run()
    assert not test.exception
    assert "Sei fuori" in shown(test)
    assert "Prendi in carico" not in shown(test)


def test_a_disabled_colleague_is_out_at_the_next_step(desk: bootstrap.Backend, visit: Visit) -> None:
    test = visit("sara")
    team.disable(desk.ctx, member_called(desk, "sara").id)
    test.run()
    assert "Sei fuori" in shown(test)


@pytest.mark.databases("sqlite", "postgresql")
def test_claiming_makes_the_case_ones_own(desk: bootstrap.Backend, visit: Visit) -> None:
    test = visit("paolo")
    claims.claim(as_(desk, "paolo"), test.session_state[pulse.CASE])
    test.run()
    case = cases.view(as_(desk, "paolo"), test.session_state[pulse.CASE]).case
    assert (case.state, case.owner_id) == (CaseState.OPEN, member_called(desk, "paolo").id)
    assert "In carico a te" in shown(test)


@pytest.mark.databases("sqlite", "postgresql")
def test_who_comes_second_learns_who_was_first_and_keeps_the_draft(desk: bootstrap.Backend, visit: Visit) -> None:
    paolo, case_id = member_called(desk, "paolo"), first_case(desk)
    route = cases.view(as_(desk, "sara"), case_id).route
    drafts.save(as_(desk, "sara"), case_id, mention_id=route.mention_id, text="Buongiorno, mi scuso")
    taken = claims.claim(as_(desk, "paolo"), case_id)
    lost = acts.LostRace(case_id, paolo.name, paolo.id, taken.owned_since)
    test = visit("sara", **{pulse.CASE: case_id, acts.REFUSED: lost})
    assert "Ha fatto prima Paolo" in shown(test)
    assert "Buongiorno, mi scuso" in shown(test)
    assert (
        drafts.save(as_(desk, "sara"), case_id, mention_id=route.mention_id, text="Buongiorno, mi scuso").version >= 1
    )


def test_releasing_is_refused_while_a_promise_is_open(desk: bootstrap.Backend, visit: Visit) -> None:
    test = visit("paolo")
    case_id = test.session_state[pulse.CASE]
    ctx = as_(desk, "paolo")
    claims.claim(ctx, case_id)
    promises.add(ctx, case_id, text="ricontattarla", due_at=ctx.clock() + timedelta(hours=3))
    test.run()
    assert "release" not in cases.view(ctx, case_id).may
    assert "Rilascia" not in head(test)
    assert "ricontattarla" in shown(test)


def test_promises_are_listed_and_kept(desk: bootstrap.Backend, draw_page: Visit) -> None:
    ctx = as_(desk, "paolo")
    case_id = first_case(desk)
    claims.claim(ctx, case_id)
    promises.add(ctx, case_id, text="ricontattarla", due_at=ctx.clock() + timedelta(hours=3))
    test = draw_page("paolo", "promises")
    assert "ricontattarla" in shown(test)
    button(test, "Mantenuta").click().run()
    assert "Nessuna promessa aperta" in shown(test)


def test_a_trainees_reply_waits_for_a_second_pair_of_eyes(desk: bootstrap.Backend, draw_page: Visit) -> None:
    case_id = first_case(desk)
    sara = as_(desk, "sara")
    claims.claim(sara, case_id)
    mention_id = cases.view(sara, case_id).route.mention_id
    draft = drafts.save(sara, case_id, mention_id=mention_id, text="Buongiorno, ci pensiamo noi. Sara")
    assert drafts.submit(sara, draft.reply_id).status is ReplyState.AWAITING_APPROVAL
    own = draw_page("sara", "approvals")
    assert "Ok, può uscire" not in shown(own)
    test = draw_page("paolo", "approvals")
    assert "Sara Conti risponderebbe così" in shown(test)
    button(test, "Ok, può uscire").click().run()
    assert cases.view(sara, case_id).under_way is not None
    assert "Niente in attesa dell’ok" in shown(test)


def test_the_outbox_names_where_each_reply_stands(desk: bootstrap.Backend, draw_page: Visit) -> None:
    case_id = first_case(desk)
    paolo = as_(desk, "paolo")
    claims.claim(paolo, case_id)
    mention_id = cases.view(paolo, case_id).route.mention_id
    draft = drafts.save(paolo, case_id, mention_id=mention_id, text="Buongiorno, ci pensiamo noi. Paolo")
    drafts.submit(paolo, draft.reply_id, undo_s=60)
    test = draw_page("paolo", "outbox")
    assert "sta per uscire" in shown(test)
    button(test, "Annulla").click().run()
    assert cases.view(paolo, case_id).draft is not None


def test_a_new_colleague_gets_a_password_shown_once(desk: bootstrap.Backend, draw_page: Visit) -> None:
    test = draw_page("aoife", "team")
    test.text_input(key="sp_add_name_0").set_value("Nora Bassi")
    test.text_input(key="sp_add_login_0").set_value("nora")
    button(test, "Add").click().run()
    assert "Nora Bassi can sign in now" in shown(test)
    assert any("nora" in code.value for code in test.code)
    button(test, "I have passed it on").click().run()
    assert not test.code


def test_the_form_for_a_new_colleague_is_empty_again_after_one_was_added(
    desk: bootstrap.Backend, draw_page: Visit
) -> None:
    test = draw_page("aoife", "team")
    test.text_input(key="sp_add_name_0").set_value("Nora Bassi")
    test.text_input(key="sp_add_login_0").set_value("nora")
    button(test, "Add").click().run()
    assert test.text_input(key="sp_add_name_1").value == "" and "Nora Bassi" in shown(test)


@pytest.mark.databases("sqlite", "postgresql")
def test_the_audit_shows_refusals_beside_what_was_done(desk: bootstrap.Backend, visit: Visit) -> None:
    with pytest.raises(NotAllowed):
        trail.page(as_(desk, "sara"))
    test = visit("aoife", "audit")
    assert "opened the audit" in shown(test) and "refused" in shown(test)


def test_a_customers_profile_shows_what_not_to_ask_again(desk: bootstrap.Backend, visit: Visit) -> None:
    ctx = as_(desk, "paolo")
    customer_id = cases.view(ctx, first_case(desk)).customer.customer_id
    profile.set_dont_ask(ctx, customer_id, "il codice cliente")
    test = visit("paolo", "customers", sp_customer=customer_id)
    assert "il codice cliente" in shown(test)
    assert not test.exception


def test_an_empty_desk_offers_ways_to_begin_and_blocks_nothing(empty_desk: bootstrap.Backend, visit: Visit) -> None:
    test = visit("aoife")
    assert not test.exception
    assert "Try with the sample" in shown(test) and "Make the brand" in shown(test)
    for page in PAGES:
        assert not visit("aoife", page).exception


def test_the_store_gone_is_said_while_case_and_typed_text_stay(desk: bootstrap.Backend, visit: Visit) -> None:
    test = visit("paolo")
    desk.ctx.store.close()
    path = desk.ctx.settings.data_path / "sportello.db"
    kept = path.read_bytes()
    path.unlink()
    path.mkdir()
    test.run()
    assert not test.exception
    assert "sp-alert err" in shown(test)
    assert "Non riusciamo a salvare dalle" in shown(test)
    assert "Prendi in carico" in shown(test)
    path.rmdir()
    path.write_bytes(kept)


class Page:
    """A page's memory without a page, for callbacks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.session_state: dict[str, object] = {}
        for module in (acts, keeping, pulse):
            monkeypatch.setattr(module.st, "session_state", self.session_state)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, desk: bootstrap.Backend, sign_in_as: Callable[[str], str]) -> Page:
    sign_in_as("paolo")
    return Page(monkeypatch)


def written(view: cases.CaseView, event: ComposerEvent, text: str, *, base: int = 0, note: str = "") -> ComposerResult:
    return ComposerResult(event, subject_of(view), ComposerMode.PUBLIC, text, text, note, PromiseFields(), base, "", 1)


def test_what_is_typed_is_a_draft_in_the_store(desk: bootstrap.Backend, page: Page) -> None:
    ctx, case_id = as_(desk, "paolo"), first_case(desk)
    keeping.remember(cases.view(ctx, case_id))
    keeping.hear(written(cases.view(ctx, case_id), ComposerEvent.AUTOSAVE, "Buongiorno"))
    kept = cases.view(ctx, case_id).draft
    assert kept is not None and kept.text == "Buongiorno"


def test_two_windows_lose_neither_text(desk: bootstrap.Backend, page: Page) -> None:
    ctx, case_id = as_(desk, "paolo"), first_case(desk)
    view = cases.view(ctx, case_id)
    keeping.remember(view)
    drafts.save(ctx, case_id, mention_id=view.route.mention_id, text="dall’altra finestra")
    keeping.hear(written(view, ComposerEvent.AUTOSAVE, "da questa finestra"))
    conflict = keeping.conflict(case_id)
    stored = cases.view(ctx, case_id).draft
    assert conflict is not None and conflict.text == "da questa finestra"
    assert stored is not None and stored.text == "dall’altra finestra"
    keeping.settle_conflict(case_id, use_mine=True)
    again = cases.view(ctx, case_id).draft
    assert again is not None and again.text == "da questa finestra"


def test_too_long_a_reply_is_refused_with_the_count_and_kept(desk: bootstrap.Backend, page: Page) -> None:
    ctx, case_id = as_(desk, "paolo"), first_case(desk)
    claims.claim(ctx, case_id)
    view = cases.view(ctx, case_id)
    keeping.remember(view)
    keeping.hear(written(view, ComposerEvent.SEND, "x" * 600))
    assert "600" in keeping.refusal(case_id) and "500" in keeping.refusal(case_id)
    kept = cases.view(ctx, case_id).draft
    assert kept is not None and len(kept.text) == 600


def test_a_note_stays_inside_and_the_started_reply_is_kept(desk: bootstrap.Backend, page: Page) -> None:
    ctx, case_id = as_(desk, "paolo"), first_case(desk)
    view = cases.view(ctx, case_id)
    keeping.remember(view)
    keeping.hear(written(view, ComposerEvent.NOTE, "Buongio", note="sentita la centrale"))
    after = cases.view(ctx, case_id)
    assert [post.text for post in after.posts if post.kind == "note"] == ["sentita la centrale"]
    assert after.draft is not None and after.draft.text == "Buongio"


def test_a_lost_race_is_remembered_with_name_and_time(desk: bootstrap.Backend, page: Page) -> None:
    case_id = first_case(desk)
    claims.claim(as_(desk, "aoife"), case_id)
    acts.choose(QueueListResult(claim=case_id))
    lost = page.session_state[acts.REFUSED]
    assert isinstance(lost, acts.LostRace)
    assert (lost.by, lost.case_id) == ("Aoife Byrne", case_id)
    with pytest.raises(AlreadyClaimed):
        claims.claim(as_(desk, "paolo"), case_id)


def test_a_change_made_just_before_the_ok_is_what_goes_out(desk: bootstrap.Backend, draw_page: Visit) -> None:
    sara, case_id = as_(desk, "sara"), first_case(desk)
    claims.claim(sara, case_id)
    mention_id = cases.view(sara, case_id).route.mention_id
    draft = drafts.save(sara, case_id, mention_id=mention_id, text="Buongiorno, ci pensiamo.")
    drafts.submit(sara, draft.reply_id)
    test = draw_page("aoife", "approvals")
    test.text_area(key=f"sp_approve_text_{draft.reply_id}").set_value("Buongiorno, la chiamiamo entro le 18.")
    test.button(key=f"sp_ok_{draft.reply_id}").click().run()
    assert outbox.page(sara)[0].text == "Buongiorno, la chiamiamo entro le 18."


def test_what_was_typed_just_before_saving_a_profile_is_saved(desk: bootstrap.Backend, visit: Visit) -> None:
    ctx = as_(desk, "paolo")
    customer_id = cases.view(ctx, first_case(desk)).customer.customer_id
    test = visit("paolo", "customers", sp_customer=customer_id)
    test.text_area(key=f"sp_ask_{customer_id}").set_value("il codice cliente")
    test.button(key="sp_ask_go").click().run()
    assert profile.view(ctx, customer_id).dont_ask_again == "il codice cliente"


def test_a_case_counts_the_posts_that_were_already_answered_too(desk: bootstrap.Backend, visit: Visit) -> None:
    case_id = first_case(desk)
    with desk.ctx.store.write() as tx:
        case_rows.change(tx, case_rows.get(tx, case_id), contacts=7)
    said = shown(visit("paolo", query={"case": str(case_id)}))
    assert "3 posts, the first" in said or "3 post, il primo" in said
    assert "7 posts, the first" not in said and "7 post, il primo" not in said


def test_who_presses_e_on_a_case_that_is_not_theirs_is_told_in_a_sentence(desk: bootstrap.Backend, page: Page) -> None:
    case_id = first_case(desk)
    acts.ask_how_to_resolve(case_id)
    claims.claim(as_(desk, "aoife"), case_id)
    acts.ask_how_to_resolve(case_id)
    told = [message.text for message in page.session_state["sp_messages"]]
    assert ["prendilo in carico" in told[0], "Aoife" in told[1]] == [True, True]
    claims.release(as_(desk, "aoife"), case_id)
    claims.claim(as_(desk, "paolo"), case_id)
    acts.ask_how_to_resolve(case_id)
    assert page.session_state[pulse.DIALOG] == "resolve"


def test_who_wrote_a_reply_is_told_once_when_it_is_out_with_the_way_to_it(
    desk: bootstrap.Backend, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, case_id = as_(desk, "paolo"), first_case(desk)
    claims.claim(ctx, case_id)
    view = cases.view(ctx, case_id)
    keeping.remember(view)
    keeping.hear(written(view, ComposerEvent.SEND, "Buongiorno, ce ne occupiamo oggi."))
    found = session.acting()
    published.tell(found)
    assert "sp_done" not in page.session_state  # still in its seconds
    going = cases.view(ctx, case_id).under_way
    assert going is not None
    out = replace(going, status=ReplyState.SENT, url="https://example.org/post (1)")
    monkeypatch.setattr(published.outbox, "page", lambda *_args, **_named: [out])
    published.tell(found)
    published.tell(found)
    link = "[Apri il post](https://example.org/post%20%281%29)"
    assert page.session_state["sp_done"] == [(f"Pubblicata su Esempio. {link}", "long")]


def test_act_right_after_another_knows_whose_roles_and_session_have_ended_since(
    desk: bootstrap.Backend, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "monotonic", lambda: 7.0)  # all within one moment
    before = session.acting()
    assert before.may(Right.REASSIGN)
    team.set_roles(as_(desk, "aoife"), before.member.id, (Role.OPERATOR,))
    assert not session.acting().may(Right.REASSIGN)
    sign_in.sign_out_everywhere(as_(desk, "aoife"), before.member.id)
    assert session.acting().ctx.actor.rights == frozenset()
