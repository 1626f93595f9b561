"""Members: their names, decoded in the encoding of their packer and unique; files inside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, memory_content, memory_member
from piiscan.sources.encoding.detector import CODECS, best_encoding, decode_name
from piiscan.sources.read_context import ReadContext

#: Names of the tables of what was recognised, behind the page, picture or frame.
OCR_TEXT: Final = "OCR text"
OCR_BARCODES: Final = "OCR barcodes"
#: Name of the table of deleted rows, before that of their table: ``a.db#deleted rows of 客户``.
DELETED_ROWS: Final = "deleted rows"
#: Part of a disk image before the paths of its files: ``a.dd!partition 2 deleted!45/b.csv``.
_VOLUME: Final = re.compile(r"(?:volume|disk|partition \d+)(?: deleted| unallocated)?")
_RECOGNISED: Final = re.compile(
    rf"(?P<file>.*)#(?P<place>(?:[a-z]+ [0-9]+ ){{0,2}})(?:{OCR_TEXT}|{OCR_BARCODES})(?: .*)?",
    re.DOTALL,
)


def unique_names(names: Sequence[str | bytes]) -> list[str]:
    """Decode the names of members and make them unique: ``a.csv, a.csv -> a.csv, a.csv;2``.

    The encoding of bytes (UTF-8, GBK or Big5) is decided over all of them.  A repeated name gets
    ``;2``, so that every path is unique.
    """
    others = b"\n".join(name for name in names if isinstance(name, bytes))[: 64 << 10]
    seen: dict[str, int] = {}
    unique = []
    for each in names:
        name = each if isinstance(each, str) else _decode(each, others)
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name};{seen[name]}")
    return unique


def _decode(data: bytes, others: bytes) -> str:
    """Decode the name of a member. ``others``: names of its archive, to guess the encoding by."""
    # a packer uses one encoding: first try the best one for all names, then for this name
    try:
        name = data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            name = data.decode(CODECS[best_encoding(others)])
        except UnicodeDecodeError:
            name = decode_name(data, others=others)
    return name.replace("\\", "/")


def comment_content(container: Content, texts: Iterable[str]) -> Iterator[Content]:
    """Yield the texts of a container that belong to no member, as one member ``#comment``.

    Equal texts are one, and there is no member without a text.
    """
    if text := "\n".join(dict.fromkeys(text for text in texts if text)):
        yield memory_member(container, "#comment", text.encode("utf-8", "replace"))


def open_inner_file(
    container: Content, context: ReadContext, name: str, data: bytes
) -> Iterator[Content | Trouble]:
    """Yield a file inside a document as a member; a Trouble if it exceeds the budget."""
    usage, path = context.usage, container.member_path(name)
    usage.total += len(data)
    if (over := usage.exceeded()) is not None:
        yield Trouble(path, over, "a file inside over the budget")
    elif usage.depth >= context.budget.depth:
        yield Trouble(path, "ZIP_DEPTH", f"more than {context.budget.depth} deep")
    elif data:
        yield memory_member(container, name, data, seed=context.seed)


class MailParts:
    """Builder of the members of one message: body and attachments, with unique names."""

    def __init__(self, prefix: str, context: ReadContext) -> None:
        """Start without members. ``prefix``: of their paths."""
        self.prefix, self.context = prefix, context
        self._names: dict[str, int] = {}

    def member(self, name: str, data: bytes) -> Iterator[Content | Trouble]:
        """Yield ``data`` as the member ``name``; a Trouble if it exceeds the budget."""
        usage, budget = self.context.usage, self.context.budget
        usage.total += len(data)
        number = self._names[name] = self._names.get(name, 0) + 1
        member = self.prefix + (name if number == 1 else f"{name};{number}")
        if usage.total > budget.total:
            yield Trouble(member, "ZIP_TOTAL", f"{len(data)} bytes over the budget")
        elif len(self._names) > budget.members:
            yield Trouble(member, "ZIP_MEMBERS", "a part over the budget")
        elif data.strip():
            last = name.rpartition("/")[2]
            yield memory_content(data, last, member=member, seed=self.context.seed)


def recognised_place(member: str) -> tuple[str, str] | None:
    """Split the name of a recognised part: ``a.pdf#page 3 OCR text -> a.pdf, "page 3 "``.

    None for any other part.

    >>> recognised_place("a.pdf#page 3 OCR text"), recognised_place("a.png#OCR barcodes")
    (('a.pdf', 'page 3 '), ('a.png', ''))
    >>> recognised_place("a.xlsx#Sheet1") is None
    True
    """
    found = _RECOGNISED.fullmatch(member)
    return (found["file"], found["place"]) if found else None


def is_recovered(member: str) -> bool:
    """Return True for recovered data: deleted rows, deleted files, and bytes of no file.

    >>> [is_recovered(each) for each in ("a.db#deleted rows of 客户", "volume!a.csv")]
    [True, False]
    >>> is_recovered("partition 1 deleted!45/a.csv"), is_recovered("disk unallocated!0-512")
    (True, True)
    """
    if member.rpartition("#")[2].startswith(DELETED_ROWS):
        return True
    steps = filter(_VOLUME.fullmatch, member.split("!")[:-1])
    return any(each.endswith((" deleted", " unallocated")) for each in steps)


def in_archive(member: str) -> bool:
    """Return True for a member of an archive, not for a sheet or a file of a disk image.

    >>> [in_archive(each) for each in ("名单.csv", "#Sheet1", "", "volume!a.csv", "volume!a.zip!b")]
    [True, False, False, False, True]
    """
    volume, _, inner = member.partition("!")
    if _VOLUME.fullmatch(volume):
        return "!" in inner
    return "!" in member or (bool(member) and not member.startswith("#"))


def is_split_name(name: str) -> bool:
    """Return True if ``name`` is the name of a part of a split archive: ``a.zip.001``, ``a.r00``.

    >>> [is_split_name(name) for name in ("a.zip.001", "a.z01", "a.part2.rar", "a.r00", "a.zip")]
    [True, True, True, True, False]
    """
    return re.search(r"\.(?:\d{3}|[zr]\d\d|part\d+\.rar)$", name, re.IGNORECASE) is not None
