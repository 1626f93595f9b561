"""``piiscan check``: exit codes, ignored files and lines, baselines, and masks alone."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import piiscan
from piiscan import PiiscanError
from tests.repositories import CODE, MOBILE, OTHER, git, repository, states

ID = "430104190506150016"
KEY = "a secret of the pipeline"

pytestmark = pytest.mark.program("git")
__all__ = ["repository"]  # a fixture


def test_exit_codes_are_0_for_nothing_4_for_findings_1_for_unread_input_alone(
    repository: Path, call: Any
) -> None:
    (repository / "a.py").write_text('release = "1.2.3"  # 2024-01-02 0x8f14e45f\n', "utf-8")
    assert call("check").code == 0
    (repository / "b.bin").write_bytes(b"\x01\0\x02\xff" * 500)
    called = call("check")
    assert (called.code, called.out, called.lacks("未读：b.bin", "未读 1 处")) == (1, "", [])
    (repository / "c.py").write_text(CODE, "utf-8")
    called = call("check", ".", "--lang", "en")
    assert called.code == 4
    assert called.out == "c.py:2:10: CN_MOBILE 139****5678 (Mobile number, 0.85)\n"
    assert call("check", "nowhere").code == 2


def test_a_comment_takes_out_its_line_only_with_a_reason(repository: Path, call: Any) -> None:
    lines = (
        f'a = "{MOBILE}"  # piiscan:ignore 公开的客服电话 {OTHER}',
        f'b = "{MOBILE}"  # piiscan:ignore',
        f"<p>{MOBILE}</p> <!-- piiscan:ignore: -->",
        f"x = '{MOBILE}'; /* piiscan:ignore: number of a film */",
    )
    (repository / "a.txt").write_text("\n".join(lines), "utf-8")
    result = piiscan.check()
    assert {(line, state) for _, line, state in states(result)} == {
        (1, "ignored"), (2, "new"), (3, "new"), (4, "ignored"),
    }  # fmt: skip
    assert result.findings[-1].reason == "number of a film"
    called = call("check", "--format", "sarif")
    assert called.lacks("a.txt:2: piiscan:ignore 没有写理由", "a.txt:3: ", "inSource") == []
    assert not {MOBILE, OTHER} & {each for each in (MOBILE, OTHER) if each in called.out}


def test_a_baseline_with_a_secret_knows_values_wherever_they_move(
    repository: Path, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "a.py").write_text(CODE, "utf-8")
    monkeypatch.setenv("PIISCAN_BASELINE_KEY", KEY)
    assert call("check", "--baseline", "base.json", "--write-baseline").code == 0
    stored = (repository / "base.json").read_text("utf-8")
    assert MOBILE not in stored
    assert json.loads(stored)["findings"][0].keys() == {"path", "kind", "digest", "count"}
    (repository / "a.py").write_text(f'\n\n{CODE}tel = "{OTHER}"\n', "utf-8")
    called = call("check", "--baseline", "base.json")
    assert (called.code, called.out.count("\n")) == (4, 1)
    assert "a.py:5:8: CN_MOBILE 139****4321" in called.out
    monkeypatch.setenv("PIISCAN_BASELINE_KEY", KEY + "!")
    assert "PIISCAN_BASELINE_KEY" in call("check", "--baseline", "base.json").err
    monkeypatch.setenv("PIISCAN_BASELINE_KEY", "short")
    assert call("check", "--baseline", "base.json").code == 2


def test_a_baseline_without_a_secret_has_numbers_and_no_digest(repository: Path) -> None:
    (repository / "a.py").write_text(CODE, "utf-8")
    piiscan.check(baseline="base.json", write=True)
    (row,) = json.loads((repository / "base.json").read_text("utf-8"))["findings"]
    assert row == {"path": "a.py", "kind": "CN_MOBILE", "count": 1}
    assert [each.state for each in piiscan.check(baseline="base.json").findings] == ["known"]
    (repository / "a.py").write_text(CODE + CODE, "utf-8")
    assert [each.state for each in piiscan.check(baseline="base.json").findings] == ["new"] * 2
    (repository / "no.json").write_text("{}", "utf-8")
    with pytest.raises(PiiscanError, match="no baseline"):
        piiscan.check(baseline="no.json")


def test_kinds_have_maxima_and_can_be_chosen_or_left_out(repository: Path, call: Any) -> None:
    (repository / "a.py").write_text(CODE + f'card = "{ID}"\nmail = "a@b.cn"\n', "utf-8")
    assert call("check", "--max", "手机号码=1", "--max", "CN_RESIDENT_ID=1").code == 0
    assert call("check", "--max", "CN_MOBILE=0", "--max", "CN_RESIDENT_ID=1").code == 4
    assert call("check", "--max", "CN_MOBILE").code == call("check", "--max", "X=1").code == 2
    kinds = {
        words: {each.entity for each in piiscan.check(**dict([words])).findings}  # type: ignore[arg-type]
        for words in (
            ("only", ("CN_MOBILE",)),
            ("skip", ("CN_MOBILE",)),
            ("only", ("EMAIL_ADDRESS",)),
        )
    }
    assert [*kinds.values()] == [{"CN_MOBILE"}, {"CN_RESIDENT_ID"}, {"EMAIL_ADDRESS"}]
    assert piiscan.check(skip=["*.py"]).findings == piiscan.check(only=["*.md"]).findings == ()
    (repository / "a.mo").write_bytes(b"\x95\xff" * 300)  # neither text nor a known format
    assert [each.reason for each in piiscan.check(skip=["*.mo"]).unread] == ["SKIPPED"]
    assert [each.reason for each in piiscan.check().unread] == ["BINARY"]


def test_hooks_of_pre_commit_run_and_low_scores_can_be_left_out(
    repository: Path, call: Any
) -> None:
    (repository / "a.py").write_text(CODE, "utf-8")
    git("add", "a.py")
    hooks = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
    for hook in yaml.safe_load(hooks.read_text("utf-8")):
        assert call(*hook["entry"].split()[1:]).code == 4
    assert [call("check", "--min-score", each).code for each in ("0.85", "0.9")] == [4, 0]


def test_sarif_has_what_the_standard_requires_and_masked_snippets(
    repository: Path, call: Any
) -> None:
    (repository / f"名单{OTHER}.py").write_text(CODE, "utf-8")
    (repository / "b.bin").write_bytes(b"\x01\0\x02\xff" * 500)
    called = call("check", "--format", "sarif")
    (log,) = called.json
    assert called.code == 4
    assert (log["version"], log["$schema"][-16:]) == ("2.1.0", "sarif-2.1.0.json")
    (run,) = log["runs"]
    assert run["tool"]["driver"]["name"] == "piiscan"
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].isascii()
    assert place["region"] == {
        "startLine": 2, "startColumn": 10, "endColumn": 21, "snippet": {"text": "139****5678"},
    }  # fmt: skip
    lines = call("check", "--format", "jsonl")
    assert [each.get("masked") for each in lines.json] == ["139****5678", None]
    assert [each for each in (MOBILE, OTHER) if each in called.out + called.err + lines.out] == []
