"""Self-contained pages: one template, the one stylesheet, everything inline, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def render(
    template: str, filters: Mapping[str, Callable[..., Any]] | None = None, **context: Any
) -> str:
    """The page of ``template``; beside ``context`` it is given ``style`` and its ``style_hash``.

    The hash is what the page's content policy lets through; nothing else may be loaded or run.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    home = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(home), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= filters or {}
    style = (home / "page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template(template).render(
        **context,
        style=Markup(style),  # our own file
        style_hash=digest,
    )
