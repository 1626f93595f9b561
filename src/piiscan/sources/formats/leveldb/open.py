"""LevelDB files: each entry is a record of its key and the fields of its value.

IndexedDB (objects of V8), Local Storage (texts after a byte of their encoding), JSON, texts.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from typing import Any, Final

from piiscan.sources.block import Trouble
from piiscan.sources.content import read_whole
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats import open_objects
from piiscan.sources.formats.leveldb.entries import MAGIC, read_journal, read_table
from piiscan.sources.formats.leveldb.v8_values import read_v8
from piiscan.sources.object_lines import PARSE_ERRORS
from piiscan.sources.packed_texts import read_protobuf
from piiscan.sources.read_context import ReadContext
from piiscan.sources.stored_values import text_of_bytes

_RECORD: Final = struct.Struct("<IHBQI")  # checksum, size, type; number and size of a batch
_PARTS: Final = re.compile(r"[^\W_][\w.:/@+ -]+")


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the entries of a file as a member of JSON lines; damaged blocks are Troubles."""
    content = sample.content
    data = read_whole(content, context.budget.json)
    is_table = data.endswith(MAGIC)
    entries = read_table(data, context.budget) if is_table else read_journal(data)

    def records() -> Iterator[Any]:
        """Yield the record of each entry; of a list of objects, one for each."""
        for entry in entries:
            if isinstance(entry, int):
                yield Trouble(content.member, "CORRUPT", f"leveldb: the block at byte {entry}")
                continue
            key = _key_text(entry.key)
            if entry.value is None:
                yield {"key": key, "state": "deleted"}
                continue
            value = _decode(entry.value, context.budget.member_in_memory)
            several = isinstance(value, list) and any(isinstance(each, dict) for each in value)
            for each in value if several else (value,):
                yield {"key": key, **(each if isinstance(each, dict) else {"value": each})}

    yield from open_objects(content, records(), context)


def _key_text(key: bytes) -> str:
    """Return the texts of a key: ``_https://a.cn␀␁phone -> https://a.cn phone``."""
    texts = [key.decode("utf-8", "replace")]
    texts += [key[at:].decode("utf-16-be", "replace") for at in (0, 1)] if b"\0" in key else []
    found = [_PARTS.findall(text) for text in texts]
    return " ".join(max(found, key=lambda each: sum(map(len, each)))) or key.hex()


def _decode(data: bytes, most_bytes: int) -> Any:
    """Return the value of an entry: an object, a text, or the bytes."""
    try:
        return read_v8(data, most_bytes)
    except (*PARSE_ERRORS, OSError, struct.error):
        pass
    text = data[1:].decode("latin-1") if data[:1] == b"\x01" and len(data) > 1 else None
    if data[:1] == b"\0" and len(data) % 2:
        text = data[1:].decode("utf-16-le", "replace")
    if text is None:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = text_of_bytes(data) or read_protobuf(data)
    if text is None or not text.replace("\n", "").replace("\t", "").isprintable():
        return read_protobuf(data) or data
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
    return text


def _is_leveldb(sample: Sample) -> bool:
    """Return True for a table of LevelDB, or for a journal: batches of changes, one by one."""
    content = sample.content
    if content.windows[-1].data.endswith(MAGIC):
        return True
    at = batches = 0
    while at + _RECORD.size <= len(content.head) and batches < 3:
        _, size, kind, _, count = _RECORD.unpack_from(content.head, at)
        if kind not in (1, 2) or not 12 <= size <= 32761 or not 0 < count <= size:
            break
        if kind == 2:  # a batch that goes on in the next page
            at += 7 + size
            return bool(at % (32 << 10) == 0 and content.size > at)
        at, batches = at + 7 + size, batches + 1
    return bool(batches > 2 or (batches > 0 and not any(content.head[at:])))


FORMATS: Final = (Format("leveldb", 40, _open, probe=_is_leveldb, extensions=("ldb", "log")),)
