"""Which text would a spreadsheet run as a formula, and how is it kept from doing so?

Rules: OWASP, "CSV Injection" (https://owasp.org/www-community/attacks/CSV_Injection), with the full-width and small
forms of the signs, which some programs fold, and with white space before them, which some programs drop.
"""

from __future__ import annotations

#: A cell that begins with one of these is a formula, or becomes one.
FORMULA_SIGNS = frozenset("=+-@＝＋－＠﹦﹢﹣﹫−|%")
_LEADING = "\t\r\n\v\f"
GUARD = "'"


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may take this text for a formula: by its first sign, or by the first after white space."""
    if not text:
        return False
    first = text[0]
    if first.isalnum():
        return False
    if first in FORMULA_SIGNS or first in _LEADING:
        return True
    rest = text.lstrip().lstrip("\u200b\u200c\u200d\u2060\ufeff\u00ad \t")
    return rest[:1] in FORMULA_SIGNS if rest else False


def guarded(text: str) -> str:
    """The text as a cell that stays a text: with an apostrophe before what could be a formula.

    >>> guarded("=1+1"), guarded("bolletta"), guarded(" ＝1")
    ("'=1+1", 'bolletta', "' ＝1")
    """
    return GUARD + text if is_formula(text) else text
