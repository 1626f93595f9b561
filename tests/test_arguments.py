"""Public functions refuse a wrong type or an absent path at the door, and answer odd texts."""

import datetime
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import piiscan
from piiscan import presidio
from piiscan.arguments import checked
from piiscan.errors import MissingPathError

VERBS = (
    *("scan", "run", "count", "report", "lookup", "export", "sample", "import_sample", "judge"),
    *("verify", "redact", "mask", "find", "find_all", "find_iter", "find_table", "find_frame"),
)
NOW = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.mark.parametrize("name", VERBS)
def test_every_parameter_has_a_type_and_a_name(name: str) -> None:
    made = inspect.signature(getattr(piiscan, name))
    assert made.return_annotation is not made.empty
    for parameter in made.parameters.values():
        assert parameter.annotation is not parameter.empty, parameter
        assert parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL), parameter


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"case": 1}, "case must be str or Path, not int"),
        ({"min_score": "x"}, "min_score must be float, not str"),
        ({"names": "no"}, "names must be bool, not str"),
        ({"only": "csv"}, "only must be Iterable of str, not str"),
        ({"only": ["csv", 1]}, "only must be Iterable of str, not list"),
        ({"workers": True}, "workers must be int or None, not bool"),
        ({"as_of": "2020-01-01"}, "as_of must be date or None, not str"),
        (
            {"as_of": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)},
            "as_of must be date or None, not datetime",
        ),
        ({"progress": 1}, "progress must be Callable or None, not int"),
        ({"minscore": 0.5}, "unexpected keyword argument 'minscore'"),
    ],
)
def test_a_wrong_argument_is_named(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    (tmp_path / "a.txt").write_text("13800138000", "utf-8")
    with pytest.raises(TypeError, match=message):
        piiscan.scan(tmp_path / "a.txt", **{"case": tmp_path / "case", **options})
    assert not (tmp_path / "case").exists()


@pytest.mark.parametrize(
    "call",
    [
        lambda here: piiscan.scan(here / "no", case=here / "case"),
        lambda here: piiscan.scan([here, here / "no"], case=here.parent / "case"),
        lambda here: piiscan.scan(here, case=here.parent / "case", recognizers=here / "no"),
        lambda here: piiscan.redact(here / "no", out=here / "copies"),
        lambda here: piiscan.run(here / "no", here / "work"),
        lambda here: piiscan.verify(here / "no"),
    ],
)
def test_an_absent_path_is_an_error_before_anything_is_written(tmp_path: Path, call: Any) -> None:
    here = tmp_path / "in"
    here.mkdir()
    with pytest.raises(MissingPathError, match=r"no such (file or )?folder: .*no"):
        call(here)
    with pytest.raises(FileNotFoundError):
        call(here)
    assert [path.name for path in tmp_path.rglob("*")] == ["in"]


def test_a_function_is_called_with_what_fits() -> None:
    @checked
    def together(one: str | Path, *, many: list[str], most: float | None = None) -> tuple[Any, ...]:
        return one, many, most

    assert together("a", many=["b"], most=1) == ("a", ["b"], 1)
    assert together(Path("a"), many=[]) == (Path("a"), [], None)
    with pytest.raises(TypeError, match=r"together: one must be str or Path, not bytes"):
        together(b"a", many=[])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="together: missing a required argument: 'many'"):
        together("a")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_score": "x"}, "min_score must be float, not str"),
        ({"names": "no"}, "names must be bool, not str"),
    ],
)
@pytest.mark.parametrize("name", ["find", "find_all", "find_table", "find_frame"])
def test_a_wrong_option_of_a_search_is_named(
    name: str, options: dict[str, Any], message: str
) -> None:
    given: Any = {"find": "1", "find_frame": pa.table({"a": ["1"]})}.get(name, ["1"])
    with pytest.raises(TypeError, match=message):
        getattr(piiscan, name)(given, **options)


def test_texts_of_any_number_are_read_ahead_in_bounded_pieces() -> None:
    taken = 0

    def texts() -> Any:
        nonlocal taken
        for number in range(5000):
            taken += 1
            yield f"电话1390013{number:04d}" if number % 2 else None

    found = piiscan.find_iter(texts(), names=False)
    assert [len(next(found)) for _ in range(4)] == [0, 1, 0, 1]
    assert taken == 2000
    assert sum(map(len, found)) == 2498
    with pytest.raises(piiscan.PiiscanError):
        next(piiscan.find_iter("13800138000"))


BROKEN = "\udc00电话13800138000\ud800"
ODD = [b"13800138000", bytearray(b"1"), 13800138000, 1.5, ["13800138000"], {"a": 1}, object()]
ANALYZER = presidio.analyzer()

DOORS: dict[str, Callable[[Any], Any]] = {
    "find": piiscan.find,
    "find, label": lambda label: piiscan.find("13800138000", label=label),
    "find_all": lambda text: piiscan.find_all([text]),
    "find_all, many": lambda text: piiscan.find_all([text] * 500),
    "find_table": lambda text: piiscan.find_table(["a", text]),
    "find_table, label": lambda label: piiscan.find_table(["13800138000"], label=label),
    "analyze": lambda text: ANALYZER.analyze(text, language="zh"),
    "analyze, context": lambda word: ANALYZER.analyze("13800138000", "zh", context=[word]),
    "analyze, allow list": lambda each: ANALYZER.analyze("13800138000", "zh", allow_list=[each]),
}


@pytest.mark.parametrize("odd", ODD, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("door", DOORS)
def test_what_is_no_text_is_a_type_error_that_names_its_type(door: str, odd: object) -> None:
    with pytest.raises(TypeError, match=rf"(text|label).*not {type(odd).__name__}"):
        DOORS[door](odd)


@pytest.mark.parametrize("door", DOORS)
def test_unpaired_surrogates_are_answered(door: str) -> None:
    assert len(DOORS[door](BROKEN)) > 0


def test_frames_with_unpaired_surrogates_and_mixed_cells_are_searched() -> None:
    frame = pd.DataFrame({"a": pd.Series([BROKEN, None, b"x", 13900139000], dtype=object)})
    frame.columns = pd.Index(["联系\ud800"], dtype=object)
    found = piiscan.find_frame(frame).select(["row", "column", "start", "value"]).to_pylist()
    assert found == [
        {"row": 0, "column": "联系\ufffd", "start": 3, "value": "13800138000"},
        {"row": 3, "column": "联系\ufffd", "start": 0, "value": "13900139000"},
    ]


def test_tables_that_are_none_are_a_type_error() -> None:
    for none in ("text", [1], None, pa.array(["a"])):
        with pytest.raises(TypeError, match="table is expected, not"):
            piiscan.find_frame(none)


def test_masking_takes_unpaired_surrogates() -> None:
    results = ANALYZER.analyze(BROKEN, language="zh")
    masked = presidio.anonymizer().anonymize(BROKEN, results, operators=presidio.operators())
    assert "138****8000" in masked.text
