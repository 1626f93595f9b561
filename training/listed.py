"""The words and patterns in ``listed.toml``, cut into lists."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Final

LINES: Final = ("numbers", "sentences")  # modules whose lists hold whole lines


def read_lists() -> dict[str, dict[str, tuple[str, ...]]]:
    """Lists by module and name."""
    text = resources.files(__name__.rpartition(".")[0]).joinpath("listed.toml").read_text("utf-8")
    return {
        module: {
            name: tuple(held.strip("\n").splitlines() if module in LINES else held.split())
            for name, held in lists.items()
        }
        for module, lists in tomllib.loads(text).items()
    }


LISTED: Final = read_lists()
