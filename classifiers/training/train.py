"""Fine-tune the encoder and its heads on a number of posts, keeping what is best; goes on where it was broken off."""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from classifiers.training import checkpoints, losses
from classifiers.training.corpus import read
from classifiers.training.encode import Encoded, encode
from classifiers.training.examples import Example
from classifiers.training.mixture import SHARES, Stream, shares_of
from classifiers.training.network import Network, from_base
from classifiers.training.validation import Scores, logits_of, scores

HEADS_SEED = 7
STOPPED = "Stopped. The same command goes on from the last check."


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the result besides the data."""

    posts: int = 120_000
    batch: int = 32
    limit_tokens: int = 80
    rate: float = 8e-5
    head_rate: float = 1e-3
    #: The rate falls linearly to this share of itself.
    last_rate_share: float = 0.0
    weight_decay: float = 0.01
    warm_up_posts: int = 6_000
    own_share: float = 0.0
    #: Shares of public sets other than those of ``mixture.SHARES``.
    shares: dict[str, float] = field(default_factory=dict)
    average_decay: float = 0.999
    check_every_posts: int = 10_000
    #: Checks along the way read a random part of validation; the exported model is measured on all of it.
    check_posts: int = 3_000
    #: Decides the order of the posts. The heads start from the same random weights whatever it is, so that networks
    #: trained in different orders can be averaged (Wortsman et al., ICML 2022).
    seed: int = 7
    #: So many words of a public set are hidden, each time others: its posts are too few not to be learned by heart.
    hidden_share: float = 0.1
    commercial_only: bool = False
    #: The lowest layers stay as they are: a step costs a fifth less, and they know more languages than are taught here.
    frozen_layers: int = 4
    weights: losses.Weights = field(default_factory=losses.Weights)


class Average:
    """A slowly moving average of the trained weights, which generalises better than the last of them."""

    def __init__(self, network: Network, decay: float) -> None:
        self.decay = decay
        self.weights = {n: p.detach().clone() for n, p in network.named_parameters() if p.requires_grad}

    def follow(self, network: Network, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                if name in self.weights:
                    self.weights[name].lerp_(parameter, 1 - decay)

    def state_of(self, network: Network) -> dict[str, torch.Tensor]:
        return {**network.state_dict(), **self.weights}


class Training:
    """One run: network, optimiser, average and how far it has come.

    Where ``output`` holds a run that was broken off, it goes on from its last check, and ends as if it had not been.
    Raises SystemExit where that was another run.
    """

    def __init__(self, data: Path | None, base: Path, output: Path, recipe: Recipe, start: Path | None = None) -> None:
        torch.manual_seed(HEADS_SEED)
        self.recipe, self.output = recipe, output
        self._held = checkpoints.hold(output)
        corpus = read(data, commercial_only=recipe.commercial_only)
        self.checked = _sample(corpus.validation, recipe.check_posts, recipe.seed)
        self.network, self.tokenizer = from_base(base)
        if start is not None:
            self.network.load_state_dict(checkpoints.load_weights(start))
        self._origin = {
            "posts to learn from": _digest(repr(example).encode("utf-8", "replace") for example in corpus.train),
            "weights to begin with": _digest(w.numpy().tobytes() for w in self.network.state_dict().values()),
        }
        torch.manual_seed(recipe.seed)
        self.network.freeze(recipe.frozen_layers)
        self.optimiser = _optimiser(self.network, recipe)
        self.average = Average(self.network, recipe.average_decay)
        shares = shares_of(corpus.train, recipe.own_share, recipe.shares)
        self.stream = Stream(corpus.train, shares, size=recipe.batch, seed=recipe.seed).batches()
        self.steps = 0
        self.best = -math.inf
        self._resume()

    @property
    def seen(self) -> int:
        return self.steps * self.recipe.batch

    def run(self) -> None:
        """Train until the posts of the recipe are seen."""
        running, started, last = 0.0, time.monotonic(), self.steps
        with self._held:
            while self.seen < self.recipe.posts:
                loss = self._step(next(self.stream))
                running = 0.98 * running + 0.02 * loss if running else loss
                if self.steps % 50 == 0:
                    pace = (self.steps - last) * self.recipe.batch / (time.monotonic() - started)
                    print(f"seen {self.seen} loss {running:.3f} posts/s {pace:.1f}", flush=True)
                if self.seen % self.recipe.check_every_posts < self.recipe.batch or self.seen >= self.recipe.posts:
                    self._check()

    def _step(self, examples: list[Example]) -> float:
        _set_rate(self.optimiser, self.seen, self.recipe)
        self.network.train()
        inputs = encode(self.tokenizer, examples, self.recipe.limit_tokens)
        ids = self._partly_hidden(inputs, examples)
        with torch.autocast("cpu", torch.bfloat16):
            outputs = self.network(ids, inputs.mask)
        loss = losses.total(outputs, losses.targets_of(examples, inputs.offsets), inputs.mask, self.recipe.weights)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([p for p in self.network.parameters() if p.requires_grad], 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        self.average.follow(self.network, self.steps)
        return loss.item()

    def _partly_hidden(self, inputs: Encoded, examples: Sequence[Example]) -> torch.Tensor:
        """The words, some of them hidden. Not where we labelled the urgency: a single word may carry it."""
        public = torch.tensor([example.urgency < 0 for example in examples]).unsqueeze(1)
        words = inputs.offsets[..., 1] > inputs.offsets[..., 0]
        hidden = words & public & (torch.rand(inputs.ids.shape) < self.recipe.hidden_share)
        blank = self.tokenizer.mask_token_id
        return inputs.ids.masked_fill(hidden, self.tokenizer.unk_token_id if blank is None else blank)

    def _check(self) -> None:
        kept = {name: value.clone() for name, value in self.network.state_dict().items()}
        averaged = self.average.state_of(self.network)
        self.network.load_state_dict(averaged)
        found = scores(logits_of(self.network, self.tokenizer, self.checked, self.recipe.limit_tokens), self.checked)
        self.network.load_state_dict(kept)
        print(json.dumps({"seen": self.seen, **asdict(found)}), flush=True)
        checkpoints.save(averaged, self.output / "last.pt")
        if found.overall >= self.best:
            self.best = found.overall
            checkpoints.save(averaged, self.output / "best.pt")
            self._write_down(found)
        self._keep_going_point()

    def _write_down(self, found: Scores) -> None:
        words = {"seen": self.seen, "scores": asdict(found), "recipe": asdict(self.recipe)}
        (self.output / "scores.json").write_text(json.dumps(words, indent=1))

    def _keep_going_point(self) -> None:
        state = {
            "network": {n: p for n, p in self.network.state_dict().items() if "word_embeddings" not in n},
            "optimiser": self.optimiser.state_dict(),
            "average": self.average.weights,
            "steps": self.steps,
            "best": self.best,
            "chance": torch.get_rng_state(),
            "recipe": asdict(self.recipe),
            "origin": self._origin,
        }
        checkpoints.save(state, self.output / "state.pt")

    def _resume(self) -> None:
        point = self.output / "state.pt"
        if not point.exists():
            return
        state = checkpoints.load(point)
        if other := [*_differing(state, "recipe", asdict(self.recipe)), *_differing(state, "origin", self._origin)]:
            raise SystemExit(f"{self.output} holds a run with another {', '.join(other)}; take another folder.")
        self.network.load_state_dict(state["network"], strict=False)
        self.optimiser.load_state_dict(state["optimiser"])
        self.average.weights = state["average"]
        self.best = state["best"]
        for _ in range(state["steps"]):
            next(self.stream)
        self.steps = state["steps"]
        if "chance" in state:
            torch.set_rng_state(state["chance"])
        print(f"going on after {self.seen} posts", flush=True)


def _sample(examples: Sequence[Example], posts: int, seed: int) -> list[Example]:
    """Our own posts all, of the others a random part."""
    ours = [e for e in examples if e.urgency >= 0]
    others = [e for e in examples if e.urgency < 0]
    return ours + random.Random(seed).sample(others, min(posts, len(others)))


def _optimiser(network: Network, recipe: Recipe) -> torch.optim.AdamW:
    encoder = [p for p in network.encoder.parameters() if p.requires_grad]
    matrices = [p for p in encoder if p.ndim > 1]
    vectors = [p for p in encoder if p.ndim <= 1]
    return torch.optim.AdamW(
        [
            {"params": matrices, "lr": recipe.rate, "base": recipe.rate, "weight_decay": recipe.weight_decay},
            {"params": vectors, "lr": recipe.rate, "base": recipe.rate, "weight_decay": 0.0},
            {"params": network.head_parameters(), "lr": recipe.head_rate, "base": recipe.head_rate},
        ]
    )


def _set_rate(optimiser: torch.optim.AdamW, seen: int, recipe: Recipe) -> None:
    warm = min(1.0, (seen + recipe.batch) / max(1, recipe.warm_up_posts))
    left = max(0.0, (recipe.posts - seen) / max(1, recipe.posts - recipe.warm_up_posts))
    factor = min(warm, recipe.last_rate_share + (1 - recipe.last_rate_share) * min(1.0, left))
    for group in optimiser.param_groups:
        group["lr"] = group["base"] * factor


def _digest(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


def _differing(state: dict[str, Any], part: str, here: dict[str, Any]) -> list[str]:
    """What was otherwise in the run of ``state``; a state from before this was kept tells nothing."""
    there = state.get(part, here)
    return [name.replace("_", " ") for name in {**there, **here} if there.get(name) != here.get(name)]


def _share(said: str) -> tuple[str, float]:
    """A public set and its share, as said on the command line."""
    name, _, number = said.partition("=")
    if name not in SHARES:
        raise argparse.ArgumentTypeError(f"no such set: {name}; there are {', '.join(SHARES)}")
    if not 0 <= (share := float(number)) < math.inf:
        raise argparse.ArgumentTypeError(f"no share: {number}; 0 or more, 0 leaves the set out")
    return name, share


def _own_share(said: str) -> float:
    if not 0 <= (share := float(said)) < 1:
        raise argparse.ArgumentTypeError(f"no share of all draws: {said}; from 0 to below 1")
    return share


def main() -> None:
    usual = Recipe()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path, help="folder of the base model")
    parser.add_argument("output", type=Path, help="folder for checkpoints and scores; a run broken off there goes on")
    parser.add_argument("--data", type=Path, help="folder with the public data sets; without it, our own posts alone")
    parser.add_argument("--start", type=Path, help="checkpoint to start from")
    parser.add_argument("--posts", type=int, default=usual.posts)
    parser.add_argument("--rate", type=float, default=usual.rate)
    parser.add_argument("--head-rate", type=float, default=usual.head_rate)
    parser.add_argument("--last-rate-share", type=float, default=usual.last_rate_share)
    parser.add_argument("--own-share", type=_own_share, default=usual.own_share)
    parser.add_argument("--share", dest="shares", type=_share, action="append", default=[], metavar="SET=NUMBER")
    parser.add_argument("--frozen-layers", type=int, default=usual.frozen_layers)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--commercial-only", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    given = vars(parser.parse_args())
    torch.set_num_threads(given.pop("threads"))
    folders = {name: given.pop(name) for name in ("data", "base", "output", "start")}
    given["shares"] = dict(given["shares"])
    try:
        Training(**folders, recipe=Recipe(**given)).run()
    except KeyboardInterrupt:
        raise SystemExit(STOPPED) from None


if __name__ == "__main__":
    main()
