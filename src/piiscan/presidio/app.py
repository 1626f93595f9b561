"""HTTP server with the routes and answers of Presidio's analyzer.

``python -m piiscan.presidio.app`` starts it. Presidio's server is not part of its package. This
one is a WSGI application of the standard library, writes no log, and asks no network. Routes:
``/health``, ``/analyze``, ``/recognizers`` and ``/supportedentities``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any, Final
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from presidio_analyzer import AnalyzerEngineProvider, AnalyzerRequest, BatchAnalyzerEngine

from piiscan.presidio import PiiscanAnalyzerEngine, analyzer

#: Maximum bytes of a request.
MAX_BYTES: Final = 64 << 20
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


class _RefusedError(Exception):
    """Refused request: HTTP status and sentence, without the request's text."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class App:
    """WSGI application around an ``AnalyzerEngine``."""

    def __init__(self, engine: Any) -> None:
        """Create the application of ``engine``."""
        self._engine = engine
        self._routes: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
            ("GET", "/health"): lambda _: _HEALTHY,
            ("POST", "/analyze"): self._analyze,
            ("GET", "/recognizers"): lambda environ: [
                each.name for each in self._ask(engine.get_recognizers, environ)
            ],
            ("GET", "/supportedentities"): lambda environ: self._ask(
                engine.get_supported_entities, environ
            ),
        }

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request; errors are JSON with the key ``error``."""
        status = HTTPStatus.OK
        try:
            answer = self._route(environ)(environ)
        except _RefusedError as error:
            status, answer = error.status, {"error": str(error)}
        except Exception as error:  # noqa: BLE001 - a server answers; the text stays out of it
            status, answer = HTTPStatus.INTERNAL_SERVER_ERROR, {"error": type(error).__name__}
        plain = isinstance(answer, str)
        body = answer if plain else json.dumps(answer, default=_as_dict, sort_keys=True)
        content = body.encode()
        kind = "text/html; charset=utf-8" if plain else "application/json"
        headers = [("Content-Type", kind), ("Content-Length", str(len(content)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [content]

    def _route(self, environ: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
        """Return the function for a request's method and path; raise _RefusedError for others."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        known = "GET" if method == "HEAD" else method
        if (known, path) in self._routes:
            return self._routes[known, path]
        status = HTTPStatus.NOT_FOUND
        if path in {each for _, each in self._routes}:
            status = HTTPStatus.METHOD_NOT_ALLOWED
        raise _RefusedError(status, status.phrase)

    def _analyze(self, environ: dict[str, Any]) -> Any:
        """Return the results of a text; for a list of texts, a list of results each."""
        fields = _read_json(environ)
        try:
            asked = AnalyzerRequest(fields)
        except (TypeError, ValueError, KeyError) as error:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "Invalid ad_hoc_recognizers") from error
        if not asked.text:
            raise _RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, "No text provided")
        if not asked.language:
            raise _RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, "No language provided")
        single = not isinstance(asked.text, list)
        options = {name: getattr(asked, name) for name in _OPTIONS}
        try:
            self._engine.get_supported_entities(asked.language)
            results = BatchAnalyzerEngine(self._engine).analyze_iterator(
                [asked.text] if single else asked.text, language=asked.language, **options
            )
        except ValueError as error:
            raise _RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, str(error)) from error
        except TypeError as error:
            raise _RefusedError(
                HTTPStatus.BAD_REQUEST, "Failed to parse /analyze request"
            ) from error
        return results[0] if single else results

    @staticmethod
    def _ask(function: Callable[[str | None], Any], environ: dict[str, Any]) -> Any:
        """Call ``function`` with the language in the query of a request, None without one."""
        language = parse_qs(environ.get("QUERY_STRING", "")).get("language", [None])[0]
        try:
            return function(language)
        except ValueError as error:
            raise _RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, str(error)) from error


def _read_json(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON object in a request's body; raise _RefusedError for others."""
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if size > MAX_BYTES:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        raise _RefusedError(status, status.phrase)
    try:
        fields = json.loads(environ["wsgi.input"].read(size))
    except ValueError as error:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "The request is no JSON") from error
    if not isinstance(fields, dict):
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "The request is no JSON object")
    return fields


def _as_dict(result: Any) -> dict[str, Any]:
    """Return the fields of a result or an explanation, without its metadata."""
    return {key: value for key, value in result.to_dict().items() if key != "recognition_metadata"}


def create_app(engine: Any = None) -> App:
    """Return the application of ``engine``, for any WSGI server.

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


class _Server(ThreadingMixIn, WSGIServer):
    """WSGI server with one thread per connection."""

    daemon_threads = True


class _SilentHandler(WSGIRequestHandler):
    """Request handler without a log."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def serve(app: App, host: str, port: int) -> WSGIServer:
    """Return a server of ``app``, ready for ``serve_forever``. Port 0: any free port."""
    return make_server(host, port, app, _Server, _SilentHandler)


def main() -> None:
    """Serve at ``HOST`` and ``PORT`` of the environment, by default 127.0.0.1 and 3000."""
    host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 3000)
    serve(create_app(), host, port).serve_forever()


if __name__ == "__main__":
    main()
