"""What frames every page: the navigation a colleague's rights allow, the top line, the signs of life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import streamlit as st

from desk import attempt, banner, going, member_menu, pulse, top_line
from desk.i18n import N_, _
from desk.session import Seat, brand_of, settle_brand
from desk.widgets import hand_and_ear
from desk.widgets.frame import install_frame, install_style
from desk.widgets.page_language import tell_language
from domain.brand import Brand
from domain.people import Right

_HERE = Path(__file__).parent
ICON = str(_HERE / "brand" / "icon.svg")
_CSS = (_HERE / "shell.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Room:
    """One page: its module in ``desk.pages``, its address, its name, and the rights any one of which opens it."""

    module: str
    path: str
    title: str
    icon: str
    needs: frozenset[Right]
    section: str = ""
    fills_window: bool = False


WORK, UNDERSTAND, SET_UP = N_("Work"), N_("Understand"), N_("Set-up")
#: The pages of the desk in the order of the navigation; those without a section are reached from the menu alone.
ROOMS = (
    Room("queue", "queue", N_("Queue"), "inbox", frozenset({Right.READ}), WORK, fills_window=True),
    Room("promises", "promises", N_("Promises"), "alarm", frozenset({Right.READ}), WORK),
    Room("approvals", "approvals", N_("Approvals"), "check_circle", frozenset({Right.WORK}), WORK),
    Room("problems", "problems", N_("Problems"), "hub", frozenset({Right.READ}), WORK),
    Room("customers", "customers", N_("Customers"), "group", frozenset({Right.READ}), WORK),
    Room("trends", "trends", N_("Trends"), "trending_up", frozenset({Right.TRENDS}), UNDERSTAND),
    Room("report", "report", N_("Report"), "description", frozenset({Right.TRENDS}), UNDERSTAND),
    Room("watches", "watches", N_("Watches"), "saved_search", frozenset({Right.READ}), SET_UP),
    Room("channels", "channels", N_("Channels"), "cell_tower", frozenset({Right.READ}), SET_UP),
    Room("outbox", "outbox", N_("Outbox"), "outgoing_mail", frozenset({Right.READ}), SET_UP),
    Room("import_", "import", N_("Import"), "upload_file", frozenset({Right.IMPORT}), SET_UP),
    Room("exports", "exports", N_("Exports"), "download", frozenset({Right.EXPORT}), SET_UP),
    Room("team", "team", N_("Team"), "badge", frozenset({Right.TEAM}), SET_UP),
    Room("trust", "trust", N_("The model"), "fact_check", frozenset({Right.MODEL}), SET_UP),
    Room("tokens", "tools", N_("Tools"), "key", frozenset({Right.TOKENS}), SET_UP),
    Room("audit", "audit", N_("Audit"), "history", frozenset({Right.AUDIT}), SET_UP),
    Room("first_start", "start", N_("Getting started"), "flag", frozenset({Right.SETUP, Right.IMPORT}), SET_UP),
    Room("account", "account", N_("Your account"), "person", frozenset(Right)),
)


def run(seat: Seat) -> None:
    """Draw the page that was asked for, inside the frame."""
    rooms = [room for room in ROOMS if room.needs & seat.member.rights]
    settle_brand()
    brand = attempt.steady("sp_last_brand", lambda: brand_of(seat))
    st.session_state["sp_timezone"] = brand.timezone if brand else ""
    if brand is not None:
        pulse.prime(seat, brand.id)
    sections = _sections(rooms, seat, brand)
    page = st.navigation(sections, expanded=True)
    _go_where_asked(sections)
    room = next((each for each in rooms if each.path == (page.url_path or ROOMS[0].path)), rooms[0])
    st.logo(_logo(), size="large", icon_image=ICON)
    install_frame(is_desk=room.fills_window and brand is not None)
    install_style(_CSS)
    tell_language(seat.member.language)
    hand_and_ear.install()
    member_menu.draw(seat)
    top_line.draw(seat, brand, is_desk=room.fills_window)
    if brand is not None:
        banner.draw(brand.id, offers_way=room.module != "channels")
    page.run()


def _sections(rooms: list[Room], seat: Seat, brand: Brand | None) -> dict[str, list[st.Page]]:
    sections: dict[str, list[st.Page]] = {}
    for room in rooms:
        hidden = not room.section
        page = st.Page(
            _draw(room, seat, brand),
            title=_(room.title) + ("" if hidden else top_line.count_behind(room.module)),
            icon=f":material/{room.icon}:",
            url_path=room.path,
            default=room is rooms[0],
            visibility="hidden" if hidden else "visible",
        )
        sections.setdefault(_(room.section) if room.section else "", []).append(page)
    return sections


def _go_where_asked(sections: dict[str, list[st.Page]]) -> None:
    """A button of one page may lead to another: it leaves the address in the session."""
    wanted = going.wanted_room()
    target = next((page for pages in sections.values() for page in pages if page.url_path == wanted), None)
    if wanted == ROOMS[0].path:
        target = next(iter(sections.values()))[0]
    if target is not None:
        st.switch_page(target)


def _draw(room: Room, seat: Seat, brand: Brand | None) -> Callable[[], None]:
    def draw() -> None:
        import_module(f"desk.pages.{room.module}").draw(seat, brand)

    draw.__name__ = room.path
    return draw


def _logo() -> str:
    dark = st.context.theme.type == "dark"
    return str(_HERE / "brand" / ("logo-dark.svg" if dark else "logo-light.svg"))
