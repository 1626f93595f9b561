"""What a case is asked for is found wherever it stands, and nothing else is."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from piiscan import Case, CaseError, lookup
from piiscan.case.lookup.lookup import LookupResult
from piiscan.case.store import audit_log
from tests.case.dump import scan_dump
from tests.case.leak import Person, mask_phone, people, sheets, write_leak
from tests.case.scanned import scan_files
from tests.keys import random_secret, write_key

LISTED = people()


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    home = tmp_path_factory.mktemp("asked")
    write_leak(home / "dump")
    return scan_dump([home / "dump"], home / "case")


def ask(case: Case, *values: str, **options: Any) -> LookupResult:
    key = options.pop("key", case.path.parent / "test.key")
    return lookup(case, values, key=key, limit=None, **options)


def places(found: LookupResult, *hows: str) -> list[tuple[str, int, str]]:
    """File, row and column of every answer."""
    return [
        (row["path"].partition("dump/")[2], row["row"], row["letter"])
        for row in found.rows
        if not hows or row["how"] in hows
    ]


def in_lists(wanted: Any, letter: str) -> set[tuple[str, int, str]]:
    """The cells of both lists whose person is wanted."""
    return {
        (name, number, letter)
        for name, rows in sheets(LISTED).items()
        for number, each in enumerate(rows, 2)
        if wanted(each)
    }


def in_parcels(wanted: Any) -> set[tuple[str, int, str]]:
    pairs = zip(LISTED[:4], LISTED[4:8], strict=True)
    found = set()
    for number, (one, two) in enumerate(pairs, 2):
        found |= {("parcels.csv", number, "B")} if wanted(one) else set()
        found |= {("parcels.csv", number, "D")} if wanted(two) else set()
    return found


def in_bare(wanted: Any) -> set[tuple[str, int, str]]:
    listed = [*LISTED[:3], LISTED[0]]
    return {("bare.csv", n, "A") for n, each in enumerate(listed, 2) if wanted(each)}


def phones(wanted: Any) -> set[tuple[str, int, str]]:
    return in_lists(wanted, "C") | in_parcels(wanted) | in_bare(wanted)


def masked_phones(wanted: Any) -> set[tuple[str, int, str]]:
    return {("masked.csv", n, "B") for n, each in enumerate(LISTED[5:12], 2) if wanted(each)}


@pytest.mark.parametrize("form", ["{0}{1}{2}", "{0}-{1}-{2}", " {0}{1}{2} ", "+86{0}{1}{2}"])
def test_a_phone_is_found_however_it_is_written(case: Case, form: str) -> None:
    phone = LISTED[0].phone
    found = ask(case, form.format(phone[:3], phone[3:7], phone[7:]))
    assert set(places(found, "SAME")) == phones(lambda p: p.phone == phone)


few = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@few
@given(st.sampled_from(LISTED), st.sampled_from(["identity", "phone", "name"]))
def test_whole_values_stand_where_the_rows_have_them(
    case: Case, person: Person, field: str
) -> None:
    value = getattr(person, field)

    def same(each: Person) -> bool:
        return bool(getattr(each, field) == value)

    found = ask(case, value)
    if field == "phone":
        assert set(places(found, "SAME")) == phones(same)
        assert set(places(found, "POSSIBLE")) == masked_phones(
            lambda p: mask_phone(p.phone) == mask_phone(value)
        )
    elif field == "identity":
        assert set(places(found, "SAME")) == in_lists(same, "B")
    else:
        own = {(place, row, chr(ord(letter) - 1)) for place, row, letter in in_parcels(same)}
        assert set(places(found, "SAME")) == in_lists(same, "A") | own
    assert len(found.rows) == sum(row["count"] for row in found.totals)


@few
@given(st.sampled_from(LISTED), st.sampled_from([2, 3, 4]), st.booleans())
def test_an_ending_finds_whole_and_masked_numbers(
    case: Case, person: Person, size: int, narrowed: bool
) -> None:
    tail = person.phone[-size:]
    surname = person.name[0] if narrowed else None

    def fits(each: Person) -> bool:
        return each.phone.endswith(tail) and (not narrowed or each.name[0] == person.name[0])

    bare = set() if narrowed else in_bare(fits)
    expected = in_lists(fits, "C") | in_parcels(fits) | bare | masked_phones(fits)
    found = ask(case, f"尾号{tail}", surname=surname, kinds=["CN_MOBILE", "MASKED"])
    assert set(places(found)) == expected


def test_an_ending_that_a_text_names_is_found_too(case: Case) -> None:
    found = ask(case, f"手机尾号为{LISTED[2].phone[-4:]}")
    assert ("sms.txt", 1, "") in places(found)


def test_a_longer_ending_than_masks_show_is_only_possible(case: Case) -> None:
    tail = LISTED[6].phone[-6:]
    kinds = {row["how"] for row in ask(case, f"尾号{tail}").rows}
    assert kinds == {"POSSIBLE"}
    revealed = ask(case, f"尾号{tail}", reveal=True).rows
    hows = {row["how"] for row in revealed if row["entity"] == "CN_MOBILE"}
    assert hows == {"CONFIRMED"}
    wrong = "99" + tail[2:]
    hows = {row["how"] for row in ask(case, f"尾号{wrong}", reveal=True).rows}
    assert hows == {"REFUTED", "POSSIBLE"}  # masked copies may still be it


def test_a_masked_number_finds_its_copies_and_whole_ones(case: Case) -> None:
    mask = mask_phone(LISTED[6].phone)
    found = ask(case, mask.replace("*", "●"))

    def fits(each: Person) -> bool:
        return mask_phone(each.phone) == mask

    assert set(places(found)) == phones(fits) | masked_phones(fits)
    assert all(row["masked"] == mask for row in found.rows)


def test_a_masked_name_finds_names_of_that_surname_and_ending(case: Case) -> None:
    found = ask(case, "张*", kinds=["PERSON"])
    names = in_lists(lambda p: p.name[0] == "张", "A")
    parcels = {(n, r, chr(ord(c) - 1)) for n, r, c in in_parcels(lambda p: p.name[0] == "张")}
    assert set(places(found)) == names | parcels


def test_answers_are_narrowed_by_region(case: Case) -> None:
    found = ask(case, "199****" + LISTED[0].phone[-4:], region="长沙", kinds=["CN_MOBILE"])
    expected = in_lists(lambda p: "长沙" in p.address and p.phone[-4:] == LISTED[0].phone[-4:], "C")
    assert set(places(found)) == expected


def test_the_row_stands_beside_its_answer_masked(case: Case) -> None:
    (row, *_) = ask(case, LISTED[1].identity).rows
    assert [each["header"] for each in row["beside"]] == ["姓名", "身份证号", "手机号", "收货地址"]
    told = json.dumps(row, default=str, ensure_ascii=False)
    assert not any(value in told for value in LISTED[1].cells)


def test_revealed_rows_are_what_stands_in_the_source(case: Case) -> None:
    found = ask(case, f"尾号{LISTED[1].phone[-4:]}", reveal=True)
    first = next(row for row in found.rows if row["path"].endswith("a.csv"))
    assert [cell for _, cell in first["cells"]] == list(LISTED[1].cells)
    assert first["value"] == LISTED[1].phone
    assert audit_log.read_events(case.path / "log.jsonl")[-1]["event"] == "lookup"


def test_a_changed_source_is_not_shown_and_told_by_name(tmp_path: Path) -> None:
    case = scan_files(tmp_path, {"x.csv": f"手机号\n{LISTED[0].phone}\n"})
    (tmp_path / "dump/x.csv").write_text(f"手机号\n{LISTED[1].phone}\n", "utf-8")
    assert len(ask(case, LISTED[0].phone).rows) == 1
    for option in ("reveal", "show"):
        with pytest.raises(CaseError, match=r"x\.csv is not what was scanned") as told:
            ask(case, LISTED[0].phone, **{option: True})
        assert LISTED[0].phone not in str(told.value)


def test_another_key_is_refused_and_none_is_made(case: Case, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="is not there"):
        ask(case, LISTED[0].phone, key=tmp_path / "none.key")
    assert not (tmp_path / "none.key").exists()
    other = write_key(tmp_path / "other.key", random_secret(1))
    with pytest.raises(CaseError, match="is not the key"):
        ask(case, LISTED[0].phone, key=other)
    assert ask(case, "尾号" + LISTED[0].phone[-4:], key=tmp_path / "none.key").rows


def test_passwords_stay_hidden_in_revealed_rows(tmp_path: Path) -> None:
    case = scan_files(tmp_path, {"x.csv": f"手机号,密码\n{LISTED[0].phone},hunter2hunter2\n"})
    (row,) = ask(case, LISTED[0].phone, reveal=True).rows
    assert row["cells"] == [("手机号", LISTED[0].phone), ("密码", "*" * 14)]


def test_item_and_suspect_of_the_register_stand_beside(tmp_path: Path) -> None:
    phone = LISTED[0].phone
    files = dict.fromkeys(("x.csv", "y.csv"), f"手机号\n{phone}\n")
    register = tmp_path / "register.csv"
    register.write_text("路径,检材编号,嫌疑人\ndump/x.csv,JC-1,嫌疑人甲\n", "utf-8")
    case = scan_files(tmp_path, files, register=register)
    told = [(row["of_item"], row["of_suspect"]) for row in ask(case, phone).rows]
    assert told == [("JC-1", "嫌疑人甲"), (None, None)]


def test_answers_are_narrowed_by_the_time_that_a_list_tells(tmp_path: Path) -> None:
    rows = [f"{p.phone},2023-0{n}-15,已售\n" for n, p in enumerate(LISTED[:3], 1)]
    table = ["手机号,出售时间,状态\n", *rows, f"{LISTED[0].phone},,已售\n"]
    case = scan_files(tmp_path, {"x.csv": "".join(table)})

    def told(**narrowing: Any) -> list[int]:
        asked = [each.phone for each in LISTED[:3]]
        return [row["row"] for row in ask(case, *asked, **narrowing).rows]

    assert told() == [2, 3, 4, 5]
    assert told(since=date(2023, 2, 1)) == [3, 4]
    assert told(until=date(2023, 2, 14)) == [2]
    (row,) = ask(case, LISTED[1].phone).rows
    (trade,) = row["trade"]
    assert (trade["status"], trade["time"]) == ("sold", datetime(2023, 2, 15))  # noqa: DTZ001  (local)


def test_a_value_of_several_kinds_is_found_as_each(tmp_path: Path) -> None:
    phone = LISTED[0].phone
    files = {
        "a.csv": "QQ\n1234567890\n",
        "b.csv": "微信号\na1234567890\n",
        "c.csv": f"手机号,微信号\n{phone},{phone}\n",
    }
    case = scan_files(tmp_path, files)
    assert places(ask(case, "1234567890")) == [("a.csv", 2, "A")]
    assert places(ask(case, "a1234567890")) == [("b.csv", 2, "A")]
    assert places(ask(case, phone)) == [("c.csv", 2, "A"), ("c.csv", 2, "B")]
