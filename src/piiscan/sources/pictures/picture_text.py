"""Text of a picture: lines in reading order with boxes and confidence, and barcodes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from piiscan.arrays import Float64, UInt8
from piiscan.errors import SourceError
from piiscan.sources.archives.member_names import OCR_BARCODES, OCR_TEXT
from piiscan.sources.block import Table, Trouble
from piiscan.sources.drawing import Box, Drawing, DrawnLine, Piece
from piiscan.sources.lined.section_tables import SectionReader
from piiscan.sources.pictures.chat_bubbles import Chat, find_chat
from piiscan.sources.pictures.chat_bubbles import Piece as ChatPiece

#: Modules of the extra ``ocr``.
PACKAGES: Final = ("PIL", "rapidocr", "onnxruntime", "zxingcpp")
#: Longer side, in pixels, below which a picture is read at twice its size.
_SMALL: Final = 700
#: Shorter side, in pixels, to which the recognizer enlarges a picture.
_ENLARGED: Final = 736
#: Characters below which a picture may be turned by a quarter.
_FEW: Final = 6
#: Share of the pieces of a picture of which the turn is that of the picture.
_SURE: Final = 0.75
#: Share of its height by which two pieces of one line overlap.
_SAME_LINE: Final = 0.5
#: Shorter side, in pixels, below which a picture has no room for a text.
_MIN_SIDE: Final = 8
#: Confidence below which a line is called doubtful.
_DOUBTFUL: Final = 0.85
#: Barcodes of goods, and square codes, which hold addresses and texts rather than numbers.
_GOODS: Final = frozenset(("ean8", "ean13", "upca", "upce", "isbn"))
_NO_WAYBILLS: Final = _GOODS.union(
    ("qrcode", "microqrcode", "rmqrcode", "datamatrix", "aztec", "pdf417", "maxicode")
)
#: Pictures that a process remembers, and their texts by shape and SHA-256 of the pixels.
_REMEMBERED: Final = 64
_remembered: Final[dict[tuple[tuple[int, ...], bytes], PictureText]] = {}
#: Parts of a model's file name, by what it does.
_MODELS: Final = {"Det": "_det_", "Cls": "_cls_", "Rec": "_rec_"}


class TextLine(NamedTuple):
    """Recognised line: text, least confidence (0 to 1) of its pieces, box and pieces in pixels."""

    text: str
    confidence: float
    box: Box
    pieces: tuple[Piece, ...] = ()


class Barcode(NamedTuple):
    """Barcode: its format (``Code128``), its text, and its box in pixels."""

    format: str
    text: str
    box: Box


class PictureText(NamedTuple):
    """All text of one picture: its lines, its barcodes, and its chat, if it shows one.

    ``lines``: in reading order. ``chat``: messages in them, if it is a screenshot of a chat.
    """

    lines: list[TextLine]
    barcodes: list[Barcode]
    chat: Chat | None = None


def can_recognise() -> bool:
    """Return True if the packages of the extra ``ocr`` are installed."""
    return all(find_spec(name) is not None for name in PACKAGES)


def read_picture(pixels: UInt8) -> PictureText:
    """Read the text and the barcodes of a picture (``uint8[height, width, 3]``).

    The last pictures are remembered: dumps hold many copies of one, and a shown finding reads its
    picture again.
    """
    if min(pixels.shape[:2]) < _MIN_SIDE:
        return PictureText([], [])
    key = pixels.shape, hashlib.sha256(np.ascontiguousarray(pixels).data).digest()
    found = _remembered.pop(key, None) or _read_anew(pixels)
    _remembered[key] = found
    if len(_remembered) > _REMEMBERED:
        _remembered.pop(next(iter(_remembered)), None)
    return found


def _read_anew(pixels: UInt8) -> PictureText:
    """Read the text and the barcodes of a picture that is not remembered."""
    scale = 2 if max(pixels.shape[:2]) < _SMALL else 1
    lines, turned_pieces = _read_lines(pixels, scale)
    if turned_pieces is not None and _is_turned(lines):
        turned = [
            (_read_lines(np.rot90(pixels, turns), scale, upright=True)[0], turns)
            for turns in _likely_turns(lines, turned_pieces)
        ]
        best, turns = max(turned, key=lambda each: _confident_characters(each[0]))
        if _confident_characters(best) > _confident_characters(lines) or not _is_turned(best):
            lines = [_turned_line(line, turns, pixels.shape) for line in best]
    pieces = [
        ChatPiece(line.text[start:end], box, number)
        for number, line in enumerate(lines)
        for start, end, box in line.pieces
    ]
    return PictureText(lines, _read_barcodes(pixels), find_chat(pixels, pieces))


def _is_turned(lines: Sequence[TextLine]) -> bool:
    """Return True if a picture seems turned: little text, or pieces higher than wide."""
    boxes = [box for line in lines for start, end, box in line.pieces if end - start > 1]
    high = sum(bottom - top > right - left for left, top, right, bottom in boxes)
    return sum(len(line.text) for line in lines) < _FEW or 2 * high > len(boxes)


def _likely_turns(lines: Sequence[TextLine], turned_pieces: float) -> tuple[int, ...]:
    """Return the quarter turns to the left that may make the text upright.

    Pieces that are higher than wide were read turned to the left already.
    """
    if sum(len(line.text) for line in lines) < _FEW or 1 - _SURE <= turned_pieces <= _SURE:
        return 1, 3
    return (1,) if turned_pieces < _SURE else (3,)


def _confident_characters(lines: Sequence[TextLine]) -> float:
    """Return the number of characters of ``lines``, weighted by confidence."""
    return sum(len(line.text) * line.confidence for line in lines)


def drawing_of(pixels: UInt8, found: PictureText) -> Drawing:
    """Return the Drawing of a picture: its lines, then its barcodes.

    Doubtful lines are unsure, and barcodes but those of goods: nobody who looks at one can read it.
    """
    lines = [DrawnLine(line.text, line.box, line.pieces) for line in found.lines]
    lines += [DrawnLine(code.text, code.box) for code in found.barcodes]
    unsure = [line.box for line in found.lines if line.confidence < _DOUBTFUL]
    unsure += [code.box for code in found.barcodes if code.format.lower() not in _GOODS]
    return Drawing(pixels, tuple(lines), tuple(unsure), recognised=True)


def draw_recognised(pixels: UInt8) -> Drawing:
    """Return the Drawing of a picture with recognised lines and barcodes, shrunk if large."""
    return drawing_of(pixels, read_picture(pixels)).bounded()


def open_recognised(
    sections: SectionReader, found: PictureText, prefix: str
) -> Iterator[Table | Trouble]:
    """Yield the tables of recognised lines and barcodes, and Troubles for doubtful lines.

    The messages of a chat are a table of their own.  ``prefix``: of the names of the tables,
    ``frame 2``.  Barcodes that are none of goods may be waybills.
    """
    name = f"{prefix}{OCR_TEXT}"
    lines = [(line.text, frozenset((number,))) for number, line in enumerate(found.lines)]
    if found.chat is not None:
        lines = [(piece.text, frozenset((piece.line,))) for piece in found.chat.rest]
        yield from _open_messages(sections, found, found.chat, f"{name} messages")
    yield from sections.open_section(name, [text for text, _ in lines], (), f"{name} ")
    rows: list[list[str | None]] = [
        [each.format, each.text, None]
        if each.format.lower() in _NO_WAYBILLS
        else [each.format, None, each.text]
        for each in found.barcodes
    ]
    yield from sections.open_table(f"{prefix}{OCR_BARCODES}", rows, ("format", "text", "运单号"))
    yield from _doubtful(sections, found, name, [numbers for _, numbers in lines])


def _open_messages(
    sections: SectionReader, found: PictureText, chat: Chat, name: str
) -> Iterator[Table | Trouble]:
    """Yield the messages of a chat as a table, and a Trouble for doubtful messages."""
    rows: list[list[str | None]] = [
        [each.time or None, each.sender or None, chat.title or None, each.text]
        for each in chat.messages
    ]
    yield from sections.open_table(name, rows, ("时间", "发送者", "会话", "内容"), "chat")
    yield from _doubtful(sections, found, name, [each.lines for each in chat.messages])


def _doubtful(
    sections: SectionReader, found: PictureText, name: str, rows: Sequence[frozenset[int]]
) -> Iterator[Trouble]:
    """Yield a Trouble for the rows of table ``name`` that have a line of low confidence.

    ``rows``: numbers of the lines of each row.
    """
    doubtful = [
        row
        for row, numbers in enumerate(rows, 1)
        if any(found.lines[number].confidence < _DOUBTFUL for number in numbers)
    ]
    if doubtful:
        detail = f"lines {', '.join(map(str, doubtful))}"
        member = f"{sections.content.member}#{name}"
        yield Trouble(member, "DOUBTFUL_TEXT", detail, doubtful[0], lost=False)


class Recognizer:
    """Text recognizer that also measures the share of pieces of text turned by 180 degrees."""

    def __init__(self, engine: Any) -> None:
        """Wrap ``engine``, a RapidOCR object."""
        self._engine, self._turn = engine, engine.cls_and_rotate
        self._turned: float | None = None
        engine.cls_and_rotate = self._turn_pieces

    def read(self, pixels: UInt8, *, upright: bool) -> tuple[Any, float | None]:
        """Recognise the text of a picture.

        Return (result, share of its pieces upside down or None).
        """
        self._turned = None
        found = self._engine(np.ascontiguousarray(pixels[:, :, ::-1]), use_cls=not upright)
        return found, self._turned

    def _turn_pieces(self, pieces: Any) -> Any:
        """Turn pieces of text that are upside down, and store their share."""
        turned = self._turn(pieces)
        self._turned = float(np.mean(["180" in label for label, _ in turned[1].cls_res]))
        return turned


@cache
def recognizer() -> Recognizer:
    """Return the shared text recognizer: one thread, installed models, no network."""
    import rapidocr

    folder = Path(rapidocr.__file__).parent / "models"
    params: dict[str, Any] = {
        "Global.log_level": "critical",
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    for step, part in _MODELS.items():
        path = next((each for each in sorted(folder.glob("*.onnx")) if part in each.name), None)
        if path is None:
            raise SourceError("PACKAGE_MISSING", "picture: ocr")
        params[f"{step}.model_path"] = str(path)
    return Recognizer(rapidocr.RapidOCR(params=params))


def _read_lines(
    pixels: UInt8, scale: int, *, upright: bool = False
) -> tuple[list[TextLine], float | None]:
    """Recognise the lines of a picture, enlarged by ``scale``.

    Return (lines, share of pieces upside down or None).

    Return also the share of its pieces that are turned by half, None if there is nothing like a
    text; if most are, their order is turned.
    ``upright``: no line is turned by half, so that a picture upside down has none that make sense.
    """
    large = pixels.repeat(scale, 0).repeat(scale, 1) if scale > 1 else pixels
    found, turned = recognizer().read(_widened(large), upright=upright)
    if found.boxes is None or not len(found.boxes):
        return [], turned
    corners = np.asarray(found.boxes, np.float64) / scale
    texts, scores = list(found.txts), [float(each) for each in found.scores]
    lines = join_lines(corners, texts, scores)
    if turned is not None and turned > _SURE and not _is_turned(lines):
        corner = np.array(pixels.shape[1::-1])
        lines = join_lines((corner - corners)[:, [2, 3, 0, 1]], texts, scores)
        lines = [_turned_line(line, 2, pixels.shape) for line in lines]
    return lines, turned


def _widened(pixels: UInt8) -> UInt8:
    """Extend a narrow picture by its edge to half its length, which is faster to recognise.

    The recognizer enlarges pictures by their shorter side: a strip would take several times longer.
    """
    height, width = pixels.shape[:2]
    half = max(height, width) // 2
    if min(height, width) >= min(half, _ENLARGED):
        return pixels
    return np.pad(pixels, ((0, max(half - height, 0)), (0, max(half - width, 0)), (0, 0)), "edge")


def join_lines(corners: Float64, texts: Sequence[str], scores: Sequence[float]) -> list[TextLine]:
    """Join pieces of text to lines, from top to bottom, left to right.

    ``corners``: ``float64[n, 4, 2]``, corners of each piece from the upper left on, clockwise.

    >>> boxes = np.array([[[50, 0], [90, 0], [90, 9], [50, 9]], [[0, 1], [40, 1], [40, 9], [0, 9]]])
    >>> [line.text for line in join_lines(boxes.astype(float), ["13800138000", "张三"], [1, 1])]
    ['张三  13800138000']
    """
    edges = corners[:, 1] - corners[:, 0]
    wide = edges[:, 0] > 0
    angle = np.median(np.arctan2(edges[wide, 1], edges[wide, 0])) if wide.any() else 0.0
    level = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    upright = corners @ level
    top, bottom = upright[:, :, 1].min(axis=1), upright[:, :, 1].max(axis=1)
    left = upright[:, :, 0].min(axis=1)
    rows: list[list[int]] = []
    for piece in np.argsort(top + bottom, kind="stable").tolist():
        last = rows[-1][-1] if rows else None
        if last is not None:
            shared = min(bottom[piece], bottom[last]) - max(top[piece], top[last])
            least = min(bottom[piece] - top[piece], bottom[last] - top[last])
            if shared >= _SAME_LINE * least:
                rows[-1].append(piece)
                continue
        rows.append([piece])
    lines = []
    for row in rows:
        row.sort(key=lambda piece: left[piece])
        text, pieces = "", list[Piece]()
        for piece in row:
            text += "  " if text else ""
            end = len(text) + len(texts[piece])
            pieces.append((len(text), end, _box(corners[piece])))
            text += texts[piece].replace("\n", " ")
        confidence = min(scores[piece] for piece in row)
        lines.append(TextLine(text, confidence, _box(corners[row]), tuple(pieces)))
    return lines


def _box(corners: Float64) -> Box:
    """Return the box around all ``corners`` (``float64[..., 2]``) in whole pixels."""
    points = corners.reshape(-1, 2)
    left, top = np.floor(points.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(points.max(axis=0)).astype(int).tolist()
    return left, top, right, bottom


def _turned_line(line: TextLine, turns: int, size: tuple[int, ...]) -> TextLine:
    """Return a line of a picture turned by ``turns`` quarters, in the original's pixels."""
    pieces = ((start, end, _turned_back(box, turns, size)) for start, end, box in line.pieces)
    return line._replace(box=_turned_back(line.box, turns, size), pieces=tuple(pieces))


def _turned_back(box: Box, turns: int, size: tuple[int, ...]) -> Box:
    """Return a box of a picture turned by ``turns`` quarters, in the original's pixels.

    ``size``: height and width of the picture.
    """
    height, width = size[:2]
    left, top, right, bottom = box
    if turns == 1:
        return width - bottom, left, width - top, right
    if turns == 2:
        return width - right, height - bottom, width - left, height - top
    return top, height - right, bottom, height - left


def _read_barcodes(pixels: UInt8) -> list[Barcode]:
    """Find the barcodes of a picture; without any, in the picture at twice its size."""
    import zxingcpp

    for scale in (1, 2):
        large = pixels if scale == 1 else pixels.repeat(scale, 0).repeat(scale, 1)
        found = [each for each in zxingcpp.read_barcodes(np.ascontiguousarray(large)) if each.text]
        if found or max(pixels.shape[:2]) > 2 * _SMALL:
            break
    barcodes = []
    for each in found:
        place = each.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        xs, ys = [point.x // scale for point in corners], [point.y // scale for point in corners]
        name = "".join(filter(str.isalnum, str(each.format).rpartition(".")[2]))
        box = (min(xs), min(ys), max(xs), max(ys))
        barcodes.append(Barcode(name, each.text.replace("\n", " "), box))
    return barcodes
