"""Does each setting and each command stand in the reference, as the code has it?"""

import pytest

from tests.docs import reference

AGAIN = "the page and the code differ; write it anew with: python -m tests.docs.reference"


@pytest.mark.parametrize(
    ("page", "table"),
    [(reference.SETTINGS, reference.settings_table), (reference.COMMANDS, reference.commands_table)],
    ids=["settings", "commands"],
)
def test_reference_page_says_what_the_code_says(page, table) -> None:
    assert reference.between_the_marks(page.read_text(encoding="utf-8")).splitlines() == table().splitlines(), AGAIN


def test_settings_example_names_every_setting() -> None:
    from dataclasses import fields

    from settings import Settings

    example = (reference.ROOT / "sportello.example.toml").read_text(encoding="utf-8")
    assert [field.name for field in fields(Settings) if f"{field.name} =" not in example] == []


def test_prose_around_the_made_part_survives_a_rewrite() -> None:
    page = f"# Title\n\n{reference.BEGIN}\nold\n{reference.END}\n\nAfter.\n"
    again = reference.rewritten(page, "new")
    assert again.startswith("# Title") and again.endswith("After.\n") and "old" not in again
    assert reference.between_the_marks(again) == "new"
