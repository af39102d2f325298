"""Outside text is safe to store and show, and keeps what scripts and emoji need."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text import MAX_MARKS, MAX_TEXT_CHARS, clean, html_to_text, one_line, redact


@given(st.text(st.characters(exclude_categories=())))
def test_clean_text_can_always_be_encoded_and_is_stable(text: str) -> None:
    once = clean(text)

    once.encode("utf-8")
    assert "\x00" not in once
    assert clean(once) == once


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    assert clean("a\ud83db") == "a\ufffdb"


def test_a_split_surrogate_pair_becomes_the_emoji_it_was() -> None:
    assert clean("\ud83d\ude00") == "😀"


def test_joiners_and_direction_marks_stay_and_overrides_go() -> None:
    assert clean("👩\u200d🔧 \u200fשלום\u202e!") == "👩\u200d🔧 \u200fשלום!"


def test_very_long_text_is_cut_at_whole_characters() -> None:
    assert len(clean("é" * (MAX_TEXT_CHARS + 5))) == MAX_TEXT_CHARS


def test_html_becomes_words_and_scripts_disappear() -> None:
    html = "<p>Ciao <b>Marta</b> &amp; co</p><script>alert(1)</script><p>a &lt; b</p>"

    assert html_to_text(html) == "Ciao Marta & co\na < b"


def test_broken_html_is_read_as_far_as_it_goes() -> None:
    assert html_to_text("<p>aperto <a href='x'>qui") == "aperto qui"


def test_one_line_says_that_it_cuts() -> None:
    assert one_line("uno\n due\t tre", max_chars=8) == "uno due…"


@pytest.mark.parametrize(("secret", "expected"), [("hunter22", "key=***"), ("ab", "key=hunter22")])
def test_secrets_are_redacted_from_messages(secret: str, expected: str) -> None:
    assert redact("key=hunter22", (secret,)) == expected


@pytest.mark.timeout(20)
def test_thousands_of_marks_on_one_letter_are_cut_before_they_cost_the_square_of_their_number() -> None:
    text = "Non risponde nessuno " + "e" + "\u0301\u0316" * 200_000 + " perché?"

    cleaned = clean(text)

    assert cleaned.startswith("Non risponde nessuno é\u0316")
    assert len(cleaned) <= len("Non risponde nessuno e") + MAX_MARKS
    few = "x" * 2_000 + "e\u0301\u0316 नमस्ते שָׁלוֹם กำลัง"
    assert clean(few) == unicodedata.normalize("NFC", few)
