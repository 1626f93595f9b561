"""Self-contained pages: one template, the one stylesheet, everything inline, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from piiscan.jit import cache_folder

_STYLE: Final = Path(__file__).with_name("page.css")


def render(
    template: Path, filters: Mapping[str, Callable[..., Any]] | None = None, **context: Any
) -> str:
    """Render ``template`` with ``context``, the shared ``style``, and its own ``script``.

    The script is the file of the template's name with the ending ``.js``, if there is one.  The
    page's content policy lets through only the hashes of the two; nothing else may be loaded.
    """
    from markupsafe import Markup

    try:
        page = _page(template, filters or {}, cache=cache_folder())
    except OSError:  # a full or read-only disk costs time only
        page = _page(template, filters or {}, cache=None)
    script = template.with_suffix(".js")
    own = {"style": _STYLE.read_text("utf-8")}
    if script.exists():
        own["script"] = script.read_text("utf-8")
    rendered: str = page.render(
        **context,
        **{name: Markup(text) for name, text in own.items()},  # our own files
        **{f"{name}_hash": _hash(text) for name, text in own.items()},
    )
    return rendered


def _page(template: Path, filters: Mapping[str, Callable[..., Any]], *, cache: Path | None) -> Any:
    """Return the compiled template, from ``cache`` if a process before compiled it there."""
    from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=None if cache is None else FileSystemBytecodeCache(str(cache)),
    )
    environment.filters |= filters
    return environment.get_template(template.name)


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
