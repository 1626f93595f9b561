"""Record discovery: the records inside one decoded JSON value, however deep they are.

    {"data": {"page": {"list": [{"name": "张三"}, …]}}}  -> a record per element, one for the rest
    {"columns": ["name", "phone"], "rows": [["张三", "138…"], …]}   -> a record per row
    {"13800138000": {"name": "张三"}, …}                            -> a record per key
    {"name": ["张三", …], "phone": ["138…", …]}                     -> a record per place

Scalars are kept as they are: text, or text with a place (``text`` attribute) for masked copies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from piiscan.sources.block import CountNames
from piiscan.sources.stored_values import iterate_scalars

#: Names of the columns for keys that are values, for keys below them, and for what is below those.
KEY, INNER_KEY, VALUE = "(key)", "(key 2)", "(value)"
#: Keys that may be names of persons, and values that belong to a person rather than to a field.
_NAME_KEY: Final = re.compile(r"[\u3400-\u9fff·]{2,4}")
_LONG_NUMBER: Final = re.compile(r"(?:[0-9][ -]?){11}")
#: Keys that are values by themselves: numbers and addresses of mail.
_VALUE_KEY: Final = re.compile(r"\+?[0-9][0-9 -]{5,}[0-9Xx]|[^\s@]+@[^\s@]+")
_INNER: Final = frozenset((dict, list))
_FEW: Final = 3
_FEW_KEYS: Final = 50


def text_of(value: Any) -> Any:
    """Return the text of a scalar with a position (``.text``), any other value unchanged."""
    return getattr(value, "text", value)


@lru_cache(4096)
def is_value_key(key: str) -> bool:
    """Return True if a key is itself a value: ``13800138000``."""
    return _VALUE_KEY.fullmatch(key) is not None


def key_record(key: str, value: Any, count_names: CountNames) -> dict[str, Any]:
    """Return the record of a key that is a value: ``"138…": {"name": …} -> key: 138…, name: …``.

    >>> key_record("13800138000", {"张三": "430104198501102302"}, lambda _: 0)
    {'(key)': '13800138000', '(key 2)': ['张三'], '(value)': ['430104198501102302']}
    """
    if not isinstance(value, dict):
        return {KEY: key, VALUE: value}
    if value and (are_name_keys(value, count_names) or all(map(is_value_key, value))):
        return {KEY: key, INNER_KEY: [*value], VALUE: [*value.values()]}
    below = [name for name, item in value.items() if isinstance(item, dict)]
    names = [name for name in below if _NAME_KEY.fullmatch(name) and not count_names([name])]
    return {KEY: key, **({INNER_KEY: names} if names else {}), **value}


def are_name_keys(value: dict[str, Any], count_names: CountNames) -> bool:
    """Return True if the keys of an object are names of persons: ``{"张三": "13800138000"}``."""
    items = list(islice(value.items(), _FEW_KEYS))
    return (
        all(_NAME_KEY.fullmatch(key) and _is_of_person(item) for key, item in items)
        and count_names([key for key, _ in items]) == 0
    )


def _is_of_person(item: Any) -> bool:
    """Return True for a long number, a list with one, or an object of a few of them as keys."""
    if isinstance(item, dict):
        are_plain = _INNER.isdisjoint(map(type, item.values()))
        return 0 < len(item) <= _FEW and are_plain and all(map(is_value_key, item))
    texts = [text_of(each) for each in (item if isinstance(item, list) else [item])]
    return any(isinstance(text, str) and _LONG_NUMBER.search(text) for text in texts)


def row_record(row: list[Any], header: list[str] | None) -> dict[str, Any]:
    """Return column name -> cell of a row; columns without a name are numbered from 1."""
    if header is None or len(header) != len(row):
        header = [str(number) for number in range(1, len(row) + 1)]
    return dict(zip(header, row, strict=True))


def header_of(row: Any, count_names: CountNames) -> list[str] | None:
    """Return a row as column names if two of them are known; else None."""
    texts = [text_of(cell) for cell in row]
    header = [text for text in texts if isinstance(text, str)]
    unique = len(set(header)) == len(texts)
    return header if unique and count_names(header) >= 2 else None


def line_record(value: dict[str, Any], count_names: CountNames) -> dict[str, Any]:
    """Return the object of a JSON line as a record; a key that is a value becomes a cell."""
    if len(value) == 1:
        ((key, inner),) = value.items()
        if is_value_key(key) or are_name_keys(value, count_names):
            return key_record(key, inner, count_names)
    return value


def is_list_of_records(
    first: Any, path: str, count_names: CountNames, *, own: int, inside: bool
) -> bool:
    """Return True if a list with the element ``first`` is a list of records or rows.

    ``own``: known column names among the values around it. Elements with fewer belong to that
    record, and so does, ``inside`` an element of a list, any list without known column names.
    """
    if path.endswith("hits.hits"):
        return True
    if isinstance(first, list):
        return len(first) > 1 and own < 2 and not inside
    if not isinstance(first, dict):
        return False
    known = known_names(first, count_names)
    if inside or own >= 2:
        return known >= 2 and known > own
    return len({key for key, _ in islice(iterate_scalars(first), _FEW_KEYS)}) >= 2


def is_map(value: dict[str, Any], count_names: CountNames) -> bool:
    """Return True if the keys of an object are values or names, and its values alike records."""
    keys = list(islice(value, _FEW_KEYS))
    if not keys:
        return False
    if all(is_value_key(key) for key in keys):
        return True
    if are_name_keys(value, count_names):
        return True
    items = list(islice(value.values(), _FEW_KEYS))
    if len(keys) < _FEW or count_names(keys):
        return False
    if all(isinstance(item, dict) and len(item) > 1 for item in items):
        return all(item.keys() == items[0].keys() for item in items)
    names = all("\u3400" <= key[:1] <= "\u9fff" and len(key) <= 4 for key in keys)
    return names and all(
        isinstance(item, list) and len(item) == len(items[0]) > 1 for item in items
    )


def column_records(value: dict[str, Any], count_names: CountNames) -> list[dict[str, Any]]:
    """Return the records of an object of columns, which are lists or objects with the same keys.

    >>> column_records({"姓名": ["张三", "李四"], "手机": {"0": "1", "1": "2"}}, len)
    []
    >>> column_records({"姓名": ["张三", "李四"], "手机": ["1", "2"]}, len)
    [{'姓名': '张三', '手机': '1'}, {'姓名': '李四', '手机': '2'}]
    """
    columns = [*value.values()]
    if len(columns) < 2 or set(map(type, columns)) not in ({list}, {dict}):
        return []
    if isinstance(columns[0], dict):
        if any(each.keys() != columns[0].keys() for each in columns):
            return []
        columns = [[*each.values()] for each in columns]
    many = len(columns[0])
    plain = all(len(each) == many and _INNER.isdisjoint(map(type, each)) for each in columns)
    if not plain or many < 2 or count_names([*value]) < 2:
        return []
    return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]


def has_columns(value: dict[str, Any], count_names: CountNames) -> bool:
    """Return True if an object, or one in it, has columns."""
    return bool(column_records(value, count_names)) or any(
        isinstance(each, dict) and has_columns(each, count_names) for each in value.values()
    )


def known_names(value: dict[str, Any], count_names: CountNames) -> int:
    """Return the number of known column names among the keys of an object, nested ones too."""
    names, waiting = list[str](), [value]
    while waiting and len(names) < _FEW_KEYS:
        for key, item in waiting.pop().items():
            if isinstance(item, dict):
                waiting.append(item)
            elif not (isinstance(item, list) and item and isinstance(item[0], dict)):
                names.append(key)
    return count_names(names)


def is_record(element: dict[str, Any]) -> bool:
    """Return True if an object is one record as it is: no object, list or value key in it."""
    plain = _INNER.isdisjoint(map(type, element.values()))
    return plain and not any(map(is_value_key, element))


def find_records(element: Any, count_names: CountNames) -> Iterator[dict[str, Any]]:
    """Yield the records in one element of a list; last, its other values as one record."""
    if not isinstance(element, dict):
        yield {"": element}
        return
    if is_record(element):
        yield element
        return
    search = _Search(element, count_names)
    rest = yield from search.read(element, "")
    if rest or not search.found:
        yield rest


class _Search:
    """Search for records inside one element of a list."""

    def __init__(self, element: dict[str, Any], count_names: CountNames) -> None:
        self._element, self._count_names = element, count_names
        self._own = -1  # known column names that the element's own values have, when counted
        self._path = ""  # of the first list of records; the keys of others begin with theirs
        self.found = False

    def read(self, value: dict[str, Any], path: str) -> Any:
        """Yield the records below an object; return its other values by key."""
        rest: dict[str, Any] = {}
        for key, item in value.items():
            inner = f"{path}.{key}" if path else key
            if is_value_key(key) or (
                isinstance(item, dict) and are_name_keys({key: item}, self._count_names)
            ):
                self.found = True
                yield key_record(key, item, self._count_names)
            elif isinstance(item, dict) and (rows := column_records(item, self._count_names)):
                self.found = True
                yield from rows
            elif isinstance(item, dict):
                left = yield from self.read(item, inner)
                if left or not item:
                    rest[key] = left
            elif isinstance(item, list) and item and self._is_list(item[0], inner):
                self.found, self._path = True, self._path or inner
                for each in item:
                    record = each if isinstance(each, dict) else {"": each}
                    yield record if inner == self._path else {inner: record}
            else:
                rest[key] = item
        return rest

    def _is_list(self, first: Any, path: str) -> bool:
        """Return True if a list with the element ``first`` is a list of records."""
        if isinstance(first, dict) and self._own < 0:
            self._own = known_names(self._element, self._count_names)
        return is_list_of_records(first, path, self._count_names, own=self._own, inside=True)
