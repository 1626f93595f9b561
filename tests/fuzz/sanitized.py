"""What the sanitized kernels run: ``python .ci/sanitized.py`` calls this with its own build.

``python -m tests.fuzz.sanitized texts COUNT [SEED]``: hostile texts through the public functions
and the engine. ``... files [SEED]``: seeds of all formats, damaged files, a made dump. The buffers
of texts end with their last byte, so that a kernel that reads further is reported.
"""

import datetime
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

import piiscan
from piiscan.cli import main as command_line
from piiscan.detect.engine import Engine
from piiscan.detect.self_test import AS_OF
from piiscan.finding import engine_for
from piiscan.sources.workers import worker_process
from piiscan.string_kernels import copy_slices
from tests.fuzz import files
from tests.oracles.hostile import INVISIBLE, assert_consistent, pieces, random_text

BATCH: Final = 50
LABELS: Final = (
    *(None, "\ud800", "手机号", "身份证号", "姓名", "地址"),
    *("备注", "tel", "银行卡号", "微信"),
)
#: A lead byte without its rest, a continuation alone, an overlong form, a point beyond Unicode.
MALFORMED: Final = (b"\xe6", b"\xe6\x89", b"\xc2", b"\xf0\x9f\x98", b"\x80", b"\xc0\xaf", b"\xff",
                    b"\xf7\xbf\xbf\xbf", b"\xed\xa0\x80")  # fmt: skip
DAMAGED_FILES: Final = 250
#: What processes of readers run first: the sanitizers reserve terabytes of addresses.
_NO_LIMIT: Final = "import piiscan.sources.workers.worker_process as w; w.MEMORY = 1 << 60\n"


def exact_array(texts: list[bytes]) -> pa.Array:
    """Return a string array in a buffer of its own that ends with the last text's last byte."""
    offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    data = np.frombuffer(b"".join(texts), np.uint8).copy()
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_string(), len(texts), buffers)


def damaged(text: str, rng: random.Random) -> bytes:
    """Return a text as bytes that are mostly no UTF-8: cut, or with malformed bytes somewhere."""
    data = text.encode("utf-8", "surrogatepass")
    at = rng.randrange(len(data) + 1)
    kind = rng.randrange(4)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data + rng.choice(MALFORMED)
    return data[:at] + rng.choice(MALFORMED) + data[at + (kind == 2) :]


def example_texts(engine: Engine, rng: random.Random) -> Iterator[str]:
    """Yield the examples of every recognizer, each also cut, and with zero-width characters."""
    for rule in engine.catalog.recognizers:
        for example in (*rule.examples, *rule.counterexamples):
            text = example.text
            yield text
            yield text + rng.choice(INVISIBLE)
            yield rng.choice(INVISIBLE).join(text[:200])
            yield text[: rng.randrange(len(text) + 1)]


def forget_workspace(engine: Engine) -> None:
    """Take the engine's buffers away: those of the next search are no larger than its texts."""
    engine._patterns.take_workspace()


def try_texts(engine: Engine, as_of: datetime.date, texts: list[str], rng: random.Random) -> int:
    """Send texts through every door, together and alone; return the number of findings.

    Together and alone must give the same findings.
    """
    count = 0
    for names in (True, False):
        label = rng.choice(LABELS)
        forget_workspace(engine)
        together = piiscan.find_all(texts, label, 0.3, names, as_of=as_of)
        alone = []
        for text in texts:
            if rng.random() < 0.3:
                forget_workspace(engine)
            alone += piiscan.find_all([text], label, 0.3, names, as_of=as_of)
        assert together == alone, (label, names, texts)
        count += sum(map(len, together))
        for listed in (
            [text.encode("utf-8", "surrogatepass") for text in texts],
            [damaged(text, rng) for text in texts],
        ):
            forget_workspace(engine)
            piiscan.find_table(exact_array(listed), label, 0.3, names, rejected=True, as_of=as_of)
            one = exact_array([rng.choice(listed)])
            forget_workspace(engine)
            piiscan.find_table(one, label, 0.3, names, rejected=True, as_of=as_of)
    return count


def fuzz_texts(wanted: int, seed: int) -> None:
    """Try ``wanted`` hostile texts; the examples of the rules are the first quarter, at most."""
    rng = random.Random(seed)
    engine = engine_for(AS_OF)
    choices = pieces(engine)
    examples = list(example_texts(engine, rng))
    rng.shuffle(examples)
    del examples[wanted // 4 :]
    done = found = 0
    while done < wanted:
        texts, examples = examples[:BATCH], examples[BATCH:]
        texts += [random_text(choices, rng) for _ in range(min(BATCH, wanted - done) - len(texts))]
        try:
            found += try_texts(engine, AS_OF, texts, rng)
            if done % (20 * BATCH) == 0:
                assert_consistent(engine, texts)
        except Exception:
            print(f"seed {seed}, after {done} texts: {texts!a}", file=sys.stderr)
            raise
        done += len(texts)
    print(f"seed {seed}: {done} hostile texts, {found} findings, {time.process_time():.0f} CPU s")


def fuzz_files(seed: int) -> None:
    """Scan seeds, cut and damaged files, mask some, scan a made dump; exit if a claim fails."""
    files.MEMORY = 1 << 40  # type: ignore[misc]  # red zones take memory and time
    files._EACH = 60.0  # type: ignore[misc]
    worker_process._PATH += _NO_LIMIT  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as home:
        fuzzer = files.Fuzzer(Path(home))
        outcome = fuzzer.scan(fuzzer.undamaged())
        outcome.add(fuzzer.scan(list(fuzzer.cut())))
        made = list(fuzzer.make(str(seed), DAMAGED_FILES))
        outcome.add(fuzzer.scan(made))
        outcome.add(fuzzer.redact(made[:60]))
        for file, text in outcome.failures:
            print(f"{file.name}: {text}", file=sys.stderr)
        for words in (
            f"corpus make sale-7967 --rows 2000 --seed {seed} -o {home}/dump",
            f"scan {home}/dump --case {home}/case --key {home}/key",
        ):
            assert command_line(words.split(), {"LANG": "en"}) in (0, 1), words
    print(
        f"seed {seed}: {outcome.files} files, {outcome.findings} findings, "
        f"{len(outcome.failures)} failures, {time.process_time():.0f} CPU s"
    )
    for text, count in outcome.readers.most_common():
        print(f"{count:6} {text}")
    sys.exit(bool(outcome.failures))


def read_too_far() -> None:
    """Let a kernel copy ten bytes of an array of four; a sanitizer must report it."""
    start, end = np.array([0], np.int64), np.array([10], np.int64)
    data, offsets = np.zeros(4, np.uint8), np.zeros(2, np.int32)
    copy_slices(data, data[:0], start, end, np.empty(10, np.uint8), offsets)


def main(arguments: list[str]) -> None:
    """Run what the command line says."""
    if arguments[0] == "control":
        read_too_far()
    elif arguments[0] == "texts":
        fuzz_texts(int(arguments[1]), int([*arguments, "1"][2]))
    else:
        fuzz_files(int([*arguments, "1"][1]))


if __name__ == "__main__":
    main(sys.argv[1:])
