"""Fuzz the engine for some seconds: ``python -m tests.fuzz.run SECONDS [SEED]``.

With atheris (the extra ``fuzz``) coverage of the Python code leads the way; without it, or with a
seed, texts are drawn at random.  Anything found is an exception, with the texts that raised it.
"""

from __future__ import annotations

import gc
import itertools
import random
import sys
import time
from collections.abc import Iterator
from types import FunctionType

from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.detect.matching.shapes import Parser, Positions
from piiscan.detect.self_test import AS_OF
from piiscan.errors import CatalogError
from tests.oracles.hostile import claims, pieces, text_of

#: No batch may take longer (of the processor's time): what hangs is a failure too.
SLOWEST = 5.0


def try_bytes(engine: Engine, data: bytes) -> None:
    """What must hold of any bytes as a text, as a batch of texts, and as a shape."""
    text = data.decode("utf-8", "surrogateescape")
    claims(engine, [text, *text.split("\n")[:20]])
    claims(engine, [data.decode("gb18030", "replace")])
    try:
        Parser(text, Positions([], [])).fragment()
    except CatalogError:
        return


def draw(engine: Engine, seed: int) -> Iterator[int]:
    """Try random texts and bytes, batch after batch; tells how many have held."""
    rng = random.Random(seed)
    choices = pieces(engine)
    for count in itertools.count(1):
        texts = [text_of(choices, rng) for _ in range(rng.randrange(1, 40))]
        before = time.process_time()
        try:
            claims(engine, texts)
            try_bytes(engine, rng.randbytes(rng.randrange(200)))
        except Exception:
            print(f"seed {seed}, batch {count}: {texts!a}", file=sys.stderr)
            raise
        assert time.process_time() - before < SLOWEST, f"too slow: {texts!a}"
        yield count


def main(arguments: list[str]) -> None:
    """Fuzz for as many seconds as the command line says."""
    seconds = float(arguments[0])
    engine = Engine(load(), as_of=AS_OF)
    claims(engine, pieces(engine))  # kernels are compiled now: instrumented ones cannot be
    try:
        import atheris  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        atheris = None
    if atheris is None or len(arguments) > 1:
        seed = int(arguments[1]) if len(arguments) > 1 else random.SystemRandom().randrange(1 << 32)
        stop = time.monotonic() + seconds
        count = next(each for each in draw(engine, seed) if time.monotonic() > stop)
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
