"""Verification of a case with all anchors outside it: key, noted head, signature, time stamp."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from piiscan.arguments import checked, existing
from piiscan.case.integrity import anchors
from piiscan.case.integrity.cross_check import CrossCheck, Difference
from piiscan.case.integrity.key_check import KeyCheck, NotedHead, check_key, find_noted_head
from piiscan.case.integrity.verify import cross_check
from piiscan.case.store.case import Case
from piiscan.errors import VerifyError
from piiscan.hashing.head_groups import parse_head
from piiscan.progress import Progress


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of a verification: differences (empty if none), and the anchors checked.

    ``key_check``: reach of the key. ``noted_head``: line of the log with the noted, signed or
    stamped head, and the events after it, for which that head says nothing. ``time_stamp``: moment
    and authority. Each is None if it was not asked for.
    """

    differences: tuple[Difference, ...]
    key_check: KeyCheck | None = None
    noted_head: NotedHead | None = None
    is_signed: bool = False
    time_stamp: anchors.TimeStamp | None = None


@checked
def verify(
    case: str | Path | Case,
    *,
    key: str | Path | None = None,
    expect: str | None = None,
    signature: str | Path | None = None,
    public_key: str | Path | None = None,
    timestamp: str | Path | None = None,
    tsa_root: str | Path | None = None,
    progress: Progress | None = None,
) -> Verification:
    r"""Hash every file and source of a case again, and compare with its records and with anchors.

    Nothing is written.

    Args:
        case: folder of a case, the opened case, or a sealed zip with an anchor.
        key: file of the case's key; checks what was written under it.
        expect: head of the log that was noted earlier: 36 signs, or 64 hexadecimal digits.
        signature: detached signature of the sealed case's head file.
        public_key: PEM file of the signer; needed with ``signature``.
        timestamp: answer of a time stamp authority for the head file.
        tsa_root: PEM file of the authority's root; needed with ``timestamp``.
        progress: called with the state of the run.

    Raises:
        VerifyError: an anchor lacks its counterpart, or a zip has no anchor.
        CaseError: key file or head cannot be used.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     before = piiscan.verify(case).differences
    ...     _ = dump.write_text("手机号", "utf-8")
    ...     before, [each.reason for each in piiscan.verify(case).differences]
    ((), ['SOURCE_CHANGED'])
    """
    place = case.path if isinstance(case, Case) else existing(case)
    if (signature is None) != (public_key is None) or (timestamp is None) != (tsa_root is None):
        raise VerifyError("verify.pair")
    found: list[Difference] = []
    check = key_check = noted = stamp = None
    if place.is_dir():
        check, found = cross_check(place, progress=progress)
        if key is not None:
            key_check = check_key(check, Path(key))
            found += key_check.differences
        if expect is not None:
            noted = find_noted_head(check, parse_head(expect))
            if noted is None:
                found.append(Difference("HEAD_OTHER", "log.jsonl", "EXPECTED"))
    elif signature is None and timestamp is None:
        raise VerifyError("verify.zip_alone")
    is_signed = False
    if signature is not None and public_key is not None:
        wrong = anchors.check_signature(Path(signature), Path(public_key))
        is_signed = not wrong
        sealed = anchors.anchored_file(Path(signature))
        found += wrong + anchors.check_sealed(sealed, place)
        noted = noted or _sealed_head(check, sealed)
    if timestamp is not None and tsa_root is not None:
        stamp = anchors.check_timestamp(Path(timestamp), Path(tsa_root))
        if stamp is None:
            found.append(Difference("TIMESTAMP_WRONG", Path(timestamp).name))
        sealed = anchors.anchored_file(Path(timestamp))
        found += anchors.check_sealed(sealed, place)
        noted = noted or _sealed_head(check, sealed)
    return Verification(tuple(dict.fromkeys(found)), key_check, noted, is_signed, stamp)


def _sealed_head(check: CrossCheck | None, head_file: Path) -> NotedHead | None:
    """Return the place in the log of the head in a seal's head file; None without one."""
    head = anchors.read_seal_head(head_file).log_sha256
    return find_noted_head(check, head) if check is not None and head else None
