"""Kinds of volumes by their signatures: file systems with a reader, and others to be listed."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

#: Bytes of a volume that its signatures need.
HEAD: Final = 68 << 10
_SECTOR: Final = 512
#: GUIDs of BitLocker To Go at byte 424 of a volume whose name is that of a FAT.
_TO_GO: Final = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")


@dataclass(frozen=True, slots=True)
class VolumeKind:
    """Kind of a volume: its name, its type in The Sleuth Kit, or the reason why it is listed.

    ``type``: TSK_FS_TYPE_ENUM, 0 for a volume without a reader there. ``package``: another reader.
    """

    name: str
    type: int = 0
    reason: str = "NOT_SUPPORTED_YET"
    hint: str = "mount it read-only and scan its folders"
    package: str = ""


_UNLOCK: Final = "unlock it with its password or recovery key ({}), then scan the files"
_FAT, _NTFS = VolumeKind("FAT", 14), VolumeKind("NTFS", 1)
_EXFAT, _ISO = VolumeKind("exFAT", 10), VolumeKind("ISO 9660", 2048)
_EXT, _HFS = VolumeKind("ext2/3/4", 8576), VolumeKind("HFS+", 36864)
_BITLOCKER: Final = VolumeKind("BitLocker", 0, "ENCRYPTED", _UNLOCK.format("manage-bde, dislocker"))
#: Offset, bytes, and kind.
_SIGNATURES: Final = (
    (3, b"-FVE-FS-", _BITLOCKER),
    (424, _TO_GO, _BITLOCKER),
    (3, b"NTFS    ", _NTFS),
    (3, b"EXFAT   ", _EXFAT),
    (32769, b"CD001", _ISO),
    (0, b"LUKS\xba\xbe", VolumeKind("LUKS", 0, "ENCRYPTED", _UNLOCK.format("cryptsetup"))),
    (88, b"CS\x01\0", VolumeKind("FileVault", 0, "ENCRYPTED", _UNLOCK.format("diskutil, macOS"))),
    (32, b"NXSB", VolumeKind("APFS", package="pyfsapfs")),
    (1024, b"H+\0\4", _HFS),
    (1024, b"HX\0\5", _HFS),
    (1024, b"\x10\x20\xf5\xf2", VolumeKind("F2FS")),
    (0, b"XFSB\0\0", VolumeKind("XFS", package="pyfsxfs")),
    (65600, b"_BHRfS_M", VolumeKind("Btrfs")),
    (3, b"ReFS\0\0\0\0", VolumeKind("ReFS")),
    (512, b"LABELONE", VolumeKind("LVM", hint="activate its volumes read-only and scan them")),
    (4086, b"SWAPSPACE2", VolumeKind("swap space", hint="of a running Linux; read with --raw")),
    *((n, b"NSR0", VolumeKind("UDF")) for n in range(34817, 43010, 2048)),
)


def find_kind(head: bytes) -> VolumeKind | None:
    """Return the kind of a volume by its first bytes; None if no signature is known."""
    for at, signature, kind in _SIGNATURES:
        if head.startswith(signature, at):
            return kind
    if head.startswith(b"\x53\xef", 1080) and _is_ext(head):
        return _EXT
    return _FAT if _is_fat(head) else None


def _is_ext(head: bytes) -> bool:
    """Return True if the superblock of ext2, ext3 or ext4 has possible sizes."""
    inodes, blocks = struct.unpack_from("<II", head, 1024)
    size, revision = head[1048], head[1100]
    return inodes > 0 and blocks > 0 and size <= 6 and revision <= 1


def _is_fat(head: bytes) -> bool:
    """Return True if a boot sector describes a FAT volume."""
    if len(head) < _SECTOR or head[510:512] != b"\x55\xaa" or head[0] not in (0xEB, 0xE9):
        return False
    sector, cluster, reserved, tables = struct.unpack_from("<HBHB", head, 11)
    powers = sector in (512, 1024, 2048, 4096) and cluster and not cluster & (cluster - 1)
    return bool(powers) and reserved > 0 and tables in (1, 2) and head[21] >= 0xF0


def has_partitions(head: bytes, size: int) -> bool:
    """Return True for a partition table: GPT, or an MBR whose entries are possible.

    ``size``: bytes of the medium, which may be cut off behind its first partition.
    """
    if any(head.startswith(b"EFI PART", sector) for sector in (512, 4096)):
        return True
    if head[510:512] != b"\x55\xaa":
        return False
    entries = [head[at : at + 16] for at in range(446, 510, 16)]
    if any(each[0] not in (0, 0x80) for each in entries):
        return False
    used = [each for each in entries if each[4]]
    starts = [struct.unpack_from("<II", each, 8) for each in used]
    return any(0 < start < size // _SECTOR and count for start, count in starts)


def is_image(head: bytes, size: int) -> bool:
    """Return True if a raw medium begins with a known volume or a partition table."""
    return find_kind(head) is not None or has_partitions(head, size)
