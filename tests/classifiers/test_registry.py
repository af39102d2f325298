"""Classifiers are found by name, and built only when asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from classifiers import registry
from classifiers.bundled.model import BundledClassifier
from classifiers.registry import load
from domain.errors import Misconfigured


def test_an_unknown_name_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(Misconfigured, match=r"'oracle'.*bundled, rules"):
        load("oracle")


def test_a_copy_without_the_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="not in this copy"):
        BundledClassifier(folder=tmp_path)


def _run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    return done.stdout.strip()


def test_the_registry_loads_no_model_library_before_it_is_asked() -> None:
    heavy = "{'transformers', 'onnxruntime', 'py3langid', 'torch'}"
    program = f"import sys, classifiers.registry, classifiers.rules.model; print(sorted({heavy} & sys.modules.keys()))"
    assert _run(program) == "[]"


def test_the_shipped_model_needs_no_torch() -> None:
    judge = "from classifiers.registry import load; load('bundled').judge(['ciao'])"
    assert _run(f"import sys; {judge}; print('torch' in sys.modules)") == "False"


def test_no_number_of_threads_means_every_core_up_to_four(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setitem(registry.CLASSIFIERS, "counted", lambda threads: asked.append(threads) or load("rules"))
    for cores in (1, 2, 64):
        monkeypatch.setattr(registry, "_cores", lambda cores=cores: cores)
        registry.load("counted", threads=0)
    registry.load("counted", threads=3)
    assert asked == [1, 2, 4, 3]
