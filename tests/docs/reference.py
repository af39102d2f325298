"""What do the two reference pages say? Written from the code; `python -m tests.docs.reference` writes them anew.

Each page has prose, and between two marks a table that is made here and compared by test_reference.py.
"""

import dataclasses
from pathlib import Path

from tests.docs.commands import commands

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- from the code, begin -->", "<!-- from the code, end -->"
SETTINGS, COMMANDS = ROOT / "docs/reference/settings.md", ROOT / "docs/reference/command-line.md"


def settings_table() -> str:
    """One row a setting: name in the toml, name in the environment, default, what it does."""
    from settings import Settings

    rows = ["| in sportello.toml | in the environment | default | what it does |", "|---|---|---|---|"]
    for field in dataclasses.fields(Settings):
        default = "empty" if field.default == "" else str(field.default)
        rows.append(
            f"| `{field.name}` | `SPORTELLO_{field.name.upper()}` | `{default}` | {_cell(field.metadata['help'])} |"
        )
    return "\n".join(rows)


def commands_table() -> str:
    """One row a command: how it is written, what it does."""
    rows = ["| command | what it does |", "|---|---|"]
    rows += [f"| `{_cell(found.usage)}` | {_cell(found.help)} |" for found in commands().values()]
    return "\n".join(rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def between_the_marks(text: str) -> str:
    """The made part of a page."""
    return text.split(BEGIN)[1].split(END)[0].strip()


def rewritten(text: str, table: str) -> str:
    """The page with its made part replaced."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    for page, table in ((SETTINGS, settings_table()), (COMMANDS, commands_table())):
        page.write_text(rewritten(page.read_text(encoding="utf-8"), table), encoding="utf-8")
