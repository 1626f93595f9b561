"""What stands in databases and exports of chats is found once, where the findings say."""

from __future__ import annotations

from typing import Any, Final

import duckdb
import pytest

from piiscan.case.lookup.reread import reread_rows
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import load
from tests.case.dump import scan_dump
from tests.fuzz.format_seeds import chat_export, chat_page
from tests.sources.chat_databases import PROGRAMS, Message, make

EXPORTS: Final = {"page": ("messages.html", chat_page), "export": ("result.json", chat_export)}
NAMES: Final = ("张伟", "王芳", "李娜", "刘洋", "陈静")


@pytest.fixture(autouse=True)
def own_rules() -> None:
    """The shipped catalogue, not the small one of the other tests."""


def planted(program: str) -> list[tuple[str, str]]:
    """Five people of a chat: names and phones."""
    number = [*PROGRAMS, *EXPORTS].index(program)
    return [(name, f"138{number:02d}{at}13{at}7{number % 10}") for at, name in enumerate(NAMES, 1)]


def conversation(program: str) -> tuple[list[Message], dict[str, str], str]:
    """A message for each person, in turns: own, of the other, in a group."""
    qq = program.startswith("qq")
    sms = program.startswith("sms")
    own = "87654321" if qq else "wxid_aqiang99"
    other = "12345678" if qq else "10690000" if sms else "wxid_fang123"
    group = "10086001@chatroom" if qq else other if sms else "2468@chatroom"
    turns = ((other, own), (other, other), (group, other), (group, own), (other, other))
    found = [
        Message(1_683_345_601 + at, chat, who, who == own, f"收件人{name} 电话{phone}")
        for at, ((chat, who), (name, phone)) in enumerate(zip(turns, planted(program), strict=True))
    ]
    return found, {other: "小芳"}, own


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("chats")
    for program in PROGRAMS:
        make(folder / "in" / program, program, *conversation(program))
    for program, (name, made) in EXPORTS.items():
        (folder / "in" / program).mkdir()
        texts = [f"收件人{who} 电话{phone}" for who, phone in planted(program)]
        (folder / "in" / program / name).write_bytes(made(texts))
    return scan_dump([folder / "in"], folder / "case")


@pytest.mark.parametrize("program", [*PROGRAMS, *EXPORTS])
def test_people_in_messages_are_found_once_and_followed_back(case: Case, program: str) -> None:
    (source,) = (
        each for each in case.manifest.content["sources"] if f"/{program}/" in each["path"]
    )
    query = f"""SELECT * FROM read_parquet('{case.path}/findings/*.parquet')
        WHERE source = {source["source"]} AND entity IN ('PERSON', 'CN_MOBILE')
        AND coalesce(role, '') <> 'speaker'"""
    with duckdb.connect() as connection:
        rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    lines = reread_rows(source, {(row["member"], row["row"]) for row in rows}, load(None))
    found: dict[tuple[str, int], set[str]] = {}
    count = 0
    for row in rows:
        cell = lines[row["member"], row["row"]].cells[max(row["column"] - 1, 0)] or ""
        value = cell[row["start"] : row["end"]]
        if value == "小芳":
            continue
        found.setdefault((row["member"], row["row"]), set()).add(value)
        count += 1
    assert count == 10
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, planted(program)))
