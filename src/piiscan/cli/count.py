"""``piiscan count``: count a case: ladder, units and further tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

import piiscan
from piiscan.cli import options, output, progress_bar

KeyBy = Annotated[
    list[str] | None, typer.Option("--key-by", metavar="[PATTERN=]ORDER", help="count.key_by")
]
Registered = Annotated[
    Path | None, typer.Option("--register", metavar="XLSX", help="count.register")
]
Excluded = Annotated[Path | None, typer.Option("--exclude", metavar="XLSX", help="count.exclude")]
Profiled = Annotated[
    Path | None, typer.Option("--profile", metavar="XLSX|TOML", help="count.profile")
]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="count.key")]
Since = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="count.since"),
]
Until = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="count.until"),
]

CodeMinutes = Annotated[
    int, typer.Option("--code-minutes", min=0, metavar="N", help="count.code_minutes")
]
Memory = Annotated[str | None, typer.Option("--memory", metavar="SIZE", help="count.memory")]
InternalSales = Annotated[bool, typer.Option("--internal-sales", help="count.internal_sales")]


def count(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="count.case")],
    key_by: KeyBy = None,
    register: Registered = None,
    exclude: Excluded = None,
    policy: options.Policies = None,
    profile: Profiled = None,
    since: Since = None,
    until: Until = None,
    internal_sales: InternalSales = False,
    code_minutes: CodeMinutes = 10,
    key: Key = None,
    memory: Memory = None,
    log: options.LogFile = None,
    full: Annotated[bool, typer.Option("--full", help="count.full")] = False,
) -> None:
    """Count the case DIR: ladder, units, conflicts, tiers.

    The same settings give the same count.
    """
    from piiscan.case.count.shipped_rules import DEFAULT_POLICIES
    from piiscan.case.report.cover import key_order
    from piiscan.case.report.html.case_page import write_page
    from piiscan.case.report.report_contents import COUNT_TABLES
    from piiscan.case.report.terminal.terminal_tables import case_tables
    from piiscan.case.store.case import Case
    from piiscan.case.tiers.tier_tables import TIER_NOTES

    words = ctx.obj
    for name, path in {"--register": register, "--exclude": exclude, "--profile": profile}.items():
        if path is not None:
            options.existing_paths(ctx, [path], name)
    opened = Case.open(case, key=key)
    with progress_bar.show_progress(words, "count", log=log, outside=[case]):
        made = piiscan.count(
            opened,
            key_by=key_by or (),
            register=register,
            exclude=exclude,
            policies=policy or DEFAULT_POLICIES,
            profile=profile,
            since=since.date() if since else None,
            until=until.date() if until else None,
            internal_sales=internal_sales,
            code_minutes=code_minutes,
            key=key,
            memory=memory,
        )
    write_page(opened, language=words.language)
    order = key_order(made.content["asked"]["key_priority"], words)
    done = words("count.done", folder=made.path, order=order)
    if not full:
        output.print_short_report(opened, words, done)
        output.print_register_check(opened, words)
        output.print_head(opened.path, words)
        return
    for table in case_tables(opened, language=words.language, tables=COUNT_TABLES):
        output.print_renderable(table)
    for note in TIER_NOTES:
        output.print_line(words(note))
    output.print_register_check(opened, words)
    output.print_line(done)
    output.print_head(opened.path, words)
