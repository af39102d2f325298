"""Is a desk put together with the right rights, secrets and moments of loading?"""

from __future__ import annotations

import stat
from dataclasses import replace

import pytest

import bootstrap
from domain.brand import Account
from domain.errors import Misconfigured, NotAllowed, NotFound, NotPossible
from domain.people import Right
from services import team, vault


@pytest.fixture
def backend(settings):
    """A desk that is made at its first opening."""
    backend = bootstrap.open_backend(settings)
    yield backend
    backend.ctx.store.close()


def test_a_desk_that_does_not_exist_is_made(backend, settings):
    assert (settings.data_path / "sportello.db").exists()
    assert team.members(backend.ctx) == []


def test_the_command_line_acts_with_every_right_or_in_a_colleagues_name_with_theirs(backend):
    team.add_member(backend.ctx, login="paolo", name="Paolo", roles=["operator"], trained=[], language="it")
    assert backend.for_cli("root").actor.name == "cli:root"
    assert Right.SETUP in backend.for_cli("root").actor.rights
    as_paolo = backend.for_cli("root", "paolo")
    assert as_paolo.actor.rights == {Right.READ, Right.WORK, Right.JUDGE}
    with pytest.raises(NotFound):
        backend.for_cli("root", "nobody")
    team.disable(backend.ctx, as_paolo.actor.user_id)
    with pytest.raises(NotAllowed):
        backend.for_cli("root", "paolo")


def test_a_database_of_another_version_is_not_opened(backend, settings):
    from sqlalchemy import text

    with backend.ctx.store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match="newer version"):
        bootstrap.open_backend(settings)


def test_an_unknown_model_is_named_when_it_is_needed(settings):
    backend = bootstrap.open_backend(replace(settings, model="oracle"))
    with pytest.raises(Misconfigured, match="oracle"):
        backend.classifier()
    backend.ctx.store.close()


def test_secrets_come_from_the_environment_or_a_file_and_missing_ones_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("TOKEN_OF_OURS", "hush")
    (tmp_path / "token").write_text("hush\n")
    assert vault.named("TOKEN_OF_OURS") == vault.named(str(tmp_path / "token")) == "hush"
    for ref in ("NOT_SET_ANYWHERE", str(tmp_path / "gone")):
        with pytest.raises(Misconfigured, match="account needs it"):
            vault.named(ref)


def test_an_account_with_a_missing_secret_stops_at_the_door(backend):
    account = Account(1, 1, "sample", "x", secret_ref="NOT_SET_ANYWHERE")
    with pytest.raises(Misconfigured):
        backend.ctx.channels.publisher("sample", account)


def test_the_sample_alone_can_tell_its_story_again(backend, monkeypatch):
    backend.ctx.channels.restart("sample")
    monkeypatch.setattr(bootstrap.channel_registry, "channel", lambda name: object())
    with pytest.raises(NotPossible):
        backend.ctx.channels.restart("sample")


def test_a_copy_can_be_taken_and_brought_back(backend, settings, tmp_path):
    bootstrap.backup(settings, tmp_path / "copy.db")
    backend.ctx.store.close()
    bootstrap.restore(settings, tmp_path / "copy.db")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert bootstrap.open_backend(settings).ctx.settings == settings
