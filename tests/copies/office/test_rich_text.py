"""Copies of rich texts: all places of a value are replaced, all else stays byte for byte."""

import itertools
import random
from pathlib import Path

import pytest

from piiscan.copies.check.decodings import decodings
from piiscan.copies.office.rich_text import RichText
from piiscan.copies.redact_folder import redact
from tests.sources.formats.document.test_rich_text import coded, rich, table
from tests.sources.tables import cells_of, read_all

PHONE, MASKED = "13800138000", "138****8000"


def made(tmp_path: Path, data: bytes, name: str = "a.rtf") -> bytes:
    """The copy of a rich text, which is clean."""
    (tmp_path / name).write_bytes(data)
    done = redact(tmp_path / name, out=tmp_path / "out")
    assert done.remaining == 0
    return (tmp_path / "out" / name).read_bytes()


def texts(path: Path) -> list[str]:
    """All cells that a scan reads."""
    return [
        cell or ""
        for _, blocks in read_all(path)[0]
        for row in cells_of(blocks)
        for cell in row
        if cell
    ]


@pytest.mark.parametrize(
    ("body", "copied"),
    [
        (coded(f"电话{PHONE}"), coded("电话") + MASKED),
        (r"{\b 138}00{\i\fs20 138}000", r"{\b 138****8000}{\i\fs20 }"),
        ("138\r\n00138000", "138****8000\r\n"),
        (r"\u30005?\u49?3800138000", r"\u30005?138****8000"),
        (r"\uc2\u49\'31\'323800138000 x", r"\uc2\u49??38****8000 x"),
        (r"\uc0\u49 3800138000 x", r"\uc0\u49 38****8000 x"),
        (r"\b\'31\'33800138000", r"\b\u49?38****8000"),
        (r"\b\'31\b0\'33\'38\'300138000", r"\b\u49?38****8000\b0{}"),
        (r"{\v 13800138000}", r"{\v 138****8000}"),
        (r"{\*\unknown 13800138000}", r"{\*\unknown 138****8000}"),
        (r"{\field{\*\fldinst HYPERLINK tel:13800138000}{\fldrslt x}}", r"138****8000}{\fldrslt"),
        (r"{\info{\title 13800138000}{\doccomm 13900000008}}", r"{\doccomm 139****0008}"),
        (r"{\deleted 13800138000} 138{\revised 9}", r"{\deleted 138****8000} 138{\revised 9}"),
        (r"{\upr{\*\bkmkstart 13800138000}{\*\ud{\*\bkmkstart 13800138000}}}", r"{\*\ud{\*\bkmk"),
        (r"{\shp{\*\shpinst{\sp{\sn wzDescription}{\sv 13800138000}}}}", r"{\sv 138****8000}"),
    ],
)
def test_a_value_is_replaced_however_it_is_written(body: str, copied: str, tmp_path: Path) -> None:
    copy = made(tmp_path, rich(body)).decode("latin-1")
    assert copied in copy
    assert PHONE not in "".join(texts(tmp_path / "out" / "a.rtf")).replace(" ", "")


def test_names_are_found_by_headers_labels_and_as_authors(tmp_path: Path) -> None:
    form = table([["姓名", "李四", "电话", PHONE]])
    rows = table([["姓名", "手机号"], ["张伟", PHONE], ["王芳", "13900000008"]])
    info = r"{\info{\author " + coded("欧阳建国") + "}}"
    copy = made(tmp_path, rich(info + rows + r"\pard x\par " + form))
    shown = texts(tmp_path / "out" / "a.rtf")
    for value in ("张伟", "王芳", "李四", "欧阳建国", PHONE, "13900000008"):
        assert not any(value in each for each in shown), value
        assert coded(value).encode("latin-1") not in copy
    assert {"姓名", "手机号"} <= set(shown)


def test_all_else_stays_as_it_is(tmp_path: Path) -> None:
    body = r"\pard{\b " + coded("没有") + r"}\tab \emdash\u8364? 1\par\trowd\intbl a\cell\row"
    assert made(tmp_path, rich(body)) == rich(body)


def test_files_inside_and_bytes_behind_the_end_are_left_out(tmp_path: Path) -> None:
    numbers = [str(13900000008 + 7 * at) for at in range(9)]
    digits = [each.encode().hex() for each in numbers]
    body = (
        f"x{{\\pict\\pngblip {digits[0]}}}{{\\*\\shppict{{\\pict{{\\*\\blipuid {digits[1]}}}"
        f"\\bin11 {numbers[2]}}}}}{{\\object\\objemb{{\\*\\objdata {digits[3]}}}{{\\result y}}}}"
        f"{{\\*\\themedata {digits[4]}}}{{\\*\\datastore {digits[5]}}}\\bin11 {numbers[6]} z"
    )
    (tmp_path / "a.rtf").write_bytes(rich(body) + f" {numbers[7]}\n".encode())
    done = redact(tmp_path / "a.rtf", out=tmp_path / "out")
    copy = (tmp_path / "out" / "a.rtf").read_text("latin-1")
    assert not any(each in copy for each in itertools.chain(numbers, digits))
    assert [(each.reason, each.detail) for each in done.copies[0].problems] == [
        ("NOT_MASKED", "3 files inside")
    ]
    assert texts(tmp_path / "out" / "a.rtf") == ["xy z"]


def test_text_that_breaks_off_is_copied_without_its_values(tmp_path: Path) -> None:
    whole = rich(rf"{{\b 1}}\par {PHONE}\par \u30005?\'d5\'c5{{\pict 00}}")
    for size in range(len(whole) - 40, len(whole)):
        RichText(whole[:size])
    assert PHONE.encode() not in made(tmp_path, whole[:-4])


def test_any_bytes_are_read_without_an_exception() -> None:
    draw = random.Random(7)
    odd = (b"{", b"}", b"\\", b"\\u-1 ", b"\\uc3", b"\\'8", b"\\bin99 ", b"\\u55357?\\u56832?")
    seed = rich(
        rf"{{\b {coded('张三')}{PHONE}}}\u30005?{{\*\x a}}{{\pict 00ff}}{table([['a', 'b']])}"
        r"\pard x\par{\footnote y}\bin3 abc{\field{\*\fldinst A}{\fldrslt b}}"
    )
    for _ in range(300):
        data = bytearray(seed)
        for _ in range(draw.randint(1, 6)):
            at = draw.randrange(len(data))
            match draw.randint(0, 3):
                case 0:
                    data[at] = draw.randrange(256)
                case 1:
                    del data[at : at + draw.randint(1, 9)]
                case 2:
                    data[at:at] = data[draw.randrange(len(data)) :][:20]
                case _:
                    data[at:at] = draw.choice(odd)
        text = RichText(bytes(data))
        edits = [*text.removals, *text.edits([(0, len(text.xml), b"x")])]
        assert all(0 <= begin <= end <= len(data) for begin, end, _ in edits)


@pytest.mark.parametrize(
    "body",
    [
        coded("欧阳建国"),
        r"\u27431?\u38451?\u24314?\u22269?",
        r"\uc2\u27431\'c5\'b7\u38451\'d1\'f4\u24314\'bd\'a8\u22269\'b9\'fa",
        r"\'c5\'b7{\b\'d1\'f4}\u24314?{\*\x}\'b9\'fa",
        "{\\f2 " + coded("歐陽", "big5") + "}",
    ],
)
def test_the_check_reads_a_rich_text_in_any_writing(body: str) -> None:
    name = "歐陽" if r"\f2" in body else "欧阳建国"
    assert any(name in each.text for each in decodings(rich(body)))
