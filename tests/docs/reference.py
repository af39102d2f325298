"""What do the reference pages and the example of the settings say? `python -m tests.docs.reference` writes them anew.

Each page has prose, and between two marks a table that is made here from the code; test_reference.py compares them.
"""

import dataclasses
from pathlib import Path

from tests.docs.commands import commands

# Every command takes these, which the page says once.
EVERYWHERE = (" [-h]", " [--data-dir FOLDER]")
ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- from the code, begin -->", "<!-- from the code, end -->"
EXAMPLE = ROOT / "sportello.example.toml"
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


def settings_example() -> str:
    """The annotated example of sportello.toml: every setting with its default, switched off by a leading #."""
    from settings import Settings

    lines = ["# Copy to sportello.toml and take the # away from what you want to change.", ""]
    for field in dataclasses.fields(Settings):
        value = f'"{field.default}"' if isinstance(field.default, str) else str(field.default)
        secret = ["# (secret: better kept in the environment)"] if field.metadata["secret"] else []
        lines += [f"# {field.metadata['help']}", *secret, f"# {field.name} = {value}", ""]
    return "\n".join(lines[:-1]) + "\n"


def commands_table() -> str:
    """One row a command: how it is written, what it does."""
    rows = ["| command | what it does |", "|---|---|"]
    for found in commands().values():
        usage = found.usage
        for option in EVERYWHERE:
            usage = usage.replace(option, "")
        rows.append(f"| `{_cell(usage)}` | {_cell(found.help)} |")
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
    EXAMPLE.write_text(settings_example(), encoding="utf-8")
