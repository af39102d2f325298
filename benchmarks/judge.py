"""How fast does the shipped model judge, beside a transformers pipeline of XLM-R-base shape in the same run?

    python -m benchmarks.judge [--posts 400] [--threads 1] [--reference]

The reference needs torch and so the training environment; its weights are random, which costs the same time as
trained ones. Both judge the same posts, drawn from the labelled posts that ship, in batches of 32; each is warmed up
once. Prints posts a second, and how many times faster the shipped model is, rules and language included.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from classifiers.evaluate import read_posts
from classifiers.registry import load

BATCH = 32
SEED = 11


@dataclass(frozen=True, slots=True)
class Rate:
    """Posts a second of one way to judge."""

    name: str
    posts_per_s: float


def sample_posts(count: int) -> list[str]:
    """``count`` posts in random order; every shipped post about equally often, so lengths are those of real posts."""
    posts = [post.text for post in read_posts()]
    rng = random.Random(SEED)
    return [rng.choice(posts) for _ in range(count)]


def measure(name: str, judge: Callable[[Sequence[str]], object], posts: Sequence[str]) -> Rate:
    """Time one pass over ``posts`` after a warm-up on a few of them."""
    judge(posts[:BATCH])
    started = time.perf_counter()
    judge(posts)
    return Rate(name, len(posts) / (time.perf_counter() - started))


def reference(threads: int) -> Callable[[Sequence[str]], object]:
    """A text-classification pipeline with a model of XLM-R-base shape: 12 layers, width 768, 250,002 pieces."""
    import torch
    from transformers import TextClassificationPipeline, XLMRobertaConfig, XLMRobertaForSequenceClassification

    torch.set_num_threads(threads)
    config = XLMRobertaConfig(
        vocab_size=250_002, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3_072,
        max_position_embeddings=514, type_vocab_size=1, num_labels=3,
    )  # fmt: skip
    model = XLMRobertaForSequenceClassification(config).eval()
    # Pieces of the shipped tokenizer are a subset of XLM-R's, so both read the same number of tokens.
    pipeline = TextClassificationPipeline(model=model, tokenizer=_pieces(), batch_size=BATCH)
    return lambda posts: pipeline(list(posts), truncation=True, max_length=128)


def _pieces() -> object:
    from transformers import PreTrainedTokenizerFast

    from classifiers.bundled.model import FOLDER

    return PreTrainedTokenizerFast(
        tokenizer_file=str(FOLDER / "tokenizer.json"), pad_token="<pad>", unk_token="<unk>", cls_token="<s>",
        sep_token="</s>", model_max_length=512,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=400)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--reference", action="store_true", help="also time the XLM-R-base pipeline (needs torch)")
    given = parser.parse_args()
    posts = sample_posts(given.posts)
    rates = [measure("rules", load("rules").judge, posts)]
    rates.append(measure("bundled", load("bundled", threads=given.threads).judge, posts))
    if given.reference:
        rates.append(measure("xlm-r-base pipeline", reference(given.threads), posts))
    for rate in rates:
        print(f"{rate.name:<22}{rate.posts_per_s:8.1f} posts/s")
    if given.reference:
        print(
            f"bundled is {rates[1].posts_per_s / rates[2].posts_per_s:.1f} times the pipeline, {given.threads} threads"
        )


if __name__ == "__main__":
    main()
