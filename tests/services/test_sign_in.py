"""Is it really this colleague, and is the session still good?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from db import audit
from db.tables import sessions, users
from domain.errors import Invalid, NotAllowed, SignInRefused
from domain.people import Role
from services import claims, passwords, sign_in, team
from services.context import SYSTEM, colleague
from services.refusals import KEYS, Tally
from services.trail import page

PASSWORD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def giulia(ctx):
    """A colleague with a password."""
    added = team.add_member(ctx, login="Giulia", name="Giulia", roles=[Role.OPERATOR], password=PASSWORD, hasher=CHEAP)
    return added.member


def enter(ctx, password: str = PASSWORD, *, login: str = "giulia", address: str = "10.0.0.1"):
    return sign_in.sign_in(ctx, login, password, address=address, hasher=CHEAP)


def refused(ctx, **given):
    with pytest.raises(SignInRefused) as refusal:
        enter(ctx, **given)
    return refusal.value.values["reason"]


def test_right_password_opens_a_session_for_twelve_hours(ctx, giulia, clock) -> None:
    signed_in = enter(ctx, login=" GIULIA ")
    assert (signed_in.member, signed_in.must_change_password) == (giulia, False)
    assert signed_in.expires_at == clock() + timedelta(hours=12)
    assert sign_in.member_of(ctx, signed_in.token) == giulia
    clock.move(hours=12)
    assert sign_in.member_of(ctx, signed_in.token) is None


def test_token_is_stored_only_as_its_hash(ctx, giulia) -> None:
    token = enter(ctx).token
    with ctx.store.read() as tx:
        stored = tx.execute(select(sessions.c.token_hash)).scalar_one()
    assert stored != token and len(stored) == 64 and len(token) >= 43


@pytest.mark.parametrize("token", ["", "guess", "x" * 5000, "\ud800"])
def test_guessed_token_opens_nothing(ctx, giulia, token) -> None:
    assert sign_in.member_of(ctx, token) is None


def test_wrong_password_and_unknown_name_are_refused_alike(ctx, giulia) -> None:
    assert refused(ctx, password="wrong password") == refused(ctx, login="nobody") == "wrong"


def test_unknown_name_costs_the_same_work(ctx, giulia, monkeypatch) -> None:
    checked = []
    monkeypatch.setattr(passwords, "matches", lambda hasher, stored, given: bool(checked.append(stored)))
    refused(ctx, login="nobody")
    refused(ctx, password="wrong password")
    assert len(checked) == 2 and all(stored.startswith("$argon2id$") for stored in checked)


def test_sixth_attempt_is_refused_with_the_time_to_try_again(ctx, giulia, clock) -> None:
    first = clock()
    for _ in range(5):
        assert refused(ctx, password="wrong password") == "wrong"
        clock.move(seconds=10)
    with pytest.raises(SignInRefused) as refusal:
        enter(ctx, address="10.0.0.99")
    until = refusal.value.values["until"]
    assert (refusal.value.values["reason"], until) == ("too_many", first + timedelta(seconds=300))
    clock.now = until
    assert enter(ctx).member == giulia


def test_one_address_cannot_try_name_after_name(ctx, giulia) -> None:
    for n in range(5 * sign_in.NAMES_AN_ADDRESS):
        assert refused(ctx, login=f"name{n}") == "wrong"
    assert refused(ctx, login="giulia") == "too_many"
    assert enter(ctx, address="10.0.0.2").member == giulia


def test_one_forgetful_colleague_does_not_lock_the_office_out(ctx, giulia) -> None:
    for _ in range(5):
        refused(ctx, login="paolo")
    assert refused(ctx, login="paolo") == "too_many"
    assert enter(ctx).member == giulia


def test_waiting_is_not_prolonged_by_trying(ctx, giulia, clock) -> None:
    for _ in range(5):
        refused(ctx, password="wrong password")
    clock.move(seconds=299)
    assert refused(ctx) == "too_many"
    clock.move(seconds=1)
    assert enter(ctx).member == giulia


def test_right_password_forgets_the_wrong_ones(ctx, giulia) -> None:
    for _ in range(3):
        for _ in range(4):
            refused(ctx, password="wrong password")
        assert enter(ctx).member == giulia


def test_disabled_colleague_is_out_at_once_and_stays_out(ctx, giulia) -> None:
    token = enter(ctx).token
    team.disable(ctx, giulia.id)
    assert sign_in.member_of(ctx, token) is None
    assert refused(ctx) == "wrong"
    team.enable(ctx, giulia.id)
    assert sign_in.member_of(ctx, token) is None
    assert enter(ctx).member.active


def test_sign_out_ends_one_session_and_everywhere_ends_all(ctx, giulia) -> None:
    first, second, third = (enter(ctx).token for _ in range(3))
    sign_in.sign_out(ctx, first)
    assert [sign_in.member_of(ctx, t) is None for t in (first, second, third)] == [True, False, False]
    assert sign_in.sign_out_everywhere(ctx.acting_as(colleague(giulia))) == 2
    assert sign_in.member_of(ctx, second) is None


def test_colleague_cannot_end_anothers_sessions(ctx, giulia, acting) -> None:
    token = enter(ctx).token
    with pytest.raises(NotAllowed):
        sign_in.sign_out_everywhere(acting("paolo"), giulia.id)
    assert sign_in.member_of(ctx, token) == giulia


def test_attempts_are_audited_without_the_name_that_was_typed(ctx, giulia) -> None:
    refused(ctx, login="my-password-in-the-wrong-field")
    enter(ctx)
    with ctx.store.read() as tx:
        lines = audit.page(tx, action="sign_in")
    assert [(line.actor, line.outcome) for line in lines] == [(f"user:{giulia.id}", "done"), ("nobody", "refused")]
    assert "my-password" not in repr(lines)


def test_password_is_hashed_by_the_low_memory_profile_of_rfc_9106() -> None:
    hasher = passwords.strong_hasher()
    assert (hasher.type.name, hasher.time_cost, hasher.memory_cost, hasher.parallelism) == ("ID", 3, 65536, 4)


def test_old_hash_is_made_stronger_at_the_next_sign_in(ctx, giulia) -> None:
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    sign_in.sign_in(ctx, "giulia", PASSWORD, address="::1", hasher=stronger)
    with ctx.store.read() as tx:
        stored = tx.execute(select(users.c.password_hash)).scalar_one()
    assert not stronger.check_needs_rehash(stored)
    assert enter(ctx).member == giulia


def test_own_password_needs_the_old_one_and_keeps_this_session(ctx, giulia) -> None:
    me = ctx.acting_as(colleague(giulia))
    here, elsewhere = enter(ctx).token, enter(ctx).token
    with pytest.raises(Invalid):
        team.set_own_password(me, "not the old one", "another password", hasher=CHEAP)
    with pytest.raises(Invalid) as refusal:
        team.set_own_password(me, PASSWORD, "short", hasher=CHEAP)
    assert refusal.value.values["reason"] == "password_short"
    team.set_own_password(me, PASSWORD, "another password", keep_token=here, hasher=CHEAP)
    assert [sign_in.member_of(ctx, t) is None for t in (here, elsewhere)] == [False, True]
    assert enter(ctx, "another password").member == giulia


def test_a_password_somebody_gave_cannot_become_ones_own(ctx) -> None:
    added = team.add_member(ctx, login="ugo", name="Ugo", roles=[Role.OPERATOR], hasher=CHEAP)
    own = ctx.acting_as(colleague(added.member))
    with pytest.raises(Invalid) as refusal:
        team.set_own_password(own, added.password, added.password, hasher=CHEAP)
    assert refusal.value.values["reason"] == "password_same"
    assert team.preferences(own, added.member.id).must_change_password


def refusals_told(ctx) -> list[object]:
    return [line.details.get("in_a_minute", 1) for line in reversed(page(ctx.acting_as(SYSTEM), rows=500))]


def test_hammering_at_the_door_leaves_a_few_lines_and_a_count(ctx, giulia, clock) -> None:
    for _ in range(1_200):
        refused(ctx, password="wrong password")
    assert refusals_told(ctx)[-8:] == [1, 1, 1, 1, 1, 10, 100, 1000]
    clock.move(minutes=1)
    refused(ctx, password="wrong password")
    assert refusals_told(ctx)[-1] == 1


def test_an_attempt_from_elsewhere_is_told_beside_the_noise(ctx, giulia) -> None:
    for _ in range(100):
        sign_in.refuse_form(ctx, "sign_in.form", address="10.0.0.66", member=None)
    told = len(refusals_told(ctx))
    sign_in.refuse_form(ctx, "sign_in.form", address="10.0.0.7", member=None)
    assert len(refusals_told(ctx)) == told + 1


def test_ten_thousand_addresses_do_not_flood_the_audit_either(clock) -> None:
    tally = Tally()
    lines = [tally.count(f"10.0.{n // 256}.{n % 256}", "sign_in.form", now=clock()) for n in range(10_000)]
    assert sum(n is not None for n in lines) < KEYS + 12


def test_a_colleague_who_tries_what_is_not_theirs_is_counted_and_still_refused(ctx, acting) -> None:
    marketing = acting("mario", roles=("marketing",))
    for case_id in range(1, 41):
        with pytest.raises(NotAllowed):
            claims.claim(marketing, case_id)
    assert [n for n in refusals_told(ctx) if n == 10] == [10]
    assert len(refusals_told(ctx)) < 12
