"""A real checkpoint keeps the contract of every classifier: a small random one, made here and judged with torch."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desk.cli.main import main
from domain.judgement import Judgement, Kind, Reason, ReasonCode, Sentiment, UrgencyLevel
from tests.classifiers.soundness import ODD, ORDINARY, assert_sound
from tests.not_run import not_run

pytestmark = pytest.mark.timeout(600)

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-train" / "bin" / "python"
HERE = "tests/with_torch"
TONES = ["LABEL_0", "LABEL_1", "LABEL_2"]
MEANT = "LABEL_0=negative, LABEL_1=neutral, LABEL_2=positive"
START = "odore di gas sulle scale e nessuno risponde da ore al telefono "
TEXTS = [*ODD, *ORDINARY, START, START + START + "grazie", START + START + "vergogna"]


@dataclass(frozen=True)
class Card:
    revision: str
    by_rules: list[str]
    limit_tokens: int


@dataclass(frozen=True)
class Asked:
    """What a checkpoint answered to TEXTS, asked in three ways."""

    card: Card
    together: list[Judgement]
    turned: list[Judgement]
    alone: list[Judgement]


def python() -> Path:
    """The interpreter that has PyTorch; without one the test is not run."""
    if not PYTHON.exists():
        not_run("no .venv-train with PyTorch here", "docs/howto/train-the-model.md says how to make it")
    return PYTHON


def run(*arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SPORTELLO_")}
    offline = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [python(), *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=clean | offline | environment,
        timeout=540,
    )


def judgement(row: dict[str, Any]) -> Judgement:
    return Judgement(
        language=row["language"],
        sentiment=Sentiment(row["sentiment"]),
        sentiment_scores={Sentiment(label): share for label, share in row["sentiment_scores"].items()},
        kind=Kind(row["kind"]),
        kind_scores={Kind(label): share for label, share in row["kind_scores"].items()},
        urgency=row["urgency"],
        urgency_level=UrgencyLevel(row["urgency_level"]),
        reasons=tuple(Reason(ReasonCode(r["code"]), r["evidence"] and tuple(r["evidence"])) for r in row["reasons"]),
        unsure=row["unsure"],
        model=row["model"],
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(scope="module")
def answered(folder: Path) -> dict[str, dict[str, Any]]:
    """What each checkpoint answered, by name; all are made and asked in one process, for torch starts slowly."""
    several = ["negative", "positive", "complaint", "spam"]
    made: list[dict[str, Any]] = [
        {"folder": "tones", "labels": TONES},
        {"folder": "elsewhere/tones", "labels": TONES},
        {"folder": "seed", "labels": TONES, "seed": 8},
        {"folder": "several", "labels": several, "several": True},
        {"folder": "headless", "labels": TONES, "headless": True},
        {"folder": "pickled", "labels": TONES, "pickled": True},
    ]
    (folder / "broken").mkdir()
    (folder / "broken" / "config.json").write_text('{"model_type": "bert"}')
    questions = {
        name: {"name": str(folder / name), "labels": "" if name == "several" else MEANT, "texts": TEXTS}
        for name in ("tones", "seed", "several", "headless", "pickled", "elsewhere/tones", "broken", "nowhere")
    }
    questions["unlabelled"] = {"name": str(folder / "tones"), "labels": "", "texts": []}
    make = [wish | {"folder": str(folder / wish["folder"])} for wish in made]
    done = run(f"{HERE}/asking.py", given=json.dumps({"make": make, "ask": questions}))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def asked(answered: dict[str, dict[str, Any]], name: str) -> Asked:
    found = answered[name]
    card = Card(found["card"]["revision"], found["card"]["by_rules"], found["card"]["limit_tokens"])
    rows = ([judgement(row) for row in found[way]] for way in ("together", "turned", "alone"))
    return Asked(card, *rows)


@pytest.mark.parametrize("name", ["tones", "several"])
def test_any_text_gets_a_sound_judgement_in_its_place(answered, name) -> None:
    found = asked(answered, name)
    assert len(found.together) == len(TEXTS)
    for text, each in zip(TEXTS, found.together, strict=True):
        assert_sound(each, text, found)


@pytest.mark.parametrize("name", ["tones", "several"])
def test_neither_company_nor_place_changes_a_label(answered, name) -> None:
    found = asked(answered, name)
    for one, *others in zip(found.together, found.turned, found.alone, strict=True):
        for other in others:
            assert (other.sentiment, other.kind, other.urgency_level) == (one.sentiment, one.kind, one.urgency_level)
            assert other.sentiment_scores == pytest.approx(one.sentiment_scores, abs=1e-4)


def test_the_weights_speak_and_not_the_rules(answered) -> None:
    one, other = asked(answered, "tones"), asked(answered, "seed")
    assert [j.sentiment for j in one.together] != [j.sentiment for j in other.together]
    assert [j.reasons for j in one.together if j.urgency_level is UrgencyLevel.ACT_NOW]
    assert one.card.by_rules == ["kind", "urgency", "reasons"]


def test_the_end_of_a_long_text_counts(answered) -> None:
    found = asked(answered, "tones")
    assert found.card.limit_tokens < len(START.split()) * 4
    *_, thanks, shame = found.together
    assert thanks.sentiment_scores != pytest.approx(shame.sentiment_scores, abs=1e-4)


def test_the_revision_follows_the_weights_and_not_the_folder(answered) -> None:
    names = {name: asked(answered, name).card.revision for name in ("tones", "seed", "elsewhere/tones")}
    assert names["tones"] == names["elsewhere/tones"] != names["seed"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("headless", "has no trained head for labels"),
        ("pickled", "model.safetensors"),
        ("broken", "cannot be loaded"),
        ("nowhere", "cannot be loaded"),
        ("unlabelled", "LABEL_0, LABEL_1, LABEL_2; say in hub_labels"),
    ],
)
def test_what_cannot_judge_is_refused_in_one_sentence(answered, name, words) -> None:
    said = answered[name]["error"]
    assert words in said
    assert "\n" not in said and len(said) < 400


def test_judge_answers_with_the_checkpoint_of_the_settings(answered, folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "sportello.toml"
    config.write_text(f'model = "hub:{folder / "tones"}"\nhub_labels = "{MEANT}"\n')
    lines = [json.dumps({"id": 1, "text": ORDINARY[0]}), "nonsense", json.dumps({"id": 2, "text": ""})]
    done = run("-m", "desk.cli", "judge", given="\n".join(lines), SPORTELLO_CONFIG=str(config))
    assert done.returncode == 0, done.stderr
    first, second, third = (json.loads(line) for line in done.stdout.splitlines())
    assert first["model"] == asked(answered, "tones").card.revision
    assert (second["line"], third["id"], third["unsure"]) == (2, 2, True)


def test_the_worker_judges_with_it(answered, folder: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    if not list(PYTHON.parent.parent.glob("lib/python3*/site-packages/sqlalchemy")):
        not_run("the .venv-train here lacks the desk's own packages", "install requirements.lock into it as well")
    monkeypatch.setenv("SPORTELLO_MODEL", "rules")
    desk = ["--data-dir", str(tmp_path / "desk")]
    posts = tmp_path / "posts.csv"
    posts.write_text(f'author,text\nanna,"{ORDINARY[0]}"\n', encoding="utf-8")
    for words in (("brand", "add", "Aurora"), ("import", str(posts), "--as", "work")):
        assert main([*desk, *words]) == 0
    chosen = {"SPORTELLO_MODEL": f"hub:{folder / 'tones'}", "SPORTELLO_HUB_LABELS": MEANT}
    done = run("-m", "desk.cli", *desk, "work", "--json", **chosen)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["judged"] == 1
    capsys.readouterr()
    assert main([*desk, "queue", "--json"]) == 0
    (case,) = json.loads(capsys.readouterr().out)
    assert case["judged"]
