"""Exchange files: counted keys of a case as digests under a one-off key that opens no case.

Two offices with different keys give each other such files, and the key on another way. The digests
of a case cannot be led from one key to another, so its sources are read again as it was made.
Whoever has both file and key can try out telephone numbers: the key is deleted afterwards.
"""

from __future__ import annotations

import datetime
import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.count.count import count
from piiscan.case.count.reopen import reopen_count, require_count
from piiscan.case.count.subjects.key_priority import split_priorities
from piiscan.case.lookup.value_queries import case_key
from piiscan.case.merge.merge import merge
from piiscan.case.scan.listing import Listing
from piiscan.case.scan.scan import scan
from piiscan.case.store.case import Case, check_output_path, make_folders
from piiscan.case.store.case_format import add_format
from piiscan.case.store.connection import literal
from piiscan.case.store.job_store import JobStore
from piiscan.errors import CaseError
from piiscan.hashing.key import Key, fingerprint, load_key
from piiscan.output_files import temporary_folder, write_aside
from piiscan.sources.stores import is_present

#: Digests of an exchange file: nothing else is in it.
EXCHANGED: Final = pa.schema([("key_kind", pa.string()), ("key", pa.binary(16))])

_OTHER_SUBJECTS: Final = """
select count(*) from people p full join read_parquet({again}) n using (subject)
where (p.source, p.member, p.row, p.role, p.step, p.key_kind)
    is distinct from (n.source, n.member, n.row, n.role, n.step, n.key_kind)
"""
_KEYS: Final = """
copy (select distinct n.key_kind, n.key, p.suspect, p.item, p.source
      from passed t join placed p using (place)
          join read_parquet({again}) n on n.subject = t.subject
      where t.headline order by all) to {out} (format parquet)
"""


def exchange(case: str | Path | Case, out: str | Path, *, key: str | Path) -> Path:
    """Write the counted keys of a case to the file ``out``, as digests under the one-off ``key``.

    Args:
        case: folder of a case that was counted, or the opened case with its own key file.
        out: file to write, for the other office.
        key: file of the one-off key, made if it is absent; the other office needs it, too.

    Raises:
        CaseError: the one-off key is that of the case; a source is not at hand or was changed; or
            the case cannot be made again (judgements of people, another version of the program).
    """
    opened, path = Case.of(case), Path(out)
    check_output_path(opened, path)
    with temporary_folder(opened.path / "tmp", "exchange-") as folder:
        keys = write_exchange_keys(opened, folder / "keys.parquet", Path(key))
        digests = pq.read_table(keys, columns=EXCHANGED.names).group_by(EXCHANGED.names)
        rows = digests.aggregate([]).sort_by([(name, "ascending") for name in EXCHANGED.names])
    about = {"key": load_key(Path(key), create=False).fingerprint, "order": key_order(opened)}
    table = rows.cast(EXCHANGED).replace_schema_metadata({"piiscan": json.dumps(add_format(about))})
    with write_aside(path) as file:
        pq.write_table(table, file, compression="none")
    return path


def read_exchange(file: Path, key: Path, order: str) -> Path:
    """Return an exchange file that can be compared. Raise CaseError for any other file.

    ``order``: order of keys of the case that it is compared with.
    """
    try:
        schema = pq.read_schema(file)
        about = json.loads((schema.metadata or {})[b"piiscan"])
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise CaseError("exchange.no_file", path=file) from error
    if not schema.equals(EXCHANGED):
        raise CaseError("exchange.no_file", path=file)
    if about["key"] != load_key(key, create=False).fingerprint:
        raise CaseError("exchange.other_key", path=file)
    if about["order"] != order:
        raise CaseError("compare.other_key_order", case=file, first="")
    return file


def key_order(case: Case) -> str:
    """Return the key order of the newest count as text, without orders for single paths."""
    return split_priorities(require_count(case).content["asked"]["key_priority"])[0]


def write_exchange_keys(case: Case, out: Path, key_file: Path) -> Path:
    """Write the counted keys of a case under another key, with their scopes, to ``out``.

    The case is scanned and counted again beside ``out``, and compared person by person.
    """
    newest, own = require_count(case), case_key(case)
    key = load_key(key_file, case=case.path, sources=_places(case))
    if key.fingerprint == fingerprint(own):
        raise CaseError("exchange.case_key", path=key_file)
    again = _make_again(case, Key(own, fingerprint(own), key_file), key, out.parent)
    orders = split_priorities(newest.content["asked"]["key_priority"])
    counted = count(again, key_by=orders, policies=())
    subjects = literal(counted.record_subjects)
    with reopen_count(case, newest) as connection:
        found = connection.execute(_OTHER_SUBJECTS.format(again=subjects)).fetchone()
        if found[0]:
            raise CaseError("exchange.other_persons", count=found[0], case=case.path)
        connection.execute(_KEYS.format(again=subjects, out=literal(out)))
    return out


def _places(case: Case) -> list[Path]:
    """Return the paths of the sources of a case."""
    return [Path(each["place"]) for each in case.manifest.content["sources"]]


def _make_again(case: Case, own: Key, key: Key, folder: Path) -> Case:
    """Return a case in ``folder`` of the same sources under the same numbers and another key."""
    settings: dict[str, Any] = dict(case.manifest.content["settings"])
    with JobStore.reading(case.path / "ledger.sqlite", own) as store:
        sources, corrections = store.sources(), store.get("corrections")
    absent = [each.source for each in sources if not is_present(Path(each.absolute_path))]
    for number in absent:
        raise CaseError("exchange.no_evidence", source=number)
    files = [[n, ".", each.path, each.size, each.mtime_ns] for n, each in enumerate(sources)]
    places = [each.absolute_path for each in sources]
    listing = Listing(settings["as_of"], places, files, [])
    part = folder / "part"
    make_folders(part)
    (folder / "listing.json").write_text(json.dumps(add_format(asdict(listing))), "ascii")
    with closing(JobStore(part / "ledger.sqlite", key)) as store:
        store.put("corrections", corrections)
    rules: dict[str, Any] = {
        "key": key.path,
        "recognizers": case.recognizers,
        "passwords": case.passwords,
    }
    names = ("min_score", "names", "only", "skip", "raw", "whole_case")
    day = datetime.date.fromisoformat(settings["as_of"])
    scan(
        places,
        case=part,
        as_of=day,
        part="1/1",
        listing=folder / "listing.json",
        **{name: settings[name] for name in names},
        **rules,
    )
    again = merge([part], case=folder / "case", **rules)
    for one, other in zip(sources, again.manifest.content["sources"], strict=True):
        if one.outcome.sha256 and one.outcome.sha256 != other["sha256"]:
            raise CaseError("exchange.no_evidence", source=one.source)
    return again
