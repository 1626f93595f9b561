"""OCR for presidio-image-redactor by the models of the extra ``ocr``, with boxes of the values.

``电话13912345678谢谢`` on a picture -> words ``电话``, ``13912345678``, ``谢谢`` with a box each
"""

from __future__ import annotations

import datetime
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from piiscan.arrays import UInt8
from piiscan.errors import PiiscanError
from piiscan.presidio.engine_cache import SharedEngine
from piiscan.presidio.entity_recognizers import DEFAULT_MIN_SCORE, default_engine
from piiscan.sources.drawing import Box
from piiscan.sources.pictures.picture_text import TextLine, can_recognise, read_picture


class PictureOcr:
    """OCR that an ``ImageAnalyzerEngine`` takes; its words are values and the texts between them.

    Presidio redacts whole words: one a line, as the models give them, would black out the line.
    """

    def __init__(self, shared: SharedEngine | None = None) -> None:
        """Create the OCR. Raise PiiscanError without the packages of the extra ``ocr``."""
        if not can_recognise():
            raise PiiscanError("presidio.no_ocr")
        self._shared = shared or default_engine(datetime.date.today())

    def perform_ocr(self, image: Any, **_: Any) -> dict[str, list[Any]]:
        """Return the words of a picture with their boxes, as Tesseract's ``image_to_data``.

        ``image``: PIL image, array, or path of a file.
        """
        words: dict[str, list[Any]] = {
            name: [] for name in ("text", "left", "top", "width", "height", "conf")
        }
        for line in read_picture(_pixels(image)).lines:
            for start, end in self._parts(line.text):
                if text := line.text[start:end].strip():
                    left, top, right, bottom = box_of_part(line, start, end)
                    row = (text, left, top, right - left, bottom - top, 100 * line.confidence)
                    for name, value in zip(words, row, strict=True):
                        words[name].append(value)
        return words

    def _parts(self, text: str) -> list[tuple[int, int]]:
        """Return the parts [start, end) of a line: findings, and the texts between them."""
        found = self._shared.engine.find_all([text], min_score=DEFAULT_MIN_SCORE)[0]
        edges = {0, len(text), *(each.start for each in found), *(each.end for each in found)}
        return list(pairwise(sorted(edges)))

    @staticmethod
    def get_text_from_ocr_dict(ocr_result: dict[str, list[Any]], separator: str = " ") -> str:
        """Return the words as one text."""
        return separator.join(ocr_result["text"]) if ocr_result else ""


def ocr(shared: SharedEngine | None = None) -> PictureOcr:
    """Return the OCR for ``ImageAnalyzerEngine(analyzer(), ocr=ocr())``.

    Raise PiiscanError without the packages of the extra ``ocr``.
    """
    return PictureOcr(shared)


def box_of_part(line: TextLine, start: int, end: int) -> Box:
    """Return the box of the characters [start, end) of a line, rather too wide than too narrow.

    Hanzi are taken for twice as wide as digits. The box is wider by half a Hanzi on both sides.
    """
    boxes: list[Box] = []
    for first, last, (left, top, right, bottom) in line.pieces or ((0, len(line.text), line.box),):
        if first < end and start < last:
            widths = [1 + (unicodedata.east_asian_width(c) in "WF") for c in line.text[first:last]]
            unit = (right - left) / max(sum(widths), 1)
            begin, stop = (sum(widths[: max(at - first, 0)]) * unit for at in (start, end))
            near = int(left + begin - unit) if start > first else left
            far = int(left + stop + unit) + 1 if end < last else right
            boxes.append((max(near, left), top, min(far, right), bottom))
    lefts, tops, rights, bottoms = zip(*boxes or [line.box], strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _pixels(image: Any) -> UInt8:
    """Return an image as ``uint8[height, width, 3]``."""
    from PIL import Image

    if isinstance(image, str | Path):
        with Image.open(image) as opened:
            return np.asarray(opened.convert("RGB"))
    picture = image if isinstance(image, Image.Image) else Image.fromarray(np.asarray(image))
    return np.asarray(picture.convert("RGB"))
