"""An attacker who has the case and the source code but no key: what each anchor sees of it.

Every forgery ends with all plain checksums of the case made anew, so far as its name does not say
otherwise.  Who sees it: ``plain`` verify (then all do), verify with the ``key``, verify with the
``head`` that was noted before; ``after`` says that the later line is named with its file.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
import pytest

import piiscan
from piiscan.case.integrity import anchors
from piiscan.case.report.destination import save_report
from piiscan.case.store import audit_log
from piiscan.case.store.attachments import store_attachment
from piiscan.case.store.case import Case
from piiscan.case.store.keyed_checksum import manifest_line
from piiscan.errors import ChangedFileError
from tests.case.dump import DAY, scan_dump, write_dump
from tests.case.integrity.made_case import Made, make_case, rehash, seen, sha256_of, write_log
from tests.often import often

ALL, KEY_AND_HEAD = {"plain", "key", "head"}, {"key", "head"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, small_rules: Path) -> Iterator[Made]:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("attacked")
        patch.setenv("XDG_DATA_HOME", str(home / "nobody"))
        made = make_case(home)
        piiscan.sample(made.case, home / "sheet.xlsx", size=2, key=made.key)
        with audit_log.open_log(made.case, made.key) as log:
            store_attachment(made.case, "exclude", b"a list", suffix=".csv", log=log)
        shutil.copytree(made.case, home / "older")
        with audit_log.open_log(made.case, made.key) as log:
            store_attachment(made.case, "exclude", b"another", suffix=".csv", log=log)
        shutil.copytree(made.case, home / "before")
        shutil.copytree(home / "dump", home / "dump-before")
        yield made


@pytest.fixture
def made(whole: Made) -> Iterator[Made]:
    yield whole
    for now, before in (("case", "before"), ("dump", "dump-before")):
        shutil.rmtree(whole.home / now)
        shutil.copytree(whole.home / before, whole.home / now)


def events(case: Path) -> list[dict[str, Any]]:
    return audit_log.read_events(case / "log.jsonl")


def append(case: Path, event: str, file: str, **facts: Any) -> None:
    """Append a line to the log as a verb without the key does, for the bytes of ``file`` now."""
    digest = sha256_of(case / file)
    with audit_log.open_log(case) as log:
        log.append(event, moment=audit_log.now(), file=file, sha256=digest, **facts)


def largest(case: Path, pattern: str) -> Path:
    return max(case.glob(pattern), key=lambda path: path.stat().st_size)


def name_of(case: Path, path: Path) -> str:
    return path.relative_to(case).as_posix()


def drop_findings(case: Path) -> str:
    """Drop half of the findings of the largest shard; return its name."""
    shard = largest(case, "findings/*.parquet")
    table = pq.read_table(shard)
    pq.write_table(table.slice(0, table.num_rows // 2), shard)
    return name_of(case, shard)


def swap_numbers(path: Path) -> None:
    """Write other numbers into a table."""
    content = json.loads(path.read_text("utf-8"))
    for row in content["rows"]:
        row |= {name: 7 for name, value in row.items() if type(value) is int}
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def swap_count(case: Path) -> str:
    """Swap figures of the newest count, with its ``count.json`` made anew; return its name."""
    path = case / "counts-0002" / "ladder.json"
    swap_numbers(path)
    record = path.with_name("count.json")
    content = json.loads(record.read_text())
    content["files"]["ladder.json"] = sha256_of(path)
    record.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    return name_of(case, record)


def forge_count(case: Path, number: int) -> None:
    """Add a count with figures of one's own, and its line."""
    shutil.copytree(case / "counts-0002", case / f"counts-{number:04d}")
    record = case / f"counts-{number:04d}" / "count.json"
    content = json.loads(record.read_text()) | {"number": number}
    swap_numbers(record.with_name("ladder.json"))
    content["files"]["ladder.json"] = sha256_of(record.with_name("ladder.json"))
    record.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    append(case, "count", name_of(case, record), number=number)


def forge_manifest(case: Path, generation: int) -> None:
    """Add a manifest that names half of the findings, with its line and plain checksum."""
    drop_findings(case)
    newest = case / "manifest-0002.json"
    path = case / f"manifest-{generation:04d}.json"
    content = json.loads(newest.read_text()) | {"generation": generation}
    content["previous"] = sha256_of(newest)
    content["files"] = {name: sha256_of(case / name) for name in content["files"]}
    head = audit_log.head_at(case / "log.jsonl", len(events(case)))
    content["log"] = {"lines": head.lines, "sha256": head.sha256}
    path.write_text(json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True) + "\n")
    path.with_suffix(".sha256").write_text(f"{sha256_of(path)}  {path.name}\n")
    path.with_suffix(".mac").write_bytes(manifest_line(bytes(32), path.name, sha256_of(path)))
    with closing(sqlite3.connect(case / "ledger.sqlite")) as store, store:
        store.execute("update job set value = ? where name = 'generation'", (str(generation),))
    append(case, "manifest", path.name, generation=generation)


def drop_lines(made: Made, number: int) -> None:
    """Drop the last lines of the log, and the files that only they record."""
    kept, gone = events(made.case)[:-number], events(made.case)[-number:]
    for name in {each["file"] for each in gone} - {each.get("file") for each in kept}:
        (made.case / name).unlink()
    log = made.case / "log.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-number]))
    head = audit_log.head_at(log, len(kept))
    (made.case / "log.head").write_bytes(head.line(log.name))


def keep_old_mac(made: Made) -> None:
    """Cut the log back to an older keyed checksum, and write the register and its line anew."""
    drop_lines(made, 1)
    shutil.copy(made.home / "older" / "log.mac", made.case / "log.mac")
    (made.case / "handed" / "exclude-0002.csv").write_bytes(b"mine")
    append(made.case, "handed", "handed/exclude-0002.csv", kind="exclude")


def rewrite_log(made: Made, change: Callable[[list[dict[str, Any]]], object]) -> None:
    changed = events(made.case)
    change(changed)
    for event in changed:
        event.pop("mac", None)
    write_log(made.case, changed)
    rehash(made.case)


def replace_key(case: Path) -> None:
    for path in case.glob("manifest*.json"):
        content = json.loads(path.read_text())
        content["settings"]["key"] = "00" * 8
        path.write_text(json.dumps(content))
    rehash(case)


def roll_back(made: Made) -> None:
    shutil.rmtree(made.case)
    shutil.copytree(made.home / "older", made.case)


def change_sources(made: Made) -> None:
    (made.dump / "sale.csv").write_text("姓名,手机号\n", "utf-8")
    rehash(made.case)


def link(made: Made, path: Path) -> None:
    """Put a link to the same bytes outside in the place of a file or folder."""
    outside = made.home / "outside"
    shutil.rmtree(outside, ignore_errors=True)
    outside.mkdir()
    path.rename(outside / path.name)
    path.symlink_to(outside / path.name)


def write(path: Path, content: bytes = b"mine") -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def flip(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])


def hand(case: Path, name: str) -> None:
    write(case / name)
    append(case, "handed", name, kind="exclude")


def report(case: Path, name: str) -> None:
    write(case / name)
    append(case, "report", name)


def rehashed(change: Callable[[Path], object]) -> Callable[[Made], None]:
    """Return the forgery that makes every plain checksum anew behind ``change``."""

    def forge(made: Made) -> None:
        change(made.case)
        rehash(made.case)

    return forge


def time_travel(lines: list[dict[str, Any]]) -> None:
    for event in lines:
        event["time"] = "2020-01-01T00:00:00+08:00"


#: Name -> forgery, who sees it.
FORGERIES: Final[dict[str, tuple[Callable[[Made], object], set[str]]]] = {
    # flip and swap
    "findings dropped, nothing made anew": (lambda m: drop_findings(m.case), ALL),
    "findings dropped": (rehashed(drop_findings), KEY_AND_HEAD),
    "a table of the scan": (
        rehashed(lambda c: swap_numbers(c / "tables/kinds.json")), KEY_AND_HEAD),
    "a table of a count": (rehashed(swap_count), KEY_AND_HEAD),
    "a table of a count, nothing made anew": (
        lambda m: swap_numbers(m.case / "counts-0002/ladder.json"), ALL),
    "an exclusion list": (rehashed(lambda c: write(c / "handed/exclude-0002.csv")), KEY_AND_HEAD),
    "a sample": (rehashed(lambda c: write(c / "samples-0001/sample.json", b"{}")), KEY_AND_HEAD),
    "a report": (rehashed(lambda c: write(c / "reports/one.html")), KEY_AND_HEAD),
    "a line of the log": (lambda m: flip(m.case / "log.jsonl"), ALL),
    "the head of the log": (lambda m: flip(m.case / "log.head"), ALL),
    "the keyed checksum of the log": (lambda m: flip(m.case / "log.mac"), ALL),
    "the keyed checksum of a manifest": (lambda m: flip(m.case / "manifest.mac"), ALL),
    "the job store": (lambda m: flip(m.case / "ledger.sqlite"), ALL),
    "two counts swapped": (rehashed(lambda c: [
        (c / "counts-0001").rename(c / "x"), (c / "counts-0002").rename(c / "counts-0001"),
        (c / "x").rename(c / "counts-0002")]), KEY_AND_HEAD),
    "two lines swapped": (
        lambda m: rewrite_log(m, lambda e: e.insert(2, e.pop(1))), KEY_AND_HEAD),
    "times": (lambda m: rewrite_log(m, time_travel), KEY_AND_HEAD),
    "sources replaced": (change_sources, KEY_AND_HEAD),
    "manifests put under another key": (lambda m: replace_key(m.case), KEY_AND_HEAD),
    # drop
    "a shard": (lambda m: largest(m.case, "findings/*.parquet").unlink(), ALL),
    "a count": (lambda m: shutil.rmtree(m.case / "counts-0001"), ALL),
    "a keyed checksum": (lambda m: (m.case / "log.mac").unlink(), ALL),
    "last lines": (lambda m: drop_lines(m, 1), KEY_AND_HEAD),
    "last lines and the keyed checksum": (
        lambda m: (drop_lines(m, 1), (m.case / "log.mac").unlink()), ALL),
    "all checksums of lines": (lambda m: rewrite_log(m, lambda e: None), KEY_AND_HEAD),
    # append any event
    "a second line of a count": (
        lambda m: append(m.case, "count", swap_count(m.case), number=2), ALL),
    "a forged count": (lambda m: forge_count(m.case, 3), {"key", "after"}),
    "a forged count of a far number": (lambda m: forge_count(m.case, 9000), {"key", "after"}),
    "a second line of a manifest": (lambda m: forge_manifest(m.case, 2), ALL),
    "a forged manifest": (lambda m: forge_manifest(m.case, 3), {"key", "after"}),
    "a report line names a shard": (
        lambda m: append(m.case, "report", drop_findings(m.case)), ALL),
    "a sample line names a table": (
        lambda m: (swap_numbers(m.case / "tables/kinds.json"),
                   append(m.case, "sample", "tables/kinds.json")), ALL),
    "a handed line names a count": (lambda m: append(m.case, "handed", swap_count(m.case)), ALL),
    "a report line leads out of the folder": (
        lambda m: append(m.case, "report", "reports/../counts-0002/count.json"), ALL),
    "a second line of a list": (lambda m: hand(m.case, "handed/exclude-0002.csv"), ALL),
    "a forged list": (lambda m: hand(m.case, "handed/exclude-0003.csv"), {"key", "after"}),
    "a forged sheet of a sample": (lambda m: (
        write(m.case / "samples-0001/results-0001/results.json", b"{}"),
        append(m.case, "sample", "samples-0001/results-0001/results.json")), {"key", "after"}),
    "a page made anew": (lambda m: report(m.case, "reports/one.html"), {"key", "after"}),
    "a page more": (lambda m: report(m.case, "report.html"), {"key", "after"}),
    # put in
    "a file": (lambda m: write(m.case / "findings/note.txt"), ALL),
    "a file among temporary ones": (lambda m: write(m.case / "tmp/note.txt"), ALL),
    "a shard behind a link": (lambda m: link(m, largest(m.case, "findings/*.parquet")), ALL),
    "a folder behind a link": (lambda m: link(m, m.case / "counts-0002"), ALL),
    "the log behind a link": (lambda m: link(m, m.case / "log.jsonl"), ALL),
    "a pipe": (lambda m: os.mkfifo(m.case / "pipe"), ALL),
    "a pipe for the log": (
        lambda m: ((m.case / "log.jsonl").unlink(), os.mkfifo(m.case / "log.jsonl")), ALL),
    # roll back
    "an older keyed checksum, and a list after it": (keep_old_mac, KEY_AND_HEAD),
    "the whole case": (roll_back, {"head"}),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_seen_by_whom_the_table_says(made: Made, forgery: str) -> None:
    head, lines = made.head(), len(events(made.case))
    noted_head = made.home / f"{list(FORGERIES).index(forgery)}.head.txt"
    noted_head.write_bytes(anchors.SealHead("case.zip", "0" * 64, lines, head).content())
    forge, seen_by = FORGERIES[forgery]
    forge(made)
    assert seen(made, head) == seen_by, piiscan.verify(made.case, key=made.key)
    is_cut = bool(anchors.check_sealed(noted_head, made.case))
    assert is_cut <= ("head" in seen_by)


@pytest.mark.parametrize(
    ("forgery", "verb"),
    [
        ("findings dropped, nothing made anew", lambda m: piiscan.export(m.case, m.home / "x.csv")),
        ("findings dropped, nothing made anew", lambda m: piiscan.count(m.case, since=DAY)),
        ("findings dropped, nothing made anew", lambda m: Case.open(m.case).sql("from findings")),
        ("findings dropped, nothing made anew", lambda m: Case.open(m.case).findings()),
        ("a second line of a count", lambda m: piiscan.report(m.case, m.home / "x.html")),
        ("a handed line names a count", lambda m: piiscan.sample(m.case, m.home / "x.xlsx")),
        ("a table of a count, nothing made anew", lambda m: piiscan.report(m.case)),
        (
            "a second line of a manifest",
            lambda m: piiscan.lookup(m.case, ["13800130001"], key=m.key),
        ),
        ("a shard behind a link", lambda m: piiscan.export(m.case, m.home / "x.csv")),
    ],
)
def test_no_verb_uses_a_file_that_differs(
    made: Made, forgery: str, verb: Callable[[Made], object]
) -> None:
    FORGERIES[forgery][0](made)
    with pytest.raises(ChangedFileError):
        verb(made)


def test_a_line_more_of_a_file_changes_nothing(made: Made) -> None:
    figures = Case.open(made.case).tables()
    with audit_log.open_log(made.case) as log:
        log.append("count", moment=audit_log.now(), number=2, sha256="0" * 64)
    assert Case.open(made.case).tables() == figures


HISTORY = "report", "count", "sample", "register", "add", "seal", "again"


@pytest.mark.parametrize("seed", often(range(20), {0, 3, 7, 10}))
def test_an_honest_history_raises_no_alarm(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty orders of the verbs, with and without the key named."""
    import random

    (tmp_path / "own" / "piiscan").mkdir(parents=True)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    draw = random.Random(seed)
    key, dump = tmp_path / "own" / "piiscan" / "case.key", write_dump(tmp_path / "dump")
    case = scan_dump([dump], tmp_path / "case", key=key)
    heads = []
    for number, step in enumerate(["count", *draw.choices(HISTORY, k=6)]):
        named = key if draw.random() < 0.5 else None  # the user's own is found without a name
        if step == "add":
            (dump / f"{number}.csv").write_text(f"姓名,手机号\n张三,1360013600{number}\n", "utf-8")
            case = scan_dump([dump], case.path, key=key)
        elif step == "again":
            scan_dump([dump], case.path, key=key)
        elif step == "seal":
            anchors.write_seal_head(
                piiscan.case.integrity.seal.seal(case.path, tmp_path / f"{number}.zip"), case.path
            )
        elif step == "register":
            with audit_log.open_log(case.path, named) as log:
                content = f"{number}".encode()
                store_attachment(case.path, "exclude", content, suffix=".csv", log=log)
        elif step == "report":
            save_report(Case.open(case.path, key=named), b"page", case.path / "reports" / "a.html")
        elif step == "sample" and Case.open(case.path).count() is not None:
            piiscan.sample(case.path, tmp_path / f"{number}.xlsx", key=named)
        else:
            piiscan.count(case.path, key=named)
        heads.append(audit_log.line_hashes(case.path / "log.jsonl")[-1])
    for head in heads:
        assert piiscan.verify(case.path, key=key, expect=head).differences == ()
