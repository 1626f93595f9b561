"""Presidio's views of the engine: the same answers, as Presidio wants them."""

import copy
import pickle
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from presidio_analyzer import BatchAnalyzerEngine

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
from tests.often import long
from tests.oracles.hostile import pieces, random_text

ID = "430104190506150016"
WRONG_ID = "430104190506150017"

Place = tuple[int, int, str, float]


def from_presidio(analyzer: Any, text: str, **asked: Any) -> list[Place]:
    results = analyzer.analyze(text, language="zh", **asked)
    return sorted((r.start, r.end, r.entity_type, r.score) for r in results)


def from_batch(engine: Engine, texts: list[str], **asked: Any) -> list[list[Place]]:
    places: list[list[Place]] = [[] for _ in texts]
    for row in engine.find_table(as_array(texts), **asked).to_pylist():
        places[row["index"]].append((row["start"], row["end"], row["entity"], row["score"]))
    return [sorted(each) for each in places]


def lines_of(content: bytes) -> list[str]:
    """Lines of a file by whatever decoding; packed files give rubbish, which is welcome."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding).splitlines()
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", "replace").splitlines()


def corpus_lines(name: str, folder: Path) -> list[str]:
    """Return the first lines of each file of a made corpus."""
    made = synth.make(name, rows=60, seed=5, out=folder)
    return [line for path in made.files for line in lines_of(path.read_bytes())[:60]]


def hostile_texts(engine: Engine, count: int) -> list[str]:
    rng, choices = random.Random(11), pieces(engine)
    return [random_text(choices, rng) for _ in range(count)]


@pytest.mark.parametrize(
    ("source", "count", "least"),
    [
        *(("hostile", 400, 0.5), long("hostile", 2000, 0.5), ("hostile", 100, 0.3)),
        *((name, 1, 0.5) for name in ("prose", "sms-codes")),
        *(long(name, 1, 0.5) for name in sorted({*synth.recipe_names()} - {"prose", "sms-codes"})),
    ],
)
def test_both_doors_give_one_answer(
    source: str, count: int, least: float, analyzer: Any, engine: Engine, tmp_path: Path
) -> None:
    hostile = source == "hostile"
    texts = hostile_texts(engine, count) if hostile else corpus_lines(source, tmp_path)
    expected = from_batch(engine, texts, min_score=least)
    threshold = {} if least == 0.5 else {"score_threshold": least}  # 0.5 is the default
    assert [from_presidio(analyzer, text, **threshold) for text in texts] == expected
    assert sum(map(len, expected)) > count // 2
    assert not threshold or expected != from_batch(engine, texts)


def test_both_doors_agree_on_roles(analyzer: Any, engine: Engine) -> None:
    texts = [
        "收：张三 19900000008 示例路0号\n寄：示例商贸 0731-80000001\n运单号 SF0000000000001",
        "13900000008(收) 13800138000(寄)",
        "快递员 13800138000",
        "13800138000",
        *hostile_texts(engine, 100),
    ]
    batch: list[list[tuple[Any, ...]]] = [[] for _ in texts]
    for row in engine.find_table(as_array(texts)).to_pylist():
        batch[row["index"]].append((row["start"], row["end"], row["entity"], row["role"]))
    for text, expected in zip(texts, batch, strict=True):
        results = analyzer.analyze(text, language="zh")
        told = [(r.start, r.end, r.entity_type, r.recognition_metadata["role"]) for r in results]
        assert sorted(told, key=str) == sorted(expected, key=str)
    assert {role for each in batch for *_, role in each} >= {"recipient", "sender", "courier"}


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


@pytest.mark.parametrize("context", [["身份证号"], ["idcard"], ["无关", "身份证号"]])
def test_a_callers_context_counts_as_a_column_label(analyzer: Any, context: list[str]) -> None:
    labelled = [(0, 18, "CN_RESIDENT_ID", 0.5)]
    assert from_presidio(analyzer, WRONG_ID) == []
    assert from_presidio(analyzer, WRONG_ID, context=context) == labelled
    assert from_presidio(analyzer, ID, context=context) == [(0, 18, "CN_RESIDENT_ID", 0.9)]
    assert from_presidio(analyzer, ID, context=["qwerty"]) == from_presidio(analyzer, ID)


def test_the_keys_of_a_dictionary_are_column_labels(analyzer: Any) -> None:
    table = {"身份证号": [WRONG_ID, "无"], "备注": [WRONG_ID]}
    batch = BatchAnalyzerEngine(analyzer)
    found = {each.key: each.recognizer_results for each in batch.analyze_dict(table, "zh")}
    assert [[each.entity_type for each in cell] for cell in found["身份证号"]] == [
        ["CN_RESIDENT_ID"],
        [],
    ]
    assert list(found["备注"]) == [[]]


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
