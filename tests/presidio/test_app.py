"""The HTTP door: Presidio's routes and answers, without a log and without a network."""

import http.client
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from presidio_analyzer import AnalyzerEngineProvider

import piiscan.presidio
from piiscan.http_server import make_server
from piiscan.presidio.app import App, Limits, create_app
from piiscan.presidio.app import _encode as encode
from tests.presidio.recipes import places

TEXT = "姓名：张三，电话138-0013-8000"


@pytest.fixture(scope="module")
def app(analyzer: Any) -> App:
    return create_app(analyzer)


def call(app: App, path: str, body: Any = None, method: str | None = None) -> tuple[int, Any]:
    content = (
        b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    )
    path, _, query = path.partition("?")
    answer = app.answer(method or ("GET" if body is None else "POST"), path, query, content)
    told = answer.content
    return answer.status, told if isinstance(told, str) else json.loads(encode(told))


def test_a_text_is_analyzed(app: App, analyzer: Any) -> None:
    status, found = call(app, "/analyze", {"text": TEXT, "language": "zh"})
    assert status == 200
    told = sorted(
        (each["entity_type"], each["start"], each["end"], each["score"]) for each in found
    )
    assert told == places(analyzer, TEXT)
    assert {key for each in found for key in each} == {
        *("entity_type", "start", "end", "score", "analysis_explanation")
    }
    assert {each["analysis_explanation"] for each in found} == {None}


def test_many_texts_are_answered_one_by_one(app: App) -> None:
    status, found = call(app, "/analyze", {"text": [TEXT, "无", TEXT], "language": "zh"})
    assert (status, [len(each) for each in found]) == (200, [2, 0, 2])


def test_the_options_of_presidio_work(app: App) -> None:
    asked = {"text": TEXT, "language": "zh"}
    _, (found,) = call(
        app, "/analyze", asked | {"entities": ["CN_MOBILE"], "return_decision_process": True}
    )
    assert found["analysis_explanation"]["pattern_name"] == "cn.mobile"
    assert call(app, "/analyze", asked | {"score_threshold": 1})[1] == []
    allowed = asked | {"entities": ["CN_MOBILE"], "allow_list": ["138-0013-8000"]}
    assert call(app, "/analyze", allowed)[1] == []
    wrong = {"text": "430104190506150017", "language": "zh", "context": ["身份证号"]}
    assert len(call(app, "/analyze", wrong)[1]) == 1
    ad_hoc = {
        "name": "Cases",
        "supported_language": "zh",
        "supported_entity": "CASE_NO",
        "patterns": [{"name": "case", "regex": "CASE-[0-9]+", "score": 0.7}],
    }
    asked = {"text": "CASE-17", "language": "zh", "ad_hoc_recognizers": [ad_hoc]}
    assert [each["entity_type"] for each in call(app, "/analyze", asked)[1]] == ["CASE_NO"]


def test_recognizers_and_entities_are_listed(app: App, analyzer: Any) -> None:
    status, names = call(app, "/recognizers?language=zh")
    assert (status, "PiiscanCnMobile" in names) == (200, True)
    status, entities = call(app, "/supportedentities?language=zh")
    assert (status, sorted(entities)) == (200, sorted(analyzer.get_supported_entities("zh")))
    assert call(app, "/supportedentities?language=xx")[0] == 400


def test_a_wrong_request_is_answered_without_its_text(
    app: App, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "13900000008"
    caplog.set_level(logging.DEBUG)
    for path, body, status in (
        ("/analyze", {"language": "zh"}, 400),
        ("/analyze", {"text": secret}, 400),
        ("/analyze", {"text": secret, "language": ["zh"]}, 400),
        ("/analyze", {"text": secret, "language": "xx"}, 400),
        ("/analyze", {"text": secret, "language": "zh", "entities": ["NOTHING"]}, 400),
        ("/analyze", {"text": {secret: 1}, "language": "zh"}, 400),
        ("/analyze", {"text": [secret, 1], "language": "zh"}, 400),
        ("/analyze", {"text": secret, "language": "zh", "score_threshold": "x"}, 400),
        ("/analyze", {"text": secret, "language": "zh", "ad_hoc_recognizers": 3}, 400),
        ("/analyze", b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        ("/analyze", {"text": secret, "language": "zh", "entities": 3}, 400),
        ("/analyze", {"text": secret, "language": "zh", "ad_hoc_recognizers": [{}]}, 400),
        ("/analyze", f"{secret}".encode(), 400),
        ("/analyze", f"{{{secret}".encode(), 400),
        ("/nothing", {"text": secret}, 404),
        ("/health", {"text": secret}, 405),
    ):
        answered, error = call(app, path, body)
        assert (path, body, answered) == (path, body, status)
        assert secret not in json.dumps(error)
        assert set(error) == {"error"}
        assert "Error" not in error["error"]  # no name of a class
    call(app, "/analyze", {"text": f"手机{secret}", "language": "zh"})
    assert secret not in caplog.text
    assert secret not in "".join(capfd.readouterr())


def test_an_unpaired_surrogate_is_answered(app: App) -> None:
    body = b'{"text": "\\ud83d \\u624b\\u673a13800138000", "language": "zh"}'
    status, found = call(app, "/analyze", body)
    assert (status, [(each["start"], each["end"]) for each in found]) == (200, [(4, 15)])


def test_the_server_of_a_configuration_answers_over_http(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = piiscan.presidio.write_config(tmp_path / "conf", languages=("zh", "en"))
    monkeypatch.setenv("ANALYZER_CONF_FILE", str(path))
    with serving(create_app()) as port:
        client = http.client.HTTPConnection("127.0.0.1", port)
        for language in ("zh", "en"):
            asked = {"text": "call 13800138000, 139-0013-9000", "language": language}
            content = json.dumps(asked | {"allow_list": ["13900139000"]})
            client.request("POST", "/analyze", content, {"Content-Type": "application/json"})
            (found,) = json.loads(client.getresponse().read())
            assert (found["entity_type"], found["start"]) == ("CN_MOBILE", 5)
        client.request("GET", "/metrics")
        told = client.getresponse().read().decode()
        assert 'piiscan_requests_total{path="/analyze",status="200"} 2' in told
        assert 'piiscan_findings_total{entity="CN_MOBILE"} 2' in told
        client.close()
    assert "".join(capfd.readouterr()) == ""


@contextmanager
def serving(app: App) -> Iterator[int]:
    """Serve ``app`` in a thread; yield its port."""
    server = make_server(app, "127.0.0.1", 0, seconds=app.limits.seconds)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def raw(port: int, request: bytes, *more: bytes) -> bytes:
    """Send bytes, then others after a pause each; return all that is answered until the end."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(request)
        for part in more:
            time.sleep(0.1)
            with suppress(OSError):
                client.sendall(part)
        answer = b""
        with suppress(OSError):
            while part := client.recv(1 << 16):
                answer += part
    return answer


POST = b"POST /analyze HTTP/1.1\r\nHost: x\r\n"
CHUNKED, CLOSE = b"Transfer-Encoding: chunked\r\n\r\n", b"Connection: close\r\n"
BODY = b'{"text": "13800138000", "language": "zh"}'


@pytest.fixture(scope="module")
def small(analyzer: Any) -> Iterator[tuple[App, int]]:
    app = App(analyzer, Limits(body=1000, held=1500, seconds=0.5, threads=1, waiting=1))
    with serving(app) as port:
        yield app, port


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: many\r\n\r\n", 400),
        (POST + b"Content-Length: 1001\r\n\r\n", 413),
        (POST + b"Content-Length: 99999999999999999999999\r\n\r\n", 400),
        (POST + CHUNKED + b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n", 413),
        (POST + CLOSE + CHUNKED + b"29\r\n" + BODY + b"\r\n0\r\n\r\n", 200),
        (POST + CLOSE + b"Content-Length: 41\r\n\r\n" + BODY, 200),
        (POST + b"Content-Length: 41\r\n\r\n" + BODY[:9], 408),
        (b"nonsense\r\n\r\n", 400),
    ],
)  # fmt: skip
def test_a_request_is_read_within_its_limits(
    small: tuple[App, int], request_: bytes, status: int
) -> None:
    answer = raw(small[1], request_)
    assert answer.split(b" ", 2)[1] == b"%d" % status
    assert b"Error" not in answer


def test_a_client_that_sends_a_byte_now_and_then_is_closed(small: tuple[App, int]) -> None:
    began = time.monotonic()
    assert raw(small[1], b"POST /ana", *[b"l"] * 8) == b""
    answer = raw(small[1], POST + b"Content-Length: 41\r\n\r\n", *[b"{"] * 8)
    assert answer.startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 5


def test_bodies_that_are_held_are_bounded_and_the_server_stays_up(small: tuple[App, int]) -> None:
    app, port = small
    begun = POST + b"Content-Length: 900\r\n\r\n" + b"x" * 800
    with socket.create_connection(("127.0.0.1", port)) as one:
        one.sendall(begun)
        time.sleep(0.1)
        assert raw(port, begun).startswith(b"HTTP/1.1 503")
        health = b"GET /health HTTP/1.1\r\nHost: x\r\n" + CLOSE + b"\r\n"
        assert b"service is up" in raw(port, health)
    time.sleep(0.1)
    assert app._held == 0


def test_an_answer_with_too_many_findings_is_refused(analyzer: Any) -> None:
    app = App(analyzer, Limits(results=100))
    text = "13800138000 " * 20_000
    assert call(app, "/analyze", {"text": text, "language": "zh"})[0] == 413
    assert call(app, "/analyze", {"text": text[:1200], "language": "zh"})[0] == 200


def test_presidios_own_server_may_drop_the_metadata_of_results(tmp_path: Any) -> None:
    """It deletes the attribute and writes ``to_dict()`` of the rest."""
    path = piiscan.presidio.write_config(tmp_path / "conf")
    engine = AnalyzerEngineProvider(path).create_engine()
    for result in engine.analyze(TEXT, language="zh", return_decision_process=True):
        del result.recognition_metadata
        told = json.loads(json.dumps(result.to_dict(), default=lambda each: each.to_dict()))
        assert "recognition_metadata" not in told
        assert told["analysis_explanation"]["recognizer"].startswith("Piiscan")
