"""How is remembered where a part of the page is drawn? Streamlit copies it at each drawing; here without reflection."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from streamlit import cursor
from streamlit.elements.lib import form_utils

_NAME = "__deepcopy__"
#: All that a place on the page is made of but its passing elements: numbers, and tuples of numbers.
_MOVING = "_transient_elements"


def copy_places_quickly() -> None:
    """Copy a cursor by its few fields, and the name of a form not at all.

    The general way asks each object how it wants to be copied: a tenth of what opening a case costs. Nothing
    happens where Streamlit has learnt a way of its own, or keeps something else in a cursor.
    """
    for kind in (cursor.RunningCursor, cursor.LockedCursor):
        if not hasattr(kind, _NAME) and _is_plain(vars(kind(root_container=0))):
            setattr(kind, _NAME, _copied)
    if not hasattr(form_utils.FormData, _NAME):
        setattr(form_utils.FormData, _NAME, _itself)


def _is_plain(fields: Mapping[str, object]) -> bool:
    moving = fields.get(_MOVING)
    if not isinstance(moving, cursor.SparseList) or getattr(moving, "_data", None) != {}:
        return False
    return all(value is None or isinstance(value, int | tuple) for name, value in fields.items() if name != _MOVING)


def _copied(self: cursor.Cursor, memo: dict[int, Any]) -> cursor.Cursor:
    new = type(self).__new__(type(self))
    memo[id(self)] = new
    fields, moving = vars(self), self.transient_elements
    vars(new).update(fields)
    vars(new)[_MOVING] = copy.deepcopy(moving, memo) if len(moving) else cursor.SparseList()
    return new


def _itself(self: object, _memo: dict[int, Any]) -> object:
    return self
