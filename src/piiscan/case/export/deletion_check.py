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
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Final

from piiscan.arguments import checked, existing
from piiscan.case.count.subjects.elements import Element, element_of
from piiscan.case.export.deletion import LISTS, Row, deletion_layout, deletion_rows, write_deletion
from piiscan.case.scan.scan import scan
from piiscan.case.store.audit_log import now, stamp
from piiscan.case.store.case import Case, check_no_overlap, check_output_path
from piiscan.case.store.connection import connect, literals
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256
from piiscan.output_files import check_outside, temporary_folder, write_aside
from piiscan.pages.sanitize import clean
from piiscan.progress import Progress
from piiscan.wording.words import Language

CHECK_FORMATS: Final = ("xlsx", "csv", "json")
#: Elements that many people share: a record is compared by others, or by two of these.
_SHARED: Final = (Element.NAME, Element.ADDRESS)
_SECRETS: Final = (Element.CODE, Element.SECRET)

_CREATE_UNKNOWN: Final = (
    "create temp table unknown_parts (u int, source int, member text, place_of int)"
)
#: SQL: the values of the records (r) of the parts (p) of the case in the unknown parts (u): source,
#: member, records compared and found, distinct values found, parts that have them.
_COMPARE: Final = """
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
-- drop what u has of one part if it is a copy of another: has it whole, or is in its place
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
    folder of the same name. UNCHECKED are sources that were not in it, and any that is not found
    while files of the folder have not been compared by their values.

    Args:
        case: folder of the case, or the opened case.
        folder: evidence, opened for reading only.
        out: record to write, readable by its owner only; its ending is xlsx, csv or json.
        key: file of the case's key, the user's own by default; without one only checksums are
            compared.
        recognizers: folder of own recognizers, or the name of an installed pack.
        passwords: file with passwords of encrypted files.
        operator: who checks; the operator of the scan by default.
        language: language of the record.
        progress: called with the state of the run.

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
    path = None if out is None else Path(out)
    form = "" if path is None else path.suffix.lower().removeprefix(".")
    if path is not None:
        if form not in CHECK_FORMATS:
            raise CaseError("export.unknown_format", path=path, formats=CHECK_FORMATS)
        check_output_path(opened, path)
        check_outside(path, [folder])
    settings = opened.manifest.content["settings"]
    by_values = opened.key_at_hand() is not None
    with temporary_folder(opened.path / "tmp", "deletion-") as temporary:
        found = scan(
            folder,
            case=temporary / "case",
            as_of=datetime.date.fromisoformat(settings["as_of"]),
            key=opened.key if by_values else temporary / "other.key",
            recognizers=recognizers,
            min_score=settings["min_score"],
            names=settings["names"],
            passwords=passwords,
            raw=bool(settings.get("raw")),
            progress=progress,
        )
        results = list(_Check(opened, found, folder, by_values=by_values).rows())
    moment, operator = now(), operator or opened.manifest.content["operator"]
    facts = {"folder": clean(folder), "checked": stamp(moment), "operator": operator}
    no_cells = dict.fromkeys(LISTS["deletion_check"])
    rows = [no_cells | row | {"number": at} | facts for at, row in enumerate(results, 1)]
    unread = sum(row["ground"] == "UNREAD_FILE" for row in rows)
    if path is not None:
        layout = deletion_layout("deletion_check", opened.words(language))
        with write_aside(path) as file:
            write_deletion(file, form, layout, rows, opened)
    done = DeletionCheck(rows, unread, by_values, None if path is None else file_sha256(path))
    told = {"results": dict(done.counts()), "unread": unread, "by_values": by_values}
    told |= {"generation": opened.manifest.generation, "operator": operator, "sha256": done.sha256}
    with opened.open_log() as log:
        log.append("deletion_check", moment=moment, **told)
    return done


class _Check:
    """Comparison of a case with a scan of the folder."""

    def __init__(self, case: Case, found: Case, folder: Path, *, by_values: bool) -> None:
        self._case, self._found, self._by_values = case, found, by_values
        sources, there = (each.manifest.content["sources"] for each in (case, found))
        parts = [*found.stored("parts").to_pylist(), *found.stored("files").to_pylist()]
        known = {e["sha256"] for e in (*sources, *case.stored("parts").to_pylist())} - {None}
        sums = {each["source"]: each["sha256"] for each in there}
        holding = found.sql("select source, member from findings group by all").to_pylist()
        hold = {(each["source"], each["member"]) for each in holding}
        #: Parts of the folder with findings that are no copies of files of the case.
        self._unknown = sorted(
            {
                (part["source"], part["member"])
                for part in parts
                if (part["source"], part["member"]) in hold
                and known.isdisjoint((part["sha256"], sums[part["source"]]))
            }
        )
        self._copies: dict[str, list[tuple[int, str]]] = {}
        for each in (*there, *parts):
            place = each["source"], str(each.get("member", "")).partition("#")[0]
            self._copies.setdefault(each["sha256"] or "", []).append(place)
        self._shown, self._paths = found.shown(), found.source_names()
        self._unread = [row for row in found.scan_tables()["unread"] if row["lost"]]
        places = {Path(each["place"]): each["source"] for each in there}
        #: Source of the case that was in the folder -> the source that is now in its place.
        self._there = {n: places.get(path) for n, path in _expected_paths(sources, folder)}

    def rows(self) -> Iterator[Row]:
        """Yield a row per part of the deletion list, then one per file that was not read."""
        compared = self._compare_values() if self._by_values and self._unknown else {}
        for place, row in deletion_rows(self._case):
            # records compared and found, distinct values found, unknown parts that have them
            least, records, values, at = compared.get(place, (0, 0, 0, ()))
            sums = [each for each in (row["sha256"], row["member_sha256"]) if each]
            copies = next((self._copies[each] for each in sums if each in self._copies), [])
            result, ground = self._judge(place[0], copies, least, records, values)
            row |= {"result": result, "ground": ground}
            row["found_at"] = self._names(copies or [self._unknown[each] for each in at])
            if least and not copies:
                row |= {"found_records": records, "compared_records": least, "found_values": values}
            yield row
        for each in self._unread:
            row = {name: each[name] for name in ("path", "member", "reason")}
            yield row | {"result": "UNCHECKED", "ground": "UNREAD_FILE"}

    def _judge(
        self, source: int, copies: list[Any], compared: int, records: int, values: int
    ) -> tuple[str, str]:
        """Return (result, ground) of a part. ``copies``: places with its checksum."""
        there = self._there.get(source)
        if copies:
            return "PRESENT", "SAME" if (there, "") in copies else "CHECKSUM"
        if values:
            return "PRESENT", "VALUES" if records else "SOME_VALUES"
        if source not in self._there:
            return "UNCHECKED", "OUTSIDE"
        if there is not None and any(row["source"] == there for row in self._unread):
            return "UNCHECKED", "UNREAD"
        if any(there == number for number, _ in self._unknown):
            return "UNCHECKED", "CHANGED"
        if self._unknown and not compared:
            return "UNCHECKED", "NO_VALUES" if self._by_values else "NO_KEY"
        return "DELETED", "NOT_FOUND"

    def _compare_values(self) -> dict[tuple[int, str], tuple[int, int, int, Sequence[int]]]:
        """Return part -> numbers of ``_COMPARE`` and the unknown parts with its values."""
        classes = self._case.manifest.content["whose"]
        kinds = {entity: element_of(entity, each) for entity, each in classes.items()}
        personal = [e for e, k in kinds.items() if k <= Element.PERSONAL and k not in _SECRETS]
        place_of = {there: number for number, there in self._there.items()}
        rows = [(n, *place, place_of.get(place[0])) for n, place in enumerate(self._unknown)]
        with connect(self._case.path / "tmp", memory="512MB") as connection:
            connection.execute(_CREATE_UNKNOWN)
            connection.executemany("insert into unknown_parts values (?, ?, ?, ?)", rows)
            query = _COMPARE.format(
                here=literals(self._case.shards("findings")),
                files=literals(self._found.shards("findings")),
                kinds=literals(personal),
                shared=literals(e for e in personal if kinds[e] in _SHARED),
            )
            found = connection.execute(query).fetchall()
        return {(source, member): tuple(each) for source, member, *each in found}

    def _names(self, places: Iterable[tuple[int, str]]) -> list[str]:
        """Return the places in the folder as they may be shown: ``dump/a.zip!b.csv``."""
        return [
            clean(self._paths[source] + (f"!{self._shown.get(member, member)}" if member else ""))
            for source, member in dict.fromkeys(places)
        ]


def _expected_paths(
    sources: Iterable[Mapping[str, Any]], folder: Path
) -> Iterator[tuple[int, Path]]:
    """Yield (source, path where it would be in ``folder``) of the sources that were in the folder.

    If no source was scanned below ``folder``, it is taken for the folder that has all sources, or
    for the folder of its name. A folder right below that is missing in it may be on another disk.
    """
    places = {each["source"]: PurePath(os.path.realpath(each["place"])) for each in sources}
    inside = {n: Path(p) for n, p in places.items() if p.is_relative_to(folder)}
    if inside or not places:
        yield from inside.items()
        return
    root = PurePath(os.path.commonpath([place.parent for place in places.values()]))
    named = [p for place in places.values() for p in place.parents if p.name == folder.name]
    tops = {each for each in named if each.is_relative_to(root)} or {root}
    for number, place in places.items():
        for top in tops.intersection(place.parents):
            relative = place.relative_to(top)
            if len(relative.parts) == 1 or (folder / relative.parts[0]).is_dir():
                yield number, folder / relative
