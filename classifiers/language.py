"""Which language a short post is written in, or "und" when that cannot be said."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from classifiers.quotes import SEEN_CHARS, quotes_anything, without_lines, without_speech

#: Languages a post may be recognised as. Fewer candidates mean fewer mistakes on ten words; without their neighbours
#: a Swedish post would be German with certainty, and judged as if it had been understood.
CANDIDATES = (
    *("it", "en", "es", "fr", "de", "pt"),
    *("nl", "pl", "ro", "ar", "hi", "ru", "zh", "ja", "tr"),
    *("sv", "da", "no", "cs", "hr", "hu", "fi", "sq", "el", "uk", "ca", "id"),
)
#: Languages the bundled model was trained in.
SUPPORTED = frozenset({"it", "en", "es", "fr", "de", "pt"})
#: Below this probability the answer is "und" (docs/decisions/0013-language-of-a-short-post.md).
SURE = 0.3
UNKNOWN = "und"
#: More text does not change the answer.
READ_CHARS = 600
#: Beside a quote the author's own words tell the language from so many letters on; fewer leave it to the whole post.
OWN_LETTERS = 7
#: Beside a sentence between quotation marks: there fewer letters are often a name or "via".
TELLING_LETTERS = 30
#: They have to speak so many times louder for it than for the language of the whole: people mostly quote their own.
#: All three were chosen by what comes of them (docs/reference/model.md, beside a quote).
OWN_ODDS = 10

_NOT_WORDS = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+|[\W\d_]+")
_NAMES = re.compile(r"(?<!\w)[@#]\w+")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200d\u2060-\u2064\ufeff]")
_LETTERS = 3
#: Candidates that are not written in Latin letters.
_OTHER_LETTERS = frozenset({"ar", "hi", "ru", "zh", "ja", "el", "uk"})
#: The last letter of Latin Extended-B.
_LAST_LATIN = "\u024f"


@cache
def _identifier() -> Any:
    # Imported late: the list of n-grams takes a moment to load, and only judging needs it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages(list(CANDIDATES))
    # The whole one keeps what it knows of a hundred other languages, twice the memory of these.
    return LanguageIdentifier(
        whole.nb_ptc,
        whole.nb_pc,
        whole.nb_classes,
        whole.tk_nextmove,
        whole.tk_output,
        norm_probs=True,
        tk_row=whole.tk_row,
    )


def make_ready() -> None:
    """Load what ``identify`` needs: best before other large things, since reading it takes twice what it keeps."""
    _identifier()


def identify(text: str) -> str:
    """Return the ISO 639-1 code of the language, or "und" for a text without words or with an unclear language.

    Names of accounts, hashtags and links are left out: they are English far more often than the post. It is the
    author's language, not that of what they quote, where their own words are enough to tell.
    """
    if quotes_anything(text):
        own = without_lines(text)
        for left, enough in ((without_speech(own), TELLING_LETTERS), (own, OWN_LETTERS)):
            words = words_of(_NAMES.sub(" ", left).strip())
            if left != text[:SEEN_CHARS] and sum(map(str.isalpha, words)) >= enough:
                return _told_beside(words, text)
    return _told(words_of(text))


def _told(words: str) -> str:
    if not words:
        return UNKNOWN
    language, probability = _identifier().classify(words)
    return str(language) if probability >= SURE and _fits(language, words) else UNKNOWN


def _told_beside(own: str, text: str) -> str:
    """The language of the author's own words, or that of the whole text where it may as well be that one."""
    shares = dict(_identifier().rank(own))
    language = max(shares, key=lambda code: shares[code])
    said = language if _fits(language, own) else UNKNOWN
    if shares[language] * (OWN_ODDS + 1) >= OWN_ODDS:  # No other can be nearer.
        return said
    whole = _told(words_of(text))
    return said if shares[language] >= max(SURE, OWN_ODDS * shares.get(whole, 0.0)) else whole


def _fits(language: str, words: str) -> bool:
    """Thai and Hebrew are no candidates; at a loss, the library calls them something that is written otherwise."""
    return language in _OTHER_LETTERS or any(letter <= _LAST_LATIN for letter in words if letter.isalpha())


def words_of(text: str) -> str:
    """What of a post tells its language; empty when too few letters remain to tell anything."""
    # Letters made to look bold are plain ones; capitals are other letters to the library, of which it has seen few.
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", text[:READ_CHARS]))
    words = _NOT_WORDS.sub(" ", plain).encode("utf-8", "ignore").decode().strip().lower()
    return words if sum(map(str.isalpha, words)) >= _LETTERS else ""
