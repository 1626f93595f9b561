"""Arrow schemas: the columns of every table that packages exchange or that a case stores."""

from __future__ import annotations

import pyarrow as pa

#: Dictionary columns: for few distinct words, and for many.
_WORD = pa.dictionary(pa.int16(), pa.string())
_LONG_WORD = pa.dictionary(pa.int32(), pa.string())


def _required(name: str, type_: pa.DataType) -> pa.Field:
    """Return a field without nulls, which makes it smaller and faster in a shard."""
    return pa.field(name, type_, nullable=False)


#: A candidate that an overlapping finding superseded; ``start``/``end``: code points in the cell.
ALTERNATIVE = pa.struct(
    [
        ("entity", pa.string()),
        ("recognizer", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("verdict", pa.string()),
        ("score", pa.float64()),
        ("reason", pa.string()),
    ]
)

#: Result of the engine for a batch of texts, by (index, start, end, recognizer).  ``index`` is the
#: text's position in the batch; ``start``/``end`` are code points in that text, end exclusive;
#: ``byte_start`` is the UTF-8 offset of ``start`` in that text.
FOUND = pa.schema(
    [
        ("index", pa.int64()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("byte_start", pa.int32()),
        ("entity", _WORD),
        ("recognizer", _WORD),
        ("text", pa.string()),
        ("value", pa.string()),
        ("verdict", _WORD),  # verified | plausible | refuted
        ("score", pa.float64()),
        ("context", _WORD),  # context word or column label that raised the score, or null
        ("reason", _WORD),  # code why the score is capped or the value refuted, or null
        ("role", _WORD),  # owner: recipient | sender | courier | … (vocabulary), or null
        ("alternatives", pa.list_(ALTERNATIVE)),
    ]
)

#: Attributes that follow from a value alone (:mod:`piiscan.detect.attributes`); null if none.
#: vocabulary.yaml has the names of the columns and of their values.
ATTRIBUTES = pa.schema(
    [
        ("province", pa.string()),  # full name: 湖南省
        ("prefecture", pa.string()),
        ("county", pa.string()),  # latest name of the code; earlier names follow
        ("county_earlier", pa.string()),  # joined by 、
        ("city", pa.string()),  # of a phone number
        ("regions_open", pa.string()),  # region codes a district name may mean, joined by 、
        ("address_level", pa.string()),  # province | city | … | street_number | building | room
        ("address_normal", pa.string()),  # canonical form for comparison
        ("region_code", pa.string()),  # six digits of GB/T 2260
        ("birth_date", pa.string()),  # YYYY-MM-DD
        ("birth_year", pa.int64()),
        ("sex", pa.string()),  # male | female
        ("age", pa.int64()),  # whole years on as_of
        ("under_14", pa.bool_()),  # on as_of; PIPL article 28
        ("derived_id_18", pa.string()),  # 18 digits computed from 15, for comparison only
        ("nationality", pa.string()),  # ISO 3166 alpha-3
        ("carrier", pa.string()),  # issuer of a mobile number, SIM card or waybill
        ("carrier_kind", pa.string()),  # public | resale | satellite
        ("area_code", pa.string()),
        ("host", pa.string()),  # main number of a virtual number, shared by thousands
        ("extension", pa.string()),
        ("bank", pa.string()),
        ("card_kind", pa.string()),  # 借记卡, 贷记卡 …
        ("country", pa.string()),  # of international mail, ISO 3166 alpha-2
        ("department", pa.string()),  # registration authority of an organisation
        ("organisation_kind", pa.string()),
        ("plate_kind", pa.string()),  # civil | police | armed_police | military | embassy | …
        ("new_energy", pa.bool_()),
        ("ip_version", pa.int64()),
        ("domain", pa.string()),
        ("name_kind", pa.string()),  # anonymised, or null
        ("mask_head", pa.string()),  # visible start of a masked value
        ("mask_tail", pa.string()),
        ("mask_length", pa.int64()),
        ("region", pa.string()),  # of a phone number, ISO 3166 alpha-2
        ("platform", pa.string()),  # of an account: telegram | douyin | bitcoin | …
    ]
)

#: One finding in a case: location, kind, digest and mask.
FINDINGS = pa.schema(
    [
        _required("source", pa.int32()),  # id in SOURCES
        # path inside the source: "a.zip!b.xlsx#Sheet1"; "" if none
        _required("member", _LONG_WORD),
        _required("row", pa.int64()),  # 1-based, as Excel or an editor counts
        _required("record", pa.int64()),  # its row of RECORDS; in a table its own row
        ("row_kind", _WORD),  # HEADER | TITLE | SUBTOTAL | SCHEMA; null for a row of data
        _required("column", pa.int32()),  # 1-based; 0 = the line is not split into cells
        ("header", _LONG_WORD),  # header text of the column, null without header
        _required("group", pa.int16()),  # number of its table among tables side by side
        ("line", pa.int64()),  # 1-based line on which the record starts; null for sheets
        _required("start", pa.int32()),  # code points in the cell (or line), end exclusive
        _required("end", pa.int32()),
        ("byte_offset", pa.int64()),  # in the member's bytes; null if uncertain
        _required("entity", _WORD),
        _required("recognizer", _WORD),
        _required("digest", pa.binary(16)),  # keyed BLAKE2b over entity and value
        ("masked", pa.string()),
        ("coarse", _LONG_WORD),  # "province/age band/carrier/sex" of the value, or null
        _required("verdict", _WORD),
        _required("score", pa.float64()),
        ("context", _WORD),
        ("reason", _WORD),
        ("role", _WORD),
        # JSON list of superseded candidates, each an ALTERNATIVE, best first; null if none
        ("alternatives", pa.string()),
    ]
)

#: One input file of a case (rows of the case's ``sources.parquet``).
SOURCES = pa.schema(
    [
        ("source", pa.int32()),
        ("path", pa.string()),  # as given on the command line, POSIX separators
        ("size", pa.int64()),
        ("mtime", pa.timestamp("us", tz="UTC")),
        ("sha256", pa.string()),
        ("sm3", pa.string()),
        ("state", pa.string()),  # read | partly_read | unread | changed
    ]
)

#: One readable part of a source: the file itself, a sheet, an archive member.
PARTS = pa.schema(
    [
        ("source", pa.int32()),
        ("member", pa.string()),
        ("kind", pa.string()),  # text | delimited | jsonl | sheet | archive | database | …
        ("encoding", pa.string()),
        ("delimiter", pa.string()),
        ("header_row", pa.int64()),  # null if none
        ("columns", pa.string()),  # JSON list of {column, header, group, recognizers, role, share}
        ("rows", pa.int64()),  # data rows: without those of other_rows
        ("other_rows", pa.string()),  # JSON {"HEADER": n, "TITLE": n, "SUBTOTAL": n, "BLANK": n}
        ("sha256", pa.string()),  # of an archive member's bytes, else null
        ("size", pa.int64()),
    ]
)

#: Parts that were not read, or read with a trouble; nothing is silently dropped.
ERRORS = pa.schema(
    [
        ("source", pa.int32()),
        ("member", pa.string()),
        ("row", pa.int64()),  # null if it concerns the whole part
        ("reason", pa.string()),  # upper-case code, e.g. ENCRYPTED, ZIP_RATIO, UNCLOSED_QUOTE
        ("detail", pa.string()),  # never a matched value
        ("lost", pa.bool_()),  # True: some input was not read (exit code 1)
    ]
)

#: One record (a row, or lines of text) with information of a person, and the counted kinds in it.
#: Refuted, masked and damaged values do not make a record.
RECORDS = pa.schema(
    [
        _required("source", pa.int32()),
        _required("member", _LONG_WORD),
        _required("row", pa.int64()),  # of its first line
        _required("group", pa.int16()),
        _required("combination", _LONG_WORD),  # entities in alphabetical order, joined by "+"
        ("people", _LONG_WORD),  # by role, "recipient:CN_MOBILE+PERSON;sender:PERSON", or null
        _required("digest", pa.binary(16)),  # equal for records with the same values
        _required("row_digest", pa.binary(16)),  # equal for records with the same cells, or lines
        # equal for records with the same values, as parsed, without bookkeeping columns (row
        # numbers, import times, remarks)
        _required("content_digest", pa.binary(16)),
        # half digests of these values, sorted
        ("facts", pa.list_(pa.uint64())),
        # conflicts in the row, SEX_CONFLICT, BIRTH_CONFLICT … joined by "+", or null
        ("doubts", _WORD),
        # grounds on which a person is under fourteen on the day of the scan: identity, birth, age
        # joined by "+", or null
        ("under_14", _WORD),
        # days on which the youngest persons turn fourteen, by identity number and birth column, as
        # two halves, covered under the key of the case (``hashing.digest``); null for adults
        ("birthdays", pa.uint64()),
    ]
)

#: Transactions that a stock list or sale list records for a row: obtained or sold, by whom, when,
#: for how much.  A row that was obtained and sold has two rows here.  A record in a message has
#: one, with the time and the sender of the message.
TRANSACTIONS = pa.schema(
    [
        ("source", pa.int32()),
        ("member", _LONG_WORD),
        ("row", pa.int64()),  # as in RECORDS, also without a record in that row
        ("group", pa.int16()),
        ("status", _WORD),  # obtained | sold | provided | recovered | kept, or null
        ("party", _LONG_WORD),  # masked name of the buyer or seller
        ("party_kind", _WORD),  # buyer | seller; sender of a message
        ("party_digest", pa.binary(16)),
        ("price", pa.decimal128(18, 2)),  # yuan; null if the row has none
        ("price_state", _WORD),  # UNREADABLE for a price that cannot be read
        ("time", pa.timestamp("s")),  # as written, without a zone; midnight for a day alone
        ("channel", _LONG_WORD),
    ]
)

#: Files that messages report as sent (``what`` FILE), money that they name (MONEY: ``money_kind``
#: and ``amount`` in yuan), the chat partner from a row on (PEER; ``own`` True in a chat of two).
#: People and file names are stored as mask and digest; ``nick_digest``: name next to a sender's
#: account.  ``own``: True if the holder of the device sent the file, False if received.  ``least``,
#: ``most``: bytes that the written size can mean; ``checksum``: MD5, SHA-1 or SHA-256.
FILE_TRANSFERS = pa.schema([
    ("source", pa.int32()), ("member", _LONG_WORD), ("row", pa.int64()), ("what", _WORD),
    ("own", pa.bool_()), ("sender", pa.string()), ("sender_digest", pa.binary(16)),
    ("nick_digest", pa.binary(16)), ("receiver", pa.string()), ("receiver_digest", pa.binary(16)),
    ("peer", pa.string()), ("peer_digest", pa.binary(16)), ("time", pa.timestamp("s")),
    ("name", pa.string()), ("name_digest", pa.binary(16)), ("least", pa.int64()),
    ("most", pa.int64()), ("checksum", pa.string()), ("money_kind", _WORD),
    ("amount", pa.decimal128(18, 2)),
])  # fmt: skip
#: Files that messages may mean: sources and files read in archives; MD5 and SHA-1 if needed.
FILES = pa.schema([
    ("source", pa.int32()), ("member", pa.string()), ("name_digest", pa.binary(16)),
    ("size", pa.int64()), ("md5", pa.string()), ("sha1", pa.string()), ("sha256", pa.string()),
])  # fmt: skip

#: Columns with values that no real list has: numbers that rise by one, or with one ending.
ALARMS = pa.schema(
    [
        ("source", pa.int32()),
        ("member", _LONG_WORD),
        ("column", pa.int32()),  # as in FINDINGS
        ("entity", _WORD),
        ("kind", _WORD),  # NUMBER_RUN | UNIFORM_TAIL
        ("row", pa.int64()),  # row of the first of them
        ("count", pa.int64()),  # number of distinct values
    ]
)

#: Doubtful values of a scan with ``--whole-case``: values that another place would have to show.
DOUBTS = pa.schema(
    [
        ("digest", pa.binary(16)),  # of the value; of the name without its last character
        ("longer", pa.binary(16)),  # of the name as it was found; null for a value of low score
    ]
)

#: Doubts of each source, as its shards have them.
SOURCE_DOUBTS = pa.schema([_required("source", pa.int32()), *DOUBTS])

#: Record subjects: one row for each person in a record (sender, recipient …), in the order of the
#: case's sources and their findings; made by :mod:`piiscan.case.count`.
RECORD_SUBJECTS = pa.schema(
    [
        ("source", pa.int32()),
        ("member", _LONG_WORD),
        ("place", pa.int32()),  # number of its part in the count
        ("row", pa.int64()),  # of the record: FINDINGS.record
        ("group", pa.int16()),
        ("role", _WORD),
        ("record", pa.int64()),  # running number of the record in the count, from 0
        ("subject", pa.int64()),  # running number of the subject in the count, from 0
        ("main", pa.bool_()),  # True for one subject of each record, which represents it
        ("side", pa.bool_()),  # True if another person of the record is its subject by role
        ("counted", pa.bool_()),  # False for staff, dealers and speakers
        ("step", pa.int8()),  # 1 found, 2 identifiable, 3 key passes (R1 to R3, docs/counting.md)
        ("reason", _WORD),  # code why it stops at this step, or a remark
        ("bare", pa.bool_()),  # True for a phone number without anything else
        ("other_key", pa.bool_()),  # True if its key fails and another would pass
        ("business", pa.bool_()),  # public business information
        ("excluded", pa.int32()),  # line of the exclusion list, null if none
        ("data", pa.bool_()),  # False for a title or a sum
        ("combination", _LONG_WORD),  # of the record, as in RECORDS
        ("doubts", _LONG_WORD),
        ("key_kind", _WORD),
        # equal for one person; counted by R5 and U2. If it fails, that of the key that would pass
        ("key", pa.binary(16)),
        ("row_digest", pa.binary(16)),
        ("content_digest", pa.binary(16)),
        ("identity", pa.uint64()),  # first half of a digest, for comparison only
        ("name", pa.uint64()),
        ("mobile", pa.uint64()),
        ("account", pa.uint64()),
        ("position", pa.uint64()),  # coordinates, null if the record has none
    ]
)

#: Clear values, only with --reveal, in files of their own; joins FINDINGS on the location.
CLEAR_VALUES = pa.schema(
    [
        ("source", pa.int32()),
        ("member", _LONG_WORD),
        ("row", pa.int64()),
        ("column", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("entity", _WORD),
        ("recognizer", _WORD),
        ("text", pa.string()),  # as written in the source; null for CREDENTIAL
        ("value", pa.string()),
        ("digest", pa.binary(16)),
    ]
)

#: Masked form of names that contain personal data (paths, sheets, archive members).
DISPLAY_NAMES = pa.schema([("name", pa.string()), ("shown", pa.string())])

#: Attribution by the register: one row for each source, and for parts with entries of their own.
#: The longest matching ``member_prefix`` applies to a part.
ATTRIBUTION = pa.schema(
    [
        ("source", pa.int32()),
        ("member_prefix", pa.string()),  # "" for the whole source
        ("item", pa.string()),  # 检材编号 (exhibit number); null if not given, here and below
        ("suspect", pa.string()),
        ("device", pa.string()),
        ("role", pa.string()),  # acquired | sold | provided | published | held | unknown
        ("party_from", pa.string()),
        ("party_to", pa.string()),
        ("seized", pa.timestamp("s")),  # day of the seizure
        ("time", pa.timestamp("s")),  # local time; midnight for a day alone
        ("price", pa.decimal128(18, 2)),  # yuan, total
        ("channel", pa.string()),
        ("unlawful", pa.string()),  # yes | no | open: how it was obtained; null if not stated
        ("duty", pa.string()),  # yes | no | open: obtained in duty or service
        ("account", pa.string()),  # yes | no: the mailbox or account itself was obtained
        ("purpose", pa.string()),  # business | resale | other
        ("lost", pa.string()),  # yes | no: only the number of records is known
        ("lost_records", pa.int64()),
        ("register_row", pa.int32()),  # row of the register that states the transfer
        ("price_row", pa.int32()),  # row that states the price, which is that of all its files
        ("layer", pa.string()),  # live | archived (in an archive) | deleted | carved | ocr | own
    ]
)
