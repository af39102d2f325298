"""Is the folder of every channel complete, honest about what it keeps, and does it guard its secret?"""

from __future__ import annotations

import ast
import logging
import re
from functools import cache
from pathlib import Path

import pytest

from collectors.protocol import ChannelSetup
from collectors.registry import CHANNELS, channel, manifest
from domain.errors import DeskError
from domain.reply import IdempotencyKey
from services import intake
from tests.contract.harness import SECRET, Trouble
from tests.contract.rules import HARNESSES, ROOT, RULES, applies, keeps, quality

FILES = ("__init__.py", "manifest.toml", "client.py", "collector.py", "normalize.py", "publisher.py", "quality.toml")
TESTS = Path(__file__).parent
on_every_channel = pytest.mark.parametrize("name", CHANNELS)


def files_needed(name: str) -> list[str]:
    spared = {"collector.py": manifest(name).listens, "publisher.py": manifest(name).answers}
    return [file for file in FILES if spared.get(file, True)]


@cache
def written_tests(name: str) -> frozenset[str]:
    """The tests of the contract, of the channel's own files, and of those that play its network among others."""
    beside = (ROOT / "tests" / "collectors").glob("test_*.py")
    played = getattr(HARNESSES[name], "__name__", name)
    own = [path for path in beside if path.name.startswith(f"test_{name}") or played in path.read_text("utf-8")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (*TESTS.glob("test_*.py"), *own)]
    return frozenset(node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef))


def rule_tests() -> dict[str, set[str]]:
    """The tests of the contract by the rule in their ``keeps``."""
    found: dict[str, set[str]] = {}
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in TESTS.glob("test_*.py")]
    for test in (node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)):
        for mark in test.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "keeps":
                found.setdefault(ast.literal_eval(mark.args[0]), set()).add(test.name)
    return found


@on_every_channel
def test_folder_holds_the_files_every_channel_has(name: str) -> None:
    folder = ROOT / "collectors" / name
    assert [file for file in files_needed(name) if not (folder / file).is_file()] == []
    assert not manifest(name).listens or list((folder / "fixtures").glob("*.*"))


@on_every_channel
def test_manifest_is_complete_and_the_code_says_the_same(name: str) -> None:
    told = manifest(name)
    assert told == channel(name).manifest
    assert told.name == name and told.title.strip() == told.title != ""
    assert told.listens or told.answers
    assert told.poll_interval_s >= 5 and told.probe_spacing_s >= 1
    # Only replies that never reach the public may go out while publishing is switched off.
    assert told.exempt_from_publish_switch == (name == "sample")


@on_every_channel
def test_channel_has_a_harness_and_so_keeps_the_contract(name: str) -> None:
    assert name in HARNESSES


@on_every_channel
def test_every_rule_of_the_contract_has_its_line_in_quality_toml(name: str) -> None:
    wanted = {rule for rule in RULES if applies(rule, name)}
    assert wanted - set(quality(name)) == set()
    assert [rule for rule in wanted if RULES[rule].binding and quality(name)[rule]["status"] != "done"] == []


@on_every_channel
def test_every_line_of_quality_toml_names_an_existing_test_or_gives_its_reason(name: str) -> None:
    by_rule = rule_tests()
    for rule, line in quality(name).items():
        if line["status"] == "done":
            assert line["test"] in written_tests(name), rule
            assert rule not in by_rule or line["test"] in by_rule[rule], f"{rule}: name the contract's test"
        else:
            assert line["status"] in {"todo", "exempt"} and line["reason"].endswith("."), rule


def test_every_rule_of_the_contract_has_a_test() -> None:
    assert set(rule_tests()) == set(RULES)


@on_every_channel
def test_fixtures_hold_no_secret(name: str) -> None:
    secret = re.compile(r"bearer\s|authorization|access_token|api_key|password|client_secret", re.IGNORECASE)
    files = [path for path in (ROOT / "collectors" / name / "fixtures").rglob("*") if path.is_file()]
    assert [path.name for path in files if secret.search(path.read_text(encoding="utf-8"))] == []


@on_every_channel
def test_set_up_channel_does_not_show_its_secret(name: str, tmp_path: Path, clock) -> None:
    setup = ChannelSetup(account=None, data_dir=str(tmp_path), clock=clock, secret=SECRET)
    told = manifest(name)
    built = [channel(name).collector(setup)] if told.listens else []
    built += [channel(name).publisher(setup)] if told.answers else []
    assert SECRET not in repr((setup, built)) and SECRET not in str([vars(each) for each in built])


@keeps("secrets_hidden", of="listening")
def test_secret_shows_in_no_log_and_no_error_while_listening(harness, desk, listening, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    harness.arrive("BAD parcel")
    said = [repr(harness.collector()), str(intake.poll(desk, harness.name, listening.id))]
    with harness.trouble(Trouble.DOWN):
        said.append(str(intake.poll(desk, harness.name, listening.id)))
        with pytest.raises(DeskError) as failed:
            harness.collector().fetch(listening, None)
    assert SECRET not in "\n".join([*said, *words(failed.value)]) + caplog.text


@keeps("secrets_hidden", of="answering")
@pytest.mark.parametrize("trouble", [Trouble.DOWN, Trouble.LOST, Trouble.NO])
def test_secret_shows_in_no_log_and_no_error_while_answering(harness, caplog, trouble) -> None:
    caplog.set_level(logging.DEBUG)
    harness.arrive("BAD parcel")
    with harness.trouble(trouble), pytest.raises(DeskError) as refused:
        harness.publisher().publish(harness.reply("Buongiorno"), key=IdempotencyKey("key"))
    assert SECRET not in "\n".join([repr(harness.publisher()), *words(refused.value)]) + caplog.text


def words(error: DeskError) -> list[str]:
    """Everything a desk or a log could say of an error and of what caused it."""
    causes = [error, *filter(None, (error.__cause__, error.__context__))]
    return [repr(each) for each in causes] + [str(error.values)]
