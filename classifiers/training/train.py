"""Fine-tune the encoder and its heads within a given time, saving what is best on validation."""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from classifiers.bundled.normalise import normalise
from classifiers.training.mixture import batches, draw
from classifiers.training.network import HEADS, Network, from_base
from classifiers.training.readers import UNLABELLED, Example, read
from classifiers.training.validation import Scores, logits_of, scores


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the result besides the data."""

    budget_s: float = 2_050.0
    batch: int = 32
    limit_tokens: int = 64
    rate: float = 8e-5
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up_share: float = 0.06
    label_smoothing: float = 0.05
    complaint_weight: float = 0.7
    check_every_s: float = 850.0
    #: Checks along the way read a random part of validation; the exported model is measured on all of it.
    check_posts: int = 2_000
    seed: int = 7


def encode(tokenizer: Any, examples: list[Example], limit_tokens: int) -> dict[str, torch.Tensor]:
    texts = [normalise(e.text) for e in examples]
    found = tokenizer(
        texts, truncation=True, max_length=limit_tokens, padding=True, pad_to_multiple_of=8, return_tensors="pt"
    )
    return {"input_ids": found["input_ids"], "attention_mask": found["attention_mask"]}


def loss_of(outputs: tuple[torch.Tensor, ...], examples: list[Example], recipe: Recipe) -> torch.Tensor:
    """Sum of the heads' losses; a head none of whose texts is labelled adds nothing."""
    total = torch.zeros(())
    for name, logits in zip(HEADS, outputs, strict=True):
        target = torch.tensor([getattr(e, name) for e in examples])
        if (target == UNLABELLED).all():
            continue
        weight = recipe.complaint_weight if name == "complaint" else 1.0
        total = total + weight * functional.cross_entropy(
            logits.float(), target, ignore_index=UNLABELLED, label_smoothing=recipe.label_smoothing
        )
    return total


def _optimiser(network: Network, recipe: Recipe) -> torch.optim.AdamW:
    encoder = [p for p in network.encoder.parameters() if p.requires_grad]
    matrices = [p for p in encoder if p.ndim > 1]
    vectors = [p for p in encoder if p.ndim <= 1]
    return torch.optim.AdamW(
        [
            {"params": matrices, "lr": recipe.rate, "base": recipe.rate, "weight_decay": recipe.weight_decay},
            {"params": vectors, "lr": recipe.rate, "base": recipe.rate, "weight_decay": 0.0},
            {"params": list(network.heads.parameters()), "lr": recipe.head_rate, "base": recipe.head_rate},
        ]
    )


def _set_rate(optimiser: torch.optim.AdamW, done_share: float, recipe: Recipe) -> None:
    warm = min(1.0, done_share / recipe.warm_up_share)
    factor = max(0.0, min(warm, (1 - done_share) / (1 - recipe.warm_up_share)))
    for group in optimiser.param_groups:
        group["lr"] = group["base"] * factor


def _save(network: Network, folder: Path, found: Scores, recipe: Recipe) -> None:
    torch.save(network.state_dict(), folder / "network.pt.new")
    (folder / "network.pt.new").replace(folder / "network.pt")
    (folder / "scores.json").write_text(json.dumps({"scores": asdict(found), "recipe": asdict(recipe)}, indent=1))


def fine_tune(data: Path, base: Path, output: Path, recipe: Recipe) -> Scores:
    """Train for ``recipe.budget_s`` seconds; the rate falls with the time used, so the end is always annealed."""
    torch.manual_seed(recipe.seed)
    output.mkdir(parents=True, exist_ok=True)
    corpus = read(data)
    checked = random.Random(recipe.seed).sample(corpus.validation, recipe.check_posts)
    network, tokenizer = from_base(base)
    optimiser = _optimiser(network, recipe)
    checked_s, seen, best, running = 0.0, 0, None, 0.0
    started = time.monotonic()
    stream = batches(draw(corpus.train, seed=recipe.seed), size=recipe.batch, seed=recipe.seed)
    for step, examples in enumerate(stream, start=1):
        used_s = time.monotonic() - started
        _set_rate(optimiser, min(1.0, used_s / recipe.budget_s), recipe)
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            outputs = network(**encode(tokenizer, examples, recipe.limit_tokens))
        loss = loss_of(outputs, examples, recipe)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([p for p in network.parameters() if p.requires_grad], 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seen += len(examples)
        running = 0.98 * running + 0.02 * loss.item() if step > 1 else loss.item()
        if step % 50 == 0:
            print(f"step {step} seen {seen} used_s {used_s:.0f} loss {running:.3f}", flush=True)
        if used_s - checked_s >= recipe.check_every_s or used_s >= recipe.budget_s:
            checked_s = used_s
            torch.save(network.state_dict(), output / "latest.pt")
            found = scores(logits_of(network, tokenizer, checked, recipe.limit_tokens), checked)
            print(found, flush=True)
            if best is None or found.overall >= best.overall:
                best = found
                _save(network, output, found, recipe)
        if used_s >= recipe.budget_s and best is not None:
            return best
    raise AssertionError("the stream of batches has no end")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the data sets")
    parser.add_argument("base", type=Path, help="folder of the base model")
    parser.add_argument("output", type=Path, help="folder for checkpoint and scores")
    parser.add_argument("--budget-s", type=float, default=Recipe().budget_s)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    print(fine_tune(given.data, given.base, given.output, Recipe(budget_s=given.budget_s)))


if __name__ == "__main__":
    main()
