"""Reports are made of cases scanned with the small rules of the run tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from piiscan.case.report.case_data import Gathered, gather
from piiscan.case.store.case import Case
from tests.case.dump import scan_dump, write_dump
from tests.case.report.hostile import hostile_case


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, rules: Path) -> Case:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("piiscan.detect.catalog.catalog.folder", lambda: rules)
        home = tmp_path_factory.mktemp("made")
        dump = write_dump(home / "dump")
        (dump / "<script>alert(1)<b>&.csv").write_text(
            "姓名,手机号,<img src=x onerror=alert(2)>\n"
            "张三,13600136000,x\n李四,13600136001,\u202egnp.exe\n",
            encoding="utf-8",
        )
        return scan_dump([dump], home / "case", operator="<b>某某</b>", case_number="0001号")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, rules: Path) -> Case:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("piiscan.detect.catalog.catalog.folder", lambda: rules)
        return hostile_case(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def gathered(hostile: Case) -> Gathered:
    return gather(hostile)
