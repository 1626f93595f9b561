"""Count in a process of its own: the page stays quick meanwhile, and the count can be cancelled.

An interrupted count leaves its case as it was. The process answers with one line of JSON: the
number of the count, or the sentence of its error in each language.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, get_args

from piiscan.case.count.count import recount
from piiscan.case.store.case import Case
from piiscan.errors import PiiscanError
from piiscan.wording.words import Language

#: Seconds that an interrupted count has for taking back what it wrote.
_PATIENCE: Final = 20.0
_PROGRAM: Final = "from piiscan.work_page.count_job import answer; answer()"


@dataclass
class CountJob:
    """A count that runs or has ended. ``earlier``: number of the count before.

    ``begun``: when it was started (``time.monotonic``).
    """

    earlier: int
    process: subprocess.Popen[str] = field(repr=False)
    cancelled: bool = False
    begun: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, case: Case, earlier: int) -> CountJob:
        """Count the case again, with the last settings, in a new process."""
        asked = {
            "case": str(case.path.absolute()),
            "key": None if case.key is None else str(case.key.absolute()),
            "operator": case.operator,
        }
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, json.dumps(asked)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        return cls(earlier, process)

    @property
    def is_running(self) -> bool:
        """Return True until it has ended."""
        return self.process.poll() is None

    def cancel(self) -> None:
        """Interrupt the count, which then removes its files; at its very end it is stored."""
        if was_running := self.is_running:
            self.process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
            try:
                self.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        stored = "number" in self.result
        self.cancelled = self.cancelled or (was_running and not stored)

    @cached_property
    def result(self) -> dict[str, Any]:
        """Return the answer of an ended count: ``number``, or ``error`` by language."""
        try:
            answered = json.loads(self.process.communicate()[0])
        except ValueError:  # cancelled, or ended from outside
            return {}
        return answered if isinstance(answered, dict) else {}


def answer() -> None:
    """Count the case of the first argument; print the answer."""
    asked = json.loads(sys.argv[1])
    try:
        case = Case.of(asked["case"], key=asked["key"], operator=asked["operator"])
        told: dict[str, Any] = {"number": recount(case).number}
    except PiiscanError as error:
        told = {"error": {language: error.text(language) for language in get_args(Language)}}
    sys.stdout.write(json.dumps(told))
