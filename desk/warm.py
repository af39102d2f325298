"""Which modules are loaded before the first visitor comes? All that any page needs."""

from __future__ import annotations

from importlib import import_module

PAGES = (
    "queue",
    "promises",
    "approvals",
    "customers",
    "trends",
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
