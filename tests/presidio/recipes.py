"""What the recipes share: results as plain tuples, and analyzers sent to a new process."""

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

Place = tuple[str, int, int, float]

_LOAD = """
import json, pickle, sys
with open(sys.argv[1], "rb") as file:
    analyzer = pickle.load(file)
found = analyzer.analyze(sys.argv[2], language=sys.argv[3])
print(json.dumps(sorted((r.entity_type, r.start, r.end, r.score) for r in found)))
"""


def places(analyzer: Any, text: str, language: str = "zh", **asked: Any) -> list[Place]:
    """Entity, start, end and score of each result of ``analyzer``, sorted."""
    found = analyzer.analyze(text, language=language, **asked)
    return sorted((each.entity_type, each.start, each.end, each.score) for each in found)


def in_new_process(analyzer: Any, text: str, folder: Path, language: str = "zh") -> list[Place]:
    """The places that the pickled ``analyzer`` finds in a process that imported nothing before."""
    content = folder / "analyzer.pickle"
    content.write_bytes(pickle.dumps(analyzer))
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", _LOAD, content, text, language],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    return [tuple(each) for each in json.loads(done.stdout)]
