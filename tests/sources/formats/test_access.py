"""Tables of Access databases are read with memos, deleted rows apart; damage costs its rows."""

import random

import pytest

from tests.sources.access_writer import LONG, MEMO, TEXT, Writer
from tests.sources.people import HEAD, PEOPLE, count_whole
from tests.sources.tables import check_damage, lost, read_all, read_members, told

COLUMNS = [("编号", LONG), *((name, TEXT) for name in HEAD), ("备注", MEMO)]


def people(writer: Writer, *, deleted: frozenset[int] = frozenset()) -> bytes:
    memos = [writer.text(f"回访{n}" * 40) for n in range(len(PEOPLE))]
    rows = [[n, *row, writer.memo(n, len(memos[n]))] for n, row in enumerate(PEOPLE)]
    return writer.database(COLUMNS, rows, deleted, memos)


def numbered(numbers: list[str]) -> bytes:
    writer = Writer()
    return writer.database([("姓名", TEXT), ("手机号", TEXT)], [["张三", each] for each in numbers])


FUZZ_SEEDS = {"a.mdb": numbered}


@pytest.mark.parametrize("new", [True, False])
def test_each_row_is_read_with_its_memo(new: bool) -> None:
    data = people(Writer(new=new))
    assert count_whole(data) == len(PEOPLE)
    members, troubles = read_members(data)
    assert (list(members), troubles) == (["#客户"], [])
    assert [row[-1] for row in members["#客户"]] == [f"回访{n}" * 40 for n in range(5)]


def test_deleted_rows_are_a_table_of_their_own() -> None:
    members, troubles = read_members(people(Writer(), deleted=frozenset([1, 3])))
    assert [row[1] for row in members["#客户"]] == [PEOPLE[n][0] for n in (0, 2, 4)]
    assert [row[1] for row in members["#deleted rows of 客户"]] == [PEOPLE[n][0] for n in (1, 3)]
    assert told(troubles) == [("#客户", "DELETED_ROWS_READ", False)]


def test_a_damaged_row_costs_itself_and_a_damaged_catalog_the_names() -> None:
    data = people(Writer())
    broken = bytearray(data)
    broken[7 * 4096 - 200 : 7 * 4096] = bytes(200)  # the first row, at the end of its page
    members, troubles = read_members(bytes(broken))
    assert [row[1] for row in members["#客户"]][-3:] == [each[0] for each in PEOPLE[-3:]]
    assert "CORRUPT" in lost(troubles)
    broken = bytearray(data)
    broken[2 * 4096 : 4 * 4096] = bytes(8192)
    members, troubles = read_members(bytes(broken))
    assert len(members["#deleted rows of table 5"]) == len(PEOPLE)
    assert "CORRUPT" in lost(troubles)


def test_bytes_without_pages_are_listed_as_encrypted() -> None:
    data = people(Writer())
    noise = random.Random(1).randbytes(len(data) - 4096)
    _, troubles = read_all(data[:4096] + noise)
    assert lost(troubles) == ["ENCRYPTED"]


def test_damage_anywhere_is_no_error() -> None:
    check_damage(people(Writer()), 60)
