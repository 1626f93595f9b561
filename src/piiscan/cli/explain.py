"""``piiscan explain``: step by step, why a text gives what it gives."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Final

import typer

from piiscan.cli import options, terminal
from piiscan.cli.wording import Wording

if TYPE_CHECKING:
    from piiscan.detect.catalog import Catalog
    from piiscan.detect.explain import Step

#: Attributes whose values are codes with a name of their own.
_CODED: Final = ("sex", "carrier_kind", "plate_kind")


def explain(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="explain.text")],
    label: options.Label = None,
    min_score: options.MinScore = options.DEFAULT_MIN_SCORE,
    recognizers: options.Folder = None,
    as_of: options.AsOf = None,
) -> None:
    """Print folds, candidates, check, context, score, and why each was kept or refused."""
    from piiscan.detect.explain import explain as explained
    from piiscan.detect.labels import label_of
    from piiscan.evidence.mask import SECRET, blot, is_secret
    from piiscan.finding import engine_for

    words = ctx.obj
    terminal.announce_compiling(words)
    engine = engine_for(options.day(as_of), options.folder(ctx, recognizers))
    told = explained(engine, text, label_of(engine.catalog, label), min_score=min_score)
    secrets = [
        (step.start, step.end)
        for step in told.steps
        if is_secret(step.recognizer.entity, step.reason)
    ]
    terminal.tell(words("explain.read", text=blot(told.text, secrets)))
    terminal.tell(words("explain.folded", text=blot(told.folded, secrets)))
    if label is not None:
        known = ", ".join(told.label.recognizers) if told.label else ""
        terminal.tell(words("explain.label" if known else "explain.no_label", ids=known))
    if not told.steps:
        terminal.tell(words("explain.nothing"))
    for number, step in enumerate(told.steps, 1):
        hidden = step.recognizer.entity == SECRET
        hidden |= any(step.start < end and start < step.end for start, end in secrets)
        account = ""
        if step.behind is not None:
            begin, end = step.behind
            secret = any(begin < stop and start < end for start, stop in secrets)
            account = "***" if secret else told.text[begin:end]
        _tell(number, step, engine.catalog, words, hidden=hidden, account=account)
        if step.outcome != "refused" and not hidden:
            _tell_attributes(step, engine.catalog, words, as_of=options.day(as_of))


def _tell_attributes(step: Step, catalog: Catalog, words: Wording, *, as_of: date) -> None:
    """What follows from the value; clear, as it was typed here."""
    from piiscan.detect.attributes import attributes

    rule, lang = step.recognizer, words.language
    if told := attributes(rule.entity, rule.id, step.value, as_of=as_of):
        listed = words("explain.separator").join(
            words(
                "explain.attribute",
                name=catalog.name("attributes", name, lang),
                value=catalog.name("attribute_values", str(value).lower(), lang)
                if isinstance(value, bool) or name in _CODED
                else value,
            )
            for name, value in told.items()
        )
        terminal.tell("   " + words("explain.attributes", day=as_of.isoformat(), listed=listed))


def _tell(
    number: int, step: Step, catalog: Catalog, words: Wording, *, hidden: bool, account: str
) -> None:
    """One candidate; ``account`` is what it stands behind in a list."""
    rule, lang = step.recognizer, words.language
    verdict = catalog.name("verdicts", step.verdict, lang)
    lines = [
        words(
            "explain.candidate",
            place=f"{step.start}-{step.end}",
            text="***" if hidden else step.text,
        ),
        words("explain.rule", title=rule.title[lang], id=rule.id, bare=step.bare),
        words("explain.value", value="***" if hidden else step.value),
        words("explain.check", name=rule.check, verdict=verdict)
        if rule.check
        else words("explain.no_check", verdict=verdict),
    ]
    if account:
        lines.append(words("explain.behind", account=account, separator=step.context))
    elif step.context is not None:
        lines.append(words("explain.context", word=step.context))
    if step.role is not None:
        name = catalog.name("roles", step.role, lang)
        lines.append(words("explain.role", code=step.role, name=name))
    if step.reason is not None:
        reason = catalog.name("reasons", step.reason, lang)
        lines.append(words("explain.reason", code=step.reason, name=reason))
    lines.append(
        words(f"explain.{step.outcome}", score=f"{step.score:.2f}", winner=step.lost_to or "")
    )
    terminal.tell(f"\n{number}. {lines[0]}")
    for line in lines[1:]:
        terminal.tell(f"   {line}")
