"""What is worked out once is the same as what was worked out each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from desk import once

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"
PARTS = ("light", "dark", "sidebar")


def filled() -> bytes:
    """The theme as a new session gets it: the whole first, then its parts."""
    msg = CustomThemeConfig()
    app_session._populate_theme_msg(msg)
    for part in PARTS:
        app_session._populate_theme_msg(getattr(msg, part), f"theme.{part}")
    for part in ("light", "dark"):
        app_session._populate_theme_msg(getattr(msg, part).sidebar, f"theme.{part}.sidebar")
    return msg.SerializeToString(deterministic=True)


@pytest.fixture(autouse=True)
def _plain_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
    monkeypatch.chdir(CONFIG.parents[1])
    config.get_config_options(force_reparse=True)


def test_every_session_gets_the_same_theme_as_when_it_was_read_each_time() -> None:
    plain = filled()
    once.remember_theme()
    assert [filled() for _session in range(3)] == [plain] * 3
    assert b"#0a6273" in plain


def test_the_theme_is_read_once_however_many_sessions_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(app_session, "_populate_theme_msg", lambda _msg, section="theme": read.append(section))
    once.remember_theme()
    once.remember_theme()
    filled()
    filled()
    assert sorted(read) == sorted(set(read))
