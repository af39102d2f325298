"""The recipe runs by its commands: a small network learns from small sets, without those that forbid commercial use."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from classifiers.bundled.model import FOLDER
from tests.classifiers.toy_sets import write
from tests.with_torch.test_hub import run

pytestmark = pytest.mark.timeout(600)

#: A base model of two thin layers with random weights, which reads the tokens that the shipped one reads.
LOAD = """
def load_base():
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(7)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file={tokens!r}, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>"
    )
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    return BertModel(config, add_pooling_layer=False).eval(), tokenizer
"""


def small_base(folder: Path) -> Path:
    base = folder / "base"
    base.mkdir()
    (base / "load.py").write_text(textwrap.dedent(LOAD).format(tokens=str(FOLDER / "tokenizer.json")))
    return base


def test_the_whole_recipe_runs_by_one_command_and_goes_on_where_it_was(tmp_path: Path) -> None:
    base, data = small_base(tmp_path), write(tmp_path / "sets")
    command = ("-m", "classifiers.training.recipe", str(base), str(tmp_path / "work"), "--data", str(data))

    ended = run(*command, "--long-posts", "64", "--last-posts", "32")

    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.splitlines()[-1] == str(tmp_path / "work" / "model.pt")
    made = {path.relative_to(tmp_path / "work").as_posix() for path in (tmp_path / "work").rglob("*.pt")}
    assert made >= {
        "order7/last.pt",
        "order23/last.pt",
        "order41/last.pt",
        "order59/last.pt",
        "mean.pt",
        "last/last.pt",
        "model.pt",
    }
    again = run(*command, "--long-posts", "64", "--last-posts", "32")
    assert again.stdout.count("going on after 64 posts") == 4 and again.stdout.count("going on after 32 posts") == 1


def test_the_variant_for_commercial_use_is_trained_by_one_command(tmp_path: Path) -> None:
    base, output = small_base(tmp_path), tmp_path / "run"
    data = write(tmp_path / "sets")

    ended = run(
        *("-m", "classifiers.training.train", str(base), str(output), "--data", str(data)),
        *("--commercial-only", "--own-share", "0.2", "--posts", "64", "--share", "complaints_twitter=9"),
    )

    assert ended.returncode == 0, ended.stderr[-2000:]
    assert (output / "best.pt").stat().st_size > 0
    kept = json.loads((output / "scores.json").read_text())
    assert kept["recipe"]["commercial_only"] is True
    assert kept["recipe"]["shares"] == {"complaints_twitter": 9.0}
    measured = set(kept["scores"]["sentiment_f1"])
    assert "xlmt_umsab_english" in measured
    assert not measured & {"xlmt_umsab_italian", "airline_us", "sentipolc16", "multiemotions_it"}


#: Three answers, and which of them may set a temperature where one set is left out.
FITTED = """
from classifiers.training.examples import Example
from classifiers.training.ship import _from

texts = [Example("one", "tweeteval_sentiment"), Example("two", "airline_us"), Example("three", "own_develop")]
print(_from({"tweeteval_sentiment", "own_develop"}, ["first", "second", "third"], texts)[0])
print([text.source for text in _from({"tweeteval_sentiment", "own_develop"}, ["first", "second", "third"], texts)[1]])
"""


def test_what_ships_is_fitted_to_no_set_that_was_left_out() -> None:
    ended = run("-c", FITTED)

    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.splitlines() == ["['first', 'third']", "['tweeteval_sentiment', 'own_develop']"]


#: Two checkpoints, one with a head more; and one of another shape.
MEAN = """
from pathlib import Path
import torch
from classifiers.training.average import average

folder = Path({folder!r})
torch.save({{"a": torch.tensor([0.0, 4.0]), "steps": torch.tensor(3)}}, folder / "one.pt")
torch.save({{"a": torch.tensor([4.0, 0.0]), "steps": torch.tensor(3), "b": torch.tensor([1.0])}}, folder / "two.pt")
torch.save({{"a": torch.tensor([1.0])}}, folder / "other.pt")
found = average([folder / "one.pt", folder / "two.pt"], [3, 1])
print({{name: value.tolist() for name, value in found.items()}})
try:
    average([folder / "one.pt", folder / "other.pt"], [1, 1])
except ValueError as error:
    print(error)
"""


def test_the_mean_of_two_checkpoints_weighs_them_and_refuses_what_does_not_fit(tmp_path: Path) -> None:
    ended = run("-c", MEAN.format(folder=str(tmp_path)))

    assert ended.returncode == 0, ended.stderr[-2000:]
    mean, refused = ended.stdout.splitlines()
    assert mean == "{'a': [1.0, 3.0], 'steps': 3, 'b': [1.0]}"
    assert refused.startswith("a has another shape")
