"""Persons of a text or row: lines after a label, several in a cell, chat speakers, shops.

``紧急联系人：李四`` and on the next line ``电话：13900139000`` -> both the contact's.
``紧急联系人：李四 13900139000 王五 13700137000`` -> contact and ``contact#2``.
The name in the head of a message is its speaker's; so is that before a sample: ``王某：样品：…``.
A sender whose name is that of a shop is one, with its address.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Bool, Int32, Int64
from piiscan.case.scan.block.records import CountedKinds
from piiscan.case.scan.messages.message_times import read_heads
from piiscan.case.scan.scan_kernels import carry_roles
from piiscan.detect.catalog.role_classes import base_role, numbered_role
from piiscan.sources.block import Block
from piiscan.tabular.hits import CodeBook, CodeBooks, Hits
from piiscan.tabular.layout import ColumnLayout, TableLayout

#: Recognizer of columns of names.
_NAMES: Final = "name.person"
#: Personal entities that no person is told apart by.
_WEAK: Final = ("PERSON", "CN_ADDRESS", "CREDENTIAL")
_SPEAKER: Final = "speaker"
_SENDER: Final = "sender"
_SHOP: Final = "shop"
#: A name before the data of another: ``王某：样品：姓名…``.
_SAMPLE: Final = (
    r"^(?P<head>(?:[^0-9A-Za-z]*[0-9]{4}[^\p{L}]{1,24})?[^:：\s]{2,12}[:：])"
    r".{0,12}?(?:样品|样本|样例|示例|测试数据|姓名|名字)"
)
_SHOP_NAME: Final = (
    "(?:店|商城|商行|超市|商场|批发部|经营部|加工厂|工厂|公司|集团|工作室|仓库|[总分]仓|物流|速运|电商|数码|百货|服饰|药房|医院|学校)"
    r"\s*(?:[(（][^()（）]{0,12}[)）])?"
)
_SHOP_CELL: Final = rf".{{2}}{_SHOP_NAME}\s*$"
_SHOP_LINE: Final = (
    r"(?:寄|发)(?:件|货)(?:人|方|姓名)*\s*[:：]?\s*[^\s,，;；:：]{2,24}"
    rf"{_SHOP_NAME}(?:[\s,，;；]|$)"
)


def with_text_persons(
    hits: Hits, block: Block, layout: TableLayout, books: CodeBooks, counted: CountedKinds
) -> Hits:
    """Return ``hits`` with the roles of speakers, following lines, further persons and shops."""
    if not len(hits):
        return hits
    if block.message_starts is not None:
        hits = replace(hits, role=_with_speakers(hits, block, block.message_starts, books.role))
    if not block.split:
        hits = replace(hits, role=_with_samples(hits, block, books.role, counted))
        hits = replace(hits, role=_with_following_lines(hits, block, books, counted))
        hits = replace(hits, role=_nameless_joined(hits, block, books, counted))
    hits = replace(hits, role=_with_shops(hits, block, layout, books.role))
    return replace(hits, role=_with_numbers(hits, block, books, counted))


def _with_samples(hits: Hits, block: Block, roles: CodeBook, counted: CountedKinds) -> Int32:
    """Return each hit's role; a name before the data of another is its speaker's."""
    named = (hits.entity == counted.person_entity) & (hits.role < 0)
    spoken = _writes_of_another(hits, named, block)
    lines, counts = np.unique(hits.record[named], return_counts=True)
    if (lines := lines[counts > 1]).size:
        found = pc.extract_regex(block.columns[0].take(pa.array(lines)), _SAMPLE)
        ends = np.zeros(len(block.rows), np.int64)
        ends[lines] = pc.utf8_length(pc.struct_field(found, "head")).fill_null(0)
        spoken |= named & (hits.start < ends[hits.record])
    role = hits.role.copy()
    if spoken.any():
        role[spoken] = roles.codes.setdefault(_SPEAKER, len(roles.codes))
    return role


def _with_shops(hits: Hits, block: Block, layout: TableLayout, roles: CodeBook) -> Int32:
    """Return each hit's role; values of a sender with the name of a shop are the shop's."""
    senders = [code for role, code in roles.codes.items() if base_role(role) == _SENDER]
    sent = np.isin(hits.role, senders)
    if not sent.any():
        return hits.role
    columns, form = [0], _SHOP_LINE
    if block.split:
        form = _SHOP_CELL
        columns = [at for at in range(len(block.columns)) if _names_sender(layout.column(at))]
    is_shop = np.zeros(len(block.rows), np.bool_)
    for at in columns:
        cells = pc.match_substring_regex(block.columns[at], form).fill_null(False)
        is_shop |= cells.to_numpy(zero_copy_only=False)
    if not block.split and block.record_starts is not None:
        is_shop = np.isin(block.record_starts, block.record_starts[is_shop])
    role, shops = hits.role.copy(), sent & is_shop[hits.record]
    if shops.any():
        role[shops] = roles.codes.setdefault(_SHOP, len(roles.codes))
    return role


def _names_sender(column: ColumnLayout) -> bool:
    """Return True for a column with the names of senders."""
    named = column.label is not None and _NAMES in column.label.recognizers
    return named and base_role(column.role or "") == _SENDER


def _nameless_joined(hits: Hits, block: Block, books: CodeBooks, counted: CountedKinds) -> Int32:
    """Return each hit's role; a person without a name gets the role most like his.

    ``紧急联系人：李四 联系人电话：…`` -> both of the emergency contact.
    """
    codes, role, starts = books.role.codes, hits.role.copy(), block.record_starts
    records = hits.record if starts is None else starts[hits.record]
    for name, other in (counted.role_classes.likes or {}).items():
        mine, others = role == codes.get(name, -2), role == codes.get(other, -2)
        if mine.any() and others.any():
            named = records[mine & (hits.entity == counted.person_entity)]
            joined = mine & np.isin(records, records[others]) & ~np.isin(records, named)
            role[joined] = codes[other]
    return role


def _with_following_lines(
    hits: Hits, block: Block, books: CodeBooks, counted: CountedKinds
) -> Int32:
    """Return each hit's role; lines after a party's label belong to that party.

    If others were named before the party, only values of kinds that those had are the party's: of
    ``姓名 … 手机 … 紧急联系人 … 电话 … 身份证号`` the second phone, not the identity number. A name
    without a role ends the party's lines.
    """
    if block.record_starts is None or not np.any(hits.role >= 0):
        return hits.role
    role = hits.role.copy()
    speaker = books.role.codes.get(_SPEAKER, -2)
    spoken = role == speaker
    role[spoken] = -1  # what someone writes is not about him
    personal = (counted.bits[hits.entity] & counted.person_bits) != 0
    records = np.ascontiguousarray(block.record_starts[hits.record])
    bits = np.where(personal, counted.bits[hits.entity], np.uint64(0))
    firm = (hits.entity == books.entity.codes.get("ORGANIZATION", -1)) & (role >= 0)
    bits[firm] = counted.bits[counted.person_entity]  # a firm behind a label is its party
    carry_roles(records, hits.record, bits, hits.entity == counted.person_entity, role)
    role[spoken] = speaker
    return role


def _with_speakers(hits: Hits, block: Block, message_starts: Int64, roles: CodeBook) -> Int32:
    """Return each hit's role; a hit in the head line of a message is its speaker's."""
    in_head = np.flatnonzero(block.rows[hits.record] == message_starts[hits.record])
    if not len(in_head):
        return hits.role
    rows, row_number = np.unique(hits.record[in_head], return_inverse=True)
    _, names, accounts, ends = read_heads(block, rows)
    is_head = np.array(
        [n is not None or a is not None for n, a in zip(names, accounts, strict=True)]
    )
    is_head = is_head[row_number] & (hits.start[in_head] < ends[row_number])
    role = hits.role.copy()
    role[in_head[is_head]] = roles.codes.setdefault(_SPEAKER, len(roles.codes))
    return role


def _writes_of_another(hits: Hits, named: Bool, block: Block) -> Bool:
    """Return True for names alone in the head of a message that names another person below."""
    if block.message_starts is None or block.record_starts is None:
        return np.zeros(len(hits), np.bool_)
    rows, records = block.rows[hits.record], block.record_starts[hits.record]
    in_head = named & (rows == block.message_starts[hits.record])
    below = records[named & ~in_head & (block.message_starts[hits.record] > 0)]
    found: Bool = in_head & np.isin(records, below)
    if found.any():
        lines = block.columns[0].take(pa.array(hits.record[found]))
        rest = pc.replace_substring_regex(lines, r"^[^\p{L}]*|[\s:：]*$", "")
        found[found] = np.asarray(pc.utf8_length(rest)) == hits.end[found] - hits.start[found]
    return found


def _with_numbers(hits: Hits, block: Block, books: CodeBooks, counted: CountedKinds) -> Int32:
    """Return each hit's role, numbered if a cell has several persons of one role.

    A further person begins at another name if a number or an account of a person follows both.
    """
    names = (hits.entity == counted.person_entity) & (
        hits.verdict != books.verdict.codes.get("refuted", -2)
    )
    if np.count_nonzero(names) < 2:
        return hits.role
    cells = _cells(hits, block)
    if np.all(np.diff(cells[names]) > 0):  # no cell has two names
        return hits.role
    group = cells * (len(books.role.codes) + 1) + hits.role + 1  # hits of one role in one cell
    _, number_of_group, sizes = np.unique(group[names], return_inverse=True, return_counts=True)
    several = np.isin(group, group[names][sizes[number_of_group] > 1])
    chosen = np.flatnonzero(several)
    if not len(chosen):
        return hits.role
    chosen = chosen[np.argsort(group[chosen], kind="stable")]
    strong = _is_strong(hits, books, counted)[chosen]
    person = _person_numbers(
        group[chosen],
        names[chosen],
        strong,
        np.asarray(
            hits.value.take(pa.array(chosen))
            .dictionary_encode()
            .indices.to_numpy(zero_copy_only=False),
            np.int64,
        ),
    )
    role = hits.role.copy()
    further = np.flatnonzero(person > 1)
    words = [*books.role.codes]
    for at in np.unique(np.column_stack([role[chosen[further]], person[further]]), axis=0).tolist():
        word = numbered_role(words[at[0]] if at[0] >= 0 else None, at[1])
        code = books.role.codes.setdefault(str(word), len(books.role.codes))
        role[
            chosen[further[(hits.role[chosen[further]] == at[0]) & (person[further] == at[1])]]
        ] = code
    return role


def _cells(hits: Hits, block: Block) -> Int64:
    """Return the cell number of each hit; the lines of a text record are one cell."""
    if block.split:
        return hits.record * (int(hits.column.max()) + 1) + hits.column
    if block.record_starts is None:
        return hits.record
    return np.asarray(block.record_starts[hits.record], np.int64)


def _is_strong(hits: Hits, books: CodeBooks, counted: CountedKinds) -> Bool:
    """Return True for hits that identify a person: identity numbers, phones, accounts."""
    weak = [books.entity.codes.get(entity, -1) for entity in _WEAK]
    personal = (counted.bits[hits.entity] & counted.person_bits) != 0
    strong: Bool = np.asarray(personal & ~np.isin(hits.entity, weak))
    return strong


def _person_numbers(group: Int64, name: Bool, strong: Bool, value: Int64) -> Int64:
    """Return the number of the person of each hit, from 1 in each group.

    Args:
        group: group of each hit, ascending.
        name: True for names, which may begin a person.
        strong: True for values that tell a person.
        value: number of each value, to compare names.
    """
    new_group = np.diff(group, prepend=-1) != 0
    segment = np.cumsum(name | new_group) - 1  # a name and the values after it
    starts = np.flatnonzero(name | new_group)
    has_strong = np.bitwise_or.reduceat(strong, starts)
    begins = np.where(name[starts] & has_strong, starts, -1)
    before = np.concatenate([[-1], np.maximum.accumulate(begins)[:-1]])  # where the last one began
    further = (begins >= 0) & (before >= 0) & (group[before] == group[starts])
    further &= value[before] != value[starts]
    count = np.cumsum(further)
    first = np.maximum.accumulate(np.where(new_group[starts], np.arange(len(starts)), 0))
    number = 1 + count - (count - further)[first]
    return np.asarray(number[segment], np.int64)
