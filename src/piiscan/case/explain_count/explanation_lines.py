"""Explanations of a count in words, as lines for the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from piiscan.case.explain_count.explain_count import (
    CountExplanation,
    RecordExplanation,
    StepReached,
)
from piiscan.case.explain_count.side_by_side import Pair
from piiscan.pages.sanitize import clean
from piiscan.wording.words import Words

Row = Mapping[str, Any]


def explanation_lines(explanation: CountExplanation, words: Words) -> Iterator[str]:
    """Yield the lines of an explanation, one block a record."""
    if not explanation.records:
        yield words("explained.nothing")
    if explanation.ties:
        ties = [words(f"explained.tie.{name}", count=n) for name, n in explanation.ties.items()]
        yield words("explained.ties", ties=words("asked.comma").join(ties))
    for record in explanation.records:
        yield from _record_lines(record, words)
        yield ""
    if explanation.total > len(explanation.records):
        yield words("explained.more", shown=len(explanation.records), count=explanation.total)


def _record_lines(explained: RecordExplanation, words: Words) -> Iterator[str]:
    """Yield the block of one record: place, values, steps, sources, person, pairs."""
    record, comma = explained.record, words("asked.comma")
    yield _place(record, words) + _owner(record, words)
    if explained.values:
        texts = [
            f"{clean(header) or words.name('entities', entity)}{words('asked.colon')}{clean(mask)}"
            for header, entity, mask in explained.values
        ]
        yield "  " + comma.join(dict.fromkeys(texts))
    scope: str | None = None
    for step in explained.steps:
        if step.scope != scope:
            scope = step.scope
            yield "  " + words("explained.own", suspect=clean(scope))
        yield f"  {_step(step, record, words)}"
    for subject in explained.subjects:
        role = words.name("roles", subject["role"]) if subject["role"] else words("page.no_role")
        reached = words(f"ladder_step.R{subject['step']}")
        yield "  " + words("explained.subject", role=role, step=reached)
    if explained.places:
        places = [
            words(
                "explained.source", source=each["source"], path=clean(each["path"]), count=each["n"]
            )
            + _owner(each, words)
            for each in explained.places
        ]
        yield "  " + words("explained.places", places=comma.join(places))
    if explained.person is not None:
        number, count = explained.person
        yield "  " + words("explained.person", number=number, count=count)
    for pair in explained.pairs:
        yield from _pair_lines(pair, words)


def _step(step: StepReached, record: Row, words: Words) -> str:
    """Return one step in words: ``R4 去除完全相同的行：不计，与来源 1 a.csv 第 2 行整行重复``."""
    name = words(f"ladder_step.{step.step}")
    if step.repeats is not None:
        other = _place(step.repeats, words)
        return words(f"explained.repeats.{step.reason}", step=name, other=other)
    if not step.reached:
        return words("explained.left", step=name, reason=words.name("reasons", step.reason or ""))
    if step.step == "R3" and record["key_kind"]:
        key = words(f"key_kind.{record['key_kind']}")
        told = words("explained.key", step=name, key=key)
        if step.reason is None:
            return told
        return told + words("explained.remark", reason=words.name("reasons", step.reason))
    return words("explained.reached", step=name)


def _place(record: Row, words: Words) -> str:
    """Return the place of a record: ``来源 1 a.csv 第 2 行``."""
    member = record["place"]
    path = record["path"] + (member if member.startswith("#") or not member else f"!{member}")
    return words("explained.place", source=record["source"], path=clean(path), row=record["row"])


def _owner(record: Row, words: Words) -> str:
    """Return suspect and item of a record in parentheses; empty if neither is known."""
    parts = [clean(record[name]) for name in ("suspect", "item") if record.get(name)]
    return words("explained.owner", owner=words("asked.comma").join(parts)) if parts else ""


def _pair_lines(pair: Pair, words: Words) -> Iterator[str]:
    """Yield two rows side by side: header, both texts, and equal, different or left out."""
    one, other = (_place(each, words) for each in (pair.one, pair.other))
    yield "  " + words("explained.pair", one=one, other=other)
    if not pair.reread:
        yield "    " + words("explained.findings_only")
    for cell in pair.cells:
        state = "same" if cell.same else "left_out" if cell.left_out else "different"
        yield "    " + words(
            "explained.cell",
            header=clean(cell.header),
            one=clean(cell.one) or "-",
            other=clean(cell.other) or "-",
            state=words(f"explained.state.{state}"),
        )


def explanation_json(explained: RecordExplanation) -> dict[str, Any]:
    """Return the explanation of one record as a JSON object, with codes and English keys."""
    names = ("source", "path", "place", "row", "item", "suspect", "key_kind")
    record = {name: explained.record.get(name) for name in names}
    return record | {
        "values": [list(each) for each in explained.values],
        "steps": [
            {
                "step": each.step,
                "reached": each.reached,
                "reason": each.reason,
                "within": each.scope,
                "repeats": each.repeats and {name: each.repeats[name] for name in names[:4]},
            }
            for each in explained.steps
        ],
        "subjects": list(explained.subjects),
        "sources": list(explained.places),
        "person": explained.person and explained.person[0],
        "pairs": [
            {
                "step": pair.step,
                "other": {name: pair.other[name] for name in names[:4]},
                "cells": [[c.header, c.one, c.other, c.same, c.left_out] for c in pair.cells],
            }
            for pair in explained.pairs
        ],
    }
