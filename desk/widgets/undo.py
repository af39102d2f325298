"""The seconds in which a reply can still be called back."""

from __future__ import annotations


def undo_bar(
    *,
    text: str,
    detail: str,
    undo_label: str,
    left_s: float,
    window_s: float,
    key: str = "sp_undo",
) -> bool:
    """Draw "goes out in …" with a shrinking bar and an undo button (key Z); True when it was pressed.

    ``text`` may hold {s}, replaced by the whole seconds left. Call it inside ``st.fragment(run_every=1)``.
    """
    raise NotImplementedError
