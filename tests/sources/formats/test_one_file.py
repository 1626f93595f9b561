"""One file, or one distribution, adds a format: it is listed, scanned, left out and copied."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import piiscan
from piiscan.case.columns.source_survey import survey_sources
from piiscan.plugins import plugin_entries, plugin_facts
from piiscan.sources import formats
from tests.case.dump import scan_dump
from tests.plugins import install

TOY = '''"""Toy: a line of keys and lines of cells below a first line ``#TOY1``."""

from piiscan.sources.format import Format
from piiscan.sources.rows.keyed_records import open_records


def _open(sample, context):
    def records():
        _, keys, *lines = sample.lines()
        for at, line in enumerate(filter(None, lines), 3):
            yield at, dict(zip(keys.split("|"), line.split("|")))

    yield from open_records(sample.content, records, kind="contacts", encoding="utf-8")


def _is_toy(sample):
    return sample.text.startswith("#TOY1")


FORMATS = (
    Format("toy", 45, _open, probe=_is_toy, extensions=("toy",), copied_as_text=True),
)
'''


@pytest.fixture
def dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a file of the toy format, which is known meanwhile."""
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "toy.py").write_text(TOY)
    (tmp_path / "dump").mkdir()
    text = "#TOY1\n姓名|手机号\n张三|13800138000\n李四|13900139000\n"
    (tmp_path / "dump" / "a.toy").write_text(text, "utf-8")
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path / "formats")])
    caches = (formats.all_formats, formats.text_types)
    for each in caches:
        each.cache_clear()
    yield tmp_path / "dump"
    sys.modules.pop(f"{formats.__name__}.toy", None)
    for each in caches:
        each.cache_clear()


def test_a_file_of_it_is_listed_and_left_out_by_name(dump: Path) -> None:
    (part,) = survey_sources([dump])
    assert (part.kind, part.columns) == ("contacts", 2)
    (left_out,) = survey_sources([dump], skip=["toy"])
    assert left_out.reason == "SKIPPED"


def test_a_file_of_it_is_scanned(dump: Path) -> None:
    case = scan_dump([dump], dump.parent / "case")
    found = case.sql("select masked, record from findings order by record, masked").to_pylist()
    assert [each["masked"] for each in found if each["masked"].startswith("13")] == [
        "138****8000",
        "139****9000",
    ]
    assert len({each["record"] for each in found}) == 2


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The toy format as a distribution of its own, with a file of it."""
    site = tmp_path / "site"
    install(site, "toy-format", "1.5", "piiscan.formats: toy = toy_format")
    (site / "toy_format.py").write_text(TOY)
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "a.toy").write_text("#TOY1\n姓名|手机号\n张三|13800138000\n", "utf-8")
    monkeypatch.syspath_prepend(str(site))
    caches = (formats.all_formats, formats.text_types, plugin_entries, plugin_facts)
    for each in caches:
        each.cache_clear()
    yield site
    sys.modules.pop("toy_format", None)
    for each in caches:
        each.cache_clear()


def test_a_plug_in_is_on_record_and_counts_and_merges_refuse_another(plugin: Path) -> None:
    dump, cases = plugin.parent / "dump", plugin.parent
    case = scan_dump([dump], cases / "case")
    assert [each["masked"] for each in case.sql("select masked from findings").to_pylist()]
    (facts,) = case.manifest.content["tool"]["formats"]
    assert (facts["distribution"], facts["version"]) == ("toy-format", "1.5")
    piiscan.count(case, key=cases / "test.key")
    (plugin / "toy_format.py").write_text(TOY + "# another\n")
    plugin_facts.cache_clear()
    with pytest.raises(piiscan.PiiscanError, match=r"toy-format 1\.5"):
        piiscan.count(case, key=cases / "test.key")
    with pytest.raises(piiscan.PiiscanError, match="another version"):
        piiscan.merge([case.path], case=cases / "merged", key=cases / "test.key")
    (plugin / "toy_format.py").write_text("1 / 0")
    sys.modules.pop("toy_format")
    formats.all_formats.cache_clear()
    with pytest.raises(piiscan.PiiscanError, match="toy"):
        survey_sources([dump]).__next__()


def test_a_file_of_it_is_copied(dump: Path) -> None:
    done = piiscan.redact(dump / "a.toy", out=dump.parent / "copy")
    (copy,) = done.copies
    assert copy.copy is not None, copy.problems
    text = (done.out / copy.copy).read_text("utf-8")
    assert text.startswith("#TOY1\n姓名|手机号\n")
    assert "138****8000" in text
    assert "13800138000" not in text
