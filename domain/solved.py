"""Does a customer say that the matter is settled?"""

from __future__ import annotations

import re

_SETTLED = re.compile(
    r"\b(risolt[oaie]|tutto (a posto|ok|bene)|problema rientrato|è arrivat[oa]|rimborso (arrivato|ricevuto)"
    r"|riallacciat[oaie]|riparat[oaie]|sistemat[oaie]|tornat[ao] (la )?(luce|corrente)|(luce|corrente) (è )?tornata"
    r"|(all )?(sorted|solved|resolved|fixed)|works? (now|again)|working again"
    r"|(power|lights?|it)( is| are|'s|'re)? back( on)?|got (it|the refund|my (money|refund)))\b",
    re.IGNORECASE,
)
_THANKS = re.compile(r"\b(grazie|ringrazio|thanks|thank you|thx|cheers)\b", re.IGNORECASE)
_STILL = re.compile(
    r"\b(non|mai|ancora|ma|però|nessun[oa]?|nothing|not|n[o']t|never|still|but|yet|no longer)\b|n't\b|\?",
    re.IGNORECASE,
)


def says_solved(text: str) -> bool:
    """True for a short "solved", "works again" or "grazie mille", without a "but", "not", "still" or a question.

    Deliberately narrow: taking an angry "thanks for nothing" for the end of a case is worse than
    leaving a settled case in the queue.
    """
    if len(text) > 280 or _STILL.search(text):
        return False
    return bool(_SETTLED.search(text) or _THANKS.search(text))
