"""Word lists and sentence patterns of ``word_lists.toml``."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Final

WHOLE_LINE_TOPICS: Final = (
    "clauses",
    "numbers",
    "sentences",
)  # topics whose lists contain whole lines


def read_lists() -> dict[str, dict[str, tuple[str, ...]]]:
    """Read word_lists.toml: topic -> name -> words.

    Lists of the WHOLE_LINE_TOPICS are split at line ends, others at blanks.
    """
    text = (
        resources.files(__name__.rpartition(".")[0]).joinpath("word_lists.toml").read_text("utf-8")
    )
    return {
        topic: {
            name: tuple(
                words.strip("\n").splitlines() if topic in WHOLE_LINE_TOPICS else words.split()
            )
            for name, words in topic_lists.items()
        }
        for topic, topic_lists in tomllib.loads(text).items()
    }


WORD_LISTS: Final = read_lists()
