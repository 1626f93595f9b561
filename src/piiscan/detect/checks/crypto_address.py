"""Addresses of cryptocurrencies by checksum: BTC, ETH (EIP-55), TRON.

base58check (BTC, TRON): the last four bytes are those of a double SHA-256 of the others.
bech32 and bech32m (BTC): BIP-173, BIP-350.  EIP-55: capitals follow the Keccak-256 of the address.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, Strength, Verdict

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CONSTANTS: Final = (1, 0x2BC830A3)  # bech32 (witness version 0), bech32m (later versions)
#: First character of an address in base58 -> its version byte.
_VERSIONS: Final = {"1": 0x00, "3": 0x05, "T": 0x41}
_ROUNDS: Final = 24
_WORD: Final = (1 << 64) - 1
_RATE: Final = 136  # bytes of a block of Keccak-256


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge addresses: verified by checksum, else refuted.

    An address of ETH in letters of one case has none: plausible, LOW.

    >>> text = b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    >>> check(np.frombuffer(text, np.uint8)[None], np.array([34]), as_of=20261231).verdict.tolist()
    [2]
    """
    del length, as_of
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    given = np.ascontiguousarray(chars).view(f"S{chars.shape[1]}")[:, 0].tolist()
    for row, address in enumerate(given):
        verdict = judge_address(address.decode())
        judged.verdict[row] = verdict
        if verdict == Verdict.PLAUSIBLE:
            judged.strength[row] = Strength.LOW
    judged.mark(judged.verdict == Verdict.REFUTED, "CHECK_FAIL")
    return judged


@lru_cache(1 << 14)
def judge_address(address: str) -> Verdict:
    """Return the verdict of one address.

    >>> judge_address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").name
    'PLAUSIBLE'
    """
    if address.startswith("0x"):
        letters = [char for char in address[2:] if char.isalpha()]
        if all(char.islower() for char in letters) or all(char.isupper() for char in letters):
            return Verdict.PLAUSIBLE if len(set(address[2:].lower())) > 6 else Verdict.REFUTED
        return Verdict.VERIFIED if _is_eip55(address[2:]) else Verdict.REFUTED
    right = _is_bech32(address) if address[:2].lower() == "bc" else _is_base58check(address)
    return Verdict.VERIFIED if right else Verdict.REFUTED


def _is_base58check(address: str) -> bool:
    """Return True if the checksum and version byte of an address in base58 are right."""
    number = 0
    for char in address:
        number = number * 58 + _BASE58.index(char)
    if number >> 200:
        return False
    data = number.to_bytes(25, "big")
    zeros = len(address) - len(address.lstrip("1"))
    if zeros != len(data) - len(data.lstrip(b"\0")):
        return False
    checksum = sha256(sha256(data[:21]).digest()).digest()[:4]
    return data[0] == _VERSIONS.get(address[0]) and checksum == data[21:]


def _is_bech32(address: str) -> bool:
    """Return True if an address ``bc1…`` is valid bech32 (version 0) or bech32m (later ones)."""
    text = address.lower()
    if address not in (text, address.upper()) or any(char not in _BECH32 for char in text[3:]):
        return False
    values = [_BECH32.index(char) for char in text[3:]]
    remainder = 1
    for value in [3, 3, 0, 2, 3, *values]:  # "bc": high bits, 0, low bits
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            remainder ^= generator if top >> bit & 1 else 0
    version, program_bits = values[0], 5 * (len(values) - 7)
    size = program_bits // 8
    sizes = (20, 32) if version == 0 else range(2, 41)
    return (
        version <= 16
        and size in sizes
        and program_bits - 8 * size < 5
        and remainder == _CONSTANTS[version > 0]
    )


def _is_eip55(address: str) -> bool:
    """Return True if the capitals of 40 hex digits follow EIP-55."""
    digest = keccak256(address.lower().encode()).hex()
    return all(
        not char.isalpha() or char.isupper() == (int(nibble, 16) >= 8)
        for char, nibble in zip(address, digest, strict=False)
    )


def keccak256(data: bytes) -> bytes:
    """Return the Keccak-256 of ``data``, the padding of which is not that of SHA-3.

    >>> keccak256(b"").hex()[:16]
    'c5d2460186f7233c'
    """
    padded = data + b"\x01" + bytes(-(len(data) + 1) % _RATE)
    padded = padded[:-1] + bytes([padded[-1] | 0x80])
    lanes = [[0] * 5 for _ in range(5)]
    for block in range(0, len(padded), _RATE):
        for place in range(_RATE // 8):
            word = padded[block + 8 * place : block + 8 * place + 8]
            lanes[place % 5][place // 5] ^= int.from_bytes(word, "little")
        _permute(lanes)
    return b"".join(lanes[place][0].to_bytes(8, "little") for place in range(4))


def _permute(lanes: list[list[int]]) -> None:
    """Apply Keccak-f[1600] to the state ``lanes[x][y]``, in place."""
    register = 1
    for _ in range(_ROUNDS):
        parity = [a ^ b ^ c ^ d ^ e for a, b, c, d, e in lanes]
        for x in range(5):
            mixed = parity[x - 1] ^ _rotate(parity[(x + 1) % 5], 1)
            lanes[x] = [lane ^ mixed for lane in lanes[x]]
        x, y, current = 1, 0, lanes[1][0]
        for step in range(_ROUNDS):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x][y] = lanes[x][y], _rotate(current, (step + 1) * (step + 2) // 2)
        for y in range(5):
            row = [lanes[x][y] for x in range(5)]
            for x in range(5):
                lanes[x][y] = row[x] ^ (~row[(x + 1) % 5] & _WORD & row[(x + 2) % 5])
        for bit in range(7):
            register = (register << 1 ^ (register >> 7) * 0x71) % 256
            if register & 2:
                lanes[0][0] ^= 1 << (1 << bit) - 1


def _rotate(lane: int, places: int) -> int:
    """Return a 64-bit ``lane`` rotated left."""
    places %= 64
    return (lane << places | lane >> (64 - places)) & _WORD
