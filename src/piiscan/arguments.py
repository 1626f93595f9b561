"""Arguments of public functions: their types by annotation, and paths that must exist.

A call with a wrong type fails at the door with a TypeError that names the argument, never its
value. Annotations that are not importable, such as those of optional packages, are not checked.

    scan("dump.csv", case=1)  ->  TypeError: scan: case must be str or Path, not int
"""

from __future__ import annotations

import datetime
import functools
import inspect
import os
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from piiscan.errors import MissingPathError

Function = TypeVar("Function", bound=Callable[..., Any])
#: Path or paths, as a caller may give them.
Paths = str | Path | Iterable[str | Path]


def checked(function: Function) -> Function:
    """Return ``function`` with a check of the types of its arguments before each call."""
    signature = inspect.signature(function)
    hints: dict[str, Any] = {}

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if not hints:
            hints.update(_hints(function, signature))
        try:
            given = signature.bind(*args, **options)
        except TypeError as error:  # an unknown or a missing argument
            raise TypeError(f"{function.__name__}: {error}") from None
        for name, value in given.arguments.items():
            if not _fits(value, hints[name]):
                expected = " or ".join(dict.fromkeys(_names(hints[name])))
                raise TypeError(
                    f"{function.__name__}: {name} must be {expected}, not {type(value).__name__}"
                )
        return function(*args, **options)

    return call  # type: ignore[return-value]


def is_stored(path: str | Path) -> bool:
    """Return True if ``path`` names an object store: ``s3://bucket/a`` or ``hdfs://host/a``.

    As a Path it has one slash.
    """
    return os.fspath(path).startswith(("s3:/", "hdfs:/"))


def existing(path: str | Path) -> Path:
    """Return a path. Raise MissingPathError if there is nothing."""
    if not os.path.lexists(path):
        raise MissingPathError("file.missing", path=path)
    return Path(path)


def existing_or_none(path: str | Path | None) -> Path | None:
    """Return a path, or None for None. Raise MissingPathError if there is nothing."""
    return None if path is None else existing(path)


def existing_paths(paths: Paths, *, stored: bool = False) -> list[Path]:
    """Return one or several paths as a list. Raise MissingPathError for the first absent one.

    ``stored``: take addresses of object stores as well, unseen.
    """
    given = [paths] if isinstance(paths, str | Path) else paths
    return [Path(each) if stored and is_stored(each) else existing(each) for each in given]


def _hints(function: Callable[..., Any], signature: inspect.Signature) -> dict[str, Any]:
    """Return the annotation of each parameter, Any for one that cannot be evaluated."""
    found: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        found[name] = parameter.annotation
        if isinstance(parameter.annotation, str):
            try:
                found[name] = eval(parameter.annotation, function.__globals__)
            except (NameError, AttributeError):  # imported for type checkers only
                found[name] = Any
    return found


def _fits(value: object, hint: Any) -> bool:
    """Return True if ``value`` is of the type ``hint``. The items of iterators are not read."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any or isinstance(hint, TypeVar):
        return True
    if origin in (Union, types.UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if hint is None or hint is types.NoneType:
        return value is None
    if hint in (int, float):
        return isinstance(value, int if hint is int else (int, float)) and not isinstance(
            value, bool
        )
    if hint is datetime.date:
        return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
    if origin in (Iterable, Sequence, list, tuple):
        if isinstance(value, str | bytes) or not isinstance(value, origin):
            return False
        return not isinstance(value, list | tuple) or all(_fits(item, parts[0]) for item in value)
    if origin is Callable:
        return callable(value)
    kind = origin or hint
    return not isinstance(kind, type) or isinstance(value, kind)


def _names(hint: Any) -> Iterator[str]:
    """Yield the names of the types in ``hint``: ``str | Path | None`` -> str, Path, None."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        for part in parts:
            yield from _names(part)
    elif origin is Literal:
        yield from map(repr, parts)
    elif origin in (Iterable, Sequence, list, tuple, Mapping):
        yield f"{origin.__name__} of {' or '.join(_names(parts[-1]))}"
    elif hint is types.NoneType:
        yield "None"
    else:
        yield getattr(origin or hint, "__name__", str(hint))
