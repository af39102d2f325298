"""By keyboard and by ear alone: into what a button opened and back out of it, and which row a button belongs to."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


def test_a_form_follows_the_button_that_opened_it_and_hands_the_keyboard_back(page: Page, rows_url: str) -> None:
    page.goto(rows_url)
    opener = page.get_by_role("button", name="Revoke: Wall board")
    expect(opener).to_be_visible()
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(opener).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Revoke: Lodi")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(opener).to_be_focused()


def test_buttons_alike_in_rows_are_heard_with_what_their_row_is_about(page: Page, rows_url: str) -> None:
    page.goto(rows_url)
    expect(page.get_by_role("button", name=re.compile("^Revoke: "))).to_have_count(2)
    names = [
        each.get_attribute("aria-label") for each in page.get_by_role("button", name=re.compile("^Revoke: ")).all()
    ]
    assert names == ["Revoke: Wall board", "Revoke: Lodi"]
