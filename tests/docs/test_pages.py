"""Do the links lead somewhere, do decisions keep their form, and do the pages a reader expects exist?"""

import re
from pathlib import Path

import pytest

from tests.docs.commands import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PARTS = ("## Context", "## Decision", "## Consequences", "## Alternatives")
LONGEST_DECISION_LINES = 70
EXPECTED = """README.md CHANGELOG.md CONTRIBUTING.md LICENSE docs/architecture.md docs/glossary.md docs/coverage.md
docs/howto/install.md docs/howto/import-your-spreadsheet.md docs/howto/back-up-and-restore.md
docs/howto/add-a-colleague.md docs/howto/turn-publishing-on.md docs/howto/develop.md docs/howto/add-a-channel.md
docs/reference/settings.md docs/reference/command-line.md""".split()


def dead_links(page: Path, text: str) -> list[str]:
    """Relative links and pictures of a page that lead nowhere."""
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    return [target for target in targets if "://" not in target and not (page.parent / target).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_the_page_lead_somewhere(page: Path) -> None:
    assert dead_links(page, page.read_text(encoding="utf-8")) == []


def test_a_dead_link_is_noticed() -> None:
    assert dead_links(ROOT / "README.md", "[a](docs/none.md) [b](LICENSE) [c](docs/glossary.md#case)") == [
        "docs/none.md"
    ]


@pytest.mark.parametrize("name", EXPECTED)
def test_page_that_readers_expect_exists(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_decision_is_one_page_with_the_losing_options(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [part for part in PARTS if part not in text] == []
    assert len(text.splitlines()) <= LONGEST_DECISION_LINES


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_architecture_page_names_every_folder_of_the_root() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders = [path.name for path in ROOT.iterdir() if path.is_dir() and (path / "__init__.py").exists()]
    assert folders and [name for name in folders if f"{name}/" not in text] == []


def test_states_in_the_architecture_page_are_the_ones_in_the_code() -> None:
    from domain.states import CaseState, ReplyState

    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [state for state in (*CaseState, *ReplyState) if f"| `{state}` |" not in text] == []
