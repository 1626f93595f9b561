"""Pages are read by what is in them: tables, lines, attributes, comments, scripts."""

import pytest

from tests.sources.people import HEAD, PEOPLE, count_whole
from tests.sources.tables import cells_of, read_all, read_reasons, read_text

TH = "<tr>" + "".join(f"<th>{name}</th>" for name in HEAD) + "</tr>\n"


def cut(text: str) -> str:
    """Every second character as an entity, tags between them."""
    return "".join(f"&#{ord(c)};" if at % 2 else f"<b>{c}</b>" for at, c in enumerate(text))


def rows(shape: str) -> str:
    return "".join("<tr>" + "".join(shape.format(v) for v in p) + "</tr>\n" for p in PEOPLE)


PAGES = {
    "lines": f"<table>{TH}" + rows("\n <td>\n {}\n </td>\n") + "</table>",
    "title": f"<table><tr><td colspan=4>名单</td></tr>{TH}" + rows("<td>{}</td>") + "</table>",
    "no ends": f"<table>{TH.replace('</th>', '')}" + rows("<td>{}").replace("</tr>", ""),
    "spaces": f"<html><TABLE>{TH}" + rows("<TD>&nbsp;{}&nbsp;</TD>") + "</TABLE>",
    "fragment": TH + rows("<td>{}</td>"),
    "cut": "<table>"
    + TH
    + "".join("<tr>" + "".join(f"<td>{cut(v)}</td>" for v in p) + "</tr>" for p in PEOPLE)
    + "</table>",
    "nested": f"<table><tr><td><table>{TH}{rows('<td>{}</td>')}</table></td></tr></table>",
    "attributes": "".join(
        f'<li title="{d}"><a href="tel:{c}">{a}</a><input name=id value={b}></li>'
        for a, b, c, d in PEOPLE
    ),
    "rows with attributes": "<table>"
    + "".join(
        f'<tr data-id={b}><td>{a}</td><td title="{d}"><a href="tel:{c}">{c}</a></td></tr>'
        for a, b, c, d in PEOPLE
    )
    + "</table>",
    "comments": "<body>" + "".join(f"<!-- {' '.join(p)} -->\n" for p in PEOPLE),
    "old rows": f"<table>{TH}<!-- {rows('<td>{}</td>')} --></table>",
    "forms": "".join(
        "<table>"
        + "".join(f"<tr><td>{k}</td><td>{v}</td></tr>" for k, v in zip(HEAD, p, strict=True))
        + "</table>"
        for p in PEOPLE
    ),
    "one row each": "".join(
        "<table><tr>" + "".join(f"<td>{v}</td>" for v in p) + "</tr></table>" for p in PEOPLE
    ),
}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", PAGES)
def test_each_person_is_a_record_and_each_value_is_read_once(name: str, encoding: str) -> None:
    assert count_whole(PAGES[name].encode(encoding)) == len(PEOPLE)


def test_cells_over_several_columns_and_rows_keep_the_others_in_place() -> None:
    (_, blocks), *_ = read_all(
        "<table><tr><td rowspan=2>a<td colspan=2>b<td>c<tr><td>d<td>e<td>f<tr><td>g</table>"
    )[0]
    assert cells_of(blocks) == [["a", "b", "", "c"], ["", "d", "e", "f"], ["g"]]


def test_tables_with_one_header_are_one_and_others_have_a_place_each() -> None:
    one = "<table><tr><th>姓名<th>电话<tr><td>张伟<td>1</table>"
    tables, troubles = read_all(
        one + "<p>x</p>" + one + "<table><tr><th>a<th>b<th>c<tr><td>1<td>2<td>3</table>"
    )
    assert troubles == []
    assert [(t.member, t.kind) for t, _ in tables] == [
        ("", "html"),
        ("table 2", "html"),
        ("text", "text"),
    ]
    assert cells_of(tables[0][1]) == 2 * [["姓名", "电话"], ["张伟", "1"]]


def test_declarations_styles_and_scripts_are_read() -> None:
    data = (
        "<!DOCTYPE html [13800138001]><style>.a13800138002{}</style><![if 13800138003]>"
        '<script>// 13800138004</script><script>var x = [{"a": 13800138005}]</script>'
        "<p class=13800138006></p><?php 13800138007 ?><p>13800138008</p a=13800138009>"
    )
    text = read_text(data)
    assert [n for n in range(1, 9) if f"1380013800{n}" not in text] == []


@pytest.mark.parametrize(
    "text",
    [
        "<!--" * 50_000,
        "<a " * 50_000,
        '<table a="' * 20_000,
        "<table><tr><td>" * 20_000,
        "<table>" + "<tr><td rowspan=9999 colspan=9999>x" * 1_000,
        "<p " + "a=1 " * 50_000 + ">",
        "<script>" * 20_000,
        "<td>" + " " * 500_000,
    ],
)
def test_hostile_pages_are_read_in_linear_time(text: str) -> None:
    data = "<html>" + text
    assert not [reason for reason in read_reasons(data) if reason == "READER_FAILED"]
