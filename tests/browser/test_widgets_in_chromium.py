"""What the widgets do under a real hand: keys, typing, clicks and hostile text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def desk(page: Page, gallery_url: str) -> Page:
    """The gallery's desk in English, ready."""
    page.goto(f"{gallery_url}?lang=en")
    expect(page.locator(".row").first).to_be_visible()
    expect(page.locator("textarea")).to_be_visible()
    return page


def last(page: Page, expected: str | re.Pattern[str]) -> None:
    """Wait until Python reported this event."""
    expect(page.locator("output")).to_have_text(expected)


def test_hostile_text_is_shown_and_never_run(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}?lang=en&view=hostile")
    expect(page.locator(".row .who").first).to_contain_text("<script>window.broken")
    expect(page.locator(".note .body")).to_contain_text("<img src=x")
    expect(page.locator(".sp-person h2")).to_contain_text("<script>")
    assert page.evaluate("window.broken") is None
    assert page.locator("img[src='x']").count() == 0
    assert page.locator("a[href^='javascript'], img[src^='data:text']").count() == 0


def test_hostile_text_never_widens_the_page(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}?lang=en&view=hostile")
    expect(page.locator(".row").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for selector in (".st-key-sp_queue_list", ".st-key-sp_thread", ".st-key-sp_col_person"):
        assert page.eval_on_selector(selector, "node => node.scrollWidth <= node.clientWidth + 1"), selector


def test_pictures_are_not_fetched_before_they_are_asked_for(page: Page, gallery_url: str) -> None:
    asked: list[str] = []
    page.route("https://example.org/**", lambda route: (asked.append(route.request.url), route.abort())[1])
    page.goto(f"{gallery_url}?lang=en")
    page.locator("button.fold").click()
    expect(page.locator("button.pic")).to_be_visible()
    assert asked == []
    page.locator("button.pic").click()
    expect(page.get_by_text("The picture is no longer there")).to_be_visible()
    assert asked == ["https://example.org/p.jpg"]


def test_arrows_walk_the_list_and_enter_opens(desk: Page) -> None:
    desk.locator(".row.is-sel").focus()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("j")
    expect(desk.locator(".row:focus .who")).to_have_text("Nadia Benali")
    desk.keyboard.press("Enter")
    last(desk, "open=4 claim=None")
    expect(desk.locator(".row[aria-current=true] .who")).to_have_text("Nadia Benali")
    expect(desk.locator(".row:focus .who")).to_have_text("Nadia Benali")


def test_k_claims_the_focused_row_only_when_it_is_free(desk: Page) -> None:
    desk.locator(".row", has_text="Daniel Shaw").focus()
    desk.keyboard.press("k")
    desk.locator(".row", has_text="The Corner Bar").focus()
    desk.keyboard.press("k")
    last(desk, "open=None claim=3")


def test_claim_button_shows_on_hover_and_does_not_open(desk: Page) -> None:
    row = desk.locator(".row", has_text="Jen Lyons")
    expect(row.locator(".claim")).to_be_hidden()
    row.hover()
    row.locator(".claim").click()
    last(desk, "open=None claim=7")


def test_a_page_key_moves_into_the_list_and_others_reach_python(desk: Page) -> None:
    desk.locator("body").press("j")
    expect(desk.locator(".row:focus .who")).to_have_text("The Corner Bar")
    desk.locator("body").press("u")
    last(desk, "key=release")
    desk.locator("body").press("?")
    last(desk, "key=help")


def test_slash_goes_to_search_and_letters_typed_there_stay_there(desk: Page) -> None:
    desk.locator("body").press("/")
    field = desk.locator(".st-key-sp_search input")
    expect(field).to_be_focused()
    desk.keyboard.type("jukebox/?")
    expect(field).to_have_value("jukebox/?")
    expect(desk.locator("output")).to_have_text("")
    desk.keyboard.press("Escape")
    expect(field).not_to_be_focused()
    desk.keyboard.press("?")
    last(desk, "key=help")


def test_typing_counts_previews_and_saves_itself(desk: Page) -> None:
    area = desk.locator("textarea")
    area.fill("Buongiorno 👩‍👩‍👧, arriviamo")
    expect(desk.locator(".preview .txt")).to_contain_text("@helen_doyle_c Buongiorno 👩‍👩‍👧, arriviamo")
    expect(desk.locator(".count")).to_have_text("27 / 280")
    last(desk, "autosave|case-2|public|Buongiorno 👩‍👩‍👧, arriviamo")
    expect(area).to_have_value("Buongiorno 👩‍👩‍👧, arriviamo")
    expect(area).to_be_focused()


def test_words_typed_while_the_draft_is_being_saved_stay(desk: Page) -> None:
    area = desk.locator("textarea")
    area.fill("")
    for chunk in ("Cara Helen, ", "la squadra ", "arriva alle ", "undici e mezza ", "e le scrivo io."):
        area.press_sequentially(chunk, delay=15)
        desk.wait_for_timeout(700)
    expect(area).to_have_value("Cara Helen, la squadra arriva alle undici e mezza e le scrivo io.")
    last(desk, "autosave|case-2|public|Cara Helen, la squadra arriva alle undici e mezza e le scrivo io.")


def test_ctrl_enter_sends_what_is_on_screen_and_empties_the_box(desk: Page) -> None:
    desk.locator("textarea").fill("Arriviamo alle 11:30")
    desk.locator("textarea").press("Control+Enter")
    last(desk, "send|case-2|public|Arriviamo alle 11:30")
    expect(desk.locator("textarea")).to_have_value("")
    expect(desk.locator("button.primary")).to_be_disabled()


def test_an_over_long_reply_says_by_how_much_and_is_not_sent(desk: Page) -> None:
    desk.locator("textarea").fill("x" * 283)
    expect(desk.locator(".count")).to_have_text("283 / 280, too long by 3")
    expect(desk.locator("button.primary")).to_be_disabled()
    desk.locator("textarea").press("Control+Enter")
    last(desk, re.compile(r"^autosave\|"))


def test_the_note_frame_differs_in_edge_line_icon_and_word(desk: Page) -> None:
    frame = desk.locator(".frame")
    public = frame.evaluate("node => getComputedStyle(node).borderTopStyle")
    desk.locator("body").press("n")
    expect(desk.locator("textarea")).to_be_focused()
    expect(frame.locator(".route")).to_contain_text("only the team sees it")
    expect(frame.locator(".route .i-lock")).to_have_count(1)
    assert (public, frame.evaluate("node => getComputedStyle(node).borderTopStyle")) == ("solid", "dashed")
    assert "repeating-linear-gradient" in frame.evaluate("node => getComputedStyle(node, '::before').backgroundImage")
    expect(desk.locator(".preview")).to_be_hidden()


def test_a_note_never_takes_the_replys_words(desk: Page) -> None:
    desk.locator("textarea").fill("per tutti")
    desk.locator("body").press("Escape")
    desk.get_by_role("button", name="Internal note").click()
    desk.locator("textarea").fill("solo per noi")
    desk.locator("textarea").press("Control+Enter")
    last(desk, "note|case-2|internal|solo per noi")
    desk.get_by_role("button", name="Public reply").click()
    expect(desk.locator("textarea")).to_have_value("per tutti")


def test_opening_another_case_saves_the_words_under_the_first(desk: Page) -> None:
    desk.locator("textarea").fill("a metà frase")
    desk.locator(".row", has_text="Tom Gleeson").click()
    expect(desk.locator("textarea")).to_have_value("")
    desk.locator(".row", has_text="Helen Doyle").click()
    expect(desk.locator("textarea")).to_have_value("a metà frase")


def test_a_note_being_written_survives_a_look_at_another_case(desk: Page) -> None:
    desk.locator("body").press("n")
    desk.locator("textarea").fill("chiedere alla centrale")
    desk.locator(".row", has_text="Tom Gleeson").click()
    expect(desk.locator("textarea")).to_have_value("")
    desk.locator(".row", has_text="Helen Doyle").click()
    expect(desk.locator("textarea")).to_have_value(re.compile("^Helen"))
    desk.get_by_role("button", name="Internal note").click()
    expect(desk.locator("textarea")).to_have_value("chiedere alla centrale")


def test_a_click_on_send_right_after_typing_is_one_event_with_all_words(desk: Page) -> None:
    desk.locator("textarea").fill("Arriviamo")
    last(desk, re.compile(r"^autosave"))
    desk.locator("textarea").press_sequentially(" alle 11", delay=5)
    desk.locator("button.primary").click()
    last(desk, "send|case-2|public|Arriviamo alle 11")
    expect(desk.locator("textarea")).to_have_value("")


def test_sending_waits_for_the_save_on_its_way_and_speaks_of_its_version(desk: Page) -> None:
    desk.locator("textarea").fill("Arriviamo alle undici")
    desk.wait_for_timeout(810)
    desk.locator("textarea").press("Control+Enter")
    last(desk, "send|case-2|public|Arriviamo alle undici")
    expect(desk.locator("textarea")).to_have_value("")


def test_a_reload_brings_unsaved_words_back(desk: Page) -> None:
    desk.locator("textarea").fill("non ancora salvato")
    desk.reload()
    expect(desk.locator("textarea")).to_have_value("non ancora salvato")


def test_promise_hours_are_read_in_24_hours(desk: Page) -> None:
    hour = desk.get_by_label("time", exact=True)
    hour.fill("930")
    hour.blur()
    expect(hour).to_have_value("09:30")
    hour.fill("25:10")
    hour.blur()
    expect(hour).to_have_value("")


def test_the_locked_composer_keeps_the_text_readable_but_still(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}?lang=en&undo=1")
    expect(page.locator("textarea")).to_have_attribute("readonly", "")
    expect(page.locator("button.primary")).to_be_hidden()
    expect(page.get_by_text("Goes out on X in 11 s.")).to_be_visible()


def test_letters_work_again_where_the_text_is_locked(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}?lang=en&locked=1")
    area = page.locator("textarea")
    expect(area).to_have_attribute("readonly", "")
    area.focus()
    page.keyboard.press("u")
    last(page, "key=release")
    page.keyboard.press("n")
    expect(page.locator(".route")).to_contain_text("only the team sees it")


def test_a_toast_of_a_fragment_leaves_the_frame_as_it_is(desk: Page) -> None:
    desk.get_by_role("button", name="Toast").click()
    expect(desk.get_by_test_id("stToast")).to_be_visible()
    desk.wait_for_timeout(300)
    assert desk.eval_on_selector(".st-key-sp_desk", "node => getComputedStyle(node).display") == "grid"
    assert desk.eval_on_selector(".sp-person .av", "node => getComputedStyle(node).borderTopLeftRadius") == "50%"


def test_below_1180_the_person_steps_aside_and_nothing_is_cut(page: Page, gallery_url: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"{gallery_url}?lang=en")
    expect(page.locator("textarea")).to_be_visible()
    expect(page.locator(".sp-person")).to_be_hidden()
    expect(page.get_by_role("button", name="Person")).to_be_visible()
    box = page.locator("button.primary").bounding_box()
    assert box is not None and box["y"] + box["height"] <= 768
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024
