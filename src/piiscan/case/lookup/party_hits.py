"""Party hits: speakers, senders, receivers, buyers and sellers of a name that is no finding (老K).

Findings have names of persons. Of a nickname a case has the digest of a party: with the first
message of a speaker, files and money of chats, transactions of lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from piiscan.case.lookup.lookup_hits import FINDING_COLUMNS, Row
from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect, literals
from piiscan.parsing.party_names import digest_parties, written_forms

#: Kind of shard -> SQL of its parties.
_PARTIES: Final = {
    "sendings": """
        select source, member, row, 'speaker' as role, sender as masked,
               unnest([sender_digest, nick_digest]) as digest from {files}
        union all select source, member, row, 'listener', coalesce(receiver, peer),
               unnest([receiver_digest, peer_digest]) from {files}""",
    "ledger": """
        select source, member, row, case party_kind when 'sender' then 'speaker' else party_kind end
               as role, party as masked, party_digest as digest from {files}""",
}


def find_party_hits(case: Case, names: Mapping[int, str], key: bytes) -> list[Row]:
    """Return a row for each place of a party with one of ``names`` (query number -> text).

    The rows are those of :func:`find_hits`, as NICKNAME with role, without a column and a record.
    """
    forms = [(number, form) for number, text in names.items() for form in written_forms(text)]
    digests = digest_parties([form for _, form in forms], key)
    asked = pa.table({"number": [number for number, _ in forms], "digest": digests})
    parties = [
        sql.format(files=f"read_parquet([{literals(files)}])")
        for kind, sql in _PARTIES.items()
        if (files := case.shards(kind))
    ]
    if not parties or not forms:
        return []
    with connect(case.path / "tmp") as connection:
        connection.register("asked", asked)
        found = connection.sql(
            "select number, source, member, row, role, any_value(masked) as masked"
            f" from ({' union all '.join(parties)}) join asked using (digest)"
            " group by all order by source, member, row, role, number"
        )
        rows = found.to_arrow_table().to_pylist()
    fields = dict.fromkeys(FINDING_COLUMNS) | {"entity": "NICKNAME", "column": 0, "start": 0}
    return [fields | {"how": "SAME", "beside": [], "trade": [], **row} for row in rows]
