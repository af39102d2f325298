"""How fast does a file become ranked cases? `python -m benchmarks.import_rate [ROWS]`

Imports a made-up CSV twice (the second time every row is a duplicate) and says rows per second, with the
time the rules took for their first look, which is most of it.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bootstrap import open_backend
from classifiers.protocol import Classifier, ModelCard
from domain.judgement import Judgement
from services import brands, importing, queue
from settings import Settings

_SUBJECTS = ("The parcel", "My bill", "The app", "Il pacco", "La bolletta", "L'assistenza")
_TROUBLES = (
    "is late for the third time and nobody answers",
    "does not work since yesterday, what can I do?",
    "costs far too much, I want my money back",
    "non risponde da una settimana, è una vergogna",
    "va benissimo, grazie mille",
)


class Timed:
    """A classifier and the time it took."""

    def __init__(self, inner: Classifier) -> None:
        self._inner, self.took_s = inner, 0.0

    @property
    def card(self) -> ModelCard:
        return self._inner.card

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        start = time.perf_counter()
        opinions = self._inner.judge(texts)
        self.took_s += time.perf_counter() - start
        return opinions


def write_file(path: Path, *, rows: int) -> None:
    """Rows by a third as many authors, in two languages."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "text", "author"))
        for n in range(rows):
            words = f"{_SUBJECTS[n % len(_SUBJECTS)]} {n} {_TROUBLES[n % len(_TROUBLES)]}"
            writer.writerow((n, words, f"author{n % max(1, rows // 3)}"))


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory(prefix="sportello-bench-") as folder:
        opened = open_backend(Settings(data_dir=str(Path(folder) / "data"))).ctx
        rules = Timed(opened.rules)
        rules.judge(["warm up, per favore"])
        ctx = replace(opened, rules=rules)
        brand = brands.add_brand(ctx, "Bench")
        path = Path(folder) / "posts.csv"
        write_file(path, rows=rows)
        for name in ("first import", "same file again"):
            rules.took_s, start = 0.0, time.perf_counter()
            done = importing.run_import(ctx, path, file_name=path.name, brand_id=brand.id)
            took_s = time.perf_counter() - start
            print(
                f"{name:16} {done.read} rows, {done.stored} stored, {done.duplicates} duplicates: {took_s:.1f} s, "
                f"{done.read / took_s:.0f} rows/s; of it the rules {rules.took_s:.1f} s"
            )
        print(f"cases in the queue: {queue.counts(ctx, brand.id).all}")
        ctx.store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
