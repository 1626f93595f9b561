"""The HTTP door: Presidio's routes and answers, without a log and without a network."""

from __future__ import annotations

import http.client
import io
import json
import logging
import threading
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from presidio_analyzer import AnalyzerEngineProvider

import piiscan.presidio
from piiscan.presidio.app import MAX_BYTES, App, create_app, serve
from tests.presidio.recipes import places

TEXT = "姓名：张三，电话138-0013-8000"


@pytest.fixture(scope="module")
def app(analyzer: Any) -> App:
    return create_app(analyzer)


def call(
    app: App, path: str, body: Any = None, method: str | None = None, **environ: Any
) -> tuple[int, Any]:
    content = (
        b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    )
    path, _, query = path.partition("?")
    asked: dict[str, Any] = {
        "REQUEST_METHOD": method or ("GET" if body is None else "POST"),
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": io.BytesIO(content),
        **environ,
    }
    setup_testing_defaults(asked)
    status: list[str] = []
    answer = b"".join(app(asked, lambda line, _headers: status.append(line))).decode()
    try:
        return int(status[0][:3]), json.loads(answer)
    except json.JSONDecodeError:
        return int(status[0][:3]), answer


def test_the_server_is_up(app: App) -> None:
    assert call(app, "/health") == (200, "Presidio Analyzer service is up")


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
    assert call(app, "/recognizers?language=zh") == (200, ["PiiscanRecognizer"])
    status, entities = call(app, "/supportedentities?language=zh")
    assert (status, sorted(entities)) == (200, sorted(analyzer.get_supported_entities("zh")))
    assert call(app, "/supportedentities?language=xx")[0] == 500


def test_a_wrong_request_is_answered_without_its_text(
    app: App, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "13900000008"
    caplog.set_level(logging.DEBUG)
    for path, body, status in (
        ("/analyze", {"language": "zh"}, 500),
        ("/analyze", {"text": secret}, 500),
        ("/analyze", {"text": secret, "language": "xx"}, 500),
        ("/analyze", {"text": secret, "language": "zh", "entities": ["NOTHING"]}, 500),
        ("/analyze", {"text": {secret: 1}, "language": "zh"}, 500),
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
    assert call(app, "/analyze", {}, CONTENT_LENGTH=str(MAX_BYTES + 1))[0] == 413
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
    server = serve(create_app(), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        client = http.client.HTTPConnection("127.0.0.1", server.server_port)
        for language in ("zh", "en"):
            asked = {"text": "call 13800138000, 139-0013-9000", "language": language}
            content = json.dumps(asked | {"allow_list": ["13900139000"]})
            client.request("POST", "/analyze", content, {"Content-Type": "application/json"})
            (found,) = json.loads(client.getresponse().read())
            assert (found["entity_type"], found["start"]) == ("CN_MOBILE", 5)
        client.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert "".join(capfd.readouterr()) == ""


def test_presidios_own_server_may_drop_the_metadata_of_results(tmp_path: Any) -> None:
    """It deletes the attribute and writes ``to_dict()`` of the rest."""
    path = piiscan.presidio.write_config(tmp_path / "conf")
    engine = AnalyzerEngineProvider(path).create_engine()
    for result in engine.analyze(TEXT, language="zh", return_decision_process=True):
        del result.recognition_metadata
        told = json.loads(json.dumps(result.to_dict(), default=lambda each: each.to_dict()))
        assert "recognition_metadata" not in told
        assert told["analysis_explanation"]["recognizer"].startswith("Piiscan")
