"""Command tree: all verbs and groups; their help texts are keys of command_line.toml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import typer

from piiscan.cli import corpus, recognizers
from piiscan.cli.check import check
from piiscan.cli.columns import columns
from piiscan.cli.compare import compare
from piiscan.cli.completion import completion
from piiscan.cli.count import count
from piiscan.cli.deletion import delete_list
from piiscan.cli.disc import disc
from piiscan.cli.explain import explain
from piiscan.cli.explain_count import explain_count
from piiscan.cli.export import export
from piiscan.cli.find import find
from piiscan.cli.judge import judge
from piiscan.cli.lookup import lookup
from piiscan.cli.merge import merge
from piiscan.cli.overlap import overlap
from piiscan.cli.redact import redact
from piiscan.cli.register import register
from piiscan.cli.replay import replay
from piiscan.cli.report import report
from piiscan.cli.run import run
from piiscan.cli.sample import sample
from piiscan.cli.scan import scan
from piiscan.cli.score import score
from piiscan.cli.seal import seal
from piiscan.cli.serve import serve
from piiscan.cli.sources import sources
from piiscan.cli.validate import validate
from piiscan.cli.verify import verify
from piiscan.cli.version import version

_VERBS: Final[Mapping[str, Any]] = {
    "run": run,
    "find": find,
    "check": check,
    "sources": sources,
    "scan": scan,
    "merge": merge,
    "columns": columns,
    "register": register,
    "count": count,
    "sample": sample,
    "judge": judge,
    "explain-count": explain_count,
    "lookup": lookup,
    "serve": serve,
    "export": export,
    "compare": compare,
    "overlap": overlap,
    "report": report,
    "disc": disc,
    "verify": verify,
    "validate": validate,
    "replay": replay,
    "seal": seal,
    "redact": redact,
    "delete-list": delete_list,
    "explain": explain,
    "score": score,
    "completion": completion,
    "version": version,
}
_GROUPS: Final[Mapping[str, Mapping[str, Any]]] = {
    "recognizers": {
        "list": recognizers.list_all,
        "show": recognizers.show,
        "check": recognizers.check,
        "docs": recognizers.docs,
    },
    "corpus": {"make": corpus.make},
}


@cache
def command_tree() -> Any:
    """Return the command ``piiscan`` with all its verbs, built once a process."""
    app = _group("app.help", _VERBS, "{}.help")
    for name, verbs in _GROUPS.items():
        app.add_typer(_group(f"{name}.help", verbs, name + ".{}_help"), name=name)
    return typer.main.get_command(app)


def _group(help_key: str, verbs: Mapping[str, Any], verb_key: str) -> typer.Typer:
    """Return a typer group with the commands ``verbs``.

    ``verb_key``: pattern of their help keys.
    """
    group = typer.Typer(
        help=help_key, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )
    group.callback()(_no_action)  # a group stays a group, even with one verb
    for name, verb in verbs.items():
        # --help, in two languages, is handled before typer sees the arguments.
        group.command(name, help=verb_key.format(name), add_help_option=False)(verb)
    return group


def _no_action() -> None:
    """Do nothing; typer needs a callback, or a group with one verb becomes that verb."""
