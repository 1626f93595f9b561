"""Every Arrow table that rooms hand to each other, and that a case stores, has its columns here."""

from __future__ import annotations

import pyarrow as pa

_WORD = pa.dictionary(pa.int16(), pa.string())
_LONG_WORD = pa.dictionary(pa.int32(), pa.string())


def _sure(name: str, type_: pa.DataType) -> pa.Field:
    """A column that has a value in every row, which makes it shorter and faster in a shard."""
    return pa.field(name, type_, nullable=False)


#: A candidate that lost to a finding. ``start``/``end`` are code points in the same cell.
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

#: What the engine returns for a batch of texts, ordered by (index, start, end, recognizer).
#: ``index`` is the text's position in the batch; ``start``/``end`` are code points in that text,
#: end exclusive; ``byte_start`` is the UTF-8 offset of ``start`` in that text.
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
        ("context", _WORD),  # the word or column label that raised it, else null
        ("reason", _WORD),  # why capped, refuted or rejected (upper-case code), else null
        ("role", _WORD),  # whose it is: recipient | sender | courier | … (vocabulary), or null
        ("alternatives", pa.list_(ALTERNATIVE)),
    ]
)

#: What follows from a value alone (:mod:`piiscan.detect.attributes`); null where it does not hold.
#: Names of their values stand in vocabulary.yaml, as do those of the columns.
ATTRIBUTES = pa.schema(
    [
        ("province", pa.string()),  # full name: 湖南省
        ("prefecture", pa.string()),
        ("county", pa.string()),  # the latest name of the code, and below those it had before
        ("county_earlier", pa.string()),  # joined by 、
        ("city", pa.string()),  # of a phone number
        ("regions_open", pa.string()),  # codes that a district may mean, joined by 、
        ("address_level", pa.string()),  # province | city | … | street_number | building | room
        ("address_normal", pa.string()),  # equal for two writings of one address
        ("region_code", pa.string()),  # six digits of GB/T 2260
        ("birth_date", pa.string()),  # YYYY-MM-DD
        ("birth_year", pa.int64()),
        ("sex", pa.string()),  # male | female
        ("age", pa.int64()),  # whole years on as_of
        ("under_14", pa.bool_()),  # on as_of; PIPL article 28
        ("derived_id_18", pa.string()),  # made of 15 digits: to compare with, not found
        ("nationality", pa.string()),  # ISO 3166 alpha-3
        ("carrier", pa.string()),  # that gave the number out: mobile, SIM card, waybill
        ("carrier_kind", pa.string()),  # public | resale | satellite
        ("area_code", pa.string()),
        ("host", pa.string()),  # of a virtual number: shared by thousands, nobody's number
        ("extension", pa.string()),
        ("bank", pa.string()),
        ("card_kind", pa.string()),  # 借记卡, 贷记卡 …
        ("country", pa.string()),  # of international mail, ISO 3166 alpha-2
        ("department", pa.string()),  # that registers an organisation
        ("organisation_kind", pa.string()),
        ("plate_kind", pa.string()),  # civil | police | armed_police | military | embassy | …
        ("new_energy", pa.bool_()),
        ("ip_version", pa.int64()),
        ("domain", pa.string()),
        ("name_kind", pa.string()),  # anonymised, or nothing to say
        ("mask_head", pa.string()),  # what a masked value still shows
        ("mask_tail", pa.string()),
        ("mask_length", pa.int64()),
    ]
)

#: One finding in a case: an address, a kind, a digest, and what may be shown of it.
FINDINGS = pa.schema(
    [
        _sure("source", pa.int32()),  # id in SOURCES
        _sure("member", _LONG_WORD),  # chain inside the source: "a.zip!b.xlsx#Sheet1"; "" if none
        _sure("row", pa.int64()),  # 1-based, as Excel or an editor counts
        _sure("record", pa.int64()),  # row of RECORDS that it belongs to: in a table its own row
        _sure("column", pa.int32()),  # 1-based; 0 = the line is not split into cells
        ("header", _LONG_WORD),  # header text of the column, null without header
        _sure("group", pa.int16()),  # which of several tables side by side, from 0
        ("line", pa.int64()),  # 1-based line on which the record starts; null for sheets
        _sure("start", pa.int32()),  # code points in the cell (or line), end exclusive
        _sure("end", pa.int32()),
        ("byte_offset", pa.int64()),  # in the member's bytes; null where the decode is not exact
        _sure("entity", _WORD),
        _sure("recognizer", _WORD),
        _sure("digest", pa.binary(16)),  # keyed BLAKE2b over entity and value
        ("masked", pa.string()),
        ("coarse", _LONG_WORD),  # "province/birth year/carrier/sex" of the value, or null
        _sure("verdict", _WORD),
        _sure("score", pa.float64()),
        ("context", _WORD),
        ("reason", _WORD),
        ("role", _WORD),
        # JSON list of what lost to it, each as an ALTERNATIVE, best first; null if nothing did
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
        ("kind", pa.string()),  # text | delimited | jsonl | sheet | archive | …
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

#: Whatever was not read, or read with a doubt; nothing is silently dropped.
ERRORS = pa.schema(
    [
        ("source", pa.int32()),
        ("member", pa.string()),
        ("row", pa.int64()),  # null when it concerns the whole part
        ("reason", pa.string()),  # upper-case code, e.g. ENCRYPTED, ZIP_RATIO, UNCLOSED_QUOTE
        ("detail", pa.string()),  # never a matched value
        ("lost", pa.bool_()),  # True: some input was not read (exit code 1)
    ]
)

#: One record (a row, or a line of text) in which a person's information was found: which counted
#: kinds stand together.  Refuted, masked and damaged values do not make a record.
RECORDS = pa.schema(
    [
        _sure("source", pa.int32()),
        _sure("member", _LONG_WORD),
        _sure("row", pa.int64()),  # of its first line
        _sure("group", pa.int16()),
        _sure("combination", _LONG_WORD),  # entities in alphabetical order, joined by "+"
        ("people", _LONG_WORD),  # by role, "recipient:CN_MOBILE+PERSON;sender:PERSON", or null
        _sure("digest", pa.binary(16)),  # equal for records with the same values
        _sure("row_digest", pa.binary(16)),  # equal for records with the same cells, or lines
        # what in it speaks against itself: SEX_CONFLICT, BIRTH_CONFLICT … joined by "+", or null
        ("doubts", _WORD),
    ]
)

#: What the columns of a stock list or a sale list say of a row: that it was obtained or sold, by
#: whom, when, for how much.  A row that was obtained and sold has two rows here.  A record in a
#: message has one, with the time and the sender of the message.
LEDGER = pa.schema(
    [
        ("source", pa.int32()),
        ("member", _LONG_WORD),
        ("row", pa.int64()),  # that of RECORDS, whether a record stands there or not
        ("group", pa.int16()),
        ("status", _WORD),  # obtained | sold | provided | recovered, or null
        ("party", _LONG_WORD),  # who bought or sold it, as it may be shown
        ("party_kind", _WORD),  # buyer | seller; of a message sender
        ("party_digest", pa.binary(16)),
        ("price", pa.decimal128(18, 2)),  # yuan; null = none is told
        ("price_state", _WORD),  # UNREADABLE where a price is told that cannot be read
        ("time", pa.timestamp("s")),  # as written, without a zone; a day alone is its midnight
        ("channel", _LONG_WORD),
    ]
)

#: Files that messages say were sent (``what`` FILE), and from which row on a chat is with whom
#: (PEER).  People and names of files are digests and what may be shown; ``nick_digest``: the name
#: beside a sender's account.  ``own``: sent by the holder of the device, or received.  ``least``,
#: ``most``: bytes that the size as written can mean; ``checksum``: MD5, SHA-1 or SHA-256.
SENDINGS = pa.schema([
    ("source", pa.int32()), ("member", _LONG_WORD), ("row", pa.int64()), ("what", _WORD),
    ("own", pa.bool_()), ("sender", pa.string()), ("sender_digest", pa.binary(16)),
    ("nick_digest", pa.binary(16)), ("receiver", pa.string()), ("receiver_digest", pa.binary(16)),
    ("peer", pa.string()), ("peer_digest", pa.binary(16)), ("time", pa.timestamp("s")),
    ("name", pa.string()), ("name_digest", pa.binary(16)), ("least", pa.int64()),
    ("most", pa.int64()), ("checksum", pa.string()),
])  # fmt: skip
#: The files that messages may mean, sources and those read in archives; MD5 and SHA-1 if needed.
FILES = pa.schema([
    ("source", pa.int32()), ("member", pa.string()), ("name_digest", pa.binary(16)),
    ("size", pa.int64()), ("md5", pa.string()), ("sha1", pa.string()), ("sha256", pa.string()),
])  # fmt: skip

#: Columns whose values no real list has: numbers made by counting on, or all with one ending.
ALARMS = pa.schema(
    [
        ("source", pa.int32()),
        ("member", _LONG_WORD),
        ("column", pa.int32()),  # as in FINDINGS
        ("entity", _WORD),
        ("kind", _WORD),  # NUMBER_RUN | UNIFORM_TAIL
        ("row", pa.int64()),  # where the first of them stands
        ("count", pa.int64()),  # how many distinct values
    ]
)

#: Whose information a record holds: one row a person it tells of (sender, recipient …), in the
#: order of the case's sources and their findings; :mod:`piiscan.case.count` makes it.
CANDIDATES = pa.schema(
    [
        ("source", pa.int32()),
        ("member", _LONG_WORD),
        ("place", pa.int32()),  # of its part in the evidence, as the count numbers them
        ("row", pa.int64()),  # of the record: FINDINGS.record
        ("group", pa.int16()),
        ("role", _WORD),
        ("record", pa.int64()),  # running number of the record in the count, from 0
        ("main", pa.bool_()),  # the candidate that speaks for its record: one a record
        ("step", pa.int8()),  # 1 found, 2 identifiable, 3 its key passes (R1 to R3)
        ("reason", _WORD),  # why it goes no further, or what is to be known of it
        ("bare", pa.bool_()),  # a phone number and nothing else
        ("other_key", pa.bool_()),  # its key fails, but it has another that would pass
        ("business", pa.bool_()),  # public business information
        ("excluded", pa.int32()),  # line of the exclusion list, null if none
        ("data", pa.bool_()),  # false: a title or a sum, no row of data
        ("combination", _LONG_WORD),  # of the record, as in RECORDS
        ("doubts", _LONG_WORD),
        ("key_kind", _WORD),
        ("key", pa.binary(16)),  # equal keys are one person's: what R5 and U2 count
        ("row_digest", pa.binary(16)),
        ("identity", pa.uint64()),  # first halves of digests: to compare, not to count by
        ("name", pa.uint64()),
        ("mobile", pa.uint64()),
        ("account", pa.uint64()),
    ]
)

#: Clear values, only with --reveal, in files of their own; joins FINDINGS on its place.
CLEAR = pa.schema(
    [
        ("source", pa.int32()),
        ("member", _LONG_WORD),
        ("row", pa.int64()),
        ("column", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("entity", _WORD),
        ("recognizer", _WORD),
        ("text", pa.string()),  # as it stands in the source; null for CREDENTIAL
        ("value", pa.string()),
        ("digest", pa.binary(16)),
    ]
)

#: How names that hold personal data themselves (paths, sheets, archive members) are shown.
NAMES = pa.schema([("name", pa.string()), ("shown", pa.string())])

#: What the register says of each source, and of parts of them that have rows of their own: a part
#: is told by the longest prefix that covers it.
PLACES = pa.schema(
    [
        ("source", pa.int32()),
        ("member_prefix", pa.string()),  # "" for the whole source
        ("item", pa.string()),  # 检材编号; null where nothing is said, here and below
        ("suspect", pa.string()),
        ("device", pa.string()),
        ("role", pa.string()),  # acquired | sold | provided | held | unknown
        ("party_from", pa.string()),
        ("party_to", pa.string()),
        ("time", pa.timestamp("s")),  # local time; a day is its midnight
        ("price", pa.decimal128(18, 2)),  # yuan, in all
        ("channel", pa.string()),
        ("layer", pa.string()),  # live | archived (in an archive) | deleted | carved | ocr
    ]
)
