"""``piiscan verify``: check a case and its sources against its records and outside anchors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from piiscan.cli import error_messages, options, output, progress_bar
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.integrity.cross_check import Difference
    from piiscan.case.integrity.key_check import KeyCheck

Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="verify.key")]
Expect = Annotated[str | None, typer.Option("--expect", metavar="HEAD", help="verify.expect")]
Signature = Annotated[
    Path | None, typer.Option("--signature", metavar="SIG", help="verify.signature")
]
PublicKey = Annotated[
    Path | None, typer.Option("--public-key", metavar="PEM", help="verify.public_key")
]
Stamp = Annotated[Path | None, typer.Option("--timestamp", metavar="TSR", help="verify.timestamp")]
Roots = Annotated[Path | None, typer.Option("--tsa-root", metavar="PEM", help="verify.tsa_root")]


def verify(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR|ZIP", help="verify.case")],
    key: Key = None,
    expect: Expect = None,
    signature: Signature = None,
    public_key: PublicKey = None,
    timestamp: Stamp = None,
    tsa_root: Roots = None,
) -> None:
    """Hash every file again and print differences; exit code 3 if there is one."""
    from piiscan.case.integrity.verify import verify_case
    from piiscan.hashing.head_groups import parse_head

    words = ctx.obj
    if not case.is_file():
        options.existing_folder(ctx, case, "DIR")
    for given, needed, names in (
        (signature, public_key, ("--signature", "--public-key")),
        (timestamp, tsa_root, ("--timestamp", "--tsa-root")),
    ):
        if (given is None) != (needed is None):
            raise options.usage_error(ctx, names[0], "verify.both", names=", ".join(names))
    head = None if expect is None else parse_head(expect)
    found: list[Difference] = []
    if case.is_dir():
        with progress_bar.show_progress(words("verify.progress")) as progress:
            found += verify_case(case, progress=progress)
        if key is not None:
            found += _check_key(case, key, words)
        if head is not None:
            found += _check_expected(case, head, words)
    elif signature is None and timestamp is None:
        raise options.usage_error(ctx, "ZIP", "verify.zip_needs_anchor")
    if signature is not None and public_key is not None:
        found += _check_signature(case, signature, public_key, words)
    if timestamp is not None and tsa_root is not None:
        found += _check_timestamp(case, timestamp, tsa_root, words)
    if not found:
        output.print_line(words("verify.same" if case.is_dir() else "verify.zip_same", case=case))
        return
    _print_differences(case, list(dict.fromkeys(found)), words)
    raise typer.Exit(error_messages.NOT_VERIFIED)


def _check_key(case: Path, key: Path, words: Words) -> Sequence[Difference]:
    """Print how far the key protects the case; return the differences from its checksums."""
    from piiscan.case.integrity.key_check import check_key

    checked = check_key(case, key)
    for sentence in _protected_lines(checked, words):
        output.print_line(sentence)
    return checked.differences


def _protected_lines(checked: KeyCheck, words: Words) -> list[str]:
    """Return the sentences on the lines of the log that the key protects, and those it does not."""
    if not checked.ranges:
        return [words("verify.reach_none", lines=checked.lines)]
    found = [words("verify.reach_lines", last=checked.ranges[-1][1])]
    found += [
        words("verify.reach_gap", first=first, last=last, since=last + 1)
        for first, last in checked.gaps
    ]
    if checked.unprotected is not None:
        first, last = checked.unprotected
        found.append(words("verify.reach_rest", first=first, last=last))
    return found


def _check_expected(case: Path, head: str, words: Words) -> list[Difference]:
    """Print the line with the noted head and the events after it; return a difference if absent."""
    from piiscan.case.integrity.cross_check import Difference
    from piiscan.case.integrity.key_check import find_noted_head

    noted = find_noted_head(case, head)
    if noted is None:
        return [Difference("HEAD_OTHER", "log.jsonl", "EXPECTED")]
    output.print_line(words("verify.expected", line=noted.line))
    if noted.later:
        names = [
            f"{words.name('events', name)} × {count}"
            for name, count in Counter(noted.later).items()
        ]
        output.print_line(
            words("verify.grown", count=len(noted.later), events=words("report.comma").join(names))
        )
    return []


def _check_signature(
    case: Path, signature: Path, public_key: Path, words: Words
) -> list[Difference]:
    """Print that a signature is right; return the differences of signature and sealed case."""
    from piiscan.case.integrity import anchors

    found = anchors.check_signature(signature, public_key)
    if not found:
        output.print_line(words("verify.signed", path=signature))
    return found + anchors.check_sealed(anchors.anchored_file(signature), case)


def _check_timestamp(case: Path, token: Path, roots: Path, words: Words) -> list[Difference]:
    """Print moment and authority of a time stamp; return its differences and the sealed case's."""
    from piiscan.case.integrity import anchors
    from piiscan.case.integrity.cross_check import Difference
    from piiscan.case.store.audit_log import stamp

    found = anchors.check_sealed(anchors.anchored_file(token), case)
    stamped = anchors.check_timestamp(token, roots)
    if stamped is None:
        return [Difference("TIMESTAMP_WRONG", token.name), *found]
    output.print_line(
        words(
            "verify.stamped",
            moment=stamp(stamped.moment),
            authority=stamped.authority,
            number=stamped.number,
        )
    )
    return found


def _print_differences(case: Path, differences: Sequence[Difference], words: Words) -> None:
    """Print every difference with its detail and checksums, and the next step."""
    names = _source_names(case)
    for difference in differences:
        name = names.get(difference.name, difference.name)
        output.print_line(f"{words(f'difference.{difference.reason}')}  {name}")
        if difference.detail:
            output.print_line(f"  {_detail_text(difference, words)}")
        if difference.found:
            output.print_line(words("verify.recorded", sha256=difference.recorded))
            output.print_line(words("verify.found", sha256=difference.found))
    output.print_note(words("verify.differs", count=len(differences), case=case))


def _source_names(case: Path) -> dict[str, str]:
    """Return ``#number`` -> number and path of each source, masked; empty if the case is broken."""
    from piiscan.case.store.case import Case
    from piiscan.errors import PiiscanError
    from piiscan.pages.sanitize import clean

    try:
        paths = Case.open(case).source_names()
    except (PiiscanError, OSError, ValueError, KeyError):
        return {}
    return {f"#{number}": f"#{number} {clean(path)}" for number, path in paths.items()}


def _detail_text(difference: Difference, words: Words) -> str:
    """Return the detail of a difference as text, such as its log line."""
    return words(f"difference_detail.{difference.detail}", line=difference.line)
