"""Under which name does somebody stand in an export that must not say who they are?

A pseudonym is what a key makes of a number: the same number gives the same pseudonym under one key, another under the
next, and without the key nobody comes back to the number. The key of a file lives in memory while the file is written
and is stored nowhere.
"""

from __future__ import annotations

import hashlib
import secrets
from array import array
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import cast

KEY_BYTES = 32
#: Letters of a pseudonym behind its word: 56 bits, so that among a million names two meet with odds of 1 in 144,000.
SIGNS = 14
#: Letters alone: no spreadsheet takes them for a number, and no second look at a text for a telephone.
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")
_WORD_BYTES = 8


class Kind(IntEnum):
    """Of what a pseudonym is; the same number gives another one as another kind. The word stands before it."""

    PERSON = 1
    POST = 2
    THREAD = 3
    CASE = 4
    LINK = 5
    REPLY = 6
    MAIL = 7
    PHONE = 8


def new_key() -> bytes:
    """A fresh key."""
    return secrets.token_bytes(KEY_BYTES)


class Pseudonyms:
    """The pseudonyms under one key."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # Only where something is hidden.

        # One block for one number: a permutation no one undoes without the key, and fast for thousands at once.
        # The blocks of one file are all different, so the mode gives nothing away.
        self._encryptor = Cipher(algorithms.AES(hashlib.sha256(b"numbers" + key).digest()), modes.ECB()).encryptor()
        self._key = hashlib.sha256(b"words" + key).digest()

    def of(self, kind: Kind, numbers: Sequence[int | None]) -> list[str | None]:
        """The pseudonym of each number, in order; None stays None."""
        if None not in numbers:
            return [*self.known(kind, cast("Sequence[int]", numbers))]
        names = iter(self.known(kind, [number for number in numbers if number is not None]))
        return [None if number is None else next(names) for number in numbers]

    def known(self, kind: Kind, numbers: Sequence[int]) -> list[str]:
        """The pseudonym of each number, in order: all at once, since one by one costs three times as much."""
        if not numbers:
            return []
        pairs = array("Q", bytes(2 * _WORD_BYTES * len(numbers)))
        pairs[0::2], pairs[1::2] = array("Q", [kind]) * len(numbers), array("Q", numbers)
        blocks = bytearray(array("Q", self._encryptor.update(pairs.tobytes()))[0::2].tobytes())
        del blocks[SIGNS // 2 :: _WORD_BYTES]  # Of each block what SIGNS letters can hold, side by side.
        word = f"{kind.name.lower()}-"
        return (word + blocks.hex(",", -SIGNS // 2).translate(_LETTERS).replace(",", f",{word}")).split(",")

    def one(self, kind: Kind, number: int) -> str:
        """The pseudonym of one number."""
        return self.known(kind, (number,))[0]

    def word(self, kind: Kind, text: str) -> str:
        """The pseudonym of something that has no number here: an address, a handle nobody of ours bears."""
        digest = hashlib.blake2b(text.encode("utf-8", "replace"), key=self._key, salt=bytes([kind]), digest_size=16)
        return f"{kind.name.lower()}-{digest.hexdigest()[:SIGNS].translate(_LETTERS)}"

    def words(self, kind: Kind, texts: Iterable[str]) -> list[str]:
        """The pseudonym of each text, in order."""
        return [self.word(kind, text) for text in texts]
