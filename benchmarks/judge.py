"""How fast does the shipped model judge, beside a transformers pipeline of XLM-R-base shape in the same run?

    python -m benchmarks.judge [--posts 400] [--rounds 3] [--threads 1] [--reference]

The reference needs torch and so the training environment; its weights are random, which costs the same time as
trained ones. Both judge the same posts, drawn from the labelled posts that ship, in batches of 32; each is warmed up
once, then they take turns. Time is that of the processor, so that what else runs on the machine counts little. Prints
posts a second, and how many times faster the shipped model is, rules and language included; the time of a single live
post, the best of a few tries, the middle one of many posts, also by the clock, which tells what several threads save
where nothing else runs; and the peak memory of a process that loads the model and judges the same posts.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from classifiers.evaluate import read_posts
from classifiers.registry import load

BATCH = 32
SEED = 11


#: Single posts whose time is taken, each so many times.
LIVE, TRIES = 40, 6
Judge = Callable[[Sequence[str]], object]
Clock = Callable[[], float]


def sample_posts(count: int) -> list[str]:
    """``count`` posts in random order; every shipped post about equally often, so lengths are those of real posts."""
    posts = [post.text for post in read_posts()]
    rng = random.Random(SEED)
    return [rng.choice(posts) for _ in range(count)]


def seconds(judge: Judge, posts: Sequence[str], clock: Clock = time.process_time) -> float:
    """The processor's time for one pass over ``posts``, or that of another clock."""
    started = clock()
    judge(posts)
    return clock() - started


def turns(ways: dict[str, Judge], posts: Sequence[str], *, rounds: int) -> dict[str, float]:
    """Posts a second of each way to judge, the best of ``rounds``, after a warm-up; the ways take turns."""
    for judge in ways.values():
        judge(posts[:BATCH])
    took = [{name: seconds(judge, posts) for name, judge in ways.items()} for _ in range(rounds)]
    return {name: len(posts) / min(each[name] for each in took) for name in ways}


def live_ms(judge: Judge, posts: Sequence[str], clock: Clock = time.process_time) -> float:
    """The time for a post that comes alone, in milliseconds: the middle one of LIVE."""
    return 1000 * statistics.median(min(seconds(judge, [post], clock) for _ in range(TRIES)) for post in posts[:LIVE])


def peak_mb(threads: int, posts: int) -> float:
    """The largest memory of a process of its own that loads the model and judges, in megabytes."""
    asked = [sys.executable, "-m", "benchmarks.judge", "--only-memory", f"--threads={threads}", f"--posts={posts}"]
    return float(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)


def reference(threads: int) -> Judge:
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
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--reference", action="store_true", help="also time the XLM-R-base pipeline (needs torch)")
    parser.add_argument("--only-memory", action="store_true", help="judge once and print the peak memory in MB")
    given = parser.parse_args()
    posts = sample_posts(given.posts)
    # First of all: a process begins with the peak of the one that started it.
    peak = 0.0 if given.only_memory else peak_mb(given.threads, given.posts)
    bundled = load("bundled", threads=given.threads).judge
    if given.only_memory:
        bundled(posts)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    print(f"peak memory {peak:.0f} MB")
    ways: dict[str, Judge] = {"rules": load("rules").judge, "bundled": bundled}
    if given.reference:
        ways["xlm-r-base pipeline"] = reference(given.threads)
    rates = turns(ways, posts, rounds=given.rounds)
    for name, rate in rates.items():
        print(f"{name:<22}{rate:8.1f} posts a second of one processor")
    if given.reference:
        print(f"bundled is {rates['bundled'] / rates['xlm-r-base pipeline']:.1f} times the pipeline")
    waited = live_ms(bundled, posts, time.perf_counter)
    print(f"one live post {live_ms(bundled, posts):.1f} ms of the processor, {waited:.1f} ms by the clock")
    print(f"{given.threads} threads, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
