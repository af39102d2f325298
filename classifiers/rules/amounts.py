"""Sums of money in a post: which are large (about a month's rent or wage, 400 euro and more)."""

from __future__ import annotations

import re

LARGE = 400.0

_NUMBER = r"\d{1,3}(?:[.,\s]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_CURRENCY = r"(?:€|\$|£|eur|euro|euros|dollars?|usd|bucks|pounds?|quid|gbp)"
_AMOUNT = re.compile(
    rf"(?:[€$£]\s?(?P<after>{_NUMBER})(?:\s?(?P<k1>k\b))?)|(?:(?<![\w.,])(?P<before>{_NUMBER})(?:\s?(?P<k2>k|mila))?\s?{_CURRENCY}(?!\w))",
    re.IGNORECASE,
)


def _value(number: str, *, thousands: bool) -> float:
    digits = re.sub(r"[.,\s](?=\d{3}(?:\D|$))", "", number)
    return float(digits.replace(",", ".").replace(" ", "")) * (1000 if thousands else 1)


def large_amount(text: str) -> tuple[int, int] | None:
    """Where the first large sum stands, in code points, or None.

    >>> large_amount("mi avete addebitato 1.240,50 euro")
    (19, 32)
    """
    for found in _AMOUNT.finditer(text):
        number = found["after"] or found["before"]
        if _value(number, thousands=bool(found["k1"] or found["k2"])) >= LARGE:
            return found.span()
    return None
