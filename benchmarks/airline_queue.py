"""Does the queue hold up on real complaints? 11,527 labelled tweets through import, judging and ranking.

    python -m benchmarks.airline_queue FOLDER [--keep FOLDER]

FOLDER holds ``train_val.jsonl.gz`` with the fields text, label, negativereason, sentiment_confidence and airline
(Twitter US Airline Sentiment, 2015; CC BY-NC-SA 4.0, so it is read, never shipped). Everything goes through the
command line, into a data folder of its own. Prints counts, seconds, and the first cases with the label people gave.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.text import clean

ROOT = Path(__file__).resolve().parents[1]
FIRST = 50
FIELDS = ("text", "label", "negativereason", "sentiment_confidence", "airline")
#: What the first 50 of the queue have to show.
NEGATIVE_AT_LEAST, IDLE_AT_MOST = 45, 2


@dataclass(frozen=True, slots=True)
class Timed:
    """What a command answered, and how long it took."""

    answer: Any
    took_s: float


def to_csv(source: Path, target: Path) -> dict[str, str]:
    """Write the tweets as CSV; returns the label of each text as the desk stores it."""
    labels: dict[str, str] = {}
    with gzip.open(source, "rt", encoding="utf-8") as lines, target.open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.DictWriter(sheet, FIELDS)
        writer.writeheader()
        for line in lines:
            row = json.loads(line)
            writer.writerow({field: row.get(field) for field in FIELDS})
            labels[clean(row["text"])] = row["label"]
    return labels


def sportello(data_dir: Path, *words: str) -> Timed:
    """Run one command as a person would; raises CalledProcessError when it fails."""
    start_s = time.perf_counter()
    command = [sys.executable, "-m", "desk.cli", "--data-dir", str(data_dir), *words, "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)
    return Timed(json.loads(done.stdout), time.perf_counter() - start_s)


def report_head(queue: list[dict[str, Any]], labels: dict[str, str]) -> bool:
    """Print the first cases with their labels; True when the head of the queue is as good as it has to be."""
    head = queue[:FIRST]
    found = Counter(labels.get(case["text"], "?") for case in head)
    idle = sum(case["kind"] in ("praise", "spam") for case in head)
    for place, case in enumerate(head, 1):
        why = " ".join(reason["code"] for reason in case["reasons"][:3])
        label = labels.get(case["text"], "?")
        print(f"{place:3} {case['priority']:7.1f} {label:8} {case['kind']:9} {why:28.28} {case['text'][:90]!r}")
    print(f"first {len(head)}: {dict(found)}, praise or spam: {idle}")
    return found["negative"] >= NEGATIVE_AT_LEAST and idle <= IDLE_AT_MOST


def main() -> int:
    """Run the whole check; exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        return run(args.folder / "train_val.jsonl.gz", folder)


def run(source: Path, folder: Path) -> int:
    """Import, import again, judge, look."""
    labels = to_csv(source, folder / "tweets.csv")
    data_dir = folder / "desk"
    sportello(data_dir, "brand", "add", "Airlines")
    first = sportello(data_dir, "import", str(folder / "tweets.csv"))
    second = sportello(data_dir, "import", str(folder / "tweets.csv"))
    for name, done in (("import", first), ("again", second)):
        counts = {key: value for key, value in done.answer.items() if key != "rejected"}
        print(f"{name}: {counts}, {len(done.answer['rejected'])} rejected, {done.took_s:.1f} s")
    judged = sportello(data_dir, "work")
    rate = judged.answer["judged"] / judged.took_s
    print(f"judge: {judged.answer['judged']} in {judged.took_s:.1f} s, {rate:.0f} posts/s")
    queue = sportello(data_dir, "queue")
    print(f"queue: {len(queue.answer)} cases in {queue.took_s:.1f} s")
    good_head = report_head(queue.answer, labels)
    counted = first.answer["stored"] + first.answer["duplicates"] + len(first.answer["rejected"])
    adds_up = counted == first.answer["read"] and second.answer["stored"] == 0
    print(f"counts add up: {adds_up}; head of the queue as it has to be: {good_head}; {judged.took_s:.0f} s of 180 s")
    return 0 if adds_up and good_head and judged.took_s < 180 else 1


if __name__ == "__main__":
    sys.exit(main())
