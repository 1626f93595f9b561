"""Deletion check (删除核验): the sources of a case, looked for in a folder after their deletion.

The folder is scanned into a temporary case in ``tmp`` of the case, for reading only. A copy has the
checksum of a source or archive member, under any name, or the values of its records, in any format
and order. Values are compared by keyed digests, so this needs the key of the case. A file that has
one source whole, or its checksum, or its place, is a copy of that source. It is no copy of others
with some of the same people.
"""

from __future__ import annotations

import datetime
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Final

from piiscan.arguments import checked, existing
from piiscan.case.count.subjects.elements import Element, element_of
from piiscan.case.export.deletion import (
    COLUMNS,
    Row,
    deletion_column,
    deletion_rows,
    write_deletion,
)
from piiscan.case.export.list_file import RowLayout
from piiscan.case.scan.scan import scan
from piiscan.case.store.audit_log import now, open_log, stamp
from piiscan.case.store.case import Case, check_no_overlap, check_output_path
from piiscan.case.store.case_words import case_words
from piiscan.case.store.connection import connect, literals
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256
from piiscan.output_files import check_outside, make_private_folder, write_aside
from piiscan.pages.report_table import TableColumn, coded, named
from piiscan.pages.sanitize import clean
from piiscan.sources.walk import Progress
from piiscan.wording.words import Language, Words

#: Columns of the deletion list in the record.
_KNOWN: Final = (
    *("suspect", "device", "item", "path", "member", "records", "sha256", "member_sha256"),
)
_NUMBERS: Final = ("found_records", "compared_records", "found_values")
#: Columns of the record, in order.
CHECK_COLUMNS: Final = (
    deletion_column("number", TableColumn("", "number")),
    deletion_column("result", coded("", "deletion_result")),
    deletion_column("ground", coded("", "deletion_ground")),
    deletion_column("reason", named("", "reasons")),
    *(deletion_column(name, TableColumn("", "number")) for name in _NUMBERS),
    deletion_column("found_at", TableColumn("", "texts")),
    *(each for each in COLUMNS if each.name in _KNOWN),
    *map(deletion_column, ("folder", "checked", "operator")),
)
CHECK_FORMATS: Final = ("xlsx", "csv", "json")
#: Most places of copies that are listed with a source.
_MOST_PLACES: Final = 20
#: Elements that many people share: a record is compared by others, or by two of these.
_SHARED: Final = (Element.NAME, Element.ADDRESS)
_SECRETS: Final = (Element.CODE, Element.SECRET)

#: SQL: values of the records (r) of the parts (p) of the case, and of the unknown parts (u).
_CREATE_VALUES: Final = """
create temp table wanted as
select dense_rank() over (order by source, member) as p,
       dense_rank() over (order by source, member, record, "group") as r, * from (
    select distinct source, member, record, "group", digest, entity in ({shared}) as shared
    from read_parquet([{here}]) where entity in ({kinds}))
window same as (partition by source, member, record, "group")
qualify not shared or (bool_and(shared) over same and count(*) over same > 1);
create temp table parts as
select p, source, member, count(distinct r) as records, count(distinct digest) as size
from wanted group by all;
create temp table matched as
select p, r, u, digest, shared from wanted join (
    select distinct u, digest from read_parquet([{files}]) join unknown_parts using (source, member)
) using (digest);
create temp table found as
select p, r, u from matched join (select r, count(*) as least from wanted group by r) using (r)
group by p, r, u, least having count(*) = least;
delete from matched where shared and (r, u) not in (select (r, u) from found);
"""
#: SQL: drop what u has of one part if it is a copy of another: has it whole, or is in its place.
_DROP_EXPLAINED: Final = """
create temp table copies as
select distinct p, u, size from matched join parts using (p)
join (select u, place_of from unknown_parts) using (u)
left join (select p, u, count(*) as n from found group by all) using (p, u)
where n = records or place_of = source;
create temp table explained as
with seen as (select p, u, digest, count(*) over (partition by p, u) as n
              from (select distinct p, u, digest from matched))
select distinct s.p, s.u from seen s join copies c on c.u = s.u and c.p <> s.p
join (select distinct p, digest from wanted) w on w.p = c.p and w.digest = s.digest
left join copies own on own.p = s.p and own.u = s.u
group by s.p, s.u, c.p, s.n, c.size, own.size
having count(*) = s.n and (own.size is null or c.size > own.size);
delete from matched where (p, u) in (select (p, u) from explained);
delete from found where (p, u) in (select (p, u) from explained);
"""
_COMPARED: Final = """
select source, member, records, coalesce(n, 0), coalesce(v, 0), coalesce(us, []) from parts
left join (select p, count(distinct r) as n from found group by p) using (p)
left join (select p, count(distinct digest) as v, list_sort(list(distinct u)) as us
           from matched group by p) using (p)
"""


@dataclass(frozen=True, slots=True)
class DeletionCheck:
    """Result of a deletion check: a row per part of the deletion list, and per unread file.

    ``result`` of a row: DELETED, PRESENT or UNCHECKED, and why (``ground``). ``unread``: number of
    files of the folder that were not read. ``by_values``: False without the key of the case.
    ``sha256``: of the written record, if one was written.
    """

    rows: list[Row] = field(repr=False)
    unread: int
    by_values: bool
    sha256: str | None = None

    def counts(self) -> Counter[str]:
        """Return result -> number of parts of the deletion list."""
        return Counter(row["result"] for row in self.rows if row["ground"] != "UNREAD_FILE")


@checked
def check_deletion(
    case: str | Path | Case,
    folder: str | Path,
    *,
    out: str | Path | None = None,
    key: str | Path | None = None,
    recognizers: str | Path | None = None,
    passwords: str | Path | None = None,
    operator: str = "",
    language: Language = "zh",
    progress: Progress | None = None,
) -> DeletionCheck:
    r"""Look for each part of the deletion list in ``folder``, and log ``deletion_check``.

    The folder is the one that was scanned, in its place or another; a part of it is taken for the
    folder of the same name. Sources that were not in it are UNCHECKED, and so is any source that is
    not found while files of the folder have not been compared by their values.

    Args:
        case: folder of the case, or the opened case.
        folder: evidence, opened for reading only.
        out: record to write, readable by its owner only; its ending is xlsx, csv or json.
        key: file of the case's key, the user's own by default; without one only checksums are
            compared.
        recognizers: folder of own recognizers.
        passwords: file with passwords of encrypted files.
        operator: who checks; the operator of the scan by default.
        language: language of the record.
        progress: called with bytes done and bytes in all.

    Raises:
        MissingPathError: there is no such folder.
        CaseError: the folder has the case in it, or the record cannot be written.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump")
    ...     dump.mkdir()
    ...     _ = (dump / "a.csv").write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     key, case = Path(place, "my.key"), Path(place, "case")
    ...     _ = piiscan.scan(dump, case=case, key=key)
    ...     _ = (dump / "a.csv").rename(dump / "old.bak")
    ...     [(row["result"], row["ground"]) for row in check_deletion(case, dump, key=key).rows]
    [('PRESENT', 'CHECKSUM')]
    """
    folder = existing(folder).resolve()
    opened = Case.of(case, key=key, recognizers=recognizers, passwords=passwords)
    check_no_overlap(opened.path, [folder])
    form = "" if out is None else Path(out).suffix.lower().removeprefix(".")
    if out is not None:
        if form not in CHECK_FORMATS:
            raise CaseError("export.unknown_format", path=out, formats=CHECK_FORMATS)
        check_output_path(opened, Path(out))
        check_outside(Path(out), [folder])
    settings = opened.manifest.content["settings"]
    by_values = opened.key_at_hand() is not None
    with tempfile.TemporaryDirectory(
        prefix="deletion-",
        dir=make_private_folder(opened.path / "tmp"),
        ignore_cleanup_errors=True,
    ) as name:
        found = scan(
            folder,
            case=Path(name, "case"),
            as_of=datetime.date.fromisoformat(settings["as_of"]),
            key=opened.key if by_values else Path(name, "other.key"),
            recognizers=recognizers,
            min_score=settings["min_score"],
            names=settings["names"],
            passwords=passwords,
            raw=bool(settings.get("raw")),
            progress=progress,
        )
        results = list(_Check(opened, found, folder, by_values=by_values).rows())
    moment = now()
    facts = {
        "folder": clean(folder),
        "checked": stamp(moment),
        "operator": operator or opened.manifest.content["operator"],
    }
    rows = [row | {"number": at} | facts for at, row in enumerate(results, 1)]
    unread = sum(row["ground"] == "UNREAD_FILE" for row in rows)
    if out is not None:
        with write_aside(Path(out)) as file:
            write_deletion(file, form, check_layout(case_words(opened, language)), rows, opened)
    sha256 = None if out is None else file_sha256(Path(out))
    done = DeletionCheck(rows, unread, by_values, sha256)
    with open_log(opened.path, opened.key) as log:
        log.append(
            "deletion_check",
            moment=moment,
            generation=opened.manifest.generation,
            operator=facts["operator"],
            results=dict(done.counts()),
            unread=unread,
            by_values=by_values,
            sha256=sha256,
        )
    return done


def check_layout(words: Words) -> RowLayout:
    """Return the layout of the record of a check."""
    return RowLayout(words, CHECK_COLUMNS, "deletion.deletion_check")


@dataclass(frozen=True, slots=True)
class _Compared:
    """Records of a part that are compared and found whole, and values found.

    ``parts``: numbers of the unknown parts that have them.
    """

    records: int = 0
    found: int = 0
    values: int = 0
    parts: Sequence[int] = ()


class _Check:
    """Comparison of a case with a scan of the folder."""

    def __init__(self, case: Case, found: Case, folder: Path, *, by_values: bool) -> None:
        self._case, self._found, self._by_values = case, found, by_values
        self._sources = {each["source"]: each for each in case.manifest.content["sources"]}
        parts = case.stored("parts").to_pylist()
        self._known = {each["sha256"] for each in (*self._sources.values(), *parts)} - {None}
        self._shown = found.shown()
        self._paths = found.source_names()
        self._unread = [row for row in found.scan_tables()["unread"] if row["lost"]]
        self._expected = dict(_expected_paths(self._sources.values(), folder))
        places = {Path(e["place"]): e["source"] for e in found.manifest.content["sources"]}
        self._there = {number: places.get(path) for number, path in self._expected.items()}
        self._copies: dict[str, list[tuple[int, str]]] = {}
        stored = [*found.stored("parts").to_pylist(), *found.stored("files").to_pylist()]
        for each in (*found.manifest.content["sources"], *stored):
            if each["sha256"]:
                member = str(each.get("member", "")).partition("#")[0]
                self._copies.setdefault(each["sha256"], []).append((each["source"], member))

    def rows(self) -> Iterator[Row]:
        """Yield a row per part of the deletion list, then one per file that was not read."""
        unknown = self._unknown_parts()
        shards = self._case.shards("findings")
        values = (
            self._compare_values(unknown, shards) if self._by_values and unknown and shards else {}
        )
        for place, row in deletion_rows(self._case):
            compared = values.get(place, _Compared())
            copies = self._copies.get(row["sha256"]) or self._copies.get(row["member_sha256"], [])
            result, ground = self._judge(place[0], copies, compared, unknown)
            numbers = (compared.found, compared.records, compared.values)
            shown = numbers if compared.records and not copies else (None, None, None)
            yield (
                row
                | dict(zip(_NUMBERS, shown, strict=True))
                | {
                    "result": result,
                    "ground": ground,
                    "reason": None,
                    "found_at": self._names(copies or [unknown[part] for part in compared.parts]),
                }
            )
        for each in self._unread:
            yield dict.fromkeys(each.name for each in CHECK_COLUMNS) | {
                "result": "UNCHECKED",
                "ground": "UNREAD_FILE",
                "path": each["path"],
                "member": each["member"],
                "reason": each["reason"],
                "found_at": [],
            }

    def _judge(
        self, source: int, copies: list[Any], compared: _Compared, unknown: list[tuple[int, str]]
    ) -> tuple[str, str]:
        """Return (result, ground) of a part. ``copies``: places with its checksum."""
        there = self._there.get(source)
        if copies:
            return "PRESENT", "SAME" if (there, "") in copies else "CHECKSUM"
        if compared.values:
            return "PRESENT", "VALUES" if compared.found else "SOME_VALUES"
        if source not in self._expected:
            return "UNCHECKED", "OUTSIDE"
        if there is not None and any(row["source"] == there for row in self._unread):
            return "UNCHECKED", "UNREAD"
        if any(there == source_there for source_there, _ in unknown):
            return "UNCHECKED", "CHANGED"
        if unknown and not compared.records:
            return "UNCHECKED", "NO_VALUES" if self._by_values else "NO_KEY"
        return "DELETED", "NOT_FOUND"

    def _unknown_parts(self) -> list[tuple[int, str]]:
        """Return the parts of the folder with findings, but for copies of files of the case."""
        sums = {e["source"]: e["sha256"] for e in self._found.manifest.content["sources"]}
        return [
            (part["source"], part["member"])
            for part in self._found.sql(
                "select p.* from parts p semi join findings using (source, member)"
                " order by source, member"
            ).to_pylist()
            if self._known.isdisjoint((part["sha256"], sums[part["source"]]))
        ]

    def _compare_values(
        self, unknown: list[tuple[int, str]], shards: list[Path]
    ) -> dict[tuple[int, str], _Compared]:
        """Return part -> comparison of its ``shards`` with the ``unknown`` parts of the folder."""
        classes = self._case.manifest.content["whose"]
        kinds = {entity: element_of(entity, each) for entity, each in classes.items()}
        personal = [e for e, k in kinds.items() if k <= Element.PERSONAL and k not in _SECRETS]
        with connect(self._case.path / "tmp", memory="512MB") as connection:
            connection.execute(
                "create temp table unknown_parts (u int, source int, member text, place_of int)"
            )
            place_of = {there: number for number, there in self._there.items()}
            rows = [(n, *place, place_of.get(place[0])) for n, place in enumerate(unknown)]
            connection.executemany("insert into unknown_parts values (?, ?, ?, ?)", rows)
            connection.execute(
                _CREATE_VALUES.format(
                    here=literals(shards),
                    files=literals(self._found.shards("findings")),
                    kinds=literals(personal),
                    shared=literals(e for e in personal if kinds[e] in _SHARED),
                )
            )
            connection.execute(_DROP_EXPLAINED)
            found = connection.execute(_COMPARED).fetchall()
        return {(source, member): _Compared(*each) for source, member, *each in found}

    def _names(self, places: Iterable[tuple[int, str]]) -> list[str]:
        """Return the places in the folder as they may be shown: ``dump/a.zip!b.csv``."""
        names = [
            clean(self._paths[source] + (f"!{self._shown.get(member, member)}" if member else ""))
            for source, member in dict.fromkeys(places)
        ]
        more = [f"… +{len(names) - _MOST_PLACES}"] if len(names) > _MOST_PLACES else []
        return names[:_MOST_PLACES] + more


def _expected_paths(
    sources: Iterable[Mapping[str, Any]], folder: Path
) -> Iterator[tuple[int, Path]]:
    """Yield (source, path where it would be in ``folder``) of the sources that were in the folder.

    If no source was scanned below ``folder``, it is taken for the folder that has all sources, or
    for the folder of its name. A folder right below that is missing in it may be on another disk.
    """
    places = {each["source"]: PurePath(each["place"]) for each in sources}
    inside = {n: Path(p) for n, p in places.items() if p.is_relative_to(folder)}
    if inside or not places:
        yield from inside.items()
        return
    root = PurePath(os.path.commonpath([place.parent for place in places.values()]))
    inner = {
        number: next(
            (p for p in place.parents if p.name == folder.name and p.is_relative_to(root)), None
        )
        for number, place in places.items()
    }
    if not any(inner.values()):
        inner = dict.fromkeys(places, root)
    for number, above in inner.items():
        if above is not None:
            relative = places[number].relative_to(above)
            if len(relative.parts) == 1 or (folder / relative.parts[0]).is_dir():
                yield number, folder / relative
