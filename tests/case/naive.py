"""The tables of a count from a corpus's own rows, in plain Python: what counts are held against.

Nothing here comes from findings, shards or the code that counts: the rows with the values planted
in them (NAME.rows.jsonl), the headers, the recipe's register, and what the law and practice ask of
a count: a ladder with reasons, units side by side, whose list it is.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Any

from piiscan.synth import recipe
from tests.case.planted import HUB, USUAL, Cell, Person, Row, Value

#: Step, reason, where, and if the record is counted all the same.
Code = tuple[str, str, str | None, bool]


class Truth:
    """All rows of a corpus, and the tables they make."""

    def __init__(
        self,
        corpus: Path,
        *,
        sources: dict[str, int],
        order: Sequence[str] = USUAL,
        register: Iterable[Cell] | None = None,
        excluded: Callable[[Row], bool] = lambda _: False,
        dropped: Iterable[tuple[str, str]] = (),
        period: tuple[str | None, str | None] = (None, None),
    ) -> None:
        """``corpus``: NAME.rows.jsonl; ``sources``: the numbers of the case's files by path.

        ``excluded``: rows that a list moves out; ``dropped``: files and columns of them that it
        moves out; ``period``: first and last day, as written.
        """
        files = json.loads(
            corpus.with_name(corpus.name.replace("rows.jsonl", "truth.json")).read_text("utf-8")
        )
        made = recipe.load_recipe(corpus.name.removesuffix(".rows.jsonl"))
        headers = {each["path"]: each.get("header") for each in files["files"]}
        self.register = None if register is None else list(register)
        self.rows: list[Row] = []
        for line in corpus.read_text("utf-8").splitlines():
            told = json.loads(line)
            names = headers[told["file"]] or [f"#{n}" for n in range(len(told["cells"]))]
            values = [
                Value(column, names[column - 1], *kinds, told["cells"][column - 1])
                for column, entity, _, *rest in told["values"]
                for kinds in [(entity, *rest)]
            ]
            scopes = self._scopes(told["file"], sources)
            cells = dict(zip(names, told["cells"], strict=True))
            self.rows.append(Row(told["file"], told["row"], cells, values, order, scopes))
        self._own_devices()
        self.period = period
        for row in self.rows:
            row.dropped = frozenset(column for file, column in dropped if file == row.file)
            if excluded(row) or (row.values and not row.kept):
                row.out = "EXCLUDED"
        self._persons = _union(self.rows)  # who belongs together, whenever that was
        if period != (None, None):
            self._dated()
        self.kinds = [
            kind
            for kind in ("total", "suspect", "device", "item", "layer", "source")
            if any(row.scopes.get(kind) is not None for row in self.rows)
        ]
        self._others = {file.path: _no_data(file, self.rows) for file in made.files}

    def _own_devices(self) -> None:
        """Devices of one name are told apart by suspect, then by item."""
        triples = {tuple(map(r.scopes.get, ("device", "suspect", "item"))) for r in self.rows}
        for row in self.rows:
            name, suspect, item = map(row.scopes.get, ("device", "suspect", "item"))
            same = [triple for triple in triples if triple[0] == name]
            parts = [suspect] if len({who for _, who, _ in same}) > 1 else []
            if len({what for _, who, what in same if who == suspect}) > 1:
                parts.append(item)
            if name:
                row.scopes["device"] = "/".join(each for each in (*parts, name) if each)

    def _scopes(self, file: str, sources: dict[str, int]) -> dict[str, str | None]:
        top, _, inner = file.partition("!")
        layer: str | None = "archived" if inner else "live"
        said: dict[str, Any] = {}
        for row in sorted(self.register or (), key=lambda r: len(r["path"])):
            if file == row["path"] or file.startswith((row["path"] + "/", row["path"] + "!")):
                said |= row
        return {
            "total": "total",
            "suspect": said.get("suspect"),
            "device": said.get("device"),
            "item": said.get("item"),
            "layer": said.get("layer", layer),
            "source": str(sources[top]),
        }

    def by_scope(
        self, rows: Iterable[Row], cells: Callable[[list[Row]], Iterable[Cell]]
    ) -> list[Cell]:
        """The cells of the rows of each scope, below the scope."""
        rows = list(rows)
        out = []
        for kind in self.kinds:
            found: dict[str, list[Row]] = defaultdict(list)
            for row in rows:
                scope = row.scopes[kind]
                if scope is not None:
                    found[scope].append(row)
            for scope in sorted(found):
                out += [
                    {"scope_kind": kind, "scope": scope, **each} for each in cells(found[scope])
                ]
        return out

    def _subjects(self, rows: Iterable[Row]) -> list[tuple[Row, Person]]:
        return [(row, person) for row in rows for person in row.passing()]

    def _steps(self, rows: list[Row]) -> list[tuple[list[Any], list[Any]]]:
        """Rows and subjects of each step; from R5 on there are subjects alone."""
        passed = [row for row in rows if row.passed]
        people = self._subjects(rows)
        distinct = _same(people, lambda each: (each[0].content, each[1].key(each[0].order)))
        keys = _same(people, lambda each: each[1].key(each[0].order))
        persons = _same(people, lambda each: self._persons[id(each[1])])
        counted = [row for row in rows if row.counts]
        return [
            (rows, []),
            (
                [row for row in rows if row.values],
                [p for row in rows if row.values for p in row.people],
            ),
            (
                [row for row in rows if row.named],
                [p for row in counted for p in row.people if p.named(row.order)],
            ),
            (passed, people),
            (_same(passed, lambda row: row.content), distinct),
            (keys, keys),
            (persons, persons),
        ]

    def _ladder(self, rows: list[Row]) -> Iterator[Cell]:
        open_, rest = [r for r in rows if r.headline], [r for r in rows if not r.headline]
        before: tuple[int, int] | None = None
        steps = zip(self._steps(open_), self._steps(rest), strict=True)
        for number, ((here, people), (there, _)) in enumerate(steps):
            own = sum(not all(r.business for r in _listed(each)) for each in here)
            first = before is None or number == 1
            yield {
                "step": f"R{number}",
                "count": len(here),
                "fell": None if before is None else before[number >= 5] - len(here),
                "subjects": len(people) if number else None,
                "subjects_fell": None if first or before is None else before[1] - len(people),
                "without_business": own if number else None,
                "unconfirmed": len(there),
            }
            before = len(here), len(people)

    def _reasons(self, rows: list[Row]) -> Iterator[Cell]:
        told, fell, other = Counter[Code](), Counter[Code](), Counter[Code]()
        for file in {row.file for row in rows} & self._others.keys():
            for reason, number in self._others[file].items():
                told["R0", reason, None, False] += number
        for row in rows:
            if not row.values:
                told["R1", "NO_FINDING", None, False] += 1
                continue
            for person in row.people:
                code = row.why(person)
                if code is not None:
                    fell[code] += 1
                    told[code] += person is row.main
                    other[code] += person is row.main and row.other_key(person) is not None
        passed = [row for row in rows if row.passed]
        keys = [(row, person, person.key(row.order)) for row, person in self._subjects(rows)]
        lost = [  # step, reason, where; how many rows and subjects there are behind it
            (None, None, None, len(passed), len(keys)),
            ("R4", "DUP_ROW", "row", len(passed), len({(id(r), k) for r, _, k in keys})),
            *(
                (
                    "R4",
                    reason,
                    where,
                    len(set(map(same, passed))),
                    len({(same(r), k) for r, _, k in keys}),
                )
                for reason, where, same in (
                    ("DUP_ROW", "file", lambda row: (row.file, row.whole)),
                    ("DUP_ROW", "across", lambda row: row.whole),
                    ("DUP_CONTENT", None, lambda row: row.content),
                )
            ),
        ]
        for before, (step, reason, where, here, people) in pairwise(lost):
            told[step, reason, where, False] = before[3] - here
            fell[step, reason, where, False] = before[4] - people
        sizes = [
            lost[-1][4],
            len({key for _, _, key in keys}),
            len({self._persons[id(person)] for _, person, _ in keys}),
        ]
        for at, (step, reason) in enumerate((("R5", "DUP_KEY"), ("R6", "DUP_PERSON"))):
            told[step, reason, None, False] = sizes[at] - sizes[at + 1]
            fell[step, reason, None, False] = sizes[at] - sizes[at + 1]
        for code in {**told, **fell}:
            step, reason, where, kept = code
            if told[code] or fell[code]:
                yield {
                    "step": step,
                    "reason": reason,
                    "where": where,
                    "count": told[code],
                    "subjects": None if step in ("R0", "R1") else fell[code],
                    "other_key": other[code] if step in ("R2", "R3") else None,
                    "kept": kept,
                }

    def _units(self, rows: list[Row]) -> Iterator[Cell]:
        shown = [row for row in rows if row.headline]
        passed = [row for row in shown if row.passed]
        bare = [row for row in shown if row.bare]
        people = self._subjects(shown)
        yield {
            "U1": sum(row.telling for row in shown),
            "U2": len({person.key(row.order) for row, person in people}),
            "U1d": len({row.content for row in passed}),
            "U2_rows": len({row.key for row in passed}),
            "U4": len({self._persons[id(person)] for _, person in people}),
            "bare_rows": len(bare),
            "bare_sound": sum(row.sound for row in bare),
            "bare_distinct": len({row.key for row in bare if row.sound}),
        }

    def _elements(self, rows: list[Row]) -> Iterator[Cell]:
        found: dict[str, list[str]] = defaultdict(list)
        counted = (v for row in rows if row.counts for v in row.kept if not row.is_party(v))
        for value in (v for v in counted if not v.refuted):
            hidden = value.entity in ("MASKED", "DAMAGED")
            found[value.entity].append(value.shown if hidden else value.value)
        for entity, texts in found.items():
            yield {"entity": entity, "hits": len(texts), "distinct": len(set(texts))}

    def people(self) -> list[Cell]:
        named, found, parties = Counter[str | None](), Counter[str | None](), Counter[str]()
        passed: dict[str | None, list[Any]] = defaultdict(list)
        for row in self.rows:
            if not (row.headline and row.counts):
                continue
            parties.update(row.parties)
            for person in row.people:
                key, passes = person.key(row.order)
                found[person.role] += key is not None or person.role is not None
                if person.named(row.order):
                    named[person.role] += 1
                    if passes:
                        passed[person.role].append(key)
        people = [
            {
                "role": role,
                "counted": True,
                "found": found[role],
                "identifiable": named[role],
                "passed": len(passed[role]),
                "distinct": len(set(passed[role])),
            }
            for role in sorted(+found, key=lambda r: (r is not None, r or ""))
        ]
        none = {"identifiable": 0, "passed": 0, "distinct": 0}
        others = sorted(parties.items())
        return people + [{"role": r, "counted": False, "found": n, **none} for r, n in others]

    def shared(self) -> list[Cell]:
        out = []
        for kind in self.kinds:
            if kind in ("total", "layer"):
                continue
            held: dict[str, set[Any]] = defaultdict(set)
            for row in self.rows:
                scope = row.scopes[kind]
                if row.headline and scope is not None:
                    held[scope] |= {person.key(row.order) for person in row.passing()}
            holders = Counter(key for keys in held.values() for key in keys)
            for scope in sorted(scope for scope in held if held[scope]):
                own = sum(holders[key] == 1 for key in held[scope])
                told = {"distinct": len(held[scope]), "own": own, "shared": len(held[scope]) - own}
                out.append({"scope_kind": kind, "scope": scope, **told})
        return out

    def conflicts(self) -> list[Cell]:
        out = []
        for code, kind, most in (("ID_NAMES", "identity", 1), ("PHONE_NAMES", "phone", HUB)):
            beside: dict[str, list[str]] = defaultdict(list)
            for row in (row for row in self.rows if row.counts):
                for person in row.people:
                    value, name = person.first(kind, sound=True), person.first("name", sound=True)
                    if value is not None and name is not None:
                        beside[value.value].append(name.value)
            bad = [names for names in beside.values() if len(set(names)) > most]
            if bad:
                out.append({"conflict": code, "values": len(bad), "records": sum(map(len, bad))})
        wrong = sum(row.counts and _other_sex(row) for row in self.rows)
        if wrong:
            out.append({"conflict": "SEX_CONFLICT", "values": None, "records": wrong})
        return out

    def trades(self) -> list[tuple[Row, Cell]]:
        """What the ledger says of its rows: one for each status of a row."""
        out = []
        for row in self.rows:
            statuses = _all_statuses(row.cells)
            out += [(row, {"status": status, **_terms(row.cells, status)}) for status in statuses]
        return [each for each in out if each[0].headline and self._within(each[1]["time"])]

    def _within(self, time: str | None) -> bool:
        """Whether a day lies in the period; no day does in any but the whole of time."""
        since, until = self.period
        return (since, until) == (None, None) or (
            time is not None and (since or "") <= time <= (until or "9")
        )

    def _dated(self) -> None:
        """Rows outside the period, and rows of which no time is told, are not counted."""
        for row in self.rows:
            times = [_terms(row.cells, status)["time"] for status in _all_statuses(row.cells)]
            told = [time for time in times if time is not None]
            if row.out is None and not any(self._within(time) for time in told):
                row.out = "OUTSIDE_PERIOD" if told else "UNDATED"

    def _by_trade(
        self,
        what: Callable[[Row, Cell], Iterable[Cell]],
        cells: Callable[[list[Row], list[Cell]], Cell | None],
    ) -> list[Cell]:
        """The cells of the trades that are one by ``what``, which is said of them first."""
        found: dict[tuple[Any, ...], list[tuple[Row, Cell]]] = defaultdict(list)
        for row, told in self.trades():
            for head in what(row, told):
                found[tuple(head.items())].append((row, told))
        made = (
            (head, cells([r for r, _ in each], [t for _, t in each]))
            for head, each in found.items()
        )
        return [{**dict(head), **cell} for head, cell in made if cell is not None]

    def _scoped(self, row: Row, told: Cell) -> Iterator[Cell]:
        """The scopes of a trade, with its status."""
        for kind in self.kinds:
            if row.scopes[kind] is not None:
                yield {"scope_kind": kind, "scope": row.scopes[kind], "status": told["status"]}

    def statuses(self) -> list[Cell]:
        return self._by_trade(
            lambda row, told: self._scoped(row, told) if told["status"] is not None else (),
            lambda rows, _: _counted(rows),
        )

    def parties(self) -> list[Cell]:
        found = self._by_trade(
            lambda _, told: (
                [{"status": told["status"], "party_kind": "buyer", "party": told["party"]}]
                if told["party"]
                else []
            ),
            lambda rows, told: _counted(rows) | {"sum": _sum(told)},
        )
        return [row | {"party": row["party"][0] + "*" * (len(row["party"]) - 1)} for row in found]

    def months(self) -> list[Cell]:
        return self._by_trade(
            lambda _, told: [
                {"month": told["time"] and told["time"][:7], "status": told["status"]}
            ],
            lambda rows, told: _counted(rows) | {"sum": _sum(told)},
        )

    def money(self) -> list[Cell]:
        return self._by_trade(self._scoped, lambda _, told: _money(told))

    def tables(self) -> dict[str, list[Cell]]:
        """All of them, by the names they have in a count; their rows in any order."""
        shown = [row for row in self.rows if row.headline]
        return {
            "ladder": self.by_scope(self.rows, self._ladder),
            "ladder_reasons": self.by_scope(shown, self._reasons),
            "units": self.by_scope(self.rows, self._units),
            "elements": self.by_scope(shown, self._elements),
            "people": self.people(),
            "shared": self.shared(),
            "conflicts": self.conflicts(),
            "statuses": self.statuses(),
            "parties": self.parties(),
            "months": self.months(),
            "money": self.money(),
        }


def _no_data(file: recipe.FileRecipe, rows: list[Row]) -> dict[str, int]:
    """Rows of a file that are no data, by kind."""
    number = sum(row.file == file.path for row in rows)
    again = (number - 1) // file.repeat_header if file.repeat_header and number else 0
    titles = sum(bool(line) for line in file.before) if number else 0
    blank = len(file.before) - titles if number else 0
    return {"TITLE": titles, "EMPTY": blank, "HEADER_REPEAT": again}


def _other_sex(row: Row) -> bool:
    """Whether the identity number tells another sex than its row."""
    told, number = row.cells.get("性别"), row.main.first("identity", sound=True)
    return bool(told) and number is not None and told != "女男"[int(number.value[16]) % 2]


def _listed(each: Any) -> list[Row]:
    """Return the rows of a row, of rows that are one, or of subjects that are one."""
    listed = each if isinstance(each, list) else [each]
    return [one[0] if isinstance(one, tuple) else one for one in listed]


def _same(rows: list[Any], what: Callable[[Any], Any]) -> list[list[Any]]:
    """Rows or subjects that are one by ``what``, together."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[what(row)].append(row)
    return list(found.values())


def _all_statuses(cells: dict[str, str]) -> list[str | None]:
    """What a ledger says became of a row; None where it has a price and says nothing of it."""
    if "单价" in cells:
        return [None]
    ledger = "状态" in cells or "是否售出" in cells
    return _statuses(cells) if ledger else []


def _statuses(cells: dict[str, str]) -> list[str | None]:
    said = cells.get("状态") or cells.get("是否售出") or ""
    out: list[str | None] = []
    if cells.get("入库日期") or cells.get("进价"):
        out.append("obtained")
    if said == "已售":
        out.append("sold")
    if said == "找回":
        out.append("recovered")
    return out


def _terms(cells: dict[str, str], status: str | None) -> Cell:
    """Price, time and party of one status of a row."""
    price, time = {
        "obtained": ("进价", "入库日期"),
        "sold": ("售价", "出售时间"),
        "recovered": ("", ""),
        None: ("单价", "时间"),
    }[status]
    written = cells.get(time, "")
    return {
        "price": _price(cells.get(price, "")),
        "time": written if written[:2] == "20" else None,
        "party": cells.get("买家", "") if status == "sold" else "",
    }


def _price(text: str) -> Decimal | str | None:
    if text in ("", "面议"):
        return None
    try:
        return Decimal(text).quantize(Decimal("0.01"))
    except InvalidOperation:
        return "unreadable"


def _money(trades: list[Cell]) -> Cell | None:
    """Sum and range of prices; None if there is no price."""
    prices = [told["price"] for told in trades if isinstance(told["price"], Decimal)]
    unread = sum(told["price"] == "unreadable" for told in trades)
    if not prices and not unread:
        return None
    return {
        "priced": len(prices),
        "unpriced": len(trades) - len(prices) - unread,
        "unreadable": unread,
        "sum": _sum(trades),
        "lowest": str(min(prices)) if prices else None,
        "highest": str(max(prices)) if prices else None,
    }


def _counted(rows: list[Row]) -> Cell:
    passed = [row.key for row in rows if row.passed]
    return {"rows": len(rows), "passed": len(passed), "distinct": len(set(passed))}


def _sum(told: Iterable[Cell]) -> str | None:
    prices = [each["price"] for each in told if isinstance(each["price"], Decimal)]
    return str(sum(prices)) if prices else None


def _union(rows: list[Row]) -> dict[int, int]:
    """A person's number for each subject that passes, by key, identity number, phone and account.

    A side person's phone and account tie him only to people of his name.
    """
    passed = [(row, person) for row in rows for person in row.passing()]
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    ties: list[list[tuple[str, str]]] = []
    for row, each in passed:
        own = [("key", str(each.key(row.order)))]
        name = each.first("name", sound=True)
        for kind in ("identity", "phone", "account"):
            value = each.first(kind, sound=True)
            if value is None:
                continue
            if kind == "identity" or not row.is_side(each):
                own.append((kind, value.value))
                if name is not None:
                    names[kind, value.value].add(name.value)
            if kind != "identity" and name is not None:
                own.append((f"{kind} of a name", f"{value.value} {name.value}"))
        ties.append(own)
    person = list(range(len(passed)))
    first: dict[tuple[str, str], int] = {}

    def root(at: int) -> int:
        while person[at] != at:
            at = person[at]
        return at

    for at, own in enumerate(ties):
        for tie in own:
            if tie[0] in ("phone", "account") and len(names[tie]) > HUB:
                continue
            person[root(first.setdefault(tie, at))] = root(at)
    return {id(each): root(at) for at, (_, each) in enumerate(passed)}
