"""Digests equal hashlib's, for every length, kind, slice and array type."""

from __future__ import annotations

import hashlib
import itertools
import random

import numpy as np
import pyarrow as pa
import pytest

from piiscan.arrow_strings import string_buffers
from piiscan.hashing import digest
from piiscan.hashing.blake2 import keyed_state
from piiscan.hashing.digest import digest_values, file_sha256

KEY = bytes(range(32))


@pytest.fixture(autouse=True, params=[digest.HASHLIB_MAX, -1], ids=["few", "many"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hashlib one by one, and by the kernel."""
    monkeypatch.setattr(digest, "HASHLIB_MAX", request.param)


def oracle(entity: str, value: str, key: bytes = KEY) -> bytes:
    message = entity.encode() + b"\0" + value.encode()
    return hashlib.blake2b(message, key=key, digest_size=16).digest()


def test_every_length_around_the_block_edges_hashes_as_hashlib() -> None:
    values = ["x" * length for length in [*range(300), 511, 512, 513, 1000]]
    for entity in ("A", "CN_RESIDENT_ID"):
        got = digest_values(
            pa.array(values), np.zeros(len(values), np.int16), entities=[entity], key=KEY
        )
        assert got.to_pylist() == [oracle(entity, value) for value in values]


def test_kinds_and_unicode_mixed_in_one_call() -> None:
    random.seed(5)
    entities = ["PERSON", "CN_MOBILE", "CN_ADDRESS"]
    values = [
        "".join(random.choices("张三0123456789x😀é", k=random.randrange(80))) for _ in range(500)
    ]
    kinds = np.array([random.randrange(3) for _ in values])
    key = random.randbytes(32)
    expected = [oracle(entities[k], v, key) for k, v in zip(kinds, values, strict=True)]
    for array in (pa.array(values), pa.array(values, pa.large_string())):
        assert digest_values(array, kinds, entities=entities, key=key).to_pylist() == expected
    sliced = digest_values(pa.array(values)[17:60], kinds[17:60], entities=entities, key=key)
    assert sliced.to_pylist() == expected[17:60]


def test_the_same_value_of_two_kinds_has_two_digests() -> None:
    got = digest_values(
        pa.array(["123456", "123456"]), np.array([0, 1]), entities=["QQ_NUMBER", "X"], key=KEY
    ).to_pylist()
    assert got[0] != got[1]


def test_no_values_give_no_digests() -> None:
    got = digest_values(pa.array([], pa.string()), np.zeros(0, int), entities=[], key=KEY)
    assert got.type == pa.binary(16)
    assert len(got) == 0


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 5"):
        keyed_state(b"short")


def test_string_buffers_of_a_slice_are_its_own_strings() -> None:
    offsets, data = string_buffers(pa.array(["a", "bc", "张"])[1:])
    cells = [bytes(data[a:b]).decode() for a, b in itertools.pairwise(offsets)]
    assert cells == ["bc", "张"]


def test_file_sha256_is_that_of_the_bytes(tmp_path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc" * 100_000)
    assert file_sha256(path) == hashlib.sha256(b"abc" * 100_000).hexdigest()
