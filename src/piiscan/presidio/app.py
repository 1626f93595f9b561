"""HTTP application with the routes and answers of Presidio's analyzer.

``python -m piiscan.presidio.app`` serves it (extra ``serve``). Presidio's server is not part of its
package. This one is an ASGI application, writes no log, and asks no network. Routes: ``/health``,
``/analyze``, ``/recognizers``, ``/supportedentities``, and ``/metrics`` with counters for
Prometheus, which contain no text.

Everything that a request can grow is bounded (:class:`Limits`): its bytes, the seconds until it is
whole, the bytes of all requests that wait, requests at work and waiting, findings of an answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs

import pyarrow as pa
from presidio_analyzer import AnalyzerEngineProvider, AnalyzerRequest, BatchAnalyzerEngine

from piiscan.finding import search_texts
from piiscan.presidio import PiiscanAnalyzerEngine, analyzer

_HEALTHY: Final = "Presidio Analyzer service is up"
_OPTIONS: Final = (
    "correlation_id",
    "score_threshold",
    "entities",
    "return_decision_process",
    "ad_hoc_recognizers",
    "context",
    "allow_list",
    "allow_list_match",
    "regex_flags",
)
#: Characters of the texts of a request from which their findings are counted before an answer.
_LONG: Final = 200_000
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a server.

    Args:
        body: bytes of one request.
        held: bytes of all requests that are being received or wait.
        seconds: time until a request is whole.
        threads: requests at work.
        waiting: requests that wait for a thread.
        results: findings of one answer.
    """

    body: int = 8 * _MIB
    held: int = 64 * _MIB
    seconds: float = 30
    threads: int = min(4, os.cpu_count() or 1)
    waiting: int = 64
    results: int = 50_000


class Answer(NamedTuple):
    """Answer to a request: its status, and the object that it is as JSON, or plain text."""

    status: HTTPStatus
    content: Any


@dataclass(slots=True)
class Counters:
    """Counters of a server since its start; none contains a text.

    ``requests``: by path and status. ``findings``: by entity.
    """

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    body_bytes: int = 0
    seconds: float = 0.0

    def text(self) -> str:
        """Return the counters in the text format of Prometheus."""
        lines = ["# TYPE piiscan_requests_total counter"]
        lines += [
            f'piiscan_requests_total{{path="{path}",status="{status}"}} {number}'
            for (path, status), number in sorted(self.requests.items())
        ]
        lines.append("# TYPE piiscan_findings_total counter")
        lines += [
            f'piiscan_findings_total{{entity="{entity}"}} {number}'
            for entity, number in sorted(self.findings.items())
        ]
        lines += ["# TYPE piiscan_request_bytes_total counter"]
        lines += [f"piiscan_request_bytes_total {self.body_bytes}"]
        lines += ["# TYPE piiscan_request_seconds_total counter"]
        lines += [f"piiscan_request_seconds_total {self.seconds:.6f}"]
        return "\n".join(lines) + "\n"


class _RefusedError(Exception):
    """Refused request: HTTP status and sentence, without the request's text."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def _bad(sentence: str) -> _RefusedError:
    """Return the refusal of a request that is wrong."""
    return _RefusedError(HTTPStatus.BAD_REQUEST, sentence)


_BUSY: Final = "The server is busy; send the request again"
_Receive = Callable[[], Awaitable[dict[str, Any]]]
_Send = Callable[[dict[str, Any]], Awaitable[None]]


class App:
    """ASGI application around an ``AnalyzerEngine``."""

    def __init__(self, engine: Any, limits: Limits | None = None) -> None:
        """Create the application of ``engine``."""
        self.limits = limits or Limits()
        self.counters = Counters()
        self._engine = engine
        self._pool = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="analyze")
        self._held = self._at_work = 0
        self._routes: dict[tuple[str, str], Callable[[str, bytes], Any]] = {
            ("GET", "/health"): lambda *_: _HEALTHY,
            ("GET", "/metrics"): lambda *_: self.counters.text(),
            ("POST", "/analyze"): lambda _, content: self._analyze(content),
            ("GET", "/recognizers"): lambda query, _: [
                each.name for each in _ask(engine.get_recognizers, query)
            ],
            ("GET", "/supportedentities"): lambda query, _: _ask(
                engine.get_supported_entities, query
            ),
        }

    async def __call__(self, scope: dict[str, Any], receive: _Receive, send: _Send) -> None:
        """Answer one request; errors are JSON with the key ``error``."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await _live(receive, send)
            return
        began, method, path = time.monotonic(), scope["method"], scope["path"]
        query = scope.get("query_string", b"").decode("ascii", "replace")
        is_whole = False
        try:
            self._route(method, path)
            with self._holding() as take:
                content = await self._read(scope["headers"], receive, take)
                is_whole = True
                if path in ("/health", "/metrics"):  # answered even if all threads are at work
                    answer = self.answer(method, path, query, content)
                else:
                    answer = await self._work(method, path, query, content)
        except _RefusedError as error:
            answer = Answer(error.status, {"error": str(error)})
        except _GoneError:
            return
        known = path if any(path == each for _, each in self._routes) else "other"
        self.counters.requests[known, answer.status] += 1
        self.counters.seconds += time.monotonic() - began
        await _send(answer, send, is_last=not is_whole, without_body=method == "HEAD")

    def answer(self, method: str, path: str, query: str = "", content: bytes = b"") -> Answer:
        """Return the answer to a request whose body is ``content``."""
        try:
            return Answer(HTTPStatus.OK, self._route(method, path)(query, content))
        except _RefusedError as error:
            return Answer(error.status, {"error": str(error)})
        except Exception:  # noqa: BLE001 - a server answers; neither text nor cause leaves it
            sentence = "The request could not be answered"
            return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": sentence})

    def _route(self, method: str, path: str) -> Callable[[str, bytes], Any]:
        """Return the function for a request's method and path; raise _RefusedError for others."""
        known = "GET" if method == "HEAD" else method
        if (known, path) in self._routes:
            return self._routes[known, path]
        status = HTTPStatus.NOT_FOUND
        if path in {each for _, each in self._routes}:
            status = HTTPStatus.METHOD_NOT_ALLOWED
        raise _RefusedError(status, status.phrase)

    @contextmanager
    def _holding(self) -> Iterator[Callable[[int], None]]:
        """Yield a function that counts bytes as held until the end of the block."""
        held = 0

        def take(size: int) -> None:
            """Count ``size`` more bytes; raise _RefusedError if all requests hold too many."""
            nonlocal held
            if self._held + size > self.limits.held:
                raise _RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, _BUSY)
            self._held += size
            held += size

        try:
            yield take
        finally:
            self._held -= held

    async def _read(
        self, headers: list[tuple[bytes, bytes]], receive: _Receive, take: Callable[[int], None]
    ) -> bytes:
        """Return the body of a request. Raise _RefusedError if it is too long, or late."""
        too_long = _RefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The request has more than {self.limits.body} bytes",
        )
        for name, value in headers:
            if name == b"content-length":
                if not value.isdigit():
                    raise _bad("Content-Length is no number")
                if int(value) > self.limits.body:
                    raise too_long
        parts, size, more = [], 0, True
        try:
            async with asyncio.timeout(self.limits.seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _GoneError
                    part = message.get("body", b"")
                    size += len(part)
                    if size > self.limits.body:
                        raise too_long
                    take(len(part))
                    parts.append(part)
                    more = message.get("more_body", False)
        except TimeoutError:
            sentence = f"The request was not whole after {self.limits.seconds:g} seconds"
            raise _RefusedError(HTTPStatus.REQUEST_TIMEOUT, sentence) from None
        self.counters.body_bytes += size
        return b"".join(parts)

    async def _work(self, method: str, path: str, query: str, content: bytes) -> Answer:
        """Return the answer of a thread. Raise _RefusedError if too many requests wait for one."""
        if self._at_work >= self.limits.threads + self.limits.waiting:
            raise _RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, _BUSY)
        self._at_work += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                self._pool, self._encoded, method, path, query, content
            )
        finally:
            self._at_work -= 1

    def _encoded(self, *request: Any) -> Answer:
        """Return the answer to a request with its content in bytes."""
        answer = self.answer(*request)
        return Answer(answer.status, _encode(answer.content))

    def _analyze(self, content: bytes) -> Any:
        """Return the results of a text; for a list of texts, a list of results each."""
        fields = _read_json(content)
        try:
            asked = AnalyzerRequest(fields)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise _bad("ad_hoc_recognizers is not as expected") from error
        single = isinstance(asked.text, str)
        texts = [asked.text] if single else asked.text
        if not texts or not isinstance(texts, list) or not all(isinstance(t, str) for t in texts):
            raise _bad("No text provided: text is a string or a list of strings")
        if not isinstance(asked.language, str) or not asked.language:
            raise _bad("No language provided")
        options = {name: getattr(asked, name) for name in _OPTIONS}
        self._check_size(texts)
        try:
            self._engine.get_supported_entities(asked.language)
            results = BatchAnalyzerEngine(self._engine).analyze_iterator(
                texts, language=asked.language, **options
            )
        except ValueError as error:
            raise _bad("Language, entities or recognizers are not known here") from error
        except (TypeError, AttributeError, KeyError) as error:
            raise _bad("A field of the request is not as expected") from error
        self.counters.findings.update(each.entity_type for some in results for each in some)
        return results[0] if single else results

    def _check_size(self, texts: list[str]) -> None:
        """Raise _RefusedError if the texts have more findings than one answer may."""
        if sum(map(len, texts)) < _LONG:
            return
        whole = [text.encode("utf-8", "replace").decode() for text in texts]
        if search_texts(pa.array(whole, pa.string()), names=False).num_rows > self.limits.results:
            sentence = f"The answer has more than {self.limits.results} findings; send less at once"
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence)


class _GoneError(Exception):
    """The client has closed the connection."""


def _ask(function: Callable[[str | None], Any], query: str) -> Any:
    """Call ``function`` with the language in the query of a request, None without one."""
    language = parse_qs(query).get("language", [None])[0]
    try:
        return function(language)
    except ValueError as error:
        raise _bad("The language is not known here") from error


async def _live(receive: _Receive, send: _Send) -> None:
    """Confirm the start and the end of a server."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _send(answer: Answer, send: _Send, *, is_last: bool, without_body: bool) -> None:
    """Send an answer. ``is_last``: the connection is closed, as the request was not read."""
    content = answer.content if isinstance(answer.content, bytes) else _encode(answer.content)
    is_text = not content.startswith((b"{", b"["))
    kind = b"text/plain; charset=utf-8" if is_text else b"application/json"
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(content))]
    headers += [(b"connection", b"close")] if is_last else []
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if without_body else content})


def _encode(content: Any) -> bytes:
    """Return plain text as it is, anything else as JSON."""
    if isinstance(content, str):
        return content.encode()
    return json.dumps(content, default=_as_dict, sort_keys=True).encode()


def _read_json(content: bytes) -> dict[str, Any]:
    """Return the JSON object in a request's body; raise _RefusedError for others."""
    try:
        fields = json.loads(content)
    except RecursionError as error:
        raise _bad("The request is nested too deep") from error
    except ValueError as error:
        raise _bad("The request is no JSON") from error
    if not isinstance(fields, dict):
        raise _bad("The request is no JSON object")
    return fields


def _as_dict(result: Any) -> dict[str, Any]:
    """Return the fields of a result or an explanation, without its metadata."""
    return {key: value for key, value in result.to_dict().items() if key != "recognition_metadata"}


def create_app(engine: Any = None) -> App:
    """Return the application of ``engine``, for any ASGI server.

    Without an engine, environment variables configure it as Presidio's server:
    ``ANALYZER_CONF_FILE``, ``NLP_CONF_FILE``, ``RECOGNIZER_REGISTRY_CONF_FILE``; without these
    ``SUPPORTED_LANGUAGES`` (``zh,en``; default ``zh``).
    """
    if engine is None:
        files = [
            os.environ.get(name) or None
            for name in ("ANALYZER_CONF_FILE", "NLP_CONF_FILE", "RECOGNIZER_REGISTRY_CONF_FILE")
        ]
        languages = os.environ.get("SUPPORTED_LANGUAGES") or "zh"
        if any(files):
            engine = PiiscanAnalyzerEngine.of(AnalyzerEngineProvider(*files).create_engine())
        else:
            engine = analyzer(languages=[each.strip() for each in languages.split(",")])
    return App(engine)


def main() -> None:
    """Serve at ``HOST`` and ``PORT`` of the environment, by default 127.0.0.1 and 3000."""
    from piiscan.http_server import run_server

    host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 3000)
    app = create_app()
    run_server(app, host, port, seconds=app.limits.seconds)


if __name__ == "__main__":
    main()
