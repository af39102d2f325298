"""How does one page lead to another? A button leaves the address in the session; the frame goes there."""

from __future__ import annotations

import streamlit as st

from desk import pulse_marks

_GO_TO = "sp_go_to"
_OPEN_CASE = "sp_open_case"
_CUSTOMER = "sp_customer"
_SHARED = "sp_shared_open"
#: Cases chosen elsewhere for a new problem.
PROBLEM_CASES = "sp_problem_cases"
_ADDRESS_READ = "sp_address_read"


def to_case(case_id: int) -> None:
    """Callback: to the queue, with this case open."""
    st.session_state[_OPEN_CASE] = case_id
    st.session_state[_GO_TO] = "queue"


def to_customer(customer_id: int) -> None:
    """Callback: to the profile of a customer."""
    st.session_state[_CUSTOMER] = customer_id
    st.session_state[_GO_TO] = "customers"


def open_here(kind: str, number: int | None) -> None:
    """Show a "problem", a "spike" or a "new" problem on the page of problems; an empty kind: its list."""
    st.session_state[_SHARED] = (kind, number)


def opened_here() -> tuple[str, int | None]:
    """What the page of problems shows: chosen here, or asked for by its address."""
    if _SHARED not in st.session_state:
        asked = ((kind, number_asked(kind)) for kind in ("problem", "spike"))
        st.session_state[_SHARED] = next((each for each in asked if each[1] is not None), ("", None))
    found: tuple[str, int | None] = st.session_state[_SHARED]
    return found


def to_problem(problem_id: int) -> None:
    """Callback: to a shared problem."""
    open_here("problem", problem_id)
    to_room("problems")


def to_spike(spike_id: int) -> None:
    """Callback: to a spike, with what is behind it."""
    open_here("spike", spike_id)
    to_room("problems")


def to_new_problem(case_ids: tuple[int, ...]) -> None:
    """Callback: to a new problem over these cases."""
    st.session_state[PROBLEM_CASES] = case_ids
    open_here("new", None)
    to_room("problems")


def to_room(path: str) -> None:
    """Callback: to another page of the desk."""
    st.session_state[_GO_TO] = path


def follow() -> None:
    """Inside a fragment: leave it when a callback just asked for another page."""
    if _GO_TO in st.session_state:
        st.rerun()


def refresh_counts() -> None:
    """Inside a fragment whose acts change a count of the navigation: draw the frame anew when one was done."""
    if pulse_marks.wants_new_counts():
        st.rerun()


def wanted_room() -> str | None:
    """The page asked for, once."""
    wanted: str | None = st.session_state.pop(_GO_TO, None)
    return wanted


def wanted_case() -> int | None:
    """The case asked for, once."""
    wanted: int | None = st.session_state.pop(_OPEN_CASE, None)
    return wanted


def number_asked(name: str) -> int | None:
    """A number in the page's address, such as ``?case=12``; None for anything that is not one."""
    told = st.query_params.get(name, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 12 else None


def read_address_once(key: str, name: str) -> None:
    """Take a number of the address into the session, once: from then on the hand decides."""
    if not st.session_state.get(_ADDRESS_READ):
        st.session_state[_ADDRESS_READ] = True
        if (asked := number_asked(name)) is not None:
            st.session_state[key] = asked


def keep_in_address(name: str, number: int | None) -> None:
    """Let the address say what is open: a reload, or a desk that comes back, opens it again."""
    if number is not None and st.query_params.get(name) != str(number):
        st.query_params[name] = str(number)


def customer() -> int | None:
    """The customer whose profile is open: chosen here, or asked for by the page's address."""
    if _CUSTOMER not in st.session_state:
        st.session_state[_CUSTOMER] = number_asked("customer")
    chosen = st.session_state[_CUSTOMER]
    return chosen if isinstance(chosen, int) else None


def close_customer() -> None:
    """Callback: back to the list of customers."""
    st.session_state[_CUSTOMER] = None
