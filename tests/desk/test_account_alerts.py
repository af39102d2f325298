"""Does a colleague choose on their own page where they are told, of what and when not, and see what became of it?"""

from __future__ import annotations

import pytest

from desk import backend
from desk.alert_words import speak
from domain.alert import AlertKind
from services import alert_addresses, alert_delivering, team
from services.alert_post import Outcome


@pytest.fixture
def mailing(monkeypatch):
    """The settings name a mail server."""
    monkeypatch.setenv("SPORTELLO_MAIL_SERVER", "mail.invalid")
    monkeypatch.setenv("SPORTELLO_MAIL_FROM", "desk@aurora.test")


@pytest.fixture
def desk(mailing, desk):
    return desk


def acting(desk, login):
    return desk.for_member(team.find(desk.ctx, login))


def said(page) -> str:
    return " ".join(str(each.value) for each in page.get("html")) + str(page)


def add(page, typed, *, name="own", n=0):
    page.text_input(key=f"sp_alert_where_{name}_{n}").set_value(typed)
    (button,) = [each for each in page.button if each.proto.form_id == f"sp_alert_form_{name}_{n}"]
    return button.click().run()


def test_a_colleague_chooses_where_and_of_what_and_sends_a_test(desk, draw_page) -> None:
    page = draw_page("sara", "account")
    assert not page.exception and not [each for each in page.text_input if "team" in str(each.key)]
    page = add(page, "sara@aurora.test")
    (view,) = alert_addresses.mine(acting(desk, "sara"))
    assert view.hint == "s…@aurora.test" and set(view.kinds) == {AlertKind.UNOWNED, AlertKind.PROMISE, AlertKind.REPLY}
    page.button(key=f"sp_alert_test_{view.address_id}").click().run()
    assert not page.exception
    sent = []
    alert_delivering.deliver_due(desk.ctx, speak, worker="w", post=lambda *given: sent.append(given) or Outcome(True))
    ((_, address, _, message),) = sent
    assert address == "sara@aurora.test" and message.subject == "Sportello: Una prova"
    page = draw_page("sara", "account")
    assert "s…@aurora.test" in said(page) and "consegnato" in said(page) and "sara@aurora.test" not in said(page)
    asked = f"sp_alert_remove_{view.address_id}"
    page.button(key=asked).click().run()
    page.button(key=f"{asked}_asked_no").click().run()
    assert len(alert_addresses.mine(acting(desk, "sara"))) == 1
    page.button(key=asked).click().run()
    page.button(key=f"{asked}_asked_yes").click().run()
    assert alert_addresses.mine(acting(desk, "sara")) == []


def test_what_is_no_address_is_said_and_kept_nowhere(desk, draw_page) -> None:
    page = add(draw_page("sara", "account"), "domani")
    assert alert_addresses.mine(acting(desk, "sara")) == [] and not page.exception


def test_who_leads_the_team_sets_its_addresses(desk, draw_page) -> None:
    page = add(draw_page("aoife", "account"), "room@aurora.test", name="team")
    assert not page.exception
    (view,) = alert_addresses.of_team(acting(desk, "aoife"))
    assert view.is_team and AlertKind.BLIND in view.kinds


def test_quiet_hours_are_kept(desk, draw_page) -> None:
    page = draw_page("sara", "account")
    page.toggle(key="sp_quiet_on").set_value(True)
    (button,) = [each for each in page.button if each.proto.form_id == "sp_quiet"]
    button.click().run()
    assert not page.exception
    kept = alert_addresses.quiet(acting(desk, "sara"))
    assert (kept.from_min, kept.until_min, kept.timezone, kept.urgent_anyway) == (1200, 480, "Europe/Rome", False)
    assert backend.open_once() is desk
