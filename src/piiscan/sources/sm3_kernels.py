# mypy: ignore-errors
"""Kernel of SM3, the hash of GB/T 32905-2016, for an OpenSSL that was built without it."""

import cython
from cython.cimports.libc.stdint import int64_t, uint32_t
from cython.cimports.libc.string import memcpy
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

_BLOCK = cython.declare(int64_t, 64)
#: Constant of each round, turned by the number of the round.
_TURNED = cython.declare(uint32_t[64])


@cython.cfunc
@cython.nogil
def _turn(word: uint32_t, bits: cython.int) -> uint32_t:
    """Return ``word`` with its bits turned to the left."""
    return word << bits | word >> ((32 - bits) & 31)


def _fill_table() -> None:
    """Fill the table of constants."""
    for number in range(64):
        _TURNED[number] = _turn(0x79CC4519 if number < 16 else 0x7A879D8A, number & 31)


_fill_table()


def compress_blocks(state: arrays.UInt32, data: arrays.UInt8) -> int:
    """Add the whole blocks of ``data`` (64 bytes each) to ``state``; return the bytes added.

    ``state``: ``uint32[8]``, changed in place.
    """
    size: int64_t = len(data)
    first: UInt8 = uint8(data)
    out: UInt32Out = uint32_out(state)
    at: int64_t = 0
    with cython.nogil:
        while at + _BLOCK <= size:
            _compress(out, first + at)
            at += _BLOCK
    return at


@cython.cfunc
@cython.nogil
def _compress(state: UInt32Out, block: UInt8) -> cython.void:
    """Add one block to ``state`` (GB/T 32905, 5.3)."""
    words: uint32_t[68]
    old: uint32_t[8]
    number: cython.int
    mixed: uint32_t
    first: uint32_t
    second: uint32_t
    turned: uint32_t
    a: uint32_t
    b: uint32_t
    c: uint32_t
    d: uint32_t
    e: uint32_t
    f: uint32_t
    g: uint32_t
    h: uint32_t
    for number in range(16):
        words[number] = (
            cython.cast(uint32_t, block[4 * number]) << 24
            | cython.cast(uint32_t, block[4 * number + 1]) << 16
            | cython.cast(uint32_t, block[4 * number + 2]) << 8
            | block[4 * number + 3]
        )
    for number in range(16, 68):
        mixed = words[number - 16] ^ words[number - 9] ^ _turn(words[number - 3], 15)
        mixed ^= _turn(mixed, 15) ^ _turn(mixed, 23)
        words[number] = mixed ^ _turn(words[number - 13], 7) ^ words[number - 6]
    memcpy(old, state, 32)
    a, b, c, d, e, f, g, h = (
        old[0], old[1], old[2], old[3], old[4], old[5], old[6], old[7],
    )  # fmt: skip
    for number in range(64):
        turned = _turn(a, 12)
        mixed = _turn(turned + e + _TURNED[number], 7)
        if number < 16:
            first = a ^ b ^ c
            second = e ^ f ^ g
        else:
            first = (a & b) | (a & c) | (b & c)
            second = (e & f) | (~e & g)
        first += d + (mixed ^ turned) + (words[number] ^ words[number + 4])
        second += h + mixed + words[number]
        d, c, b, a = c, _turn(b, 9), a, first
        h, g, f, e = g, _turn(f, 19), e, second ^ _turn(second, 9) ^ _turn(second, 17)
    state[0] = old[0] ^ a
    state[1] = old[1] ^ b
    state[2] = old[2] ^ c
    state[3] = old[3] ^ d
    state[4] = old[4] ^ e
    state[5] = old[5] ^ f
    state[6] = old[6] ^ g
    state[7] = old[7] ^ h
