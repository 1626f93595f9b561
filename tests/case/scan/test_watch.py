"""A scan with rules of one's own: hits have their own line, the list stands in the manifest."""

import hashlib
from pathlib import Path

from tests.case.dump import content, scan_dump, write_dump
from tests.case.scanned import write_files

LIST = "13800130001\n13800130002\n13700137000\n13900000000\n"
KNOWN = """id: case.known
entity: WATCHLIST
title: {zh: 名单, en: list}
whose: none
bare: H
watch: {file: persons.txt, of: [cn.mobile]}
"""
PATTERN = """id: u.note
entity: NOTE
title: {zh: 备注, en: note}
whose: none
bare: H
boundary: none
pattern: ['联系']
value: {keep: text}
"""
NAMES = "entities:\n  WATCHLIST: {zh: 名单, en: list}\n  NOTE: {zh: 备注, en: note}\n"


def test_known_numbers_are_counted_apart_whatever_the_workers(tmp_path: Path) -> None:
    dump = write_dump(tmp_path / "dump")
    rules = {"known.yaml": KNOWN, "note.yaml": PATTERN, "vocabulary.yaml": NAMES}
    own = write_files(tmp_path / "own", {**rules, "persons.txt": LIST})
    plain = scan_dump([dump], tmp_path / "plain")
    one = scan_dump([dump], tmp_path / "one", recognizers=own, workers=1)
    four = scan_dump([dump], tmp_path / "four", recognizers=own, workers=4)
    assert content(one.path) == content(four.path)
    kinds = {row["entity"]: row for row in one.tables()["kinds"]}
    assert (kinds["WATCHLIST"]["hits"], kinds["WATCHLIST"]["distinct"]) == (5, 3)
    assert kinds["NOTE"]["hits"] == 1
    rest = [row for row in one.tables()["kinds"] if row["entity"] not in ("WATCHLIST", "NOTE")]
    assert rest == plain.tables()["kinds"]
    assert one.tables()["combinations"] == plain.tables()["combinations"]
    sha256 = hashlib.sha256(LIST.encode()).hexdigest()
    assert one.manifest.content["settings"]["data"]["watch case.known"] == sha256
    written = b"".join(path.read_bytes() for path in one.path.rglob("*") if path.is_file())
    assert b"13900000000" not in written
