"""The folder for a disc on the command line."""

from pathlib import Path
from typing import Any

import pytest


def test_it_says_what_it_wrote_and_what_is_to_be_filled_in(counted: Any, call: Any) -> None:
    counted()
    called = call("disc", "case", "-o", "盘", "--as", "检察", "--field", "案由=示例")
    assert called.code == 0
    assert called.lacks("校验清单 SHA-256", "一张 CD 可容纳", "受理日期") == []
    assert "案由" not in called.err
    assert Path("盘/全案/检验报告.docx").is_file()


@pytest.mark.parametrize(("used_as", "title"), [("公安", "电子数据检查笔录"), ("检察", "检验报告")])
def test_a_report_is_written_as_the_document_asked_for(
    counted: Any, call: Any, used_as: str, title: str
) -> None:
    case = counted()
    assert call("report", "case", "--as", used_as).code == 0
    assert (case / "reports" / f"{title}.docx").is_file()
    assert call("verify", "case").code == 0
    assert call("report", "case", "--as", used_as, "--format", "template", "-o", "t.docx").code == 0
