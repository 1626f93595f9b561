"""``piiscan serve``: the page to work in, for one person, on this machine only."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from piiscan.arguments import checked
from piiscan.case.lookup.findings import FindingFilters
from piiscan.case.store.case import Case
from piiscan.errors import CaseError
from piiscan.http_server import make_server, send_answer
from piiscan.wording.words import Language
from piiscan.work_page.drawing import Answer, Asked
from piiscan.work_page.gate import Gate
from piiscan.work_page.screens import ROUTES, failure
from piiscan.work_page.work_state import WorkState

#: Seconds without a request after which the page is closed.
IDLE: Final = 30 * 60.0
_HOST: Final = "127.0.0.1"
_STATIC: Final = Path(__file__).parent / "static"
_FILES: Final = {
    "/page.css": "text/css",
    "/page.js": "text/javascript",
    "/page.svg": "image/svg+xml",
}
#: Seconds until the headers of a request are whole.
_HEADER_SECONDS: Final = 10.0


class PageApp:
    """ASGI application of the screens; one request at a time is at work."""

    def __init__(self, work: WorkState) -> None:
        """Show the case of ``work``."""
        self._work = work

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request that the gate let through."""
        del receive
        gate = scope["state"]["gate"]
        path = scope["path"].removeprefix(gate.root)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if method == "GET" and path in _FILES:
            content = (_STATIC / path[1:]).read_bytes()
            await _send(send, 200, _FILES[path], content)
            return
        screen = ROUTES.get((method, path))
        if screen is None:
            await _send(send, 404, "text/plain", b"not found")
            return
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        asked = Asked(gate.root, gate.form_word, query, scope["state"]["form"])
        answer = await asyncio.to_thread(self._answer, screen, asked)
        if answer.place:
            await _send(send, 303, "text/plain", b"", location=answer.place)
        elif answer.picture:
            await _send(send, answer.status, "image/png", answer.picture)
        else:
            await _send(send, answer.status, "text/html", answer.html.encode("utf-8", "replace"))

    def _answer(self, screen: Callable[[WorkState, Asked], Answer], asked: Asked) -> Answer:
        """Return the answer of a screen; the sentence of an error as a page."""
        with self._work.lock:
            try:
                return screen(self._work, asked)
            except Exception as error:  # noqa: BLE001  # the page says it, without a value
                return failure(self._work, asked, error)


async def _send(send: Any, status: int, kind: str, body: bytes, **headers: str) -> None:
    """Send an answer with its type and further headers."""
    await send_answer(send, status, body, {"content-type": f"{kind}; charset=utf-8", **headers})


class PageServer:
    """Server of the page of one case: its link, and ``run``, which ends by ``stop``."""

    def __init__(self, work: WorkState, *, idle: float = IDLE) -> None:
        """Bind a free port of this machine. Raise PiiscanError if uvicorn is missing."""
        self._socket = socket.socket()
        self._socket.bind((_HOST, 0))
        self.host = f"{_HOST}:{self._socket.getsockname()[1]}"
        self.gate, self._work = Gate(PageApp(work), self.host), work
        self._server = make_server(self.gate, _HOST, 0, seconds=_HEADER_SECONDS)
        self._idle = idle

    @property
    def link(self) -> str:
        """Return the address to open; it works once."""
        return self.gate.link

    def run(self) -> None:
        """Serve until ``stop``, an interrupt, or the end of the idle time."""
        threading.Thread(target=self._watch, daemon=True).start()
        self._server.run(sockets=[self._socket])
        if self._work.counting is not None:
            self._work.counting.cancel()

    def stop(self) -> None:
        """End ``run``."""
        self._server.should_exit = True

    def _watch(self) -> None:
        """Stop when nobody has asked for anything for the idle time."""
        while not self._server.should_exit:
            left = self.gate.used + self._idle - time.monotonic()
            if left <= 0:
                self.stop()
            time.sleep(min(max(left, 0.05), 5.0))


@checked
def serve(
    case: str | Path | Case,
    *,
    operator: str,
    key: str | Path | None = None,
    recognizers: str | Path | None = None,
    passwords: str | Path | None = None,
    language: Language = "zh",
    idle: float = IDLE,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the page of a case at a random port of this machine until it is interrupted.

    Nothing is written but through log and attachments of the case. Raise CaseError without an
    operator, PiiscanError without uvicorn.

    Args:
        case: folder of the case, or the opened case.
        operator: who works; each line that the page writes in the log has the name.
        key: file of the case's key; counting again needs it if the last count had it.
        recognizers: folder of further recognizers.
        passwords: file with passwords of encrypted files.
        language: language of the page at first.
        idle: seconds without a request after which it ends.
        ready: called with the link, which works once.

    >>> import piiscan
    >>> piiscan.serve("case", operator=" ")
    Traceback (most recent call last):
    piiscan.errors.CaseError: name the operator: ...
    """
    if not operator.strip():
        raise CaseError("serve.no_operator")
    opened = Case.of(
        case, key=key, recognizers=recognizers, passwords=passwords, operator=operator.strip()
    )
    work = WorkState(opened, language)
    work.view()
    server = PageServer(work, idle=idle)
    gc.set_threshold(10_000, 20, 20)  # the command line switches it nearly off
    if ready is not None:
        ready(server.link)
    everything = FindingFilters()
    threading.Thread(target=work.view().findings.facets, args=(everything,)).start()
    server.run()
