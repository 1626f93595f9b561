"""Catalogue: all recognizer files, the transaction terms and the vocabulary of display names.

One identifier is one YAML file (see recognizers/README.md for the keys). The files are data. An
unknown key, a wrong type or a duplicate is a :class:`CatalogError` with file and line.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, wraps
from itertools import product
from pathlib import Path
from typing import Any, Concatenate, Final, NamedTuple, ParamSpec, TypeVar

from piiscan.cache import stored_tables
from piiscan.config.document import Document, read_yaml
from piiscan.detect.catalog.label_spellings import LabelsFile, LabelSpellings, SpellingParser
from piiscan.detect.catalog.recognizer import Recognizer, build_recognizer, checked_recognizer
from piiscan.detect.catalog.transaction_terms import (
    LedgerFile,
    TransactionTerms,
    build_transaction_terms,
)
from piiscan.errors import CatalogError
from piiscan.plugins import rule_folder
from piiscan.table_file import text_array, value_of

_MAX_CACHED: Final = 4
_VOCABULARY: Final = "vocabulary.yaml"
_TRANSACTION_TERMS: Final = "ledger.yaml"
_LABELS: Final = "labels.yaml"
#: Types of the files that are no recognizers.
_KINDS: Final[Mapping[str, Any]] = {
    _VOCABULARY: dict[str, dict[str, Any]],
    _TRANSACTION_TERMS: LedgerFile,
    _LABELS: LabelsFile,
}


@dataclass(frozen=True)
class Catalog:
    """All recognizers, ordered by id.

    Attributes:
        digest: hex SHA-256 over every file of the catalogue, watch lists too
        rules_digest: the same over the rule files alone; empty if it is the same
        folder: folder of the user's recognizers; None for the shipped ones alone
    """

    recognizers: tuple[Recognizer, ...]
    vocabulary: Mapping[str, Any]
    digest: str
    transaction_terms: TransactionTerms = field(default_factory=TransactionTerms)
    spellings: LabelSpellings = field(default_factory=LabelSpellings)
    folder: Path | None = None
    rules_digest: str = ""

    @cached_property
    def by_id(self) -> Mapping[str, Recognizer]:
        """Return the recognizers by id."""
        return {recognizer.id: recognizer for recognizer in self.recognizers}

    @cached_property
    def watchlist_digests(self) -> Mapping[str, str]:
        """Return recognizer id -> hex SHA-256 of its watch list."""
        return {r.id: r.watch.sha256 for r in self.recognizers if r.watch is not None}

    @cached_property
    def entities(self) -> tuple[str, ...]:
        """Return the entity names of all recognizers, sorted."""
        return tuple(sorted({recognizer.entity for recognizer in self.recognizers}))

    @property
    def presidio_names(self) -> Mapping[str, str]:
        """Return entity -> Presidio's own name of it, where it has one."""
        names: Mapping[str, str] = self.vocabulary.get("presidio_names", {})
        return names

    @property
    def owner_classes(self) -> dict[str, str]:
        """Return entity -> owner class: person, link, device, organisation or none.

        If recognizers of one entity differ, ``person`` has priority.
        """
        order = ("none", "organisation", "device", "link", "person")
        found: dict[str, str] = {}
        for recognizer in self.recognizers:
            old = found.get(recognizer.entity, "none")
            found[recognizer.entity] = max(old, recognizer.whose, key=order.index)
        return found

    @property
    def vocabulary_names(self) -> dict[str, dict[str, dict[str, str]]]:
        """Return kind -> code -> language -> name of entities, verdicts, reasons and roles."""
        return {
            kind: {
                code: {lang: self.name(kind, code, lang) for lang in ("zh", "en")}
                for code in sorted(self.vocabulary.get(kind, {}))
            }
            for kind in ("entities", "verdicts", "reasons", "roles")
        }

    def name(self, kind: str, code: str, lang: str = "zh") -> str:
        """Return the display name of an entity, verdict, reason …; ``code`` itself if it has none.

        ``kind``: section of vocabulary.yaml (``entities``, ``roles`` …). ``lang``: ``zh`` or
        ``en``.
        """
        entry = self.vocabulary.get(kind, {}).get(code)
        return str(entry.get(lang, code)) if isinstance(entry, dict) else code


def shipped_folder() -> Path:
    """Return the folder of the shipped recognizers, in the wheel or at the top of a checkout.

    Raise CatalogError if there is none.
    """
    package = Path(__file__).resolve().parents[2]
    for candidate in (package / "recognizers", package.parents[1] / "recognizers"):
        if (candidate / _VOCABULARY).is_file():
            return candidate
    raise CatalogError("rule.none_shipped", package=package)


def load(extra: str | Path | None = None) -> Catalog:
    """Load the shipped catalogue, with the recognizers of the user's folder ``extra`` added.

    ``extra`` can be the name of an installed pack. A file in it replaces the shipped recognizer of
    the same id. Raise CatalogError if a file is invalid, an id occurs twice, or ``extra`` is no
    folder, MissingPathError if there is neither folder nor pack.
    """
    shipped = tuple(_read_files(shipped_folder()))
    if (extra := rule_folder(extra)) is None:
        return _build_catalog(shipped, (), None)
    if not extra.is_dir():
        raise CatalogError("rule.no_folder", folder=extra)
    own = (_File(each.path, each.path.name, each.content) for each in _read_files(extra))
    return _build_catalog.__wrapped__(shipped, tuple(own), extra)  # it may name other files


@lru_cache(maxsize=4)
def _build_catalog(
    shipped: tuple[_File, ...], own: tuple[_File, ...], extra: Path | None
) -> Catalog:
    """Build the catalogue of rule files, cached by their paths and contents."""
    parsed = [*zip(shipped, _shipped_documents(shipped), strict=True)]
    parsed += [(each, _read_document(each)) for each in own]
    digest, rules_digest = hashlib.sha256(), hashlib.sha256()
    found: dict[str, Recognizer] = {}
    vocabulary: dict[str, Any] = {}
    terms, spellings = TransactionTerms(), SpellingParser()
    user_ids: set[str] = set()
    for number, (file, document) in enumerate(parsed):
        path = file.path
        _add_to_digest(digest, file)
        _add_to_digest(rules_digest, file)
        if path.name == _VOCABULARY:
            for kind, names in document.values.items():
                vocabulary.setdefault(kind, {}).update(names)
            continue
        if path.name == _TRANSACTION_TERMS:
            terms = terms.merged_with(build_transaction_terms(document))
            continue
        if path.name == _LABELS:
            spellings.add(document)
            continue
        users = number >= len(shipped)
        recognizer = (checked_recognizer if users else build_recognizer)(document)
        if recognizer.watch is not None:
            digest.update(recognizer.watch.sha256.encode())
        if recognizer.id in found and (not users or recognizer.id in user_ids):
            raise CatalogError(
                "rule.id_twice", file=path, id=recognizer.id, other=found[recognizer.id].file
            )
        if users:
            user_ids.add(recognizer.id)
        found[recognizer.id] = recognizer
    labels = spellings.spellings()
    _check_references(found, vocabulary, labels)
    found = {key: _inherit_like(recognizer, found) for key, recognizer in found.items()}
    parts = [vocabulary.get("relations", {}).get(k, ()) for k in ("before", "words", "after")]
    relations = ["".join(each) for each in product(*parts)]  # 爸爸手机, 我老公: nobody's names
    recognizers = tuple(_without_words(found[key], labels, relations) for key in sorted(found))
    digests = digest.hexdigest(), rules_digest.hexdigest()
    return Catalog(recognizers, vocabulary, digests[0], terms, labels, extra, digests[1])


class _File(NamedTuple):
    """A rule file: its path, its name in the digest of the catalogue, and its content."""

    path: Path
    name: str
    content: bytes


def _read_files(folder: Path) -> list[_File]:
    """Read the rule files below ``folder``, ordered by path."""
    return [
        _File(path, path.relative_to(folder).as_posix(), path.read_bytes())
        for path in sorted(folder.rglob("*.yaml"))
    ]


def _add_to_digest(digest: Any, file: _File) -> None:
    """Add the name, length and content of ``file`` to a digest."""
    digest.update(f"{file.name}\0{len(file.content)}\0".encode() + file.content)


def _read_document(file: _File) -> Document:
    """Read a rule file; check all but recognizers. Raise CatalogError if it breaks a rule."""
    from piiscan.config.validation import validated

    document = read_yaml(file.content, str(file.path))
    if file.path.name in _KINDS:
        validated(_KINDS[file.path.name], document)
    return document


def _checked_values(file: _File) -> dict[str, Any]:
    """Return the values of a rule file. Raise CatalogError if it breaks a rule."""
    document = _read_document(file)
    if file.path.name not in _KINDS:
        checked_recognizer(document)
    return document.values


def _shipped_documents(files: Sequence[_File]) -> list[Document]:
    """Return the shipped rule files, checked when they were stored; no line is known."""
    digest = hashlib.sha256()
    for file in files:
        _add_to_digest(digest, file)
    arrays = stored_tables(
        "rules",
        digest.hexdigest(),
        lambda: {"files": text_array([_checked_values(each) for each in files])},
        fits=lambda arrays: "files" in arrays,
    )
    values = zip(files, value_of(arrays["files"]), strict=True)
    return [Document(str(file.path), each, {}) for file, each in values]


def _without_words(
    recognizer: Recognizer, spellings: LabelSpellings, relations: Sequence[str]
) -> Recognizer:
    """Return ``recognizer``; if it reports names, it never reports a label of an account.

    Nor does it report one of ``relations`` as a person.
    """
    if recognizer.tagged is None:
        return recognizer
    words = relations if recognizer.tagged == "person" else ()
    return dataclasses.replace(recognizer, never=(*recognizer.never, *spellings.no_names, *words))


def _check_references(
    found: Mapping[str, Recognizer], vocabulary: Mapping[str, Any], spellings: LabelSpellings
) -> None:
    """Raise CatalogError if a recognizer names an unknown recognizer, label or entity."""
    for recognizer in found.values():
        for name in (*recognizer.labels, *recognizer.labels_beside):
            if name not in spellings.labels:
                raise CatalogError("rule.unknown_label", file=recognizer.file, name=name)
        references = [
            (key, n) for key in ("behind", "beside", "also") for n in getattr(recognizer, key)
        ]
        references += [("implies", recognizer.implies)] if recognizer.implies is not None else []
        for key, name in references:
            if name not in found:
                raise CatalogError(
                    "rule.unknown_recognizer", file=recognizer.file, key=key, name=name
                )
        if recognizer.entity not in vocabulary.get("entities", {}):
            raise CatalogError(
                "rule.unnamed_entity", path=recognizer.file, entity=recognizer.entity
            )


def _inherit_like(recognizer: Recognizer, found: Mapping[str, Recognizer]) -> Recognizer:
    """Return ``recognizer`` with column names, context words and labels of its ``like`` added.

    One step, no chain. Raise CatalogError if ``like`` names an unknown recognizer.
    """
    extended: dict[str, Any] = {}
    for name in recognizer.like:
        if name not in found:
            raise CatalogError(
                "rule.unknown_recognizer", file=recognizer.file, key="like", name=name
            )
    for key in ("columns", "ambiguous_columns", "context", "context_reject", "labels"):
        words: tuple[str, ...] = getattr(recognizer, key)
        inherited = [word for name in recognizer.like for word in getattr(found[name], key)]
        extended[key] = tuple(dict.fromkeys([*words, *inherited]))
    return dataclasses.replace(recognizer, **extended) if recognizer.like else recognizer


def context_words_of(recognizers: Iterable[Recognizer]) -> list[str]:
    """Return all context words of ``recognizers``, supporting and rejecting, sorted, each once."""
    return sorted({w for r in recognizers for w in (*r.context, *r.context_reject)})


T = TypeVar("T")
P = ParamSpec("P")


def cached_by_digest(
    make: Callable[Concatenate[Catalog, P], T],
) -> Callable[Concatenate[Catalog, P], T]:
    """Cache the last four results of ``make``, by digest and further arguments (decorator)."""
    cache: dict[tuple[Any, ...], T] = {}

    @wraps(make)
    def cached(catalog: Catalog, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (catalog.digest, args, *kwargs.items())
        made = cache.get(key)
        if made is None:
            while len(cache) >= _MAX_CACHED:
                cache.pop(next(iter(cache)), None)
            made = cache[key] = make(catalog, *args, **kwargs)
        return made

    return cached
