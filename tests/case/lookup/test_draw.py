"""Pictures and pages of answers: a box around the line; all else is covered unless it is clear."""

import io
import json
import stat
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from piiscan import Case, CaseError, lookup
from piiscan.sources import read
from piiscan.sources.pictures.picture_text import read_picture
from tests.case.lookup.places import word_file
from tests.case.scanned import scan_files
from tests.often import often
from tests.sources.drawn import encoded, picture
from tests.sources.formats.document import planted
from tests.sources.formats.pdf import made
from tests.sources.formats.test_registry import zipped

LINES: Final = ("Receiver Zhang Wei", "Tel {}", "ID 430104190506150016")
#: File -> the number in it.
NUMBERS: Final = {
    "a.png": "13800138011",
    "turned.png": "13800138012",
    "a.tiff": "13800138013",
    "a.zip": "13800138014",
    "a.docx": "13800138015",
    "scan.pdf": "13800138016",
    "text.pdf": "13800138017",
    "ruled.pdf": "13800138018",
    "rotated.pdf": "13800138019",
    "secret.pdf": "13800138020",
}
SECRET: Final = "Qx7vTp93Zw"


def _picture(name: str) -> Image.Image:
    return picture([line.format(NUMBERS[name]) for line in LINES], width=330)


def _rotated(data: bytes) -> bytes:
    out = io.BytesIO()
    with pypdfium2.PdfDocument(data) as document:
        document[0].set_rotation(90)
        document.save(out)
    return out.getvalue()


def _tel(name: str) -> str:
    return f"Tel {NUMBERS[name]}"


def _files() -> dict[str, str | bytes]:
    others = {"save_all": True, "append_images": [_picture("a.tiff")]}
    inner = zipped({"b.pdf": made.document([made.lined("x", _tel("a.zip"))])})
    lines = made.lined("before", _tel("text.pdf"), "after")
    rows = [["name", "phone"], ["Wei", NUMBERS["ruled.pdf"]], ["Li", "13900139000"]]
    return {
        "a.png": encoded(_picture("a.png")),
        "turned.png": encoded(_picture("turned.png").rotate(90, expand=True)),
        "a.tiff": encoded(picture(["first"]), "TIFF", **others),
        "a.zip": zipped({"other.png": encoded(picture(["x"])), "inner.zip": inner}),
        "a.docx": word_file(planted.runs("x"), **{"media/image1.png": encoded(_picture("a.docx"))}),
        "scan.pdf": encoded(_picture("scan.pdf"), "PDF", resolution=100),
        "text.pdf": made.document([made.lined("first"), lines]),
        "ruled.pdf": made.document([made.ruled(rows, (90, 150))]),
        "rotated.pdf": _rotated(made.document([made.lined("x", _tel("rotated.pdf"))])),
        "secret.pdf": made.document([made.lined(f"password: {SECRET}", _tel("secret.pdf"))]),
    }


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return scan_files(tmp_path_factory.mktemp("drawn"), _files())


def drawn(case: Case, name: str, folder: Path, **options: Any) -> Any:
    """The spot of the number of a file, and the pixels of its picture."""
    key = case.path.parent / "test.key"
    found = lookup(case, [NUMBERS[name]], key=key, show=True, pictures=folder, **options)
    (row,) = found.rows
    assert row["path"].endswith(name)
    path = row["spot"].picture
    with Image.open(path) as opened:
        return row["spot"], np.asarray(opened.convert("RGB"), np.uint8)


@pytest.fixture(scope="module")
def shared(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """``drawn``, each file once."""
    folder = tmp_path_factory.mktemp("shared")
    return cache(lambda name, **options: drawn(case, name, folder, **options))


def box_of(pixels: Any) -> tuple[slice, slice]:
    """Inner rows and columns of the red box."""
    red = (pixels == (220, 0, 0)).all(axis=2)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    width = max(max(pixels.shape[:2]) // 400, 2)
    return (
        slice(rows[0] + width, rows[-1] + 1 - width),
        slice(columns[0] + width, columns[-1] + 1 - width),
    )


def texts(pixels: Any) -> str:
    """All text that is recognised on what is drawn of a picture, with a white border."""
    rows, columns = (np.flatnonzero((pixels != 255).any(axis=(axis, 2))) for axis in (1, 0))
    inner = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    framed = np.pad(inner, ((40, 40), (40, 40), (0, 0)), constant_values=255)
    return "".join(line.text for line in read_picture(framed).lines).replace(" ", "")


@pytest.mark.parametrize("name", often(NUMBERS, tuple(NUMBERS)[::3]))
def test_the_box_is_around_the_line(shared: Callable[..., Any], name: str) -> None:
    spot, pixels = shared(name, clear=True)
    assert spot.boxed
    inside = texts(pixels[box_of(pixels)])
    assert NUMBERS[name] in inside
    assert "4301" not in inside


@pytest.mark.parametrize("name", ["a.png", "turned.png", "scan.pdf", "text.pdf", "ruled.pdf"])
def test_a_masked_picture_shows_the_box_and_no_text(shared: Callable[..., Any], name: str) -> None:
    spot, pixels = shared(name)
    assert spot.boxed
    assert box_of(pixels) == box_of(shared(name, clear=True)[1])
    assert np.median(pixels[box_of(pixels)]) == 0
    assert sum(each.isalnum() for each in texts(pixels)) < 4


def test_passwords_are_on_no_picture(shared: Callable[..., Any]) -> None:
    _, pixels = shared("secret.pdf", clear=True)
    shown = texts(pixels)
    assert NUMBERS["secret.pdf"] in shown
    assert SECRET not in shown
    assert "password" not in shown


def test_files_are_private_and_named_by_numbers(case: Case, tmp_path: Path) -> None:
    spot, _ = drawn(case, "a.png", tmp_path / "out")
    assert spot.picture.name.replace("-", "").removesuffix(".png").isdigit()
    assert NUMBERS["a.png"] not in spot.picture.name
    assert stat.S_IMODE(spot.picture.stat().st_mode) == 0o600
    assert [each.name for each in (tmp_path / "out").iterdir()] == [spot.picture.name]
    entry = json.loads((case.path / "log.jsonl").read_text("utf-8").splitlines()[-1])
    assert (entry["event"], entry["pictures"], entry["reveal"]) == ("lookup", 1, False)


def test_nothing_is_drawn_beside_a_source_or_into_the_case(case: Case) -> None:
    for folder in (case.path.parent / "dump" / "out", case.path / "out"):
        with pytest.raises(CaseError):
            drawn(case, "a.png", folder)
        assert not folder.exists()


def test_a_missing_package_is_named(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "_is_installed", lambda name: name != "rapidocr")
    with pytest.raises(CaseError, match=r"piiscan-cn\[ocr\]"):
        drawn(case, "a.png", tmp_path)
