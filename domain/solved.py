"""Does a customer say that the matter is settled?

Words that settle something ("it was reconnected", "rimborso ricevuto") count unless they are denied, asked for,
hoped for or reported ("not reconnected", "when will it be fixed", "you say it is solved"), and unless what follows
them takes them back ("... but the fridge is gone"). What was said before them is the story, and does not ("we had
no power for two days but it is fixed now"). A "not" that only says how pleased somebody is ("I was not expecting
that so fast") is no denial. Deliberately narrow: taking an open matter for a settled one is worse than leaving a
settled one in the queue.
"""

from __future__ import annotations

import re

from domain.text import fold

#: Rules read this much of a post; what matters is said before.
READ_CHARS = 4_000
#: The last word in a matter is short; a long post has something to tell.
LAST_WORD_CHARS = 280

_SUPPLY_EN = r"(?:power|lights?|internet|wi-?fi|water|gas|service|heating|line|signal|connection|electricity|hot water)"
_SUPPLY_IT = r"(?:luce|corrente|acqua(?: calda)?|linea|internet|connessione|riscaldamento|gas|segnale|elettricita)"
_GOODS_EN = r"(?:refund|money|bags?|luggage|parcel|package|order)"
_GOODS_IT = r"(?:rimborso|pacco|bagaglio|valigia|ordine|accredito|bonifico|soldi)"
_DONE_IT = r"(?:risolt|sistemat|riparat|riallacciat|ricollegat|riattivat|ripristinat|aggiustat|rimborsat|sbloccat)"
_SETTLED = (
    # A fixed line is not a mended one.
    r"(?:all )?(?:solved|resolved|sorted|repaired"
    r"|fixed(?! (?:\w{1,12} )?(?:line|price|rate|tariff|costs?|contract|term|fees?|date))"
    r"|restored|reconnected|refunded|reinstated|unblocked)",
    r"(?:all )?(?:good|ok|okay|fine|working|works?|well) (?:again|now(?! and then))",
    rf"(?:{_SUPPLY_EN}|it|we|everything)(?: is|'s| are|'re| finally| now){{1,3}} back(?: on| up| online)?",
    rf"(?:{_SUPPLY_EN}|it|everything)(?: has| just| finally){{0,2}} (?:came|come) back|{_SUPPLY_EN} back",
    r"back (?:up|online|on)|up and running",
    rf"(?:got|received) (?:it|(?:my|the|our) {_GOODS_EN})(?: back)?",
    rf"{_GOODS_EN}(?: has| have| just| finally)* (?:arrived|came through|come through|received|found|showed up)",
    r"no longer (?:needed|an issue|a problem)|problem is gone|false alarm|never ?mind",
    # "Risolvere un contratto" is to end it.
    rf"{_DONE_IT}[oaie](?! (?:il |i |mio |nostro ){{0,2}}contratt)",
    r"(?:ora|adesso|di nuovo|finalmente)(?: \w{1,20})? (?:funziona\w{0,2}|va(?= *$| *[.,!]| bene| tutto bene)"
    r"|tutto (?:ok|a posto|bene)|a posto)",
    r"(?:ri)?funziona (?:di nuovo|adesso|ora|tutto)|tutto (?:a posto|apposto|ok|rientrato)|problema rientrato",
    rf"(?:e|sono) (?:\w{{1,15}} )?tornat[oaie](?: (?:la |l'|il ))?{_SUPPLY_IT}",
    rf"tornat[oaie] (?:di nuovo |la |l'|il )?{_SUPPLY_IT}",
    rf"{_SUPPLY_IT}(?: e'?| finalmente| di nuovo)* tornat[oaie]",
    rf"{_GOODS_IT}(?: e'?| finalmente| poi| mi| sono)* (?:arrivat|ritrovat|ricevut|consegnat)[oaie]",
    rf"(?:ricevut[oaie]|arrivat[oaie]) (?:il |la |l'|i )?{_GOODS_IT}",
    r"falso allarme|come non detto",
)
_SETTLED_WORDS = re.compile(rf"(?<!\w)(?:{'|'.join(_SETTLED)})(?!\w)")
_THANKS = re.compile(r"\b(?:grazie|ringrazio|thanks|thank you|thx|cheers)\b")
#: A "not" about how pleased somebody is. It names something of the past or of the mind, never the matter itself.
_PLEASED = re.compile(
    r"\b(?:(?:was|were|had|did|could|would)(?: not|n't) (?:\w{1,12} )?"
    r"(?:expect(?:ing|ed)?|believe|hope|hoping|think|dream|imagin(?:e|ing)|ask for (?:more|better)"
    r"|have (?:asked|hoped) for|be (?:happier|better))"
    r"|can(?:not| not|'t) (?:believe|thank you enough)|not (?:bad|at all bad|too shabby|only)|no (?:need|worries)"
    r"|no (?:more|other|further) (?:problems?|issues?|questions?)|nothing to complain(?: about)?|no complaints"
    r"|(?:have )?never (?:seen|had|met|known) such"
    r"|non (?:me l'?o? ?|me lo |ce l'?|lo |ci )?(?:aspettav|sperav|credev|pensav|immaginav)\w{1,4}"
    r"|non ci (?:posso|potevo) credere|non potev\w{1,4} (?:chiedere|sperare)"
    r"|non (?:c'e|ci sono) piu (?:alcun |nessun )?problem\w|nessun(?:o|a)? (?:altro |ulteriore )?problema"
    r"|non serve (?:piu|altro)|niente da (?:dire|ridire)|non solo|non male|mai (?:visto|vista|avuto|trovato) un[oa']?"
    r"|non (?:so|saprei) come ringraziar\w{1,4}|ancora (?:grazie|complimenti)|(?:grazie|complimenti) ancora)\b"
)
#: What denies, asks for, hopes for or merely reports the settled words of the same clause.
_DENIES = re.compile(
    r"\b(?:no[tn]?|nor|never|nothing|nobody|no one|without|cannot|cant|dont|isnt|hasnt|wasnt|unless|until|if|whether"
    r"|to|be|being|get|gets|getting|want|needs?|please|pls|how|when will|will|would|could|should|may|might"
    r"|try(?:ing)?|hop(?:e|es|ing)|yet|half|partly|almost|nearly|told|says?|said|claims?|keep"
    r"|supposedly|allegedly|promised|marked as|closed as|considered"
    r"|non|mai|nulla|niente|nessun[oa']?|senza|ne|per|che|venga|sia|sara|essere|fosse|quando|se|come|potete"
    r"|potreste|vorrei|dovete|dovrebbe|speriamo|spero|forse|quasi|mezzo|dite|dicono|dicevate|detto|risulta"
    r"|risultava|sembrava|pareva|promesso|verra|va)\b|n't\b"
)
_STILL = re.compile(r"\b(?:still|ancora|tuttora|no longer)\b")
#: What takes a settled matter back when it follows. A question is one as well: somebody waits for its answer.
_TAKES_BACK = re.compile(
    r"\b(?:no|not|never|nothing|without|but|however|yet|except|although|though|half|broken|damaged|wrong|empty|worse"
    r"|non|mai|nulla|niente|nessun[oa']?|senza|ma|pero|tuttavia|peccato|salvo|tranne|meta|in parte|un corno|magari"
    r"|peggio|rott[oaie]|danneggiat[oaie]|sbagliat[oaie]|vuot[oaie]|apert[oaie])\b|n't\b|\?"
)
_SENTENCE = re.compile(r"[.!?;\n]+|…")
_CLAUSE = re.compile(r"[.!?;:,\n()]+|…|\s[-–—]\s|\b(?:and|but|so|ed|ma|pero|quindi)\b")


def says_solved(text: str) -> bool:
    """True when the post says that the matter is settled, and neither denies it nor takes it back.

    Read in every language at once: English and Italian share no word that means the opposite in the other.
    """
    words = _without_pleasure(fold(text[:READ_CHARS]).lower())
    found = list(_SETTLED_WORDS.finditer(words))
    if not found or _STILL.search(words) or any(_is_denied(words, each) for each in found):
        return False
    return _TAKES_BACK.search(words, found[-1].end()) is None


def is_last_word(text: str) -> bool:
    """True for a short post that ends a matter: it says so, or only gives thanks, without any "but", "not" or question.

    Only for a post that follows something: thanks at the beginning of a matter end nothing.
    """
    if len(text) > LAST_WORD_CHARS:
        return False
    words = fold(text).lower()
    is_plain = not (_STILL.search(words) or _TAKES_BACK.search(words))
    return says_solved(text) or bool(is_plain and _THANKS.search(words))


def _without_pleasure(words: str) -> str:
    """The text with each "not" that is no denial, and all its sentence says after it, blanked: places stay.

    Whatever such a sentence says about the matter is what somebody did *not* expect: it is no evidence.
    """
    for found in reversed(list(_PLEASED.finditer(words))):
        stop = _CLAUSE.search(words, found.end())
        end = stop.start() if stop else len(words)
        rest = words[found.end() : end]
        kept = rest if _STILL.search(rest) or _TAKES_BACK.search(rest) else " " * len(rest)
        words = words[: found.start()] + " " * len(found.group()) + kept + words[end:]
    return words


def _is_denied(words: str, found: re.Match[str]) -> bool:
    """Whether the clause that holds the settled words denies them, before them or in a question after them."""
    begins = max((stop.end() for stop in _CLAUSE.finditer(words, 0, found.start())), default=0)
    if _DENIES.search(words, begins, found.start()):
        return True
    stop = _SENTENCE.search(words, found.end())
    return stop is not None and "?" in stop.group()
