"""Fuzzer of the engine: ``python -m tests.fuzz.run SECONDS [SEED]``, and of files.

``python -m tests.fuzz.run files SECONDS [SEED] [FOLDER]``: see :mod:`tests.fuzz.files`.

With atheris (the extra ``fuzz``), coverage of the Python code guides it. Without it, or with a
seed, texts are random. A failure is an exception, with the texts that raised it.
"""

import gc
import itertools
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.detect.matching.shapes import Positions, add_shape
from piiscan.detect.self_test import AS_OF
from piiscan.errors import CatalogError
from tests.fuzz.files import fuzz_files
from tests.oracles.hostile import assert_consistent, pieces, random_text

#: Maximum processor time of a batch, in seconds. A batch that hangs is a failure.
SLOWEST = 5.0


def try_bytes(engine: Engine, data: bytes) -> None:
    """Assert the engine's invariants for ``data`` as a text, as several texts and as a shape."""
    text = data.decode("utf-8", "surrogateescape")
    assert_consistent(engine, [text, *text.split("\n")[:20]])
    assert_consistent(engine, [data.decode("gb18030", "replace")])
    try:
        add_shape(text, Positions([], []))
    except CatalogError:
        return


def fuzz_randomly(engine: Engine, seed: int) -> Iterator[int]:
    """Try random texts and bytes without end, and yield the number of batches so far."""
    rng = random.Random(seed)
    choices = pieces(engine)
    for count in itertools.count(1):
        texts = [random_text(choices, rng) for _ in range(rng.randrange(1, 40))]
        before = time.process_time()
        try:
            assert_consistent(engine, texts)
            try_bytes(engine, rng.randbytes(rng.randrange(200)))
        except Exception:
            print(f"seed {seed}, batch {count}: {texts!a}", file=sys.stderr)
            raise
        assert time.process_time() - before < SLOWEST, f"too slow: {texts!a}"
        yield count


def main(arguments: list[str]) -> None:
    """Fuzz for the number of seconds on the command line."""
    if arguments[0] == "files":
        seconds, seed, keep, *_ = [*arguments[1:], *("60", "1", "build/fuzz")[len(arguments) - 1 :]]
        sys.exit(bool(fuzz_files(float(seconds), int(seed), Path(keep)).failures))
    seconds = float(arguments[0])
    engine = Engine(load(), as_of=AS_OF)
    assert_consistent(
        engine, pieces(engine)
    )  # compiles the kernels: instrumented ones cannot be compiled
    try:
        import atheris  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        atheris = None
    if atheris is None or len(arguments) > 1:
        seed = int(arguments[1]) if len(arguments) > 1 else random.SystemRandom().randrange(1 << 32)
        stop = time.monotonic() + seconds
        count = next(each for each in fuzz_randomly(engine, seed) if time.monotonic() > stop)
        print(f"seed {seed}: {count} batches")
        return
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and str(each.__module__).startswith("piiscan."):
            atheris.instrument_func(each)
    limits = [f"-max_total_time={int(seconds)}", f"-timeout={int(SLOWEST)}", "-max_len=600"]
    atheris.Setup([sys.argv[0], *limits], lambda data: try_bytes(engine, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
