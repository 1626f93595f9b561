"""A killed run leaves no half copy, and the same command makes the copies of an unkilled one."""

import errno
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from piiscan.copies import output_folder
from piiscan.copies.redact_folder import REPORT, redact
from piiscan.errors import RedactError
from tests.copies.planted import document, package, workbook
from tests.keys import random_secret, write_key
from tests.often import long, often

PHONE = "13800138000"
#: ``run`` kills its process before the n-th file of the output folder is opened or renamed.
RUN = """
import os, signal, sys
from pathlib import Path
from piiscan.copies.redact_folder import redact
source, key = map(Path, sys.argv[1:3])
def run(out, stop):
    count = 0
    def counted(call):
        def wrapper(path, *rest, **named):
            nonlocal count
            if str(path).startswith(out):
                count += 1
                if count == stop:
                    os.kill(os.getpid(), signal.SIGKILL)
            return call(path, *rest, **named)
        return wrapper
    for name in ("open", "rename", "replace", "mkdir", "unlink", "rmdir"):
        setattr(os, name, counted(getattr(os, name)))
    redact(source, out=out, operator="pseudonym", key=key)
    return count
"""
ONE = (
    RUN
    + """
print("begun", flush=True)
run(sys.argv[3], 0)
"""
)
#: One process that has imported everything begets a process for each run; prints the steps of one.
FOUR = (
    RUN
    + """
def begotten(out, stop):
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        os.write(writes, str(run(out, stop)).encode())
        os._exit(0)
    os.close(writes)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == (-signal.SIGKILL if stop else 0), status
    return os.read(reads, 9)
steps = int(begotten(sys.argv[3] + "whole", 0))
for stop in (2, steps // 2, steps - 2):
    begotten(f"{sys.argv[3]}{stop}", stop)
print(steps)
"""
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "下级").mkdir(parents=True)
    (folder / "a.csv").write_text(f"姓名,手机号\n张三,{PHONE}\n", "utf-8")
    (folder / "b.xlsx").write_bytes(package(workbook)[0])
    (folder / "下级" / "c.docx").write_bytes(package(document)[0])
    (folder / "下级" / "d.jsonl").write_text(f'{{"{PHONE}": "张三"}}\n', "utf-8")
    write_key(tmp_path / "key", random_secret(0))
    return folder


def files(out: Path) -> dict[str, bytes]:
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file()
    }


def test_a_run_killed_at_any_step_is_run_again_to_the_same_bytes(
    source: Path, tmp_path: Path
) -> None:
    arguments = [sys.executable, "-c", FOUR, source, tmp_path / "key", f"{tmp_path}/out-"]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    whole, steps = files(tmp_path / "out-whole"), int(ended.stdout)
    assert set(whole) == {REPORT, "in/a.csv", "in/b.xlsx", "in/下级/c.docx", "in/下级/d.jsonl"}
    for stop in (2, steps // 2, steps - 2):
        out = tmp_path / f"out-{stop}"
        seen = {name: data for name, data in files(out).items() if not name.startswith(".work/")}
        assert seen.items() <= whole.items()  # complete, or not there
        redact(source, out=out, operator="pseudonym", key=tmp_path / "key")
        assert files(out) == whole, stop


@pytest.mark.parametrize("seed", often(range(30), []))
def test_a_run_killed_at_a_random_moment_is_run_again_to_the_same_bytes(
    source: Path, tmp_path: Path, seed: int
) -> None:
    redact(source, out=tmp_path / "whole", operator="pseudonym", key=tmp_path / "key")
    out, whole = tmp_path / "out", files(tmp_path / "whole")
    arguments = [sys.executable, "-c", ONE, source, tmp_path / "key", out]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.Random(seed).uniform(0, 6))
        process.kill()
    if REPORT not in files(out) or (out / ".work").exists():
        seen = {name: data for name, data in files(out).items() if not name.startswith(".work/")}
        assert seen.items() <= whole.items()
        redact(source, out=out, operator="pseudonym", key=tmp_path / "key")
    assert files(out) == whole


def test_what_a_run_did_not_write_is_never_deleted(source: Path, tmp_path: Path) -> None:
    for number, (name, reason) in enumerate(((".work/x", "not empty"), ("mine", "not empty"))):
        out = tmp_path / f"out-{number}"
        (out / name).parent.mkdir(parents=True)
        (out / name).write_text("mine", "utf-8")
        if number:  # beside the work folder of a killed run
            (out / ".work").mkdir()
            (out / ".work" / "lock").touch()
        with pytest.raises(RedactError, match=reason):
            redact(source, out=out)
        assert (out / name).read_text("utf-8") == "mine"


def test_two_runs_do_not_share_a_folder(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with output_folder.open_output(out, [source]), pytest.raises(RedactError, match="another run"):
        redact(source, out=out)
    redact(source, out=out)
    assert not (out / ".work").exists()


@pytest.mark.parametrize("place", ["copy", long("move")])
def test_a_full_disk_leaves_nothing_half_and_the_next_run_is_whole(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        if place == "copy":
            patched.setattr("piiscan.copies.redact_content.copy_with_edits", full)
        else:
            patched.setattr(Path, "rename", full)
        with pytest.raises(OSError, match="No space"):
            redact(source, out=out)
    assert {name for name in files(out) if not name.startswith(".work/")} == set()
    assert redact(source, out=out).remaining == 0
    assert set(files(out)) == {REPORT, "in/a.csv", "in/b.xlsx", "in/下级/c.docx", "in/下级/d.jsonl"}


def test_an_input_may_be_called_as_the_report_is(tmp_path: Path) -> None:
    (tmp_path / REPORT).write_text(f'{{"电话": "{PHONE}"}}', "utf-8")
    redact(tmp_path / REPORT, out=tmp_path / "out")
    assert set(files(tmp_path / "out")) == {REPORT, "redaction(2).json"}
