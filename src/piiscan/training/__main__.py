"""``python -m piiscan.training``: makes the weights of the name tagger anew."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .recipe import Recipe, remake


def tell(text: str) -> None:
    """Say how far it is, for whoever waits."""
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Read the arguments, train, write the file."""
    parser = argparse.ArgumentParser(prog="python -m piiscan.training", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of raw text")
    parser.add_argument("--measure", type=Path, help="folder of labelled text, never learned from")
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for what is kept between runs"
    )
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument("--steps", type=int, default=6_000, help="batches in each of the rounds")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    recipe = Recipe(given.data, given.measure, given.work, steps=given.steps, threads=given.threads)
    given.out.write_bytes(remake(recipe, tell))


if __name__ == "__main__":
    main()
