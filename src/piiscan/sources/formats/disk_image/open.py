"""Disk images: raw, E01, qcow2, VHD, VHDX, VMDK and ISO, read by file of their file systems.

Places are those of members: ``a.E01!partition 2!docs/名单.csv``, ``volume`` for a medium without
partitions. The libraries run in a worker process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any, Final

from piiscan.errors import SourceError
from piiscan.sources.block import Trouble
from piiscan.sources.content import file_content
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats.disk_image.file_tree import FileTree, open_gaps
from piiscan.sources.formats.disk_image.library_trees import (
    VolumeFile,
    open_library_tree,
    open_volumes,
)
from piiscan.sources.formats.disk_image.medium import Medium, first_piece, open_medium
from piiscan.sources.formats.disk_image.volume_kinds import (
    HEAD,
    VolumeKind,
    find_kind,
    has_partitions,
    is_image,
)
from piiscan.sources.read_context import ReadContext

_VMDK_TEXT: Final = b"# Disk DescriptorFile"
_EWF: Final = b"EVF\x09\x0d\x0a\xff\0"
#: Kind, signatures, package.
_CONTAINERS: Final = (
    ("E01", ((0, _EWF),), "pyewf"),
    ("qcow2", ((0, b"QFI\xfb"),), "pytsk3"),
    ("VHDX", ((0, b"vhdxfile"),), "pyvhdi"),
    ("VMDK", ((0, b"KDMV"), (0, _VMDK_TEXT)), "pyvmdk"),
)


def _is_raw(sample: Sample) -> bool:
    """Return True for the bytes of a disk or volume as they are, unless they are in no file."""
    return " unallocated!" not in sample.content.member and is_image(
        sample.content.head, sample.content.size
    )


def _is_vhd(sample: Sample) -> bool:
    """Return True for a VHD: its footer, which a growing one repeats at its start."""
    content = sample.content
    return b"conectix" in (content.head[:8], content.windows[-1].data[-512:][:8])


def _is_later_piece(sample: Sample) -> bool:
    """Return True for a piece of an image that another file begins."""
    content = sample.content
    first = first_piece(content)
    if first is None or content.path is None or not first.is_file():
        return first is not None and content.head.startswith((_EWF, b"KDMV"))
    try:
        head = file_content(first).head
    except OSError:
        return False
    if head.startswith(_VMDK_TEXT):
        return content.name.encode() in head
    return head.startswith(_EWF) or is_image(head, content.size)


def _open_piece(sample: Sample, context: ReadContext) -> Opened:
    """Yield a Trouble: the piece is read with the first one, or lacks it."""
    del context
    content, first = sample.content, first_piece(sample.content)
    assert first is not None
    if content.path is not None and first.is_file():
        yield Trouble(content.member, "IMAGE_PIECE", f"with {first.name}", lost=False)
    else:
        detail = f"{first.name} is not beside it: put all pieces into one folder"
        yield Trouble(content.member, "IMAGE_INCOMPLETE", detail)


def _open(kind: str, sample: Sample, context: ReadContext) -> Opened:
    """Yield the files of an image, and a Trouble for each part that is not read."""
    content = sample.content
    medium = open_medium(kind, content, lambda: context.count_names([]))
    if medium.damage:
        yield Trouble(content.member, "CORRUPT", medium.damage)
    if medium.missing:
        yield Trouble(content.member, "IMAGE_INCOMPLETE", medium.missing)
    yield from _Image(medium, sample, context).open()
    if not context.selection.raw:
        yield Trouble(content.member, "UNALLOCATED", f"{kind}: --raw", lost=False)
    if medium.stored and context.wanted is None and not context.peek:
        yield from _compare_digests(kind, medium, content.member)


def _compare_digests(kind: str, medium: Medium, member: str) -> Iterator[Trouble]:
    """Yield a Trouble per stored digest: equal to that of the bytes, or different from it."""
    try:
        found = medium.digests(list(medium.stored))
    except OSError:
        found = {}
    for name, stored in medium.stored.items():
        computed = found.get(name, "")
        is_same = computed == stored.lower()
        detail = f"{kind} {name} {stored.lower()}" + ("" if is_same else f"; read: {computed}")
        reason = "IMAGE_HASH" if is_same else "IMAGE_HASH_DIFFERS"
        yield Trouble(member, reason, detail, lost=not is_same)


class _Image:
    """Opened image: its medium, and the parts that it has."""

    def __init__(self, medium: Medium, sample: Sample, context: ReadContext) -> None:
        import pytsk3

        class Bytes(pytsk3.Img_Info):  # type: ignore[misc]
            """Medium as The Sleuth Kit reads it."""

            def __init__(self) -> None:
                super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

            def close(self) -> None:
                """Do nothing."""

            def read(self, start: int, size: int) -> bytes:
                """Return bytes of the medium."""
                return medium.read(start, size)

            def get_size(self) -> int:
                """Return the bytes of the medium."""
                return medium.size

        self._kit, self._bytes = pytsk3, Bytes()
        self._medium, self._content, self._context = medium, sample.content, context

    def open(self) -> Opened:
        """Yield the files of the volumes, and with ``--raw`` the bytes outside of them."""
        head = self._medium.read(0, HEAD)
        if find_kind(head) is not None or not has_partitions(head, self._medium.size):
            yield from self._open_volume("volume", 0, self._medium.size)
            return
        try:
            table = self._kit.Volume_Info(self._bytes)
        except OSError:
            raise SourceError("CORRUPT", "the partition table is damaged") from None
        sector, number, gaps = table.info.block_size, 0, []
        for part in table:
            start, size = part.start * sector, part.len * sector
            if int(part.flags) == 1:
                number += 1
                yield from self._open_volume(f"partition {number}", start, size)
            elif int(part.flags) == 2:
                gaps.append((start, min(start + size, self._medium.size)))
        if self._context.selection.raw:
            prefix = self._content.member_path("disk")
            yield from open_gaps(self._medium, gaps, prefix, self._context)

    def _open_volume(self, name: str, start: int, size: int) -> Opened:
        """Yield the files of a volume, or a Trouble that names it; ``start``: its first byte."""
        member, medium = self._content.member_path(name), self._medium
        head = medium.read(start, HEAD)
        kind, system = find_kind(head), None
        if kind is None:
            if any(head) or name == "volume":
                detail = f"{name}: no file system that is known; mount it and scan its folders"
                yield Trouble(member, "NOT_SUPPORTED_YET", detail)
        elif kind.package:
            yield from self._open_by_library(kind, name, start, min(size, medium.size - start))
        elif not kind.type:
            yield Trouble(member, kind.reason, f"{kind.name}: {kind.hint}")
        else:
            try:
                system = self._kit.FS_Info(self._bytes, start, kind.type)
            except (OSError, RuntimeError):
                yield Trouble(member, "CORRUPT", f"{kind.name}: the file system is damaged")
            else:
                size = max(size, system.info.block_size * system.info.block_count)
        if start + size > medium.size:
            detail = f"{name}: its last {start + size - medium.size} bytes are missing"
            yield Trouble(member, "IMAGE_INCOMPLETE", detail)
        if system is not None:
            yield from FileTree(system, name, start, medium, self._content, self._context).open()
        elif self._context.selection.raw and not (kind and kind.package):
            yield from open_gaps(medium, [(start, start + size)], member, self._context)

    def _open_by_library(self, kind: VolumeKind, name: str, start: int, size: int) -> Opened:
        """Yield the files of each volume of APFS or XFS, and with ``--raw`` the other bytes."""
        member = self._content.member_path(name)
        if not find_spec(kind.package):
            yield Trouble(member, "PACKAGE_MISSING", f"{kind.name}: images")
            return
        whole = FileTree(None, name, start, self._medium, self._content, self._context)
        try:
            volumes = open_volumes(kind.package, VolumeFile(self._medium, start, size))
        except SourceError as error:
            yield Trouble(member, error.reason, f"{kind.name}: {error.detail}")
            return
        for title, root in volumes:
            path = title if title and name == "volume" else f"{name} {title}".rstrip()
            tree = FileTree(None, path, start, self._medium, self._content, self._context)
            yield from open_library_tree(tree, root)
            whole.used.extend(tree.used)
        if self._context.selection.raw:
            yield from whole.open_gaps(size)


def _format(
    kind: str,
    rank: int,
    package: str = "pytsk3",
    probe: Callable[[Sample], bool] = lambda _: True,
    **declared: Any,
) -> Format:
    """Return the Format of a kind of image."""
    return Format(
        "disk image",
        rank,
        partial(_open, kind),
        probe=probe,
        container=True,
        isolated=True,
        packages=tuple(dict.fromkeys(("pytsk3", package))),
        extra="images",
        **declared,
    )


FORMATS: Final = (
    Format("piece of a disk image", 11, _open_piece, probe=_is_later_piece),
    *(
        _format(kind, rank, package, signatures=signatures, extensions=(kind.lower(),))
        for rank, (kind, signatures, package) in enumerate(_CONTAINERS, 12)
    ),
    _format("VHD", 16, "pyvhdi", _is_vhd, extensions=("vhd",)),
    _format("raw", 17, probe=_is_raw, extensions=("dd", "img", "raw", "iso")),
)
