"""presidio-structured: its builders and strategies with piiscan's analyzer and operators."""

from typing import Any

import pytest
from presidio_anonymizer.entities import OperatorConfig

import piiscan.presidio

structured = pytest.importorskip("presidio_structured")
pd = pytest.importorskip("pandas")

ROWS = {
    "姓名": ["张三", "李四", "王小明"],
    "手机": ["13800138000", "13900139000", "13900000008"],
    "证件": ["430104190506150016", "无", "13900000008"],
    "备注": ["已发货", "无", ""],
}
MASKED = ["138****8000", "139****9000", "139****0008"]


@pytest.mark.parametrize("strategy", ["most_common", "highest_confidence", "mixed"])
def test_a_frame_is_masked_by_every_strategy(strategy: str, analyzer: Any) -> None:
    frame = pd.DataFrame(ROWS)
    builder = structured.PandasAnalysisBuilder(analyzer)
    analysis = builder.generate_analysis(frame, language="zh", selection_strategy=strategy)
    assert analysis.entity_mapping["手机"] == "CN_MOBILE"
    assert analysis.entity_mapping["证件"] in {"CN_RESIDENT_ID", "CN_MOBILE"}
    assert "备注" not in analysis.entity_mapping
    for operators in ({"CN_MOBILE": OperatorConfig("cn_mask")}, piiscan.presidio.operators()):
        done = structured.StructuredEngine().anonymize(frame.copy(), analysis, operators)
        assert list(done["手机"]) == MASKED
        assert list(done["备注"]) == ROWS["备注"]


def test_numbers_and_missing_cells_are_masked(analyzer: Any) -> None:
    frame = pd.DataFrame({"手机": pd.Series([13800138000, None, 13900139000], dtype=object)})
    builder = structured.PandasAnalysisBuilder(analyzer)
    analysis = builder.generate_analysis(frame, language="zh")
    assert analysis.entity_mapping == {"手机": "CN_MOBILE"}
    operators = piiscan.presidio.operators()
    done = structured.StructuredEngine().anonymize(frame, analysis, operators)
    assert done["手机"].to_list() == ["138****8000", None, "139****9000"]


def test_nested_json_is_masked(analyzer: Any) -> None:
    data = {
        "订单": {"手机": "13800138000", "收件人": "张三", "备注": "无"},
        "身份证号": "430104190506150016",
        "件数": 3,
    }
    builder = structured.JsonAnalysisBuilder(analyzer)
    analysis = builder.generate_analysis(data, language="zh")
    assert analysis.entity_mapping == {
        "订单.手机": "CN_MOBILE",
        "订单.收件人": "PERSON",
        "身份证号": "CN_RESIDENT_ID",
    }
    processor = structured.data.data_processors.JsonDataProcessor()
    engine = structured.StructuredEngine(data_processor=processor)
    done = engine.anonymize(data, analysis, piiscan.presidio.operators())
    assert done == {
        "订单": {"手机": "138****8000", "收件人": "张*", "备注": "无"},
        "身份证号": "4301***********016",
        "件数": 3,
    }
