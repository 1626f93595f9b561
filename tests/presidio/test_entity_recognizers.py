"""Presidio's views of the engine: the same answers, as Presidio wants them."""

from __future__ import annotations

import copy
import pickle
import random
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from presidio_analyzer import (
    AnalyzerEngine,
    BatchAnalyzerEngine,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
)

import piiscan
import piiscan.presidio
from piiscan import synth
from piiscan.arrow_strings import as_array
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.engine import Engine
from piiscan.detect.self_test import AS_OF, run_self_test
from piiscan.presidio.engine_cache import SharedEngine
from piiscan.presidio.recognizer_results import recognizer_name
from piiscan.presidio.self_test_route import presidio_route
from tests.often import long, often
from tests.oracles.hostile import pieces, random_text

ID = "430104190506150016"
WRONG_ID = "430104190506150017"

Place = tuple[int, int, str, float]
Made = Callable[[int, int], list[str]]


def from_presidio(analyzer: Any, text: str, **asked: Any) -> list[Place]:
    results = analyzer.analyze(text, language="zh", **asked)
    return sorted((r.start, r.end, r.entity_type, r.score) for r in results)


def from_batch(engine: Engine, texts: list[str], **asked: Any) -> list[list[Place]]:
    places: list[list[Place]] = [[] for _ in texts]
    for row in engine.find_table(as_array(texts), **asked).to_pylist():
        places[row["index"]].append((row["start"], row["end"], row["entity"], row["score"]))
    return [sorted(each) for each in places]


@pytest.mark.parametrize("count", [400, long(2000)])
def test_both_doors_give_one_answer(analyzer: Any, engine: Engine, made: Made, count: int) -> None:
    texts = made(count, 7)
    expected = from_batch(engine, texts)
    assert [from_presidio(analyzer, text) for text in texts] == expected
    assert sum(map(len, expected)) > count


def test_both_doors_agree_on_roles(analyzer: Any, engine: Engine, made: Made) -> None:
    texts = [
        "收：张三 19900000008 示例路0号\n寄：示例商贸 0731-80000001\n运单号 SF0000000000001",
        "13900000008(收) 13800138000(寄)",
        "快递员 13800138000",
        "13800138000",
        *made(100, 8),
    ]
    batch: list[list[tuple[Any, ...]]] = [[] for _ in texts]
    for row in engine.find_table(as_array(texts)).to_pylist():
        batch[row["index"]].append((row["start"], row["end"], row["entity"], row["role"]))
    for text, expected in zip(texts, batch, strict=True):
        results = analyzer.analyze(text, language="zh")
        told = [(r.start, r.end, r.entity_type, r.recognition_metadata["role"]) for r in results]
        assert sorted(told, key=str) == sorted(expected, key=str)
    assert {role for each in batch for *_, role in each} >= {"recipient", "sender", "courier"}


@pytest.mark.parametrize("name", often(synth.recipe_names(), ["prose", "sms-codes"]))
def test_both_doors_give_one_answer_on_every_corpus(
    name: str, analyzer: Any, engine: Engine, tmp_path: Path
) -> None:
    made = synth.make(name, rows=60, seed=5, out=tmp_path)
    lines = [line for path in made.files for line in lines_of(path.read_bytes())[:60]]
    expected = from_batch(engine, lines)
    assert [from_presidio(analyzer, line) for line in lines] == expected
    assert any(expected)


def lines_of(content: bytes) -> list[str]:
    """Lines of a file by whatever decoding; packed files give rubbish, which is welcome."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding).splitlines()
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", "replace").splitlines()


def test_a_lower_threshold_shows_what_the_batch_door_shows(
    analyzer: Any, engine: Engine, made: Made
) -> None:
    texts = made(100, 8)
    expected = from_batch(engine, texts, min_score=0.3)
    assert [from_presidio(analyzer, text, score_threshold=0.3) for text in texts] == expected
    assert expected != from_batch(engine, texts)


@pytest.mark.parametrize("step", [4, long(1)])
def test_every_example_holds_through_presidio(analyzer: Any, catalog: Catalog, step: int) -> None:
    """Those of every fourth recognizer by default."""
    route = presidio_route(analyzer, catalog)
    ids = [each.id for each in catalog.recognizers][::step]
    failures = run_self_test(catalog, ids, routes={"presidio": route}, as_of=AS_OF)
    assert [each for each in failures if each.route == "presidio"] == []


class Counting:
    """An engine that counts how often it is asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.catalog, self.calls = engine, engine.catalog, 0

    def find_all(self, *texts: Any, **asked: Any) -> Any:
        self.calls += 1
        return self.engine.find_all(*texts, **asked)


def test_all_views_of_a_text_cost_one_engine_call(engine: Engine, catalog: Catalog) -> None:
    counting = Counting(engine)
    shared = SharedEngine(counting)  # type: ignore[arg-type]
    views = [piiscan.presidio.PiiscanRecognizer([e], shared=shared) for e in catalog.entities]
    for text in ("13800138000", ID):
        found = [result for view in views for result in view.analyze(text)]
        assert len(found) == 1
    assert len(views) > 1
    assert counting.calls == 2


def test_a_batch_costs_one_engine_call_for_each_label(engine: Engine) -> None:
    counting = Counting(engine)
    own = piiscan.presidio.analyzer(as_of=AS_OF)
    own.nlp_engine.shared = SharedEngine(counting)  # type: ignore[arg-type]
    own.registry.recognizers[0].shared = own.nlp_engine.shared
    texts = [f"手机1380013800{last}" for last in range(10)] * 2
    found = BatchAnalyzerEngine(own).analyze_iterator(texts, "zh")
    assert [[(r.start, r.end) for r in each] for each in found] == [[(2, 13)]] * 20
    assert counting.calls == 1
    for column in BatchAnalyzerEngine(own).analyze_dict({"身份证号": [ID, WRONG_ID]}, "zh"):
        assert [len(found) for found in column.recognizer_results] == [1, 1]
    assert counting.calls == 3  # without a label, and with one


def test_a_result_can_be_copied_changed_and_told(analyzer: Any) -> None:
    (result,) = analyzer.analyze(f"身份证号{ID}", language="zh", return_decision_process=True)
    (again,) = analyzer.analyze(f"身份证号{ID}", language="zh", return_decision_process=True)
    twin = copy.deepcopy(result)
    twin.score = 0.1
    twin.recognition_metadata["role"] = "buyer"
    twin.analysis_explanation.set_improved_score(0.1)
    assert result.to_dict()["score"] == result.score == again.score
    assert result.recognition_metadata == again.recognition_metadata
    assert str(result.analysis_explanation) == str(again.analysis_explanation)
    assert pickle.loads(pickle.dumps(twin)).to_dict()["recognition_metadata"]["role"] == "buyer"
    assert ID not in str(vars(result))


def test_views_are_added_and_removed_by_name() -> None:
    registry = RecognizerRegistry(supported_languages=["zh"])
    for view in piiscan.presidio.recognizers(entities=["CN_MOBILE", "EMAIL_ADDRESS"], as_of=AS_OF):
        registry.add_recognizer(view)
    own = AnalyzerEngine(
        registry=registry, nlp_engine=piiscan.presidio.nlp_engine(), supported_languages=["zh"]
    )
    text = "13800138000 a@example.com"
    assert [place[2] for place in from_presidio(own, text)] == ["CN_MOBILE", "EMAIL_ADDRESS"]
    registry.remove_recognizer("PiiscanCnMobile")
    assert [place[2] for place in from_presidio(own, text)] == ["EMAIL_ADDRESS"]


def test_asking_for_one_entity_hides_the_others(analyzer: Any) -> None:
    text = f"13800138000 {ID}"
    assert [p[2] for p in from_presidio(analyzer, text, entities=["CN_MOBILE"])] == ["CN_MOBILE"]


@pytest.mark.parametrize("context", [["身份证号"], ["idcard"], ["无关", "身份证号"]])
def test_a_callers_context_counts_as_a_column_label(analyzer: Any, context: list[str]) -> None:
    labelled = [(0, 18, "CN_RESIDENT_ID", 0.5)]
    assert from_presidio(analyzer, WRONG_ID) == []
    assert from_presidio(analyzer, WRONG_ID, context=context) == labelled
    assert from_presidio(analyzer, ID, context=context) == [(0, 18, "CN_RESIDENT_ID", 0.9)]


def test_the_keys_of_a_dictionary_are_column_labels(analyzer: Any) -> None:
    table = {"身份证号": [WRONG_ID, "无"], "备注": [WRONG_ID]}
    batch = BatchAnalyzerEngine(analyzer)
    found = {each.key: each.recognizer_results for each in batch.analyze_dict(table, "zh")}
    assert [[each.entity_type for each in cell] for cell in found["身份证号"]] == [
        ["CN_RESIDENT_ID"],
        [],
    ]
    assert list(found["备注"]) == [[]]


def test_context_that_names_nothing_changes_nothing(analyzer: Any) -> None:
    assert from_presidio(analyzer, ID, context=["qwerty"]) == from_presidio(analyzer, ID)


def test_a_decision_tells_pattern_check_context_and_reason(analyzer: Any) -> None:
    asked = {"language": "zh", "return_decision_process": True}
    (result,) = analyzer.analyze(f"身份证号{ID}", **asked)
    told = result.analysis_explanation
    assert told.recognizer == "PiiscanCnResidentId"
    assert told.pattern_name == "cn.resident_id"
    assert "[0-9]{17}" in told.pattern
    assert told.validation_result is True
    assert told.supportive_context_word in told.textual_explanation
    assert told.score == result.score
    (refuted,) = analyzer.analyze(WRONG_ID, context=["身份证号"], **asked)
    assert refuted.analysis_explanation.validation_result is False
    assert "CHECK_FAIL" in refuted.analysis_explanation.textual_explanation
    assert refuted.analysis_explanation.supportive_context_word == "身份证号"


def test_results_name_their_recognizer_and_no_value(analyzer: Any) -> None:
    (result,) = analyzer.analyze(ID, language="zh")
    metadata = result.recognition_metadata
    (view,) = [
        each
        for each in analyzer.registry.recognizers
        if each.id == metadata["recognizer_identifier"]
    ]
    assert (view.name, metadata["recognizer_name"]) == ("PiiscanRecognizer", "PiiscanCnResidentId")
    assert metadata["verdict"] == "verified"
    assert ID not in str(metadata)


def test_presidios_own_recognizers_work_beside_ours() -> None:
    pattern = Pattern("case", r"CASE-\d{4}", 0.6)
    own = PatternRecognizer("CASE_NO", patterns=[pattern], supported_language="zh")
    both = piiscan.presidio.analyzer(as_of=AS_OF, beside=[own])
    text = "Suspect 张三 called 13800138000, see CASE-2024"
    found = [(text[start:end], kind) for start, end, kind, _ in from_presidio(both, text)]
    assert ("13800138000", "CN_MOBILE") in found
    assert ("CASE-2024", "CASE_NO") in found


def test_piiscan_answers_in_each_language_it_is_given() -> None:
    both = piiscan.presidio.analyzer(as_of=AS_OF, entities=["CN_MOBILE"], languages=("zh", "en"))
    for language in ("zh", "en"):
        (result,) = both.analyze("call 13800138000", language=language)
        assert (result.start, result.end) == (5, 16)


def test_threads_do_not_see_each_others_texts() -> None:
    (view,) = piiscan.presidio.recognizers(entities=["CN_MOBILE"], as_of=AS_OF)
    wrong: list[int] = []

    def ask(lead: int) -> None:
        for _ in range(50):
            (result,) = view.analyze("a" * lead + " 13800138000")
            if result.start != lead + 1:
                wrong.append(lead)

    threads = [threading.Thread(target=ask, args=(lead,)) for lead in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_nothing_asks_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    fresh = piiscan.presidio.analyzer(as_of=AS_OF)
    assert from_presidio(fresh, "邮箱a@example.com")[0][2] == "EMAIL_ADDRESS"


def test_names_follow_the_entity() -> None:
    views = piiscan.presidio.recognizers(as_of=AS_OF)
    assert [view.name for view in views] == [
        recognizer_name(view.supported_entities[0]) for view in views
    ]
    assert len({view.name for view in views}) == len(views)
    assert {view.version for view in views} == {piiscan.__version__}


def test_an_unknown_entity_is_refused_with_those_known() -> None:
    with pytest.raises(ValueError, match=r"CN_MOBILES.*CN_MOBILE"):
        piiscan.presidio.recognizers(entities=["CN_MOBILES"], as_of=AS_OF)


@pytest.mark.parametrize("count", [150, long(400)])
def test_both_doors_give_one_answer_on_hostile_text(
    analyzer: Any, engine: Engine, count: int
) -> None:
    rng = random.Random(11)
    choices = pieces(engine)
    texts = [random_text(choices, rng) for _ in range(count)]
    expected = from_batch(engine, texts)
    assert [from_presidio(analyzer, text) for text in texts] == expected
    assert sum(map(len, expected)) > count // 2
