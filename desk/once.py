"""What does Streamlit work out again at each click though the answer never changes? Here it is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from streamlit.runtime import app_session

if TYPE_CHECKING:
    from streamlit.proto.NewSession_pb2 import CustomThemeConfig

    Fill: TypeAlias = Callable[[CustomThemeConfig, str], None]

_NAME = "_populate_theme_msg"


def remember_theme() -> None:
    """Read the colours of config.toml once a process: a fifth of what a click costs went into them.

    They hold until the next start. Nothing happens where Streamlit keeps no such function any longer.
    """
    fill: Fill | None = getattr(app_session, _NAME, None)
    if fill is not None and not isinstance(fill, FilledOnce):
        setattr(app_session, _NAME, FilledOnce(fill))


class FilledOnce:
    """Fills the message of a part of the theme as ``fill`` did the first time."""

    __slots__ = ("_fill", "_known")

    def __init__(self, fill: Fill) -> None:
        self._fill = fill
        self._known: dict[str, CustomThemeConfig] = {}

    def __call__(self, msg: CustomThemeConfig, section: str = "theme") -> None:
        known = self._known.get(section)
        if known is None:
            self._fill(msg, section)
            known = self._known[section] = type(msg)()
            known.CopyFrom(msg)
        elif known.ByteSize():  # an empty copy would say that the part is there
            msg.CopyFrom(known)
