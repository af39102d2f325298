"""What is made ready before the first visitor comes? All that any page needs, and what makes each click cheaper."""

from __future__ import annotations

from importlib import import_module

from desk import batches, once, places

PAGES = (
    "queue",
    "promises",
    "approvals",
    "problems",
    "customers",
    "trends",
    "report",
    "watches",
    "channels",
    "outbox",
    "import_",
    "exports",
    "team",
    "tokens",
    "audit",
    "trust",
    "first_start",
    "account",
)


def import_pages() -> None:
    """Import every page with all it draws on, so that nobody's first click pays for it."""
    for name in PAGES:
        import_module(f"desk.pages.{name}")


def quicken() -> None:
    """Teach Streamlit to do once, or in fewer steps, what it does at each click."""
    once.remember_theme()
    batches.hand_over_in_batches()
    places.copy_places_quickly()
