"""Everything from raw text to the weights in the wheel, in one call."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from piiscan.detect.names.tagger import Tagger
from piiscan.detect.names.weights import read_weights

from .calibrate import CAUTIOUS, FLOW, Known, calibration, judged, plain, reliability
from .corpus import Corpus, assemble
from .encode import Encoded, encode
from .export import Arrays, pack_file, text_part, whole
from .fit import Parameters, Plan, train
from .gate import fit_gate
from .lines import Line, Span
from .tables import load_tables
from .teacher import Teacher, Word
from .texts import read_texts
from .vocabulary import Vocabulary, load_vocabulary

Tell = Callable[[str], None]
ROUNDS = 4
LATER = 0.6  # steps of a round that goes on from the one before, as a share of the first one's
HELD_BACK = 40  # one line in so many is not learned from; they calibrate where no set is given


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


def remake(recipe: Recipe, tell: Tell) -> bytes:
    """The weights file that this recipe gives: rounds, each of which hears the one before."""
    tables = load_tables()
    texts = read_texts(recipe.data, recipe.measure)
    tell(f"{len(texts)} lines of text")
    words = taught(texts, recipe, tell)
    vocabulary: Vocabulary | None = None
    held: Parameters | None = None
    content = b""
    past: list[Arrays] = []
    for at in range(ROUNDS):
        corpus = assemble(
            tables,
            texts,
            words,
            drawn_lines=recipe.drawn,
            variants=recipe.variants,
            seed=recipe.seed + at,
            second=Tagger(read_weights(content)) if content else None,
        )
        vocabulary = vocabulary or load_vocabulary([line.text for line in corpus.lines], tables)
        tell(f"{len(corpus.lines)} lines to learn, {vocabulary.size} characters")
        plan = Plan(
            characters=vocabulary.size,
            tags=corpus.tags,
            steps=recipe.steps if at == 0 else int(recipe.steps * LATER),
            seed=recipe.seed + at,
        )
        held = learned(recipe, corpus, vocabulary, plan=plan, held=held, tell=tell)
        past.append({name: value.detach().numpy().copy() for name, value in held.items()})
        flow = FLOW if at == ROUNDS - 1 else CAUTIOUS
        content = written(
            recipe, corpus, vocabulary, plan=plan, arrays=mean(past[-2:]), flow=flow, tell=tell
        )
        (recipe.work / f"round{at + 1}.npz").write_bytes(content)
    return content


def taught(texts: Sequence[str], recipe: Recipe, tell: Tell) -> list[list[Word]]:
    """The teacher's words of each text; what it once said is kept in the work folder."""
    recipe.work.mkdir(parents=True, exist_ok=True)
    kept = recipe.work / "words.jsonl"
    known: dict[str, list[Word]] = {}
    if kept.exists():
        for line in kept.read_text("utf-8").splitlines():
            text, words = json.loads(line)
            known[text] = [Word(*word) for word in words]
    new = [text for text in texts if text not in known]
    if new:
        tell(f"the teacher reads {len(new)} lines")
        known |= zip(new, Teacher(recipe.threads).words(new), strict=True)
        rows = (json.dumps([text, words], ensure_ascii=False) for text, words in known.items())
        kept.write_text("\n".join(rows), "utf-8")
    return [known[text] for text in texts]


def learned(
    recipe: Recipe,
    corpus: Corpus,
    vocabulary: Vocabulary,
    *,
    plan: Plan,
    held: Parameters | None,
    tell: Tell,
) -> Parameters:
    """Weights trained on a corpus, from scratch or going on from ``held``."""
    import torch

    torch.set_num_threads(recipe.threads)
    chosen = [at for at in range(len(corpus.lines)) if at % HELD_BACK]
    return train(encoded(corpus, chosen, vocabulary, plan), plan, tell=tell, held=held)


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
