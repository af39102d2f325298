"""Does each setting and each command stand in the reference, as the code has it?"""

import dataclasses
import re
import tomllib

import pytest

from settings import Settings
from tests.docs import reference

AGAIN = "the page and the code differ; write it anew with: python -m tests.docs.reference"


@pytest.mark.parametrize(
    ("page", "table"),
    [(reference.SETTINGS, reference.settings_table), (reference.COMMANDS, reference.commands_table)],
    ids=["settings", "commands"],
)
def test_reference_page_says_what_the_code_says(page, table) -> None:
    assert reference.between_the_marks(page.read_text(encoding="utf-8")).splitlines() == table().splitlines(), AGAIN


def test_example_of_the_settings_says_what_the_code_says() -> None:
    assert reference.EXAMPLE.read_text(encoding="utf-8") == reference.settings_example(), AGAIN


def test_example_of_the_settings_can_be_read_with_every_setting_switched_on() -> None:
    lines = reference.EXAMPLE.read_text(encoding="utf-8").splitlines()
    on = "\n".join(line.removeprefix("# ") for line in lines if re.match(r"# \w+ = ", line))
    assert tomllib.loads(on) == {field.name: field.default for field in dataclasses.fields(Settings)}


def test_prose_around_the_made_part_survives_a_rewrite() -> None:
    page = f"# Title\n\n{reference.BEGIN}\nold\n{reference.END}\n\nAfter.\n"
    again = reference.rewritten(page, "new")
    assert again.startswith("# Title") and again.endswith("After.\n") and "old" not in again
    assert reference.between_the_marks(again) == "new"
