"""Values in changing encodings, among other bytes, and in printed objects are found where told."""

import random
from pathlib import Path
from typing import Any, Final

import pytest

from piiscan import Case, lookup
from tests.case.scanned import scan_files
from tests.sources.formats.redis.snapshots import SNAPSHOTS
from tests.sources.formats.redis.test_redis import HASHES, REPLIES
from tests.sources.formats.test_ldif import entry
from tests.sources.formats.test_pair_lines import JAVA
from tests.sources.people import HEAD, PEOPLE, RECORDS
from tests.sources.rows.test_table_sections import FIRST, SECOND, lines

RANDOM: Final = random.Random(18)
LINES: Final = [",".join(row) + "\r\n" for row in (HEAD, *PEOPLE)]
TEXT: Final = "".join(LINES)
TRANSPOSED: Final = "".join(",".join(row) + "\n" for row in zip(HEAD, *PEOPLE, strict=True))


def _mixed(*codecs: str) -> bytes:
    """The lines of the list, each in the next of the encodings."""
    return b"".join(
        line.encode(codecs[at * len(codecs) // len(LINES)]) for at, line in enumerate(LINES)
    )


def _bytes(size: int) -> bytes:
    return b"\xff\xd8\xff\xe0\0" + RANDOM.randbytes(size)


FILES: Final[dict[str, bytes]] = {
    "wide in the middle.csv": _mixed("utf-8", "utf-16-le", "utf-8"),
    "wide at the end.csv": _mixed("gb18030", "utf-16-be"),
    "UTF-32.csv": _mixed("utf-32-le", "utf-8"),
    "hole.csv": b"".join(line.encode() + bytes(3000) for line in LINES),
    "binary tail.csv": TEXT.encode("gb18030") + b"\0" + _bytes(3000),
    "binary middle.csv": _mixed("utf-8") + _bytes(3000) + b"\0\n",
    "binary head.dat": RANDOM.randbytes(9000) + b"\n\n" + TEXT.encode(),
    "binary around.dat": b"\n".join(
        [RANDOM.randbytes(9000), b"", TEXT.encode("gb18030"), b"\0" + _bytes(9000)]
    ),
    "mojibake.csv": TEXT.encode().decode("latin-1").encode(),
    "transposed.csv": TRANSPOSED.encode("gb18030"),
    "tables.csv": lines([*FIRST, [], *SECOND]).encode(),
    "a.rdb": SNAPSHOTS["hashes"],
    "large.rdb": SNAPSHOTS["hashes, large"],
    "json.rdb": SNAPSHOTS["json"],
    "others.rdb": SNAPSHOTS["others"],
    "a.aof": HASHES,
    "a.ldif": "".join(entry(number) for number in range(5)).encode(),
    "objects.log": "".join(f"{line}\n" for line in JAVA).encode("gb18030"),
    "objects.py": repr(RECORDS).encode(),
    "replies.txt": REPLIES["escaped"].encode(),
    "gbk.ldif": "".join(entry(number, "\r\n", "gbk") for number in range(5)).encode(),
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return scan_files(tmp_path_factory.mktemp("segments"), FILES)


@pytest.fixture(scope="module")
def answers(case: Case) -> dict[str, list[dict[str, Any]]]:
    """File -> answers to a look-up of each value, read again from the file."""
    values = [value for person in PEOPLE for value in person]
    found = lookup(case, values, key=case.path.parent / "test.key", limit=None, reveal=True)
    by_file: dict[str, list[dict[str, Any]]] = {}
    for row in found.rows:
        answer = {**row, "asked": values[row["number"] - 1]}
        by_file.setdefault(Path(row["path"]).name, []).append(answer)
    return by_file


@pytest.mark.parametrize("name", FILES)
def test_each_value_is_found_once_and_shown_by_a_look_up(
    answers: dict[str, list[dict[str, Any]]], name: str
) -> None:
    found = answers[name]
    for row in found:
        assert row["value"] == row["asked"]
        assert row["value"] in dict(row["cells"]).values()
    asked = sorted(row["asked"] for row in found)
    if name == "others.rdb":  # without a label, only the last identity number has a right check
        wrong = {person[1] for person in PEOPLE[:-1]}
        assert asked == sorted(value for p in PEOPLE for value in p if value not in wrong)
        return
    assert asked == sorted(value for person in PEOPLE for value in person)
    assert len({(row["member"], row["record"]) for row in found}) == len(PEOPLE)
