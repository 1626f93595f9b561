"""HTTP server of an ASGI application: uvicorn, and a limit on the time of a request's headers.

A client that sends a byte now and then is closed; uvicorn alone would wait for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from piiscan.errors import PiiscanError

#: Open connections of a server; more are answered 503.
_MAX_CONNECTIONS = 2000


def make_server(app: Any, host: str, port: int, *, seconds: float) -> Any:
    """Return a uvicorn server of ``app``; ``run`` starts it. Port 0: any free port.

    ``seconds``: time until the headers of a request are whole. Raise PiiscanError if uvicorn is
    missing.
    """
    try:
        import uvicorn
        from uvicorn.protocols.http.h11_impl import H11Protocol
    except ImportError as error:
        raise PiiscanError("serve.not_installed") from error

    class BoundedProtocol(H11Protocol):
        """HTTP connection that is closed if the headers of a request take too long."""

        _deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            """Wait for the first request."""
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            """Read bytes; wait for the rest of the headers if they are not whole."""
            super().data_received(data)
            cycle: Any = self.cycle  # None before the first request
            if cycle is None or cycle.response_complete:
                self._wait()
            else:
                self._end_wait()

        def connection_lost(self, exc: Exception | None) -> None:
            """Forget the connection."""
            self._end_wait()
            super().connection_lost(exc)

        def _wait(self) -> None:
            """Close the connection after the time that a request may take."""
            if self._deadline is None:
                self._deadline = self.loop.call_later(seconds, self.transport.close)

        def _end_wait(self) -> None:
            """Keep the connection."""
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

    config = uvicorn.Config(
        app,
        host,
        port,
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        limit_concurrency=_MAX_CONNECTIONS,
        backlog=_MAX_CONNECTIONS,
    )
    return uvicorn.Server(config)


async def send_answer(send: Any, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    """Send a whole answer through ``send`` of ASGI."""
    sent = {**headers, "content-length": str(len(body))}
    pairs = [(name.encode(), value.encode()) for name, value in sent.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def run_server(app: Any, host: str, port: int, *, seconds: float) -> None:
    """Serve ``app`` until the process is ended; name the extra to install."""
    try:
        server = make_server(app, host, port, seconds=seconds)
    except PiiscanError as error:
        raise SystemExit(str(error)) from None
    server.run()
