"""``piiscan completion``: scripts that shells run; nothing is installed."""

import subprocess
from pathlib import Path
from typing import Any

import pytest


def complete(script: Path, *words: str) -> list[str]:
    """Return what bash completes for the last of the words."""
    typed = " ".join(f"'{word}'" for word in words)
    command = f"source {script}; COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _piiscan"
    command += '; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(
        ["bash", "-c", command], cwd=script.parent, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_bash_completes_verbs_options_and_files(call: Any, tmp_path: Path) -> None:
    script = tmp_path / "piiscan.bash"
    script.write_text(call("completion", "bash").out, "utf-8")
    assert complete(script, "piiscan", "sc") == ["scan", "score"]
    assert complete(script, "piiscan", "find", "--min") == ["--min-score"]
    assert complete(script, "piiscan", "scan", "pii") == ["piiscan.bash"]
    assert complete(script, "piiscan", "recognizers", "li") == ["list"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_scripts_with_every_verb(shell: str, call: Any) -> None:
    script = call("completion", shell).out
    assert [
        verb for verb in ("explain-count", "recognizers", "min-score") if verb not in script
    ] == []


def test_an_unknown_shell_is_refused(call: Any) -> None:
    assert call("completion", "csh").code == 2
