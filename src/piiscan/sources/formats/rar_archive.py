"""RAR archives: the program bsdtar converts them to a tar stream, the member ``NAME.tar``.

bsdtar reads from a pipe and writes to one: it is given no name and writes no file.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import suppress
from threading import Thread
from typing import IO, BinaryIO, Final

from piiscan.sources.archives.member_names import is_split_name
from piiscan.sources.archives.spool import MemberScan, Packed
from piiscan.sources.block import Trouble
from piiscan.sources.content import read_pieces
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.read_context import ReadContext

_COMMAND: Final = ("-c", "-P", "-f", "-", "--format", "pax", "@-")


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the tar stream of a RAR archive, and a Trouble per problem."""
    content = sample.content
    program = shutil.which("bsdtar")
    if is_split_name(content.name):
        yield Trouble(content.member, "SPLIT_SET", "rar")
        return
    if program is None:
        yield Trouble(content.member, "PACKAGE_MISSING", "rar: bsdtar (libarchive-tools)")
        return
    name = f"{content.name.removesuffix('.rar')}.tar"
    scan = MemberScan(content.member_path(name), context.usage, Packed(content.size))
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # no name of a member is on its command line
            (program, *_COMMAND),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={"LC_ALL": "C.UTF-8"},
        )
        assert process.stdin is not None
        assert process.stdout is not None
        with content.open() as stream:
            feeder = Thread(target=_feed, args=(stream, process.stdin), daemon=True)
            feeder.start()
            try:
                scan.read_damaged(read_pieces(process.stdout))  # type: ignore[arg-type]
            finally:
                if scan.trouble is not None:
                    process.kill()
                process.stdout.close()
                code = process.wait()
                feeder.join()
        errors.seek(0)
        text = errors.read(1 << 16).lower()
    yield from scan.opened(seed=context.seed)
    if (code or text.strip()) and scan.trouble is None:  # it can skip members and exit with 0
        reason = "ENCRYPTED" if b"encrypt" in text or b"passphrase" in text else "CORRUPT"
        yield Trouble(content.member, reason, "rar: bsdtar did not read all of it")


def _feed(stream: BinaryIO, pipe: IO[bytes]) -> None:
    """Write the bytes of ``stream`` to the program's input; ignore a program that ends early."""
    with suppress(BrokenPipeError, OSError), pipe:
        for piece in read_pieces(stream):
            pipe.write(piece)


FORMATS: Final = (
    Format(
        "rar", 20, _open, signatures=((0, b"Rar!\x1a\x07"),), extensions=("rar",), container=True
    ),
)
