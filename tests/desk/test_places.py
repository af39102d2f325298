"""A place on the page that is copied quickly is the same as one copied with reflection, and as independent."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from streamlit import cursor
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.form_utils import FormData

from desk.places import copy_places_quickly

KINDS = (cursor.RunningCursor, cursor.LockedCursor)


@pytest.fixture(autouse=True)
def _plain_again() -> Any:
    before = {kind: kind.__dict__.get("__deepcopy__") for kind in (*KINDS, FormData)}
    yield
    for kind, own in before.items():
        if own is None and "__deepcopy__" in kind.__dict__:
            del kind.__deepcopy__


def a_stack() -> tuple[DeltaGenerator, ...]:
    """The containers around a fragment four levels down, the innermost with something drawn and something passing."""
    place = cursor.RunningCursor(root_container=0)
    stack = [DeltaGenerator(root_container=0, cursor=place)]
    for _level in range(4):
        place = place.open_block()
        inner = DeltaGenerator(root_container=0, cursor=place, parent=stack[-1])
        inner._form_data = FormData("form")
        stack.append(inner)
    place.lock_element()
    place.get_transient_cursor()
    place.transient_elements[0] = "a toast"  # type: ignore[call-overload]
    return tuple(stack)


def told(stack: tuple[DeltaGenerator, ...]) -> list[tuple[object, ...]]:
    return [
        (each._cursor.delta_path, each._cursor.transient_index, list(each._cursor.transient_elements), each._form_data)
        for each in stack
        if each._cursor is not None
    ]


def test_a_copied_stack_tells_the_same_places_as_one_copied_with_reflection() -> None:
    stack = a_stack()
    plain = told(copy.deepcopy(stack))
    copy_places_quickly()
    assert told(copy.deepcopy(stack)) == plain == told(stack)
    assert plain[-1][0] == [0, 0, 0, 0, 0, 1]


def test_what_is_drawn_through_a_copy_moves_neither_the_original_nor_another_copy() -> None:
    copy_places_quickly()
    stack = a_stack()
    before, one, other = told(stack), copy.deepcopy(stack), copy.deepcopy(stack)
    drawn = one[-1]._cursor
    assert isinstance(drawn, cursor.RunningCursor)
    drawn.transient_elements[7] = "another toast"  # type: ignore[call-overload]
    drawn.lock_element()
    assert drawn.index == 2
    assert told(stack) == told(other) == before


def test_a_cursor_that_holds_something_new_is_copied_as_streamlit_does(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = cursor.RunningCursor.__init__

    def with_more(self: Any, *args: Any, **values: Any) -> None:
        begin(self, *args, **values)
        self.children: list[int] = []

    monkeypatch.setattr(cursor.RunningCursor, "__init__", with_more)
    copy_places_quickly()
    assert "__deepcopy__" not in cursor.RunningCursor.__dict__
    assert "__deepcopy__" in cursor.LockedCursor.__dict__
