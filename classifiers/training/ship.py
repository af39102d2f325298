"""Turn a checkpoint into the model that ships: export, quantise, calibrate, compare with torch, write down the figures.

    python -m classifiers.training.ship BASE CHECKPOINT --data DATA [--commercial-only]

Writes ``classifiers/bundled/`` (model, tokenizer, calibration with its revision), the figures that ``evaluate`` shows
beside other models, the answers of torch that the parity test compares with, and the figures of the model card.
Needs torch and onnx; DATA is the folder with the public sets. Takes some minutes on two cores.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import torch

from classifiers.bundled.card import CALIBRATION, Calibration, read_card, write_calibration
from classifiers.bundled.model import FOLDER, BundledClassifier
from classifiers.bundled.runtime import Answer, Runtime
from classifiers.evaluate import evaluate, measured, write_report
from classifiers.training import parity, report
from classifiers.training.calibrate import calibrate, heads_of
from classifiers.training.corpus import read
from classifiers.training.examples import Example
from classifiers.training.export import load_checkpoint, to_onnx
from classifiers.training.own_posts import DEVELOPED, LEARNED
from classifiers.training.public_sets import missing
from classifiers.training.quantise import Feed, quantise
from classifiers.training.validation import BATCH, logits_of

GRAPH, TOKENIZER = "model.onnx", "tokenizer.json"
#: So many digits of the file's hash tell two models apart.
HASH_DIGITS = 8
#: So many training posts show how large the inputs of each product become. With 1,600 the likeliest level of the model
#: that ships, or its tone in public texts, fell half a point or more behind torch; with these every head is within 0.3.
SCALED_POSTS = 4_800
#: Of the public sets' validation texts, torch reads this many for the comparison; of our own posts all.
COMPARED_POSTS = 600
#: What ships may be so many points worse than torch where there are at least 300 texts.
MOST_LOST = 1.5
#: Validation texts of the public sets that are used, if there are as many.
PUBLIC_POSTS = 10_000
SEED = 7


def ship(
    base: Path,
    checkpoint: Path,
    data: Path | None,
    *,
    public_posts: int,
    commercial_only: bool = False,
    threads: int = 1,
) -> str:
    """Everything from the checkpoint to the figures; returns the new revision.

    Raises SystemExit when what would ship falls behind torch; the model that was there stays.
    """
    corpus = read(data, commercial_only=commercial_only)
    # Measured on every set, where all are there; fitted to those alone that may be used.
    complete = data is not None and commercial_only and not missing(data)
    validation = _some((read(data) if complete else corpus).validation, public_posts)
    used = {example.source for example in corpus.validation}
    card = read_card(FOLDER)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        network, tokenizer = load_checkpoint(base, checkpoint)
        to_onnx(network, made / "fp32.onnx")
        shutil.copyfile(base / TOKENIZER, made / TOKENIZER)
        quantise(made / "fp32.onnx", made / GRAPH, _feeds(tokenizer, corpus.train, card.limit_tokens))
        answers = Runtime(made, threads=threads, limit_tokens=card.limit_tokens).answers([e.text for e in validation])
        texts = _some(validation, COMPARED_POSTS)
        row_of = {id(example): row for row, example in enumerate(validation)}
        trained = logits_of(network, tokenizer, texts, card.limit_tokens, exact=True)
        found = parity.pairs(trained, parity.logits_of([answers[row_of[id(text)]] for text in texts]), texts)
        if (lost := parity.largest_loss(found)) > MOST_LOST:
            raise SystemExit(f"What would ship loses {lost:.1f} points against torch; nothing was changed.")
        calibration = calibrate(*_from(used, answers, validation))
        revision = f"{card.name}-{_digest(made / GRAPH, calibration)}"
        write_calibration(made, calibration, revision=revision)
        install(made, FOLDER)
    parity.keep(trained, [place for place, e in enumerate(texts) if e.source == DEVELOPED])
    measure(found, answers, validation, used)
    return revision


def install(made: Path, folder: Path) -> None:
    """Put the model of ``made`` in the place of that in ``folder``; where it cannot, SystemExit, and that one stays."""
    there = {name: folder / f"{name}.new" for name in (GRAPH, TOKENIZER, CALIBRATION)}
    try:
        for name, copied in there.items():
            shutil.copyfile(made / name, copied)
        for name, copied in there.items():
            copied.replace(folder / name)
    except OSError as error:
        raise SystemExit(f"The model cannot be put into {folder}, the one that is there stays: {error}") from None
    finally:
        for copied in there.values():
            copied.unlink(missing_ok=True)


def measure(
    found: Sequence[parity.Pair], answers: Sequence[Answer], validation: Sequence[Example], used: Collection[str]
) -> None:
    """Write down what the shipped model reaches, beside what others reached; how sure it is, on the sets ``used``."""
    known = evaluate(BundledClassifier())
    others = [other for other in measured() if other.model != known.model]
    size = (FOLDER / GRAPH).stat().st_size
    shipped = parity.logits_of(answers)
    public = parity.pairs(shipped, shipped, validation)
    heads = heads_of(*_from(used, answers, validation))
    report.write(known, others, found, public, heads, size_bytes=size)
    write_report(known)


def _from(
    used: Collection[str], answers: Sequence[Answer], validation: Sequence[Example]
) -> tuple[list[Answer], list[Example]]:
    """The answers to texts of these sets alone, and the texts."""
    rows = [row for row, example in enumerate(validation) if example.source in used]
    return [answers[row] for row in rows], [validation[row] for row in rows]


def _feeds(tokenizer: Any, learned: Sequence[Example], limit_tokens: int) -> list[Feed]:
    """Batches of training posts on which the scales of the inputs are measured, half of them our own."""
    rng = random.Random(SEED)
    ours = [example for example in learned if example.source == LEARNED]
    texts = [e.text for some in (ours, learned) for e in rng.sample(list(some), min(SCALED_POSTS // 2, len(some)))]
    texts.sort(key=len)
    options = {"truncation": True, "max_length": limit_tokens, "padding": True, "return_tensors": "np"}
    batches = [tokenizer(texts[at : at + BATCH], **options) for at in range(0, len(texts), BATCH)]
    return [{name: batch[name] for name in ("input_ids", "attention_mask")} for batch in batches]


def _some(examples: Sequence[Example], public_posts: int) -> list[Example]:
    """Our own posts all, of the public sets as many, drawn at random."""
    ours = [example for example in examples if example.source == DEVELOPED]
    others = [example for example in examples if example.source != DEVELOPED]
    return ours + random.Random(SEED).sample(others, min(public_posts, len(others)))


def _digest(graph: Path, calibration: Calibration) -> str:
    return hashlib.sha256(graph.read_bytes() + repr(calibration).encode()).hexdigest()[:HASH_DIGITS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path, help="folder of the base model")
    parser.add_argument("checkpoint", type=Path, help="what train, average or recipe wrote")
    parser.add_argument("--data", type=Path, help="folder with the public data sets")
    parser.add_argument("--public-posts", type=int, default=PUBLIC_POSTS, help="validation texts of public sets to use")
    parser.add_argument("--commercial-only", action="store_true", help="scales and temperatures without those sets too")
    parser.add_argument("--threads", type=int, default=1)
    given = vars(parser.parse_args())
    torch.set_num_threads(given["threads"])
    print(ship(given.pop("base"), given.pop("checkpoint"), given.pop("data"), **given))


if __name__ == "__main__":
    main()
