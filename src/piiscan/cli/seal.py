"""``piiscan seal``: pack a case into one read-only file with checksum, head and anchors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from piiscan.cli import options, output, progress_bar

Sign = Annotated[Path | None, typer.Option("--sign", metavar="PEM", help="seal.sign")]
Stamp = Annotated[bool, typer.Option("--timestamp", help="seal.timestamp")]


def seal(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="seal.folder")],
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="ZIP", help="seal.out")] = None,
    sign: Sign = None,
    timestamp: Stamp = False,
    key: options.CaseKey = None,
) -> None:
    """Pack DIR into a read-only zip and print its SHA-256 and the head of its log."""
    from piiscan.case.integrity import anchors
    from piiscan.case.integrity.seal import seal as pack

    words = ctx.obj
    place = out or folder.resolve().with_name(f"{folder.resolve().name}.zip")
    anchors.check_free(place)
    signing_key = None
    if sign is not None:
        signing_key = anchors.load_signing_key(
            options.existing_file(ctx, sign, "--sign"),
            passphrase=lambda: typer.prompt(words("seal.passphrase"), hide_input=True, err=True),
        )
    if timestamp:
        anchors.require_timestamps()
    with progress_bar.show_progress(words, "seal") as progress:
        done = pack(folder, place, key=key, progress=progress)
    output.print_line(words("seal.done", path=done.path, files=done.files, size=done.size))
    output.print_line(f"SHA-256  {done.sha256}")
    head = anchors.write_seal_head(done, folder)
    output.print_line(words("seal.head", path=head))
    if signing_key is not None:
        output.print_line(words("seal.signed", path=anchors.sign(head, signing_key)))
    if timestamp:
        request = anchors.write_timestamp_request(head)
        answer = anchors.anchor_path(head, ".tsr").name
        output.print_line(words("seal.requested", path=request, answer=answer))
    output.print_head(folder, words)
