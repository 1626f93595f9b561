"""``python -m training``: makes the weights of the name tagger anew.

With ``--reliability`` it trains nothing, and tells how often the scores of the shipped weights are
right on the labelled text under ``--measure``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from piiscan.detect.ner.model.tagger import Tagger

from .calibrate import judged, reliability
from .recipe import remake
from .rounds import Recipe, measured, say


def table(measure: Path) -> Iterator[str]:
    """Score, share that is right and count, for each tenth of the scores, as Markdown."""
    found = judged(Tagger.load(), list(measured(measure)))
    yield "| score | share | spans |"
    yield "|---|---|---|"
    for mean, share, count in reliability(found.sure, found.right):
        yield f"| {mean:.2f} | {share:.2f} | {count:,} |"


def main() -> None:
    """Read the arguments, train, write the file."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of raw text")
    parser.add_argument("--measure", type=Path, help="folder of labelled text, never learned from")
    parser.add_argument("--work", type=Path, help="folder for what is kept between runs")
    parser.add_argument("--out", type=Path, help="the file to write")
    parser.add_argument("--reliability", action="store_true", help="measure only")
    parser.add_argument("--steps", type=int, default=6_000, help="batches in the first round")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    if given.reliability:
        if given.measure is None:
            parser.error("--reliability needs --measure")
        sys.stdout.writelines(f"{row}\n" for row in table(given.measure))
        return
    if given.work is None or given.out is None:
        parser.error("--work and --out are needed")
    recipe = Recipe(given.data, given.measure, given.work, steps=given.steps, threads=given.threads)
    given.out.write_bytes(remake(recipe, say))


if __name__ == "__main__":
    main()
