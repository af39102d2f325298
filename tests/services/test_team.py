"""Who works here, and who may change that?"""

from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher

from domain.errors import Invalid, NotAllowed, NotFound, NotPossible
from domain.people import Role, Training
from services import sign_in, team
from services.context import colleague

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def add(ctx, login: str, *roles: Role, **options):
    return team.add_member(ctx, login=login, name=login.title(), roles=roles, hasher=CHEAP, **options)


def test_first_admin_has_every_role_and_is_trained_everywhere(ctx) -> None:
    password = team.ensure_first_admin(ctx, hasher=CHEAP)
    assert password is not None
    admin = team.find(ctx, "admin")
    assert admin.roles == frozenset(Role)
    assert set(admin.trained) == {Training("fake", mentor=True), Training("import", mentor=True)}
    assert sign_in.sign_in(ctx, "admin", password, address="::1", hasher=CHEAP).member == admin
    assert team.ensure_first_admin(ctx, hasher=CHEAP) is None


def test_added_colleague_gets_a_readable_password_to_change(ctx) -> None:
    added = add(ctx, "Giulia.Rossi", Role.OPERATOR, trained=[Training("fake")])
    assert added.password is not None and re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", added.password)
    entered = sign_in.sign_in(ctx, "giulia.rossi", added.password, address="::1", hasher=CHEAP)
    assert entered.must_change_password and entered.member.trained == (Training("fake"),)


@pytest.mark.parametrize("login", ["", "two words", "a" * 81, "semi;colon", "<b>"])
def test_sign_in_name_must_be_plain(ctx, login) -> None:
    with pytest.raises(Invalid) as refusal:
        add(ctx, login, Role.OPERATOR)
    assert refusal.value.values["reason"] == "login"


def test_sign_in_name_is_taken_in_any_spelling(ctx) -> None:
    add(ctx, "giulia", Role.OPERATOR)
    with pytest.raises(Invalid) as refusal:
        add(ctx, "GIULIA", Role.OPERATOR)
    assert refusal.value.values["reason"] == "login_taken"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"roles": []}, "roles"),
        ({"name": " "}, "name"),
        ({"language": "xx"}, "language"),
        ({"password": "short"}, "password_short"),
    ],
)
def test_incomplete_colleague_is_not_added(ctx, given, reason) -> None:
    complete = {"login": "giulia", "name": "Giulia", "roles": [Role.OPERATOR], "hasher": CHEAP}
    with pytest.raises(Invalid) as refusal:
        team.add_member(ctx, **(complete | given))
    assert refusal.value.values["reason"] == reason
    assert team.members(ctx) == []


def test_operator_cannot_change_the_team(ctx, acting) -> None:
    paolo = acting("paolo")
    with pytest.raises(NotAllowed):
        add(paolo, "friend", Role.OPERATOR)
    with pytest.raises(NotAllowed):
        team.set_roles(paolo, paolo.actor.user_id, [Role.ADMIN])
    assert [m.login for m in team.members(ctx)] == ["paolo"]


def test_manager_cannot_make_or_change_an_admin(ctx, acting) -> None:
    anna, admin = acting("anna", roles=("manager",)), add(ctx, "boss", Role.ADMIN).member
    for refused in (
        lambda: add(anna, "friend", Role.ADMIN),
        lambda: team.set_roles(anna, anna.actor.user_id, [Role.MANAGER, Role.ADMIN]),
        lambda: team.set_password(anna, admin.id, hasher=CHEAP),
        lambda: team.disable(anna, admin.id),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert add(anna, "paolo", Role.OPERATOR).member.roles == {Role.OPERATOR}


def test_last_active_admin_has_to_stay(ctx) -> None:
    admin = add(ctx, "boss", Role.ADMIN).member
    for refused in (lambda: team.disable(ctx, admin.id), lambda: team.set_roles(ctx, admin.id, [Role.OPERATOR])):
        with pytest.raises(NotPossible) as refusal:
            refused()
        assert refusal.value.reason == "last_admin"
    add(ctx, "second", Role.ADMIN)
    assert not team.disable(ctx, admin.id).active


def test_training_names_a_known_channel(ctx) -> None:
    paolo = add(ctx, "paolo", Role.OPERATOR).member
    assert team.set_training(ctx, paolo.id, [Training("fake", mentor=True)]).may_approve("fake")
    with pytest.raises(NotFound):
        team.set_training(ctx, paolo.id, [Training("telegraph")])
    assert team.find(ctx, "paolo").is_trained("fake")


def test_new_password_ends_the_old_sessions(ctx) -> None:
    added = add(ctx, "paolo", Role.OPERATOR)
    token = sign_in.sign_in(ctx, "paolo", added.password or "", address="::1", hasher=CHEAP).token
    fresh = team.set_password(ctx, added.member.id, hasher=CHEAP)
    assert sign_in.member_of(ctx, token) is None
    assert sign_in.sign_in(ctx, "paolo", fresh or "", address="::1", hasher=CHEAP).must_change_password


def test_colleague_goes_away_and_names_who_stands_in(ctx) -> None:
    paolo, giulia = add(ctx, "paolo", Role.OPERATOR).member, add(ctx, "giulia", Role.OPERATOR).member
    me = ctx.acting_as(colleague(paolo))
    assert team.set_away(me, paolo.id, away=True, substitute_id=giulia.id).substitute_id == giulia.id
    for nobody in (paolo.id, add(ctx, "marta", Role.MARKETING).member.id):
        with pytest.raises(Invalid):
            team.set_away(me, paolo.id, away=True, substitute_id=nobody)
    with pytest.raises(NotAllowed):
        team.set_away(me, giulia.id, away=True)


def test_preferences_are_ones_own(ctx) -> None:
    paolo = add(ctx, "paolo", Role.OPERATOR, language="it").member
    changed = team.set_preferences(ctx.acting_as(colleague(paolo)), language="en", shortcuts=False)
    assert (changed.language, changed.shortcuts) == ("en", False)
    assert team.preferences(ctx, paolo.id) == changed


def test_unknown_colleague_is_not_found(ctx) -> None:
    with pytest.raises(NotFound):
        team.find(ctx, "nobody")
    with pytest.raises(NotFound):
        team.change_member(ctx, 4711, name="X")
