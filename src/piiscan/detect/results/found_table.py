"""FOUND tables: the findings of a chunk as Arrow columns, without one object per finding."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import Int16, Int64
from piiscan.arrow_strings import strings_of_slices, valid_utf8
from piiscan.bundles import take_rows
from piiscan.detect.catalog.column import Column
from piiscan.detect.checks import REASON
from piiscan.detect.matching.alphabet import ZERO_WIDTH, base_char
from piiscan.detect.matching.offsets import are_plain
from piiscan.detect.results.alternatives import alternatives_column
from piiscan.detect.results.arrow_columns import dictionary_array
from piiscan.detect.results.result_kernels import split_winners
from piiscan.detect.results.result_rows import ResultRows, WrittenRows
from piiscan.detect.results.result_tables import ResultTables
from piiscan.detect.scoring.isolated import IsolatedSpans
from piiscan.detect.scoring.overlap_resolution import Resolved
from piiscan.schemas import FOUND


def build_found_table(
    resolved: Resolved,
    isolated: IsolatedSpans | None,
    column: Column,
    tables: ResultTables,
    first_index: int,
    min_score: float,
    *,
    rejected: bool,
) -> pa.Table:
    """Build the FOUND table of a chunk from its resolved and isolated spans.

    Args:
        resolved, isolated: spans of the chunk; None for no isolated ones
        column: the column that the texts come from
        first_index: number of the first text of the chunk
        min_score: lowest score reported
        rejected: True to add superseded (reason LOST) and refused spans as rows
    """
    rows, superseded = winners_and_superseded(resolved, min_score)
    if rejected:  # winners alone are already in order
        lost = np.flatnonzero(resolved.winner != np.arange(len(resolved.winner)))
        rows = np.union1d(rows, lost)
        keys = take_rows(resolved.candidates, rows)
        rows = rows[np.lexsort((keys.recognizer, keys.end, keys.start))]
    data, offsets = resolved.validated.texts.data, resolved.offsets
    texts = strings_of_slices(data, offsets.byte_start[rows], offsets.byte_end[rows])
    strings = texts, _canonical_values(resolved, tables, rows, texts)
    written = ResultRows.of(
        (resolved, rows, strings), isolated, tables.entity, first_index, min_score
    )
    result, (text, value) = written.rows, written.strings
    if rejected:
        winner = resolved.winner[rows]
        result.reason[(winner >= 0) & (winner != rows)] = REASON["LOST"]
    words = tables.dictionaries
    columns: list[Any] = [
        pa.array(result.text),
        pa.array(result.start),
        pa.array(result.end),
        pa.array(result.byte_start),
        dictionary_array(result.entity, words.entities),
        dictionary_array(result.recognizer, words.recognizers),
        valid_utf8(text),
        valid_utf8(value),
        dictionary_array(result.verdict, words.verdicts),
        pa.array(result.score),
        _context_column(result, column, tables),
        dictionary_array(result.reason, words.reasons, absent=0),
        _role_column(
            resolved.annotated.role,
            _isolated_roles(isolated, min_score),
            rows,
            written,
            column,
            words.roles,
        ),
        alternatives_column(
            resolved, tables, rows, written.row_numbers, len(result.text), superseded
        ),
    ]
    return pa.Table.from_arrays(columns, schema=FOUND)


def winners_and_superseded(resolved: Resolved, min_score: float) -> tuple[Int64, Int64]:
    """Return the indices of winners of at least ``min_score``, and of superseded spans."""
    winner = resolved.winner
    rows, superseded = np.empty((2, len(winner)), np.int64)
    if not len(winner):
        return rows, superseded
    score, which = resolved.scores.score, resolved.candidates.recognizer
    won_count, lost_count = split_winners(which, winner, score, min_score, rows, superseded)
    return rows[:won_count], superseded[:lost_count]


def _canonical_values(
    resolved: Resolved, tables: ResultTables, rows: Int64, text: pa.Array
) -> pa.Array:
    """Return the canonical values of ``rows``; for names and addresses, the normalized text."""
    if not len(rows):
        return text
    values, span_offsets = resolved.validated.values, resolved.offsets
    source = resolved.validated.texts.data
    data, start, end, more = values.value_slices(rows, resolved.candidates)
    width = span_offsets.byte_end[rows] - span_offsets.byte_start[rows]
    if values.unchanged[rows].all() and (width == end - start).all():
        return text  # all values equal their texts
    made = strings_of_slices(data, start, end, more)
    as_text = values.is_text[rows]
    if not as_text.any():
        return made
    which = resolved.candidates.recognizer[rows]
    untidy = as_text & ~are_plain(
        source,
        span_offsets.byte_start[rows],
        span_offsets.byte_end[rows],
        tables.keeps_ascii[which],
    )
    if not (as_text == untidy).all():
        made = pa.compute.if_else(pa.array(as_text), text, made)
    for number in np.unique(which[untidy]):
        put = untidy & (which == number)
        value = tables.values[number]
        distinct = text.filter(pa.array(put)).dictionary_encode()
        tidied = [
            normalize_text(each.decode("utf-8", "replace"), value.replace, value.case)
            for each in distinct.dictionary.cast(pa.binary()).to_pylist()
        ]
        made = pa.compute.replace_with_mask(
            made, pa.array(put), pa.array(tidied, pa.string()).take(distinct.indices)
        )
    return made


#: Signs around encoded bytes; bytes in hex, as numbers, or in base64.
_AROUND: Final = re.compile(r"^[^0-9A-Za-z+/_\\-]+|[^0-9A-Za-z+/_-]+$")
_ENCODED: Final = re.compile(
    r"(?i)(?:0x|\\{1,2}x|x')?((?:[0-9a-f]{2})+)|([0-9]{1,3}(?:,[0-9]{1,3})+)"
    r"|(?:data:[^,]*;base64,|b')?([0-9a-z+/_-]+)"
)
#: Texts that normalization does not change.
_PLAIN: Final = re.compile("[!-~\u4e00-\u9fa5]*")


@cache
def _replacement_cache(replace: tuple[tuple[str, str], ...]) -> dict[str, str]:  # noqa: ARG001
    """Return the cache for the (old, new) pairs ``replace``: character -> normalized text.

    It is empty at the first call; :func:`_normalize_chars` fills it.
    """
    return {}


def _normalize_chars(text: str, replace: Mapping[str, str]) -> str:
    """Return ``text`` with each character normalized (:func:`_normalize_char`), using a cache."""
    cache = _replacement_cache(tuple(replace.items()))
    try:
        return "".join(map(cache.__getitem__, text))
    except KeyError:
        cache |= {char: _normalize_char(char, replace) for char in text}
        return "".join(map(cache.__getitem__, text))


def _normalize_char(char: str, replace: Mapping[str, str]) -> str:
    """Return the replacement of one character: base form, without blanks and format characters."""
    if ord(char) in ZERO_WIDTH:
        return ""
    base = base_char(char)
    replaced = replace.get(char, replace.get(base, base))
    return "".join(c for c in replaced if not c.isspace() and unicodedata.category(c) != "Cf")


def normalize_text(text: str, replace: Mapping[str, str], case: str | None = None) -> str:
    """Normalize a name or address for comparison: fold widths, apply ``replace``, remove blanks.

    ``case``: "upper", "lower", "bytes" for the bytes that the text encodes, or None to leave
    letters unchanged.

    >>> normalize_text('古丽．买买提', {'．': '·'}), normalize_text('湘ａ12345', {}, 'upper')
    ('古丽·买买提', '湘A12345')
    """
    if case == "bytes":
        return _encoded_bytes(_AROUND.sub("", _normalize_chars(text, replace)))
    if text.isascii() and not replace:
        plain = "".join(text.split())
    elif not replace and _PLAIN.fullmatch(text):
        plain = text  # the usual address
    else:
        plain = _normalize_chars(text, replace)
    if case is None:
        return plain
    return plain.upper() if case == "upper" else plain.lower()


def _encoded_bytes(text: str) -> str:
    """Return the bytes that a text encodes, in hex; the text itself if it encodes none.

    Hex digits, base64 and lists of byte numbers encode the same bytes.

    >>> [_encoded_bytes(each) for each in ("X'00FF10", "data:a/b;base64,AP8Q", "0,255,16")]
    ['00ff10', '00ff10', '00ff10']
    """
    match = _ENCODED.fullmatch(text)
    digits, numbers, encoded = match.groups("") if match else ("", "", "")
    try:
        if encoded:
            plain = encoded.replace("+", "-").replace("/", "_")
            return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4)).hex()
        return bytes(map(int, numbers.split(","))).hex() if numbers else digits.lower() or text
    except ValueError:
        return text


def _context_column(result: ResultRows, column: Column, tables: ResultTables) -> pa.Array:
    """Return the column ``context``: the header if it names the finding, else the word.

    No word is twice in its dictionary, as pandas demands.
    """
    words, codes = tables.dictionaries.words, tables.word_code[result.word]
    if column.label is None or not column.is_labelled:
        return dictionary_array(codes, words, absent=-1)
    header = pa.scalar(column.label.header, pa.string())
    code = words.index(header).as_py()
    if code < 0:
        code, words = len(words), pa.concat_arrays([words, pa.array([header], pa.string())])
    codes[column.labelled[result.recognizer]] = code
    return dictionary_array(codes, words, absent=-1)


def _isolated_roles(isolated: IsolatedSpans | None, min_score: float) -> Int16 | None:
    """Return the role number of each reported isolated span, None if none has one."""
    if isolated is None or isolated.role is None:
        return None
    score = isolated.scores()
    return isolated.role[(score >= min_score) & (score > 0)]


def _role_column(
    text_roles: Int16 | None,
    isolated_roles: Int16 | None,
    rows: Int64,
    written: WrittenRows,
    column: Column,
    words: pa.Array,
) -> pa.Array:
    """Return the roles of all findings, from the text or else from the column label.

    ``text_roles``: role number of each resolved span, -1 for none; ``isolated_roles``: that of each
    isolated span reported.  ``rows``: the resolved spans reported.  ``words``: names of the roles.
    """
    count, label = len(written.rows.text), column.label
    label_role = -1 if label is None or label.role is None else words.index(label.role).as_py()
    if text_roles is None and isolated_roles is None and label_role < 0:
        return pa.DictionaryArray.from_arrays(pa.nulls(count, pa.int16()), words)
    role = np.full(count, label_role, np.int16)
    if text_roles is not None:
        known = text_roles[rows]
        role[written.row_numbers] = np.where(known < 0, np.int16(label_role), known)
    if isolated_roles is not None:
        apart = np.ones(count, np.bool_)
        apart[written.row_numbers] = False
        role[apart] = np.where(isolated_roles < 0, np.int16(label_role), isolated_roles)
    return dictionary_array(role, words, absent=-1)


@cache
def _no_rows() -> pa.Table:
    """Return an empty FOUND table, made once: it takes as long as the search of a small table."""
    return FOUND.empty_table()


def merge_sorted(tables: Sequence[pa.Table]) -> pa.Table:
    """Concatenate FOUND tables, sorted by text, start, end and recognizer."""
    filled = [table for table in tables if table.num_rows]
    if len(filled) < 2:
        return filled[0] if filled else _no_rows()
    whole = pa.concat_tables(filled)
    columns = [whole[name].to_numpy() for name in ("index", "start", "end")]
    recognizer = np.concatenate([each.indices.to_numpy() for each in whole["recognizer"].chunks])
    order = np.lexsort((recognizer, *reversed(columns)))
    return whole.take(pa.array(order)).combine_chunks()
