"""HTML renderer: one template, the shared stylesheet, everything inline, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jinja2 import Environment

_STYLESHEET: Final = Path(__file__).with_name("page.css")


def render(
    template: Path, filters: Mapping[str, Callable[..., Any]] | None = None, **context: Any
) -> str:
    """Render the HTML template ``template`` with ``context``, the shared style and its script.

    The script is the file with the template's name and the extension ``.js``, if there is one. The
    content security policy of the page allows only the hashes of these two; the page loads nothing.
    """
    from jinja2 import Template
    from markupsafe import Markup

    environment = _environment(filters or {})
    code = _compile(template, frozenset(filters or {}))
    page = Template.from_code(environment, code, environment.globals)
    script = template.with_suffix(".js")
    assets = {"style": _STYLESHEET.read_text("utf-8")}
    if script.exists():
        assets["script"] = script.read_text("utf-8")
    rendered: str = page.render(
        **context,
        **{name: Markup(text) for name, text in assets.items()},  # our own files
        **{
            f"{name}_hash": base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            for name, text in assets.items()
        },
    )
    return rendered


def _environment(filters: Mapping[str, Callable[..., Any]]) -> Environment:
    """Return an environment that escapes every text and refuses unknown names."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(_STYLESHEET.parent)  # macros of several pages
    environment = Environment(autoescape=True, undefined=StrictUndefined, loader=loader)
    environment.filters |= filters
    return environment


@cache
def _compile(template: Path, filters: frozenset[str]) -> CodeType:
    """Return the code of a template; ``filters``: names of the filters that it may use."""
    source = template.read_text("utf-8")
    return _environment(dict.fromkeys(filters, str)).compile(source, template.name, str(template))
