"""Wrong calls and broken things: said in the user's language, with what to do, and exit codes."""

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from piiscan import CaseError, VerifyError
from piiscan.cli import error_messages
from piiscan.wording.words import Words


@pytest.mark.parametrize(
    ("words", "chinese", "english"),
    [
        (["fnd"], "没有命令 fnd （是否指：find）", "no command fnd (did you mean: find)"),
        (["corpus", "zzz"], "可用的有：make", "there are: make"),
        (["find", "--lable", "x"], "没有选项 --lable （是否指：", "did you mean: "),
        (["find", "--min-score"], "选项 --min-score 后面要有值", "--min-score needs a value"),
        (["find", "--min-score", "x", "a"], "应为 0-1", "0-1 is expected"),
        (["find", "--min-score", "7", "a"], "应为 0-1", "0-1 is expected"),
        (["find", "--as-of", "5", "a"], "应为 YYYY-MM-DD", "YYYY-MM-DD is expected"),
        (["explain", "a", "b"], "参数太多；用法：piiscan explain", "too many arguments"),
        (["find", "a"], "没有这个文件：a；要在一段文字里查找，请写 -e TEXT", "write -e TEXT"),
        (["find", "."], "是文件夹；请用 piiscan check", "use piiscan check"),
        (
            ["find", "--recognizers", "nowhere", "-e", "a"],
            "没有这个文件夹：nowhere",
            "such folder: now",
        ),
        (["explain"], "缺少 TEXT", "TEXT is missing"),
        (["corpus", "make", "x"], "缺少 -o", "-o is missing"),
        (["corpus", "make", "no", "-o", "x"], "可选 ", "choose from "),
        (["recognizers", "check", "no.yaml"], "没有这个文件：no.yaml", "no such file: no.yaml"),
        (["verify", "nowhere"], "没有这个文件夹：nowhere", "no such folder: nowhere"),
        (["find", "--lang", "fr", "a"], "--lang 只能是 zh 或 en", ""),
    ],
)
def test_a_wrong_call_is_told_and_leads_to_the_help(
    words: list[str], chinese: str, english: str, call: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    told = call(*words)
    assert (told.code, told.out) == (error_messages.USAGE, "")
    assert chinese in told.err
    assert "用法见：piiscan" in told.err
    if english:
        told = call(*words, "--lang", "en")
        assert told.code == error_messages.USAGE
        assert english in told.err
        assert "See: piiscan" in told.err


def outcome(error: BaseException, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    def run() -> int:
        raise error

    code = error_messages.guard(run, Words("en"))
    return code, capsys.readouterr().err


#: What a machine lacks -> the advice.
ADVICE: dict[str, list[Exception]] = {
    "free some space": [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Quota exceeded"),
        sqlite3.OperationalError("database or disk is full"),
    ],
    "ulimit -v": [MemoryError(), OSError(errno.ENOMEM, "Cannot allocate memory")],
    "--workers 1": [RuntimeError("can't start new thread")],
}


@pytest.mark.parametrize(
    ("error", "code", "told", "untold"),
    [
        (CaseError("case.no_folder", path="/c"), 2, ["Error: /c: no such case folder\n"], []),
        (VerifyError("case.damaged", path="/c"), 3, ["/c"], []),
        (KeyboardInterrupt(), 130, ["Interrupted.\n"], []),
        (ValueError("of 13800138000"), 2, ["(ValueError at error_messages:"], ["13800138000"]),
        (
            OSError(errno.EIO, "Input/output error", "/x/secret"),
            2,
            ["Input/output error", "still connected"],
            ["secret"],
        ),
        *(
            (error, 2, [advice, "same command"], [])
            for advice, errors in ADVICE.items()
            for error in errors
        ),
    ],
)
def test_an_error_has_its_code_and_words_and_no_value(
    error: BaseException, code: int, told: list[str], untold: list[str], capsys: Any
) -> None:
    found, text = outcome(error, capsys)
    assert found == code
    assert [part for part in (*told, *untold) if part in text] == told


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of memory there")
@pytest.mark.parametrize("megabytes", [300, 1023])
def test_too_little_memory_is_told_before_anything_is_loaded(megabytes: int) -> None:
    program = "from piiscan.cli.process import run; run()"
    limited = f'ulimit -v {megabytes << 10}; exec "$0" -c "$1" find x --lang en'
    done = subprocess.run(
        ["/bin/sh", "-c", limited, sys.executable, program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"may use {megabytes} MB" in done.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    line = "身份证430104190506150016\n".encode() * 20_000
    program = [sys.executable, "-c", "from piiscan.cli.process import run; run()"]
    with subprocess.Popen(
        [*program, "find"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUTF8": "1"},
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        try:
            process.stdin.write(line)
            process.stdin.close()
        except BrokenPipeError:
            pass
        assert process.stderr.read() == b""
        assert process.wait() == 0
