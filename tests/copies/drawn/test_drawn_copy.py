"""Copies of pictures and PDF documents have pixels only, and no value on or beside them."""

import contextlib
import io
import itertools
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from piiscan.copies.drawn import drawn_copy
from piiscan.copies.drawn.pdf_file import PdfFile
from piiscan.copies.redact_folder import REPORT, Redaction, redact
from piiscan.sources import read
from piiscan.sources.pictures.picture_text import read_picture
from tests.copies.documents import document as word_document
from tests.copies.documents import paragraph
from tests.sources.drawn import barcode, encoded, picture
from tests.sources.formats.pdf import made


@dataclass
class Planted:
    """Numbers by the place in which they are planted."""

    values: dict[str, str] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(13900000011, 10007))

    def __call__(self, place: str) -> str:
        """The number of a place."""
        return self.values.setdefault(place, str(next(self._numbers)))


def drawn(text: str) -> Image.Image:
    return picture([text], width=260)


def png(p: Planted) -> bytes:
    """A PNG file with numbers in its pixels, its chunks and behind its end."""
    told = PngInfo()
    told.add_text("Author", p("png text"))
    told.add_text("Comment", p("png packed text"), zip=True)
    told.add_itxt("Title", p("png international text"), zip=True)
    exif = Image.Exif()
    exif[0x010E] = p("png exif")
    page = drawn(f"Tel {p('png pixels')}").convert("RGBA")
    page.paste(drawn(p("transparent pixels")).resize((90, 20)).convert("RGB"), (150, 40))
    hidden = np.array(page)
    hidden[40:60, 150:240, 3] = 0
    return encoded(Image.fromarray(hidden), pnginfo=told, exif=exif) + p("png end").encode()


def jpeg(p: Planted) -> bytes:
    """A JPEG file with numbers in its pixels, EXIF, thumbnail, XMP, comment and behind its end."""
    exif = Image.Exif()
    exif[0x010E] = p("jpeg description")
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + p("jpeg user comment").encode()
    exif.get_ifd(0x8825)[0x1D] = p("jpeg place")
    thumbnail = encoded(drawn("x").resize((60, 20)), "JPEG", comment=p("thumbnail").encode())
    exif[0x9C9C] = p("jpeg windows comment").encode("utf-16-le")
    data = encoded(
        drawn(f"Tel {p('jpeg pixels')}"),
        "JPEG",
        exif=exif,
        comment=p("jpeg comment").encode(),
        xmp=f"<x:xmpmeta>{p('jpeg xmp')}</x:xmpmeta>".encode(),
    )
    return data + thumbnail + p("jpeg end").encode()


def document(p: Planted) -> bytes:
    """A PDF document with numbers wherever it may have some, and an earlier version."""
    file = f"<</Type/EmbeddedFile/Length 11>>stream\n{p('attached file')}\nendstream"
    broken = p("number in two lines")
    first = ("first page", f"Tel {p('text')}", f"Tel {broken[:6]}", f"{broken[6:]} end")
    packed = zlib.compress(p("packed stream").encode()).decode("latin-1")
    whole = made.document(
        [made.lined(*first), made.lined("no number")],
        info=f"/Title{made.wide(p('title'))}/Author({p('author')})",
        catalog=f"/Names<</EmbeddedFiles<</Names[({p('file name')}.txt) 11 0 R]>>>>"
        f"/AcroForm<</Fields[12 0 R]>>/Outlines 13 0 R",
        notes=["10 0 R", "12 0 R"],
        more=[
            f"<</Type/Annot/Subtype/Text/Rect[9 9 30 30]/Contents({p('note')})>>",
            f"<</Type/Filespec/F({p('file name')}.txt)/EF<</F 15 0 R>>>>",
            f"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[9 9 9 9]/V({p('field')})/DA(/F1 9 Tf)>>",
            "<</Type/Outlines/First 14 0 R/Last 14 0 R/Count 1>>",
            f"<</Title({p('bookmark')})/Parent 13 0 R>>",
            file,
            f"<</Filter/FlateDecode/Length {len(packed)}>>stream\n{packed}\nendstream",
        ],
    )
    return whole + f"% {p('comment')}\n%%EOF\n".encode()


@dataclass(frozen=True)
class Made:
    """Sources with planted numbers, and their copies."""

    values: dict[str, str]
    source: Path
    out: Path
    done: Redaction

    def copy(self, name: str) -> bytes:
        return (self.out / "in" / name).read_bytes()

    def reasons(self, name: str) -> list[str]:
        (told,) = (each for each in self.done.copies if each.source.endswith(f"/{name}"))
        return [problem.reason for problem in told.problems]


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder, p = tmp_path_factory.mktemp("drawn"), Planted()
    source = folder / "in"
    source.mkdir()
    pages = [drawn(f"Tel {p(place)}") for place in ("first frame", "second frame")]
    with zipfile.ZipFile(source / "z.zip", "w") as archive:
        archive.writestr("inner.png", encoded(drawn(f"Tel {p('zipped pixels')}")))
    word = io.BytesIO(word_document(paragraph("x")))
    with zipfile.ZipFile(word, "a") as archive:
        for name in ("word", "blank"):
            text = f"Tel {p('picture in a document pixels')}" if name == "word" else ""
            archive.writestr(f"word/media/{name}.png", encoded(drawn(text)))
    (source / "w.docx").write_bytes(word.getvalue())
    waybill = f"SF{p('barcode')}88"
    for name, data in (
        ("a.png", png(p)),
        ("b.jpg", jpeg(p)),
        (
            "c.tiff",
            encoded(
                *(pages[0], "TIFF"),
                save_all=True,
                append_images=pages[1:],
                tiffinfo={270: p("tiff description")},
            ),
        ),
        ("d.gif", encoded(drawn(f"Tel {p('gif')}"), "GIF", comment=p("gif comment").encode())),
        ("e.pdf", document(p)),
        ("scan.pdf", encoded(drawn(f"Tel {p('scan')}"), "PDF", resolution=100)),
        ("code.webp", encoded(barcode(waybill), "WEBP", lossless=True)),
        ("white.png", encoded(drawn(""))),
    ):
        (source / name).write_bytes(data)
    done = redact(source, out=folder / "out")
    return Made(p.values, source, folder / "out", done)


def inflated(data: bytes) -> bytes:
    """What the packed parts of a file hold."""
    parts, at = [], 0
    while (at := data.find(b"\x78", at)) >= 0:
        with contextlib.suppress(zlib.error):
            parts.append(zlib.decompressobj().decompress(data[at:]))
        at += 1
    return b"\n".join(parts)


def left(data: bytes, values: dict[str, str]) -> list[str]:
    """Places whose number is in the bytes, as they are, in UTF-16 or unpacked."""
    whole = b"\n".join([data, inflated(data)])
    whole += whole.replace(b"\0", b"")
    return [place for place, value in values.items() if value.encode() in whole]


def test_the_planted_numbers_are_in_the_sources(copies: Made) -> None:
    whole = b"\n".join(each.read_bytes() for each in copies.source.iterdir())
    unseen = {place for place in copies.values if "pixels" in place or "frame" in place}
    unseen |= {"gif", "scan", "barcode", "text", "title", "number in two lines"}
    assert set(copies.values) - set(left(whole, copies.values)) <= unseen


@pytest.mark.parametrize(
    "name",
    ["a.png", "b.jpg", "c.tiff", "d.gif", "e.pdf", "scan.pdf", "code.webp", "z.zip", "w.docx"],
)
def test_no_byte_of_a_copy_has_a_value(copies: Made, name: str) -> None:
    assert left(copies.copy(name), copies.values) == []


def test_all_copies_are_clean_and_say_what_they_are(copies: Made) -> None:
    assert copies.done.remaining == 0
    for name in ("a.png", "b.jpg", "c.tiff", "d.gif", "code.webp", "z.zip"):
        assert copies.reasons(name) == ["LOOK_AT_PICTURE"], name
    assert copies.reasons("e.pdf") == ["PAGES_ARE_PICTURES"]
    assert copies.reasons("scan.pdf") == ["PAGES_ARE_PICTURES", "LOOK_AT_PICTURE"]
    assert copies.reasons("white.png") == ["NO_TEXT_IN_PICTURE"]
    report = (copies.out / REPORT).read_text("utf-8")
    assert [value for value in copies.values.values() if value in report] == []


@pytest.mark.parametrize("name", ["a.png", "b.jpg", "c.tiff", "d.gif", "code.webp"])
def test_a_copy_is_a_picture_of_the_same_kind_and_size_without_more(
    copies: Made, name: str
) -> None:
    with Image.open(copies.source / name) as source, Image.open(copies.out / "in" / name) as copy:
        assert (copy.format, copy.size) == (source.format, source.size)
        assert getattr(copy, "n_frames", 1) == getattr(source, "n_frames", 1)
        assert not copy.getexif() or copy.format == "TIFF"
        assert not {"comment", "exif", "xmp", "Author", "Title"} & set(copy.info)
        for number in range(getattr(copy, "n_frames", 1)):
            copy.seek(number)
            pixels = np.asarray(copy.convert("RGB"), np.uint8)
            assert (pixels < 20).all(axis=2).mean() > 0.05


def test_pictures_in_a_document_are_covered_and_a_blank_one_is_left_out(copies: Made) -> None:
    assert sorted(copies.reasons("w.docx")) == ["LOOK_AT_PICTURE", "NOT_MASKED"]
    sizes = []
    with zipfile.ZipFile(copies.out / "in" / "w.docx") as archive:
        for name in ("word", "blank"):
            with Image.open(archive.open(f"word/media/{name}.png")) as shown:
                sizes.append(shown.size)
                assert (np.asarray(shown.convert("RGB")) < 20).any() == (name == "word")
    assert sizes == [drawn("x").size, (1, 1)]


def test_the_pages_of_a_copy_are_pictures_of_the_same_size(copies: Made) -> None:
    with (
        pypdfium2.PdfDocument(copies.source / "e.pdf") as source,
        pypdfium2.PdfDocument(copies.out / "in" / "e.pdf") as copy,
    ):
        assert len(copy) == len(source)
        assert (copy.count_attachments(), list(copy.get_toc())) == (0, [])
        assert not any(copy.get_metadata_dict().values())
        for page, before in zip(copy, source, strict=True):
            assert page.get_size() == pytest.approx(before.get_size(), abs=0.5)
            assert page.get_textpage().count_chars() == 0
            assert [each.type for each in page.get_objects()] == [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
        shown = np.asarray(copy[0].render(scale=200 / 72).to_pil().convert("RGB"), np.uint8)
        lines = [line.text.replace(" ", "") for line in read_picture(shown[:400, :900]).lines]
    assert "firstpage" in lines
    assert copies.values["number in two lines"][6:] not in "".join(lines)
    assert any(line.startswith("Tel") for line in lines)


def test_a_value_that_is_left_on_a_copy_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piiscan.copies.drawn.covering.blacken", lambda *_: None)
    (tmp_path / "a.png").write_bytes(encoded(drawn("Tel 13900000008")))
    done = redact(tmp_path / "a.png", out=tmp_path / "out")
    assert done.copies[0].standing
    assert done.copies[0].remaining
    assert done.remaining


def test_a_document_with_a_password_and_a_picture_of_wechat_are_copied_plain(
    tmp_path: Path,
) -> None:
    secret = made.document([made.lined("Tel 13900000008")], password="pass1")
    (tmp_path / "a.pdf").write_bytes(secret)
    masked = bytes(each ^ 0x5A for each in encoded(drawn("Tel 13900000018"), "JPEG"))
    (tmp_path / "0f1e.dat").write_bytes(masked)
    (tmp_path / "words").write_text("pass1\n", "utf-8")
    done = redact(
        [tmp_path / "a.pdf", tmp_path / "0f1e.dat"],
        out=tmp_path / "out",
        passwords=tmp_path / "words",
    )
    assert done.remaining == 0
    assert [sum(each.counts.values()) for each in done.copies] == [1, 1]
    with pypdfium2.PdfDocument(tmp_path / "out" / "a.pdf") as copy:
        assert len(copy) == 1
    with Image.open(tmp_path / "out" / "0f1e.dat") as shown:
        assert shown.format == "JPEG"
        assert (np.asarray(shown.convert("RGB"), np.uint8) < 20).all(axis=2).mean() > 0.05


def test_without_the_packages_nothing_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "_is_installed", lambda name: False)
    (tmp_path / "a.png").write_bytes(encoded(drawn("Tel 13900000008")))
    (tmp_path / "b.pdf").write_bytes(made.document([made.lined("Tel 13900000008")]))
    done = redact([tmp_path / "a.png", tmp_path / "b.pdf"], out=tmp_path / "out")
    told = [(each.copy, [(p.reason, p.detail) for p in each.problems]) for each in done.copies]
    assert told == [
        (None, [("PACKAGE_MISSING", "picture: ocr")]),
        (None, [("PACKAGE_MISSING", "pdf: documents")]),
    ]


def test_frames_that_cannot_be_held_are_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn_copy, "_MAX_BYTES", 1000)
    (tmp_path / "a.png").write_bytes(encoded(drawn("Tel 13900000008")))
    (copy,) = redact(tmp_path / "a.png", out=tmp_path / "out").copies
    assert (copy.copy, [each.reason for each in copy.problems]) == (None, ["MEMBER_TOO_LARGE"])


def test_a_pdf_file_of_pictures_is_read_as_it_was_written() -> None:
    photo = np.random.default_rng(3).integers(90, 110, (40, 30, 3), np.uint8)
    gray = np.repeat(np.arange(1200, dtype=np.uint8).reshape(40, 30, 1) // 64 * 64, 3, axis=2)
    out = io.BytesIO(b"before")
    out.seek(6)
    file = PdfFile(out, 72)
    for page in (gray, photo, np.full((40, 30, 3), (200, 0, 0), np.uint8)):
        file.add(page)
    file.close()
    with pypdfium2.PdfDocument(out.getvalue()[6:]) as document:
        shown = [page.render(scale=1).to_numpy()[:, :, ::-1] for page in document]
    assert [each.shape for each in shown] == [(40, 30, 3)] * 3
    assert (shown[0] == gray).all()
    assert np.abs(shown[1].astype(int) - photo).mean() < 6
    assert (shown[2] == (200, 0, 0)).all()
