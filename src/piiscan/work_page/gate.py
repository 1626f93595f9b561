"""Gate of the page: checks of host, cookie, origin and form word before any screen is drawn.

A link with a token that works once gives the browser a cookie (HttpOnly, SameSite=Strict) for a
random path. Each request needs Host and cookie, each POST the Origin and a word of its form. A GET
changes nothing. Every answer forbids scripts and requests but those of the page itself.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qs

from piiscan.http_server import send_answer

_COOKIE: Final = "piiscan"
#: Bytes of the longest form.
_MAX_BODY: Final = 1 << 18
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'"
)
#: Headers of every answer.
HEADERS: Final = {
    "content-security-policy": _POLICY,
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-dns-prefetch-control": "off",
}
_SENTENCES: Final = {
    400: "bad request",
    403: "closed: use the link that piiscan printed, once, in one browser",
    404: "not found",
    405: "method not allowed",
    413: "too large",
    421: "misdirected request",
}
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Gate:
    """ASGI application before ``app``: refuses every request that is not the operator's own.

    ``root``: random path of the page, ``/…``. ``form_word``: secret that each form carries.
    ``used``: time of the last request that passed (``time.monotonic``).
    """

    def __init__(self, app: Any, host: str) -> None:
        """Guard ``app``; ``host``: address and port that a browser must have asked for."""
        self._app, self._host = app, host
        self.root = f"/{secrets.token_urlsafe(12)}"
        self.form_word = secrets.token_urlsafe(24)
        self._token: str | None = secrets.token_urlsafe(32)
        self._cookie = secrets.token_urlsafe(32)
        self.used = time.monotonic()

    @property
    def link(self) -> str:
        """Return the address to open; it works once."""
        return f"http://{self._host}{self.root}/?token={self._token}"

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Answer a request, or pass it to the application with its form in ``state``."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal:
            if refusal == 403 and self._takes_token(scope):
                await _answer(
                    send,
                    303,
                    {
                        "location": f"{self.root}/",
                        "set-cookie": f"{_COOKIE}={self._cookie}; Path={self.root}; HttpOnly;"
                        " SameSite=Strict",
                    },
                )
                return
            await _answer(send, refusal)
            return
        form: dict[str, list[str]] = {}
        if scope["method"] == "POST":
            body = await _read_body(receive)
            if body is None:
                await _answer(send, 413)
                return
            try:
                form = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=2000)
            except ValueError:
                await _answer(send, 400)
                return
            if not _same((form.get("word") or [""])[0], self.form_word):
                await _answer(send, 403)
                return
        self.used = time.monotonic()
        scope = dict(scope, state={"form": form, "gate": self})

        async def send_safely(message: dict[str, Any]) -> None:
            """Send a message of the application with the headers of every answer."""
            if message["type"] == "http.response.start":
                own = [(n.encode(), v.encode()) for n, v in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", ()), *own]}
            await send(message)

        await self._app(scope, receive, send_safely)

    def _refusal(self, scope: Any, headers: dict[str, str]) -> int:
        """Return the status with which a request is refused, 0 if it may pass."""
        if headers.get("host") != self._host:
            return 421
        if not scope["path"].startswith(f"{self.root}/"):
            return 404
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return 405
        cookies = dict(
            part.strip().partition("=")[::2] for part in headers.get("cookie", "").split(";")
        )
        if not _same(cookies.get(_COOKIE, ""), self._cookie):
            return 403
        site = headers.get("sec-fetch-site", "same-origin")
        if scope["method"] == "POST":
            if headers.get("origin") != f"http://{self._host}" or site != "same-origin":
                return 403
        elif site not in ("same-origin", "none"):
            return 403
        return 0

    def _takes_token(self, scope: Any) -> bool:
        """Return True once: for the first GET of the link."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        right = self._token is not None and _same(given, self._token)
        if right and scope["method"] == "GET" and scope["path"] == f"{self.root}/":
            self._token = None
            return True
        return False


def _same(given: str, expected: str) -> bool:
    """Return True if two secrets are equal, in a time that does not depend on them."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


async def _read_body(receive: Any) -> bytes | None:
    """Return the body of a request; None if it is too large or broken off."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > _MAX_BODY:
            return None
        if not message.get("more_body"):
            return bytes(body)


async def _answer(send: Send, status: int, headers: dict[str, str] | None = None) -> None:
    """Send an answer of the gate itself, in English and without any detail."""
    sent = {**HEADERS, "content-type": "text/plain; charset=utf-8", **(headers or {})}
    await send_answer(send, status, _SENTENCES.get(status, "").encode(), sent)
