"""Pages of OFD documents: objects of one height are a line, and all other texts are read."""

from tests.sources.formats.five import found_values
from tests.sources.tables import cells_of, read_one, zipped

SPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def page(objects: list[tuple[float, float, str]], more: str = "") -> str:
    """Content.xml of a page with the objects (left, top, text), 4 mm high."""
    texts = "".join(
        f'<ofd:TextObject ID="9" Boundary="{x} {y} 60 5" Size="4">'
        f'<ofd:TextCode X="0" Y="4" DeltaX="g {len(text) - 1} 4">{text}</ofd:TextCode>'
        "</ofd:TextObject>"
        for x, y, text in objects
    )
    layer = f'<ofd:Layer ID="2">{texts}{more}</ofd:Layer>'
    return f'<?xml version="1.0"?><ofd:Page {SPACE}><ofd:Content>{layer}</ofd:Content></ofd:Page>'


def packed(content: str) -> bytes:
    return zipped({"Doc_0/Pages/Page_0/Content.xml": content})


def lines_of(data: bytes) -> list[str | None]:
    _, blocks, troubles = read_one(data)
    assert not troubles
    return [line for (line,) in cells_of(blocks)]


def test_objects_of_one_height_are_a_line_in_their_order() -> None:
    objects = [
        (40, 30.4, "张三"), (20, 30, "收款人："), (20, 50, "身份证号"), (45, 50, "11010119900307"),
        (101, 50, "002X"), (20, 10, "发票"),
    ]  # fmt: skip
    data = packed(page(objects))
    assert lines_of(data) == ["发票", "收款人： 张三", "身份证号 11010119900307002X"]


def test_links_and_other_texts_are_read_and_drawings_are_not() -> None:
    more = (
        '<ofd:PathObject ID="3" Boundary="0 0 9 9"><ofd:AbbreviatedData>M 13900139000 0 L 9 9'
        '</ofd:AbbreviatedData></ofd:PathObject><ofd:Action URI="mailto:a@example.com"/>'
        "<ofd:Custom>13800138000</ofd:Custom>"
    )
    data = packed(page([(20, 10, "发票")], more))
    assert lines_of(data) == ["发票", "mailto:a@example.com", "13800138000"]


def test_a_page_that_breaks_off_is_read_like_any_xml() -> None:
    data = packed(page([(20, 10, "电话13800138000")])[:-20])
    assert any("13800138000" in value for value in found_values(data)[0])
