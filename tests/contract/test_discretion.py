"""Do the words of posts and replies stay out of every log, with all libraries speaking in full detail?"""

from __future__ import annotations

from contextlib import suppress

import pytest

from domain.errors import DeskError
from domain.reply import IdempotencyKey
from services import intake
from tests.contract.harness import Trouble
from tests.contract.rules import keeps
from tests.leaks import PLANTED, WORDS

pytestmark = pytest.mark.databases("sqlite")


@keeps("secrets_hidden", of="listening")
def test_words_of_posts_show_in_no_log_and_no_error(harness, desk, listening) -> None:
    harness.arrive(f"BAD {WORDS} parcel")
    harness.arrive_unreadable()
    said = [str(intake.poll(desk, harness.name, listening.id))]
    with harness.trouble(Trouble.DOWN):
        said.append(str(intake.poll(desk, harness.name, listening.id)))
    assert PLANTED.search("\n".join(said)) is None  # what was logged is read after every test


@keeps("secrets_hidden", of="answering")
@pytest.mark.parametrize("trouble", [None, Trouble.LOST, Trouble.NO, Trouble.LIMITED])
def test_words_of_replies_show_in_no_log_and_no_error(harness, trouble) -> None:
    harness.arrive("BAD parcel")
    reply, key = harness.reply(f"Buongiorno {WORDS}"), IdempotencyKey("key")
    if trouble is None:
        assert WORDS not in repr(harness.publisher().publish(reply, key=key))
        return
    with harness.trouble(trouble), suppress(DeskError):
        harness.publisher().publish(reply, key=key)
