"""Do the details of the audit trail speak the reader's language, and does none of them stay a raw word?"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bootstrap
from desk.audit_details import SAYINGS, details_words
from desk.i18n import speaking
from domain.errors import NotAllowed
from services import cases, claims, trail
from services.cases import DismissReason, ResolutionCode
from tests.desk.test_pages import Visit, as_, first_case, shown

ROOT = Path(__file__).resolve().parents[2]


def recorded_details() -> set[str]:
    """The names of details the services put into ``running.details``."""
    named: set[str] = set()
    for path in sorted((ROOT / "services").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Subscript) and _is_details(node.value) and isinstance(node.slice, ast.Constant):
                named.add(str(node.slice.value))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_details(node.func.value):
                named |= {str(word.arg) for word in node.keywords if word.arg}
    return named


def _is_details(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "details"


def test_every_recorded_detail_has_words() -> None:
    assert {"code", "reason", "outcome", "trained", "away"} <= recorded_details()
    assert recorded_details() - set(SAYINGS) == set()


@pytest.mark.parametrize(
    ("details", "italian", "english"),
    [
        ({"reason": "noise"}, "nessuno aspetta risposta", "noise, nobody expects an answer"),
        ({"code": "customer_confirmed"}, "il cliente dice che è risolto", "the customer says it is solved"),
        ({"error": "not_possible", "why": "promise_open"}, "una promessa era aperta", "a promise was open"),
        (
            {"error": "not_possible", "why": "of_tomorrow"},
            "non possibile in quel momento",
            "not possible at that moment",
        ),
        ({"error": "wrong", "in_a_minute": 100}, "100 volte in un minuto", "100 times in a minute"),
        ({"from": 1, "to": 2, "note": 9}, "da Sara, a un collega, nota 9", "from Sara, to a colleague, note 9"),
        ({"before": ["operator"], "after": []}, "prima: operatore", "before: operator, after: nothing"),
        ({"edited": False}, "così com’era", "as written"),
        ({"trained": ["sample+mentor"]}, "affianca", "trained for: Sample (mentor)"),
        ({"away": True, "substitute": None}, "assente", "away"),
    ],
)
def test_details_are_said_in_the_readers_language(details: dict[str, object], italian: str, english: str) -> None:
    for language, words in (("it", italian), ("en", english)):
        with speaking(language):
            assert words in details_words(None, details, names={1: "Sara"})


@pytest.mark.parametrize("code", [each for each in (*ResolutionCode, *DismissReason) if "_" in each])
def test_no_code_stays_a_raw_word(code: str) -> None:
    with speaking("it"):
        said = details_words(None, {"code": code}, names={})
    assert "_" not in said and code.replace("_", " ") != said


def test_a_detail_of_another_release_keeps_its_name() -> None:
    assert details_words(None, {"moon_phase": ["new", "old"]}, names={}) == "moon phase: new, old"


def test_the_audit_page_says_why_a_case_was_set_aside_and_why_an_act_was_refused(
    desk: bootstrap.Backend, visit: Visit
) -> None:
    case_id, paolo = first_case(desk), as_(desk, "paolo")
    claims.claim(paolo, case_id)
    cases.dismiss(paolo, case_id, reason=DismissReason.NOISE)
    with pytest.raises(NotAllowed):
        trail.page(as_(desk, "sara"))
    page = shown(visit("aoife", "audit"))
    assert "noise, nobody expects an answer" in page and "not theirs to do" in page
    assert "reason:" not in page and "error:" not in page and "not_allowed" not in page
