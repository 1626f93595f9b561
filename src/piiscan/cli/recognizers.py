"""``piiscan recognizers``: list recognizers, show one, test them, write reference pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from piiscan.cli import error_messages, options, output
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.detect.catalog.catalog import Catalog
    from piiscan.detect.catalog.recognizer import Example, Recognizer


def list_all(ctx: typer.Context, recognizers: options.Folder = None) -> None:
    """Print one line per recognizer."""
    from piiscan.detect.catalog.catalog import load

    words, lang = ctx.obj, ctx.obj.language
    catalog = load(options.rule_folder(ctx, recognizers))
    headings = [words(f"recognizers.{name}") for name in ("id", "entity", "title", "bare", "whose")]
    rows = [
        (rule.id, catalog.name("entities", rule.entity, lang), rule.title[lang], rule.bare,
         words(f"whose.{rule.whose}"))
        for rule in catalog.recognizers
    ]  # fmt: skip
    output.print_table(headings, rows)


def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="recognizers.show_id")],
    recognizers: options.Folder = None,
) -> None:
    """Print all facts about one recognizer."""
    from piiscan.detect.catalog.catalog import load

    catalog = load(options.rule_folder(ctx, recognizers))
    rule = catalog.by_id.get(name)
    if rule is None:
        from difflib import get_close_matches

        similar = ", ".join(get_close_matches(name, catalog.by_id, n=3, cutoff=0.3))
        raise options.usage_error(ctx, "ID", "recognizers.unknown", name=name, near=similar)
    for key, fact in _recognizer_facts(rule, catalog, ctx.obj):
        if fact:
            output.print_line(f"{ctx.obj(f'recognizers.{key}')}: {fact}")


def docs(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="recognizers.docs_out")],
    recognizers: options.Folder = None,
) -> None:
    """Write a reference page for every recognizer, an index and the vocabulary."""
    from piiscan.detect.catalog.catalog import load
    from piiscan.output_files import write_aside
    from piiscan.pages.reference import reference_pages

    words = ctx.obj
    pages = reference_pages(load(options.rule_folder(ctx, recognizers)), language=words.language)
    out.mkdir(parents=True, exist_ok=True)
    for name, page in pages.items():
        with write_aside(out / name) as file:
            file.write(page.encode())
    output.print_line(words("recognizers.docs_written", count=len(pages), folder=out))


def check(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="recognizers.check_file")
    ] = None,
    recognizers: options.Folder = None,
) -> None:
    """Run every example and counterexample on every route; exit code 2 if one fails."""
    import piiscan.presidio
    from piiscan.detect import self_test
    from piiscan.detect.catalog.catalog import load
    from piiscan.presidio.self_test_route import presidio_route

    words = ctx.obj
    catalog = load(options.rule_folder(ctx, recognizers))
    ids = None
    if file is not None:
        catalog, ids = _catalog_with_file(catalog, options.existing_file(ctx, file, "FILE"))
    analyzer = piiscan.presidio.analyzer(catalog, as_of=self_test.AS_OF)
    routes = {"presidio": presidio_route(analyzer, catalog)}
    failures = self_test.run_self_test(catalog, ids, routes=routes)
    for each in failures:
        output.print_note(
            f"{each.file}: {each.recognizer} [{each.route}] {_example_text(each.example)}"
        )
        output.print_note(f"    {each.problem}")
    rules = [rule for rule in catalog.recognizers if ids is None or rule.id in ids]
    examples = sum(len(rule.examples) + len(rule.counterexamples) for rule in rules)
    key = "recognizers.failed" if failures else "recognizers.proved"
    output.print_line(words(key, failures=len(failures), rules=len(rules), examples=examples))
    if failures:
        raise typer.Exit(error_messages.USAGE)


def _catalog_with_file(catalog: Catalog, path: Path) -> tuple[Catalog, list[str]]:
    """Return ``catalog`` with the rule in ``path`` added or replaced, and the id of that rule.

    The catalogue stays as it is if it has this very file. Raise CatalogError if the entity of the
    rule has no name.
    """
    import dataclasses
    import hashlib

    from piiscan.detect.catalog.recognizer import parse_recognizer
    from piiscan.errors import CatalogError

    content = path.read_bytes()
    rule = parse_recognizer(content, path)
    if rule.entity not in catalog.vocabulary["entities"]:
        raise CatalogError("rule.unnamed_entity", path=path, entity=rule.entity)
    known = catalog.by_id.get(rule.id)
    if known is not None and Path(known.file).resolve() == path.resolve():
        return catalog, [rule.id]
    others = [each for each in catalog.recognizers if each.id != rule.id]
    everything = tuple(sorted([*others, rule], key=lambda each: each.id))
    rules_digest = hashlib.sha256(catalog.rules_digest.encode() + content).hexdigest()
    watch_digest = rule.watch.sha256 if rule.watch else ""
    digest = hashlib.sha256(f"{catalog.digest}{rules_digest}{watch_digest}".encode()).hexdigest()
    extended = dataclasses.replace(
        catalog, recognizers=everything, digest=digest, rules_digest=rules_digest
    )
    return extended, [rule.id]


def _example_text(example: Example) -> str:
    """Return an example of a rule as text for a message, with its column label."""
    label = f" ({example.label})" if example.label else ""
    return f"{example.text!r}{label}"


def _watch_list_text(rule: Recognizer, words: Words) -> str:
    """Return file, size and SHA-256 of a watch list, without its values; empty for other rules."""
    if rule.watch is None:
        return ""
    count = (
        len(rule.watch.values) + len(rule.watch.sha256_digests) + len(rule.watch.blake2b_digests)
    )
    summary = words("recognizers.watched", count=count, of="、".join(rule.watch.of))
    return f"{rule.watch.file}: {summary} (SHA-256 {rule.watch.sha256})"


def _recognizer_facts(rule: Recognizer, catalog: Catalog, words: Words) -> list[tuple[str, Any]]:
    """Return (wording key, value) pairs that describe one recognizer."""
    lang = words.language
    entity = f"{rule.entity} {catalog.name('entities', rule.entity, lang)}"
    return [
        ("id", rule.id),
        ("title", rule.title[lang]),
        ("entity", entity),
        ("whose", words(f"whose.{rule.whose}")),
        ("bare", f"{rule.bare} ({rule.score})"),
        ("check", rule.check),
        ("shape", "\n    ".join(["", *rule.shape]) if rule.shape else ""),
        ("pattern", "\n    ".join(["", *rule.pattern]) if rule.pattern else ""),
        ("watch", _watch_list_text(rule, words)),
        ("columns", "、".join(rule.columns)),
        ("ambiguous", "、".join(rule.ambiguous_columns)),
        ("context", "、".join(rule.context)),
        ("against", "、".join(rule.context_reject)),
        ("references", "\n    ".join(["", *rule.references])),
        ("examples", "\n    ".join(["", *map(_example_text, rule.examples)])),
        ("counterexamples", "\n    ".join(["", *map(_example_text, rule.counterexamples)])),
        ("file", rule.file),
    ]
