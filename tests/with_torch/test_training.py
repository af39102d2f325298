"""The recipe runs by its commands: a small network learns from small sets, without those that forbid commercial use."""

from __future__ import annotations

import json
import signal
import subprocess
import textwrap
from pathlib import Path

import pytest

from classifiers.bundled.model import FOLDER
from tests.classifiers.toy_sets import write
from tests.with_torch.test_hub import ROOT, python, run

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
        "last1/last.pt",
        "last2/last.pt",
        "last3/last.pt",
        "model.pt",
    }
    again = run(*command, "--long-posts", "64", "--last-posts", "32")
    assert again.stdout.count("going on after 64 posts") == 4 and again.stdout.count("going on after 32 posts") == 3


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


def test_ctrl_c_ends_a_run_in_a_sentence(tmp_path: Path) -> None:
    begun = subprocess.Popen(
        [python(), "-m", "classifiers.training.train", small_base(tmp_path), tmp_path / "run"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert begun.stdout is not None
    begun.stdout.readline()

    begun.send_signal(signal.SIGINT)
    _, said = begun.communicate(timeout=60)

    assert begun.returncode == 1
    assert said.splitlines()[-1] == "Stopped. The same command goes on from the last check."
    assert "Traceback" not in said


#: One run without a break and one broken off between two checks; then what does not go on in the folder of the first.
RESUMED = """
from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch

from classifiers.training import train
from classifiers.training.corpus import Corpus
from classifiers.training.examples import Example
from classifiers.training.own_posts import read_development, read_learning

folder, base = Path({folder!r}), Path({base!r})
tweets = [Example(f"what a day number {{n}}", "tweeteval_sentiment", sentiment=n % 3) for n in range(60)]
corpus = Corpus((*read_learning()[:120], *tweets), tuple(read_development()[:40]))
train.read = lambda *_, **__: corpus
recipe = train.Recipe(posts=48, batch=8, own_share=0.5, warm_up_posts=8, check_every_posts=16)


def trained(name, steps=None, **other):
    run = train.Training(None, base, folder / name, replace(recipe, **other))
    run.stream = islice(run.stream, steps)
    try:
        run.run()
    except StopIteration:
        print("broken off")


def refused(act, *arguments, **named):
    try:
        act(*arguments, **named)
    except SystemExit as error:
        print(error)


trained("whole")
trained("broken", 3)
trained("broken")
one, other = (torch.load(folder / name / "last.pt", weights_only=True) for name in ("whole", "broken"))
print("the same:", all(torch.equal(one[name], other[name]) for name in one))
refused(trained, "whole", seed=8, shares={{"tweeteval_sentiment": 2.0}}, posts=64)
corpus = Corpus(corpus.train[1:], corpus.validation)
refused(trained, "whole")
held = train.Training(None, base, folder / "held", recipe)
refused(trained, "held")
(folder / "whole" / "state.pt").write_bytes((folder / "whole" / "state.pt").read_bytes()[:999])
refused(trained, "whole")
(folder / "file").touch()
refused(trained, "file")
refused(train.from_base, folder)
"""


def test_a_run_that_was_broken_off_ends_as_if_it_had_not_been_and_no_other_goes_on_there(tmp_path: Path) -> None:
    ended = run("-c", RESUMED.format(folder=str(tmp_path), base=str(small_base(tmp_path))))

    assert ended.returncode == 0, ended.stderr[-2000:]
    said = [line for line in ended.stdout.splitlines() if not line.startswith("{")]
    assert said[:3] == ["broken off", "going on after 16 posts", "the same: True"]
    other, fewer, held, torn, taken, baseless = said[3:]
    assert other == f"{tmp_path / 'whole'} holds a run with another posts, shares, seed; take another folder."
    assert "another posts to learn from; take" in fewer
    assert held.startswith("Another run is at work in")
    assert torn.startswith(f"The checkpoint {tmp_path / 'whole' / 'state.pt'} cannot be read: ")
    assert taken == f"{tmp_path / 'file'} cannot be written to: File exists."
    assert "has no load.py" in baseless


#: A full disk; a checkpoint that is none; a base that was broken off; a model of which a file is missing.
HALVES = """
import resource
from pathlib import Path

import torch

from classifiers.training import checkpoints, recipe, ship, train

folder = Path({folder!r})


def refused(act, *arguments, **named):
    try:
        act(*arguments, **named)
    except SystemExit as error:
        print(error)


def made(base):
    raise SystemExit("The base is made anew.")


checkpoints.save({{"a": torch.zeros(2)}}, folder / "last.pt")
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
refused(checkpoints.save, {{"a": torch.zeros(9999)}}, folder / "last.pt")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(checkpoints.load_weights(folder / "last.pt"), [path.name for path in folder.glob("*.new")])
checkpoints.save({{"optimiser": {{}}}}, folder / "state.pt")
refused(checkpoints.load_weights, folder / "state.pt")
refused(checkpoints.load_weights, folder / "nowhere.pt")

(folder / "base").mkdir()
recipe.backbone.make = made
refused(recipe.run, folder / "base", folder / "work", None, commercial_only=False, long=None, last=None)

(folder / "new").mkdir()
(folder / "new" / ship.GRAPH).write_text("new")
(folder / "old").mkdir()
(folder / "old" / ship.GRAPH).write_text("old")
refused(ship.install, folder / "new", folder / "old")
print((folder / "old" / ship.GRAPH).read_text(), len(list((folder / "old").iterdir())))

for said in (train._share, "airline_us=-1"), (train._share, "airline_us=nan"), (train._own_share, "1"):
    try:
        print("taken:", said[0](said[1]))
    except train.argparse.ArgumentTypeError as error:
        print(error)
"""


def test_what_is_half_there_is_named_and_nothing_whole_is_lost(tmp_path: Path) -> None:
    ended = run("-c", HALVES.format(folder=str(tmp_path)))

    assert ended.returncode == 0, ended.stderr[-2000:]
    full, kept, no_weights, nowhere, base, model, left, *shares = ended.stdout.splitlines()
    assert full.startswith(f"{tmp_path / 'last.pt'} could not be written, what was there is left as it was: ")
    assert kept == "{'a': tensor([0., 0.])} []"
    assert no_weights.endswith("does not hold the weights of a network; last.pt and best.pt of a run do.")
    assert nowhere.startswith(f"The checkpoint {tmp_path / 'nowhere.pt'} cannot be read: ")
    assert base == "The base is made anew."
    assert model.startswith(f"The model cannot be put into {tmp_path / 'old'}, the one that is there stays: ")
    assert left == "old 1"
    assert [words.split(";")[0] for words in shares] == ["no share: -1", "no share: nan", "no share of all draws: 1"]


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
