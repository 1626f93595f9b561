"""One network from raw text: rounds of training, each of which hears the one before."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from piiscan.detect.ner.model.tagger import Tagger
from piiscan.detect.ner.model.weights import read_weights

from .calibrate import CAUTIOUS, Known, calibration, judged, plain, reliability
from .corpus import Corpus, assemble
from .encode import Encoded, encode
from .export import Arrays, pack_file, text_part, whole
from .fit import Plan, train
from .gate import fit_gate
from .lines import Line, Span
from .tables import Tables
from .teacher import Word
from .vocabulary import Vocabulary, load_vocabulary

Tell = Callable[[str], None]
ROUNDS = 2
LATER = 0.6  # steps of a round that goes on from the one before, as a share of the first one's
HELD_BACK = 40  # one line in so many is not learned from; they calibrate where no set is given


def say(text: str) -> None:
    """Say how far it is, for whoever waits; here, as other processes cannot import a __main__."""
    sys.stderr.write(f"{text}\n")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Where text comes from, how much is drawn, how long is trained."""

    data: Path | None
    measure: Path | None
    work: Path
    drawn: int = 200_000
    variants: int = 2
    steps: int = 6_000
    seed: int = 7
    threads: int = 1
    processes: int = 2


@dataclass(frozen=True, slots=True)
class Taught:
    """What every network learns from: tables, raw texts and the teacher's words of them."""

    tables: Tables
    texts: Sequence[str]
    words: Sequence[Sequence[Word]]

    def corpus(
        self, recipe: Recipe, seed: int, second: Tagger | None, *, mend: bool = False
    ) -> Corpus:
        """Lines to learn; ``second`` has a say beside the teacher."""
        return assemble(
            self.tables,
            self.texts,
            self.words,
            drawn_lines=recipe.drawn,
            variants=recipe.variants,
            seed=seed,
            second=second,
            mend=mend,
        )


class Member(NamedTuple):
    """A trained network: its weights, what it reads with, and the file of it."""

    arrays: Arrays
    vocabulary: Vocabulary
    content: bytes


def member(recipe: Recipe, taught: Taught, seed: int, tell: Tell) -> Member:
    """A network after all rounds, from a seed of its own."""
    vocabulary: Vocabulary | None = None
    content = b""
    past: list[Arrays] = []
    for at in range(ROUNDS):
        second = Tagger(read_weights(content)) if content else None
        corpus = taught.corpus(recipe, seed + at, second)
        texts = [line.text for line in corpus.lines]
        vocabulary = vocabulary or load_vocabulary(texts, taught.tables)
        tell(f"{len(corpus.lines)} lines to learn, {vocabulary.size} characters")
        plan = Plan(
            characters=vocabulary.size,
            tags=corpus.tags,
            steps=recipe.steps if at == 0 else int(recipe.steps * LATER),
            seed=seed + at,
        )
        data = encoded(corpus, kept(corpus), vocabulary, plan)
        before = past[-1] if past else None
        past.append(fitted(recipe, data, plan, arrays=before, tell=tell))
        content = written(
            recipe, corpus, vocabulary, plan=plan, arrays=mean(past), flow=CAUTIOUS, tell=tell
        )
    assert vocabulary is not None
    return Member(mean(past), vocabulary, content)


def kept(corpus: Corpus) -> list[int]:
    """The lines of a corpus that are learned from; the others calibrate."""
    return [at for at in range(len(corpus.lines)) if at % HELD_BACK]


def fitted(
    recipe: Recipe, data: Encoded, plan: Plan, *, arrays: Arrays | None, tell: Tell
) -> Arrays:
    """Weights trained on lines, from scratch or going on from ``arrays``."""
    import torch

    torch.set_num_threads(recipe.threads)
    held = None
    if arrays is not None:
        held = {name: torch.tensor(each, requires_grad=True) for name, each in arrays.items()}
    learned = train(data, plan, tell=tell, held=held)
    return {name: value.detach().numpy().copy() for name, value in learned.items()}


def written(
    recipe: Recipe,
    corpus: Corpus,
    vocabulary: Vocabulary,
    *,
    plan: Plan,
    arrays: Arrays,
    flow: float,
    tell: Tell,
) -> bytes:
    """The file of trained weights, with its gate and its calibration."""
    parts = whole(arrays, plan) | named(vocabulary) | {"calibration": plain()}
    shown = [line.text for line in corpus.lines[::HELD_BACK]]
    parts |= fit_gate(read_weights(pack_file(parts)), shown)
    first_drawn = len(corpus.lines) - recipe.drawn
    lines = corpus.lines[first_drawn // HELD_BACK * HELD_BACK :: HELD_BACK]
    lines += list(islice(cells(corpus.lines[first_drawn:]), len(lines) // 4))
    known = [Known(line) for line in lines]
    known += [] if recipe.measure is None else measured(recipe.measure)
    tagger = Tagger(read_weights(pack_file(parts)))
    content = pack_file(parts | {"calibration": calibration(tagger, known, flow=flow)})
    found = judged(Tagger(read_weights(content)), known)
    for mean, share, count in reliability(found.sure, found.right):
        tell(f"score {mean:.2f}: {share:.2f} of {count} right")
    return content


def mean(rounds: Sequence[Arrays]) -> Arrays:
    """The mean of the weights of several rounds, which errs less than the last of them."""
    return {name: np.mean([each[name] for each in rounds], axis=0) for name in rounds[0]}


def cells(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines that are one span: where there is one cell with a name, there is a column of them."""
    for line in lines:
        if len(line.spans) == 1 and line.spans[0][:2] == (0, len(line.text)):
            yield line


def encoded(corpus: Corpus, chosen: Sequence[int], vocabulary: Vocabulary, plan: Plan) -> Encoded:
    """Chosen lines of a corpus as arrays."""
    return encode(
        [corpus.lines[at] for at in chosen],
        folded=vocabulary.folded(),
        numbered=vocabulary.numbered(),
        words=vocabulary.words(),
        pairs=plan.pairs,
        aside=[corpus.aside[at] for at in chosen],
        names=corpus.names,
    )


def measured(folder: Path) -> Iterator[Known]:
    """The labelled lines of a folder, for measuring only.

    A set without any organisation or address does not tell them; persons all sets tell.
    """
    names = {"PERSON": "PERSON", "ADDRESS": "ADDRESS", "ORG": "ORGANIZATION"}
    for path in sorted(folder.rglob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        kinds = {span["type"] for row in rows for span in row["spans"]}
        untold = frozenset(names[kind] for kind in ("ADDRESS", "ORG") if kind not in kinds)
        for row in rows:
            spans = [
                Span(span["start"], span["end"], names[span["type"]])
                for span in row["spans"]
                if span["type"] in names
            ]
            if kinds:
                yield Known(Line(row["text"], tuple(spans)), untold)


def named(vocabulary: Vocabulary) -> Arrays:
    """The vocabulary as parts of the file."""
    return {
        "vocabulary": text_part(vocabulary.characters),
        "old": text_part(vocabulary.old),
        "new": text_part(vocabulary.new),
        "word_steps": vocabulary.steps,
        "word_kinds": vocabulary.kinds,
    }
