"""Are the modules short, named, explained and free of naive times, and would each rule notice a breach?"""

import pytest

from tests.architecture.source import Module, product_modules
from tests.architecture.style_rules import (
    RULES,
    empty_names,
    long_functions,
    loose_values,
    naive_times,
    no_question_answered,
    prints,
    too_long,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps_the_rule(rule) -> None:
    assert [complaint for module in product_modules() for complaint in rule(module)] == []


LONG_FUNCTION = "def f():\n" + "    x = 1\n" * 41
BREACHES = [
    (too_long, "domain.case", "x = 1\n" * 301),
    (too_long, "app", "x = 1\n" * 61),
    (long_functions, "domain.case", LONG_FUNCTION),
    (long_functions, "domain.case", "class C:\n    async def f(self):\n" + "        x = 1\n" * 41),
    (empty_names, "services.utils", ""),
    (empty_names, "desk.helpers.text", ""),
    (no_question_answered, "domain.case", "x = 1"),
    (no_question_answered, "domain.case", '"""Case."""'),
    (no_question_answered, "domain.case", '"""\n"""'),
    (no_question_answered, "domain.case", '"""a title without an end mark"""'),
    (naive_times, "domain.case", "datetime.utcnow()"),
    (naive_times, "domain.case", "datetime.now()"),
    (naive_times, "domain.case", "datetime.datetime.now()"),
    (naive_times, "domain.case", "date.today()"),
    (naive_times, "domain.case", "datetime.fromtimestamp(seconds)"),
    (prints, "services.claims", "def f():\n    print('claimed')"),
    (loose_values, "domain.case", "@dataclass\nclass Case:\n    id: int"),
    (loose_values, "domain.case", "@dataclass(frozen=True)\nclass Case:\n    id: int"),
]


@pytest.mark.parametrize(("rule", "name", "text"), BREACHES)
def test_a_breach_is_noticed(rule, name: str, text: str) -> None:
    assert len(list(rule(Module(name, text)))) == 1


KEPT = [
    (too_long, "domain.case", "x = 1\n" * 300),
    (long_functions, "domain.case", "def f():\n    '''Says.\n" + "\n" * 50 + "    '''\n" + "    x = 1\n" * 40),
    (long_functions, "db.migrations.versions.first", LONG_FUNCTION),
    (empty_names, "domain.database", ""),
    (no_question_answered, "domain.case", '"""What is a case, and who owns it?"""'),
    (
        naive_times,
        "domain.case",
        "datetime.now(UTC)\ndatetime.now(tz=UTC)\nclock.now()",
    ),
    (prints, "desk.cli_output", "print('x')"),
    (loose_values, "domain.case", "@dataclass(frozen=True, slots=True)\nclass Case:\n    id: int"),
]


@pytest.mark.parametrize(("rule", "name", "text"), KEPT)
def test_what_is_allowed_passes(rule, name: str, text: str) -> None:
    assert list(rule(Module(name, text))) == []
