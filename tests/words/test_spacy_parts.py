"""Parts of spaCy pipelines: found by name in any process, saved, copied; lemmas for Presidio."""

import os
import pickle
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import spacy
from presidio_analyzer import (
    AnalyzerEngine,
    BatchAnalyzerEngine,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
)
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from spacy.tokens import Doc

import piiscan.presidio
from piiscan.presidio.nlp_pipeline import blank_pipeline
from piiscan.words.jieba_settings import load_jieba
from piiscan.words.spacy_parts import LEMMAS, TOKENIZER

ROOT = Path(__file__).parents[2]
#: Text, and the score of its number by a recognizer with the context word 编号.
SCORED = {
    "编号 123456": 0.55,
    "客户编号：123456": 0.55,
    "工单编号123456": 0.55,
    "员工编号为 123456，已离职": 0.55,
    "项目编号：#123456": 0.55,
    "订单123456": 0.2,
    "共计123456元": 0.2,
    "123456是编号": 0.2,
}


def entry_points() -> dict[str, dict[str, str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {k: v for k, v in project["entry-points"].items() if k.startswith("spacy_")}


def recognizer(word: str = "编号") -> PatternRecognizer:
    pattern = Pattern("six digits", "(?<![0-9])[0-9]{6}(?![0-9])", 0.2)
    return PatternRecognizer("WORK_NO", patterns=[pattern], context=[word], supported_language="zh")


def scores(results: Any) -> list[float]:
    return [round(each.score, 2) for each in results if each.entity_type == "WORK_NO"]


def stock_analyzer(pipeline: Any) -> AnalyzerEngine:
    engine = SpacyNlpEngine(models=[{"lang_code": "zh", "model_name": "blank"}])
    engine.nlp = {"zh": pipeline}
    registry = RecognizerRegistry([recognizer()], supported_languages=["zh"])
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["zh"])


@pytest.fixture
def user_word() -> Iterator[str]:
    jieba = load_jieba()
    jieba.initialize()
    words, total = dict(jieba.dt.FREQ), jieba.dt.total
    jieba.add_word("报修工单")
    yield "报修工单"
    jieba.dt.FREQ, jieba.dt.total = words, total


def test_context_words_raise_the_score_in_text_and_batch() -> None:
    analyzer = piiscan.presidio.analyzer(beside=[recognizer()])
    alone = [scores(analyzer.analyze(text, language="zh")) for text in SCORED]
    batch = BatchAnalyzerEngine(analyzer).analyze_iterator(list(SCORED), language="zh")
    assert alone == [scores(each) for each in batch] == [[score] for score in SCORED.values()]


def test_context_words_raise_the_score_in_a_blank_pipeline_of_anybody() -> None:
    for segmenter in ("char", "jieba"):
        config = {"nlp": {"tokenizer": {"segmenter": segmenter}}}
        pipeline = spacy.blank("zh", config=config)
        before = stock_analyzer(pipeline)
        assert scores(before.analyze("编号 123456", language="zh")) == [0.2]
        pipeline.add_pipe(LEMMAS)
        found = [scores(before.analyze(text, language="zh")) for text in SCORED]
        assert found == [[score] for score in SCORED.values()], segmenter


def test_a_context_word_of_several_words_is_added_to_jieba(user_word: str) -> None:
    text = f"{user_word}：123456"
    analyzer = piiscan.presidio.analyzer(beside=[recognizer(user_word)])
    assert scores(analyzer.analyze(text, language="zh")) == [0.55]
    load_jieba().del_word(user_word)
    try:
        assert scores(analyzer.analyze(text, language="zh")) == [0.2]
    finally:
        load_jieba().finalseg.Force_Split_Words.discard(user_word)


def test_a_lemma_is_the_word() -> None:
    def lemmas(pipeline: Any, text: str) -> list[str]:
        return [token.lemma_ for token in pipeline(text)]

    assert lemmas(blank_pipeline(), "客户编号 A1") == ["客户", "编号", "A1"]
    assert lemmas(blank_pipeline(), "") == []
    char = spacy.blank("zh")
    char.add_pipe(LEMMAS)
    assert lemmas(char, "客户  编号\n") == ["客户", "客户", " ", "编号", "编号", "\n"]
    assert lemmas(char, "") == []


def test_a_lemma_that_is_set_stays() -> None:
    ours, char = blank_pipeline(), spacy.blank("zh")
    char.add_pipe(LEMMAS)
    for pipeline, second in ((ours, "们"), (char, "他们")):
        doc = Doc(pipeline.vocab, ["他", "们", "来"], [False] * 3, lemmas=["她", "", "来了"])
        doc = pipeline.get_pipe(LEMMAS)(doc)
        assert [token.lemma_ for token in doc] == ["她", second, "来了"]


def test_an_unpaired_surrogate_is_shown_as_unknown() -> None:
    doc = blank_pipeline()("快递\ud800单号")
    assert [token.text for token in doc] == ["快递", "\ufffd", "单", "号"]


def test_a_tokenizer_is_saved_and_pickled(tmp_path: Path) -> None:
    pipeline = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": TOKENIZER}}})
    pipeline.add_pipe(LEMMAS)
    pipeline.to_disk(tmp_path / "zh")
    same = spacy.blank("zh", config=pipeline.config).from_bytes(pipeline.to_bytes())
    for other in (spacy.load(tmp_path / "zh"), same, pickle.loads(pickle.dumps(pipeline))):
        assert [token.lemma_ for token in other("快递单号")] == ["快递", "单", "号"]


def test_entry_points_name_what_is_registered() -> None:
    for group, points in entry_points().items():
        for name, value in points.items():
            loaded = EntryPoint(name, value, group).load()
            if group == "spacy_factories":
                assert spacy.language.Language.get_factory_meta(name).factory == name
            else:
                assert getattr(spacy.registry, group.removeprefix("spacy_")).get(name) is loaded


def test_a_process_that_imports_only_spacy_loads_a_saved_pipeline(tmp_path: Path) -> None:
    blank_pipeline().to_disk(tmp_path / "zh")
    info = tmp_path / "site" / "piiscan_cn-0.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: piiscan-cn\nVersion: 0\n")
    info.joinpath("entry_points.txt").write_text(
        "".join(
            f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
            for group, points in entry_points().items()
        )
    )
    code = (
        "import spacy, sys; spacy.blank('en')\n"
        "heavy = {'piiscan.presidio', 'piiscan.words.word_kernels', 'jieba'}\n"
        "assert not heavy & set(sys.modules)\n"
        "doc = spacy.load(sys.argv[1])('收件人张三的快递单号')\n"
        "print(*(token.lemma_ for token in doc), *(each.label_ for each in doc.ents))"
    )
    path = os.pathsep.join([str(info.parent), str(ROOT / "src")])
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "zh")],
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["收件人", "张三", "的", "快递", "单", "号", "PERSON"]
