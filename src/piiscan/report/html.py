"""Self-contained pages: one template, the one stylesheet, everything inline, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

#: What stands inline in every page: name -> ending of its file.
_OWN: Final = {"style": "css", "script": "js"}


def render(
    template: str, filters: Mapping[str, Callable[..., Any]] | None = None, **context: Any
) -> str:
    """The page of ``template``; beside ``context`` it is given ``style`` and ``script``.

    Their hashes are what the page's content policy lets through; nothing else may be loaded or
    run.  The script is used where the template puts it, and only there may its hash stand.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    home = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(home), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= filters or {}
    own = {name: (home / f"page.{end}").read_text("utf-8") for name, end in _OWN.items()}
    return environment.get_template(template).render(
        **context,
        **{name: Markup(text) for name, text in own.items()},  # our own files
        **{f"{name}_hash": _hash(text) for name, text in own.items()},
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
