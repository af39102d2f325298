"""Which language a short post is written in, or "und" when that cannot be said."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

#: Languages a post may be recognised as. Fewer candidates mean fewer mistakes on ten words.
CANDIDATES = ("it", "en", "es", "fr", "de", "pt", "nl", "pl", "ro", "ar", "hi", "ru", "zh", "ja", "tr")
#: Languages the bundled model was trained in.
SUPPORTED = frozenset({"it", "en", "es", "fr", "de", "pt"})
#: Below this probability the answer is "und".
SURE = 0.5
UNKNOWN = "und"
#: More text does not change the answer.
READ_CHARS = 600

_NOT_WORDS = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+|[\W\d_]+")
_LETTERS = 3


@cache
def _identifier() -> Any:
    # Imported late: the list of n-grams takes a moment to load, and only judging needs it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(CANDIDATES))
    return identifier


def identify(text: str) -> str:
    """Return the ISO 639-1 code of the language, or "und" for a text without words or with an unclear language.

    Names of accounts, hashtags and links are left out: they are English far more often than the post.
    """
    words = _NOT_WORDS.sub(" ", text[:READ_CHARS]).encode("utf-8", "ignore").decode().strip()
    if sum(map(str.isalpha, words)) < _LETTERS:
        return UNKNOWN
    language, probability = _identifier().classify(words)
    return str(language) if probability >= SURE else UNKNOWN
