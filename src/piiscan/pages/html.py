"""Self-contained pages: one template, the one stylesheet, everything inline, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from piiscan.compiled import cache_folder

#: What stands inline in every page: name -> ending of its file.
_OWN: Final = {"style": "css", "script": "js"}
_HOME: Final = Path(__file__).parent


def render(
    template: str, filters: Mapping[str, Callable[..., Any]] | None = None, **context: Any
) -> str:
    """The page of ``template``; beside ``context`` it is given ``style`` and ``script``.

    Their hashes are what the page's content policy lets through; nothing else may be loaded or
    run.  The script is used where the template puts it, and only there may its hash stand.
    """
    from markupsafe import Markup

    try:
        page = _page(template, filters or {}, kept=cache_folder())
    except OSError:  # a full or read-only disk costs time only
        page = _page(template, filters or {}, kept=None)
    own = {name: (_HOME / f"page.{end}").read_text("utf-8") for name, end in _OWN.items()}
    rendered: str = page.render(
        **context,
        **{name: Markup(text) for name, text in own.items()},  # our own files
        **{f"{name}_hash": _hash(text) for name, text in own.items()},
    )
    return rendered


def _page(template: str, filters: Mapping[str, Callable[..., Any]], *, kept: Path | None) -> Any:
    """The template, compiled, or as it was compiled before by a process with the same folder."""
    from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HOME),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=None if kept is None else FileSystemBytecodeCache(str(kept)),
    )
    environment.filters |= filters
    return environment.get_template(template)


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
