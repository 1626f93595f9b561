"""``piiscan verify``: check a case and its sources against its records and outside anchors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

import piiscan
from piiscan.cli import error_messages, options, output, progress_bar
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.integrity.cross_check import Difference
    from piiscan.case.integrity.key_check import KeyCheck
    from piiscan.case.integrity.verification import Verification

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


#: Numbers of lines that one sentence names at most.
_MOST_LINES: Final = 20


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
    words = ctx.obj
    if not case.is_file():
        options.existing_folder(ctx, case, "DIR")
    for given, needed, names in (
        (signature, public_key, ("--signature", "--public-key")),
        (timestamp, tsa_root, ("--timestamp", "--tsa-root")),
    ):
        if (given is None) != (needed is None):
            raise options.usage_error(ctx, names[0], "verify.both", names=", ".join(names))
    if case.is_file() and signature is None and timestamp is None:
        raise options.usage_error(ctx, "ZIP", "verify.zip_needs_anchor")
    with progress_bar.show_progress(words, "hash") as progress:
        checked = piiscan.verify(
            case,
            key=key,
            expect=expect,
            signature=signature,
            public_key=public_key,
            timestamp=timestamp,
            tsa_root=tsa_root,
            progress=progress,
        )
    _print_anchors(checked, signature, words)
    found = checked.differences
    if not found:
        output.print_line(words("verify.same" if case.is_dir() else "verify.zip_same", case=case))
        return
    _print_differences(case, found, words)
    raise typer.Exit(error_messages.NOT_VERIFIED)


def _print_anchors(checked: Verification, signature: Path | None, words: Words) -> None:
    """Print how far key, noted head, signature and time stamp protect the case."""
    from piiscan.case.store.audit_log import stamp

    if checked.key_check is not None:
        for sentence in _protected_lines(checked.key_check, words):
            output.print_line(sentence)
    if checked.noted_head is not None:
        output.print_line(words("verify.expected", line=checked.noted_head.line))
        later = checked.noted_head.later
        if later:
            output.print_line(words("verify.grown", count=len(later)))
        for line, event, file in later:
            name = words.name("events", event)
            output.print_line(words("verify.grown_by", line=line, event=name, file=file).rstrip())
    if checked.is_signed:
        output.print_line(words("verify.signed", path=signature))
    if checked.time_stamp is not None:
        stamped = checked.time_stamp
        output.print_line(
            words(
                "verify.stamped",
                moment=stamp(stamped.moment),
                authority=stamped.authority,
                number=stamped.number,
            )
        )


def _protected_lines(checked: KeyCheck, words: Words) -> list[str]:
    """Return the sentences on the lines of the log that the key protects, and those it does not."""
    found = [words("verify.reach_lines", count=checked.protected, lines=checked.lines)]
    if checked.unkeyed:
        numbers = words("report.comma").join(map(str, checked.unkeyed[:_MOST_LINES]))
        cut = len(checked.unkeyed) > _MOST_LINES
        found.append(words("verify.reach_unkeyed", lines=f"{numbers} …" if cut else numbers))
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
