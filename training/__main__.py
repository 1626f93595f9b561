"""Command ``python -m training``: train the name tagger and write its weights file.

With ``--reliability`` it trains nothing. It prints the share of correct spans per score of the
shipped weights, on the labelled text under ``--measure``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from piiscan.detect.ner.model.tagger import Tagger

from .calibrate import evaluate_spans, reliability
from .pipeline import build_weights_file
from .rounds import Recipe, read_measured, report_progress


def reliability_table(measure: Path) -> Iterator[str]:
    """Yield a Markdown table of the shipped weights' scores on the labelled folder ``measure``.

    One row per tenth of the scores: mean score, share of correct spans, number of spans.
    """
    found = evaluate_spans(Tagger.load(), list(read_measured(measure)))
    yield "| score | share | spans |"
    yield "|---|---|---|"
    for mean, share, count in reliability(found.score, found.correct):
        yield f"| {mean:.2f} | {share:.2f} | {count:,} |"


def main() -> None:
    """Parse the command line. Print the reliability table, or train and write the weights file."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of raw text")
    parser.add_argument("--measure", type=Path, help="folder of labelled text, never learned from")
    parser.add_argument("--work", type=Path, help="folder for what is kept between runs")
    parser.add_argument("--out", type=Path, help="the file to write")
    parser.add_argument(
        "--start",
        type=Path,
        action="append",
        default=[],
        help="a weights file to continue from; further ones are teachers only",
    )
    parser.add_argument("--reliability", action="store_true", help="measure only")
    parser.add_argument("--steps", type=int, default=6_000, help="batches in the first round")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if options.reliability:
        if options.measure is None:
            parser.error("--reliability needs --measure")
        sys.stdout.writelines(f"{row}\n" for row in reliability_table(options.measure))
        return
    if options.work is None or options.out is None:
        parser.error("--work and --out are needed")
    recipe = Recipe(
        options.data,
        options.measure,
        options.work,
        steps=options.steps,
        threads=options.threads,
        start=tuple(path.read_bytes() for path in options.start),
    )
    options.out.write_bytes(build_weights_file(recipe, report_progress))


if __name__ == "__main__":
    main()
