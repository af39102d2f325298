"""How do posts share a batch, and what does judging keep in memory?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from classifiers.bundled.model import BundledClassifier
from classifiers.bundled.runtime import BATCH, BATCH_TOKENS, together
from classifiers.language import identify
from classifiers.topics.encoder import Floats

ROOT = Path(__file__).resolve().parents[2]
#: What judging may take of a small machine beside the desk.
MOST_MB = 400
LONG = "The water in the cellar rises and nobody of you answers the emergency number we were given. "
MEASURE = f"""
import resource, sys
from pathlib import Path
from classifiers.registry import load
load('bundled').judge([{LONG!r} * 20 + str(n) for n in range(96)])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 ** (2 if sys.platform == 'darwin' else 1)
status = Path('/proc/self/status')  # where it is, it knows this program's peak alone
told = [line for line in status.read_text().splitlines() if line.startswith('VmHWM')] if status.exists() else []
print(int(told[0].split()[1]) / 1024 if told else peak)
"""


@given(st.lists(st.integers(2, 600), max_size=200))
def test_each_text_is_in_one_batch_and_no_batch_is_larger_than_said(lengths: list[int]) -> None:
    batches = list(together(lengths))
    assert sorted(row for rows in batches for row in rows) == list(range(len(lengths)))
    for rows in batches:
        assert len(rows) <= BATCH
        assert len(rows) == 1 or len(rows) * max(lengths[row] for row in rows) <= BATCH_TOKENS
        assert lengths[rows[-1]] == max(lengths[row] for row in rows)


def test_a_text_that_comes_alone_is_not_padded() -> None:
    model = BundledClassifier()
    widths: list[tuple[int, ...]] = []
    session = model._runtime._session

    class Watched:
        def run(self, names: list[str], inputs: dict[str, Floats]) -> object:
            widths.append(inputs["input_ids"].shape)
            assert inputs["attention_mask"].all()
            return session.run(names, inputs)

    model._runtime._session = Watched()
    model.judge(["Odore di gas sulle scale, nessuno risponde"])
    assert len(widths) == 1 and widths[0][0] == 1


def test_products_of_bytes_may_not_overflow_on_processors_without_vnni() -> None:
    # There the labels themselves show it (test_parity); on others this is all there is to see.
    options = BundledClassifier()._runtime._session.get_session_options()
    assert options.get_session_config_entry("session.x64quantprecision") == "1"


def test_judging_long_posts_keeps_within_its_memory() -> None:
    # A process of its own begins without what other tests have loaded; ``ru_maxrss`` would know its parent's peak too.
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], cwd=ROOT, capture_output=True, text=True, check=True, timeout=200
    )
    assert 50 < float(done.stdout) <= MOST_MB


def test_the_language_of_a_post_is_found_among_the_candidates_alone() -> None:
    # Only what concerns them is kept in memory.
    assert identify("Il treno è in ritardo di un'ora") == "it"
    assert identify("Pociąg ma godzinę spóźnienia, dziękuję bardzo") == "pl"
