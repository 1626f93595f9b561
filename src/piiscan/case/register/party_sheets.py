"""Further sheets of the register: aliases, members of joint groups and units, dealings in chats.

别名: ``小芳 = 王某``; 同案人员组: group, member, first and last day;
聊天往来: what messages say was given or paid. All sheets are optional.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, TypeVar

from piiscan.case.register.entry import read_choice, read_number, read_text, read_time
from piiscan.errors import CellError
from piiscan.forms.reader import Row, SheetErrors, find_sheet
from piiscan.forms.schema import Form, Language, load_form, normalize_word
from piiscan.forms.writer import SheetRow

T = TypeVar("T")
#: Columns of the two sides of a dealing.
_SIDES: Final = ("giver", "taker")
_FORMS: Final = ("alias", "group", "dealing")


@dataclass(frozen=True, slots=True)
class Alias:
    """Other name of a person. ``kind``: nickname, phone, account or alias."""

    name: str = field(repr=False)
    kind: str
    alias: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GroupMember:
    """Member of a joint group or unit. ``since``, ``until``: first and last day, None if open."""

    group: str = field(repr=False)
    kind: str
    member: str = field(repr=False)
    since: datetime.date | None = None
    until: datetime.date | None = None
    role: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Dealing:
    """File, payment, or pair of phone and code of a message, as a person confirmed it.

    ``row``: of the message. ``kind``: FILE, CODE or a kind of money. ``giver``, ``taker``: who gave
    or paid, and to whom; None as the chat says.
    """

    path: str = field(repr=False)
    member: str = field(repr=False)
    row: int
    kind: str
    giver: str | None = field(default=None, repr=False)
    taker: str | None = field(default=None, repr=False)


@cache
def party_form(name: str) -> Form:
    """Return the form ``alias``, ``group`` or ``dealing``."""
    return load_form(Path(__file__).with_name(f"{name}_form.toml"))


def party_forms() -> tuple[Form, ...]:
    """Return the forms of all sheets, in the order of the workbook."""
    return tuple(map(party_form, _FORMS))


def _sheet_rows(content: bytes, name: str, form: Form) -> Iterator[tuple[SheetErrors, Row]]:
    """Yield each row of a sheet with the errors of the sheet; none without such a sheet.

    Raise CaseError with all errors behind the last row.
    """
    sheet = find_sheet(content, name, form)
    if sheet is None:
        return
    errors = SheetErrors(sheet)
    for row in sheet.rows:
        yield errors, row
    errors.raise_if_any()


def read_aliases(content: bytes, name: str) -> tuple[Alias, ...]:
    """Return the aliases in a returned register; empty without such a sheet.

    Raise CaseError with every invalid cell. An alias of two persons is invalid.
    """
    form = party_form("alias")
    owners: dict[str, tuple[str, int]] = {}
    aliases = []
    for errors, row in _sheet_rows(content, name, form):
        person, alias = (_needed(errors, row, column) for column in ("name", "alias"))
        kind = _read_filled(errors, row, "kind", partial(read_choice, column="kind", form=form))
        if person is None or alias is None:
            continue
        owner, first = owners.setdefault(
            normalize_word(alias), (normalize_word(person), row.number)
        )
        if owner != normalize_word(person):
            errors.add(row, "alias", CellError("cell.two_parties", row=first))
        aliases.append(Alias(person, kind or "alias", alias))
    return tuple(aliases)


def read_members(content: bytes, name: str) -> tuple[GroupMember, ...]:
    """Return the members of all groups in a returned register; empty without such a sheet.

    Raise CaseError with every invalid cell.
    """
    form = party_form("group")
    members = []
    for errors, row in _sheet_rows(content, name, form):
        group, member = (_needed(errors, row, column) for column in ("group", "member"))
        kind = _read_filled(errors, row, "kind", partial(read_choice, column="kind", form=form))
        since, until = (_read_filled(errors, row, each, read_time) for each in ("since", "until"))
        if since and until and until < since:
            errors.add(row, "until", CellError("cell.ends_before"))
        if group is None or member is None:
            continue
        role = _read_filled(errors, row, "role", read_text)
        members.append(GroupMember(group, kind or "joint", member, _day(since), _day(until), role))
    return tuple(members)


def read_dealings(content: bytes, name: str) -> tuple[Dealing, ...]:
    """Return the confirmed dealings in a returned register; empty without such a sheet.

    Raise CaseError with every invalid cell.
    """
    choice = partial(read_choice, form=party_form("dealing"))
    dealings = []
    for errors, row in _sheet_rows(content, name, party_form("dealing")):
        if _read_filled(errors, row, "state", partial(choice, column="state")) != "yes":
            continue
        filled = [_needed(errors, row, each) for each in ("path", "row", "kind")]
        at = _read_filled(errors, row, "row", read_number)
        kind = _read_filled(errors, row, "kind", partial(choice, column="kind"))
        giver, taker = (_read_filled(errors, row, each, read_text) for each in _SIDES)
        if None not in filled and at is not None and kind is not None:
            place = row.cells["path"], row.cells.get("member", "")
            dealings.append(Dealing(*place, at, kind, giver, taker))
    return tuple(dealings)


def dealing_lines(
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    paths: Mapping[int, str],
    members: Mapping[str, str],
    language: Language,
) -> Iterator[SheetRow]:
    """Yield the lines of the sheet of dealings, unconfirmed, by source and row.

    ``tables``: ``flow_sent``, ``chat_money`` and ``code_pairs`` of a count. ``paths``: of sources.
    ``members``: display name -> member.
    """
    found = [
        (row, "FILE", row["name"], row["giver"], row["taker"])
        for row in tables["flow_sent"]
        if row["sent_state"] == "FOUND"
    ]
    found += [
        (row, row["money_kind"], row["amount"], row["payer"], row["payee"])
        for row in tables["chat_money"]
        if row["number"] and not row["money_kind"].startswith("PRICE")
    ]
    found += [(row, "CODE", str(row["minutes"]), None, None) for row in tables["code_pairs"]]
    word_of = party_form("dealing")["kind"].word_of
    for row, kind, what, giver, taker in sorted(
        found, key=lambda each: [each[0][name] for name in ("source", "member", "row")]
    ):
        sides = f"{giver or '?'} → {taker or '?'}" if kind != "CODE" else None
        yield SheetRow(
            {
                "path": paths[row["source"]],
                "member": members.get(row["member"], row["member"]),
                "row": row["row"],
                "kind": word_of(kind, language),
                "what": " ".join(filter(None, (row["sent_time"], sides, what))),
            }
        )


def _day(moment: datetime.datetime | None) -> datetime.date | None:
    """Return the day of a moment, None for None."""
    return None if moment is None else moment.date()


def _read_filled(
    errors: SheetErrors, row: Row, column: str, read: Callable[[str], T | None]
) -> T | None:
    """Parse a cell with ``read``; return None if it is empty or, with an error, invalid."""
    return errors.read_cell(row, column, read) if row.cells.get(column) else None


def _needed(errors: SheetErrors, row: Row, column: str) -> str | None:
    """Return the text of a cell that may not be empty; None, with an error, if it cannot be used.

    A date is text that a spreadsheet program converted.
    """
    text = read_text(row.cells[column])
    if column in row.dates:
        errors.add(row, column, CellError("cell.made_date"))
    elif not text:
        errors.add(row, column, CellError("cell.empty"))
    else:
        return text
    return None


def resolve_aliases(aliases: Sequence[Alias]) -> Mapping[str, str]:
    """Return the normalized form of every name in the sheet -> the person's name.

    Aliases of aliases lead to one person, who has the name that is nobody's alias.

    >>> rows = [Alias("王某", "nickname", "小芳"), Alias("小芳", "phone", "138 0")]
    >>> sorted(resolve_aliases(rows).items())
    [('1380', '王某'), ('小芳', '王某'), ('王某', '王某')]
    """
    above: dict[str, str] = {}
    written: dict[str, str] = {}

    def root(name: str) -> str:
        """Return the outermost name above ``name``."""
        while above.get(name, name) != name:
            name = above[name]
        return name

    for each in aliases:
        for text in (each.name, each.alias):
            written.setdefault(normalize_word(text), text)
        top, other = root(normalize_word(each.name)), root(normalize_word(each.alias))
        if top != other:
            above[other] = top
    return {name: written[root(name)] for name in written}
