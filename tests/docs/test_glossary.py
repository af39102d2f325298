"""Does the glossary explain every word of the desk, with the word the Italian desk uses?"""

import re

import pytest

from tests.docs.commands import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"
WORDS = """
brand, watch, channel, account, mention, conversation, author, customer, case, queue, operator, manager, triage,
judgement, correction, sentiment, kind, urgency, priority, reach, claim, lock, ownership, release, take, assignment,
escalation, hand-over, bounce, substitute, draft, reply, internal note, canned reply, approval, outbox, delivery,
receipt, confirmation, uncertain, idempotency key, tombstone, follow-up, promise, snooze, resolution code, reopening,
story, opportunity, briefing, exercise, net sentiment, share of voice, volume, spike, first response, SLA, breach,
cursor, gap, complete up to, audit trail
"""
REQUIRED = [" ".join(word.split()) for word in WORDS.split(",")]


def entries() -> dict[str, tuple[str, str]]:
    """Word to its Italian word and its meaning."""
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.*?) \| (.*?) \|$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    return {word: (italian.strip(), meaning.strip()) for word, italian, meaning in rows}


@pytest.mark.parametrize("word", REQUIRED)
def test_word_is_explained_in_a_sentence_and_has_its_italian_word(word: str) -> None:
    italian, meaning = entries()[word]
    assert italian
    assert len(meaning.split()) >= 6 and meaning.endswith(".")


def test_words_stand_once_and_in_order_of_the_alphabet() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\*", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    assert words == sorted(set(words), key=str.lower)
