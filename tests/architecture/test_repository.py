"""Does the repository speak of the product only: no machine's paths, no registries, no secrets, no loose ends?"""

import os
import re
import stat
from pathlib import Path

import pytest

from tests.architecture.repository import files, texts
from tests.architecture.source import ROOT

# Written in pieces, so that this file does not break its own rule.
FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.:/-])/(?:work|root|home/\w{2,}|Users/\w{2,})/(?!lib)\w",
    "a package registry's address": "(?:" + "py" + r"pi\.org|pythonhos" + r"ted\.org|registry\.npm" + "js)",
    "a private key": "-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE" + " KEY-----",
    "a loose end": r"\b(?:TO" + "DO|FIX" + r"ME|XX" + r"X)\b",
    "a merge conflict": r"^(?:<{7}|>{7}) ",
}
#: The model that judges and the encoder that finds shared problems are the large files there may be, up to 50 MB each;
#: everything else is meant to be read.
MODELS = (Path("classifiers/bundled/model.onnx"), Path("classifiers/topics/encoder.onnx"))
LARGEST_MODEL_BYTES, LARGEST_FILE_BYTES = 50_000_000, 5_000_000
#: A model's vocabulary is a list of word pieces, not something anybody wrote.
VOCABULARY = Path("classifiers/bundled/tokenizer.json")


def complaints(name: Path, text: str) -> list[str]:
    found = []
    for what, pattern in FORBIDDEN.items():
        if what == "a loose end" and name.suffix == ".jsonl":
            continue  # invented customers who shout in Spanish write "everything" that way
        for match in re.finditer(pattern, text, re.MULTILINE):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{name}:{line} contains {what}: {match.group()[:60]}")
    return found


def test_no_file_names_a_machine_a_registry_or_a_loose_end() -> None:
    written = [(name, text) for name, text in texts() if name != VOCABULARY]
    assert [complaint for name, text in written for complaint in complaints(name, text)] == []


@pytest.mark.parametrize(
    "bad",
    [
        "see /" + "work/main/app.py",
        "cd /" + "home/paolo/desk",
        "index-url = https://" + "py" + "pi.org/simple",
        "-----BEGIN PRIVATE" + " KEY-----",
        "# TO" + "DO: later",
        "x\n<<<<" + "<<< HEAD\n",
    ],
)
def test_a_breach_is_noticed(bad: str) -> None:
    assert len(complaints(Path("x"), bad)) == 1


@pytest.mark.parametrize("good", ["/api/ready", "the rate/work/life", "https://example.org/work/x", "at work/home"])
def test_ordinary_text_passes(good: str) -> None:
    assert complaints(Path("x"), good) == []


def test_no_file_is_too_large_to_clone() -> None:
    sizes = {name: (ROOT / name).stat().st_size for name in files()}
    assert max(sizes.pop(model) for model in MODELS) <= LARGEST_MODEL_BYTES
    assert [str(name) for name, size in sizes.items() if size > LARGEST_FILE_BYTES] == []


def test_generated_lock_with_addresses_is_not_part_of_the_repository() -> None:
    assert Path("uv.lock") not in files()


@pytest.mark.parametrize("script", ["sportello", ".ci/run"])
def test_scripts_can_be_started(script: str) -> None:
    assert os.stat(ROOT / script).st_mode & stat.S_IXUSR


@pytest.mark.parametrize("fixed", ["app.py", "collectors", "classifiers", "db", "pyproject.toml", "tests", "README.md"])
def test_root_listing_keeps_its_fixed_names(fixed: str) -> None:
    assert fixed in {name.parts[0] for name in files()}
