"""Rounds of training for one network. Each round's network is a second teacher of the next."""

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

from .calibrate import (
    CAUTIOUS_PRIOR_WEIGHT,
    LabelledLine,
    evaluate_spans,
    fit_calibration,
    identity_table,
    reliability,
)
from .corpus import Corpus, build_corpus
from .encode import Encoded, encode
from .export import Arrays, pack_file, quantize, text_bytes
from .gate import fit_threshold
from .lines import Line, Span
from .tables import Tables
from .teacher import Word
from .train_network import TrainingConfig, train
from .vocabulary import Vocabulary, load_vocabulary

Report = Callable[[str], None]
ROUNDS = 2
MEMBER_REACHES = 1, 1, 2, 3, 4, 6  # reaches of the layers of a member, whose gate is always open
LATER_ROUND_SHARE = 0.6  # steps of a later round, as a share of the first round's steps
HELD_BACK = 40  # one of so many lines is not learned from; it fits the gate and calibrates


def report_progress(text: str) -> None:
    """Write a line of progress to standard error.

    It is defined here because spawned processes cannot import a function of ``__main__``.
    """
    sys.stderr.write(f"{text}\n")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a training run: folders, amount of text, steps, seed, threads and processes.

    With ``start`` no ensemble is trained: the networks of these files teach all ordinary lines.
    """

    data: Path | None
    measure: Path | None
    work: Path
    generated: int = 240_000
    variants: int = 2
    steps: int = 6_000
    seed: int = 7
    threads: int = 1
    processes: int = 2
    start: tuple[bytes, ...] = ()  # weights files: training continues from the first


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Input of all networks: tables, raw texts and the teacher's words of each text."""

    tables: Tables
    texts: Sequence[str]
    words: Sequence[Sequence[Word]]

    def corpus(
        self, recipe: Recipe, seed: int, second_tagger: Tagger | None, *, restore: bool = False
    ) -> Corpus:
        """Build the corpus of one round.

        ``second_tagger``: tagger of an earlier round, or None. ``restore``: True to mark names
        whole that the teacher has cut.
        """
        return build_corpus(
            self.tables,
            self.texts,
            self.words,
            generated_lines=recipe.generated,
            variants=recipe.variants,
            seed=seed,
            second_tagger=second_tagger,
            restore=restore,
        )


class Member(NamedTuple):
    """A trained network: its parameters, its vocabulary and its weights file."""

    arrays: Arrays
    vocabulary: Vocabulary
    content: bytes


def train_member(recipe: Recipe, training_data: TrainingData, seed: int, report: Report) -> Member:
    """Train a network from ``seed`` in ROUNDS rounds and return it.

    The result is the mean of the rounds' parameters.
    """
    vocabulary: Vocabulary | None = None
    content = b""
    finished: list[Arrays] = []
    for at in range(ROUNDS):
        second_tagger = Tagger(read_weights(content)) if content else None
        corpus = training_data.corpus(recipe, seed + at, second_tagger)
        texts = [line.text for line in corpus.lines]
        vocabulary = vocabulary or load_vocabulary(texts, training_data.tables)
        report(f"{len(corpus.lines)} lines to learn, {vocabulary.size} characters")
        config = TrainingConfig(
            characters=vocabulary.size,
            tag_count=corpus.tag_count,
            reaches=MEMBER_REACHES,
            open_share=1.0,
            steps=recipe.steps if at == 0 else int(recipe.steps * LATER_ROUND_SHARE),
            seed=seed + at,
        )
        data = encode_corpus(corpus, training_rows(corpus), vocabulary, config)
        earlier = finished[-1] if finished else None
        finished.append(train_arrays(recipe, data, config, arrays=earlier, report=report))
        content = build_file(
            recipe,
            corpus,
            vocabulary,
            config=config,
            arrays=mean_arrays(finished),
            prior_weight=CAUTIOUS_PRIOR_WEIGHT,
            report=report,
        )
    assert vocabulary is not None
    return Member(mean_arrays(finished), vocabulary, content)


def training_rows(corpus: Corpus) -> list[int]:
    """Return the indices of corpus lines to train on; lines left out calibrate scores."""
    return [at for at in range(len(corpus.lines)) if at % HELD_BACK]


def train_arrays(
    recipe: Recipe, data: Encoded, config: TrainingConfig, *, arrays: Arrays | None, report: Report
) -> Arrays:
    """Train a network on encoded lines and return its parameters.

    Training continues from ``arrays``, or starts from random parameters if it is None.
    """
    import torch

    torch.set_num_threads(recipe.threads)
    parameters = None
    if arrays is not None:
        parameters = {name: torch.tensor(each, requires_grad=True) for name, each in arrays.items()}
    with torch.autocast("cpu", torch.bfloat16):
        trained = train(data, config, report=report, parameters=parameters)
    return {name: value.detach().numpy().copy() for name, value in trained.items()}


def build_file(
    recipe: Recipe,
    corpus: Corpus,
    vocabulary: Vocabulary,
    *,
    config: TrainingConfig,
    arrays: Arrays,
    prior_weight: float,
    report: Report,
) -> bytes:
    """Build the weights file (bytes) of trained parameters, with gate and calibration fitted.

    Args:
        recipe: settings; its ``measure`` folder adds lines to calibrate on.
        corpus: lines; the ones that are not learned from fit the gate and the calibration.
        vocabulary: vocabulary of the network.
        config: sizes of the network.
        arrays: trained parameters.
        prior_weight: see ``calibrate.calibration_row``.
        report: function that receives a line for each tenth of the scores.
    """
    parts = (
        quantize(arrays, config) | vocabulary_parts(vocabulary) | {"calibration": identity_table()}
    )
    gate_texts = [line.text for line in corpus.lines[::HELD_BACK]]
    if config.open_share < 1:
        threshold = fit_threshold(read_weights(pack_file(parts)), gate_texts)
        parts |= {"least": np.array(threshold)}
    first_generated = len(corpus.lines) - recipe.generated
    lines = corpus.lines[first_generated // HELD_BACK * HELD_BACK :: HELD_BACK]
    lines += list(islice(cell_lines(corpus.lines[first_generated:]), len(lines) // 4))
    labelled = [LabelledLine(line) for line in lines]
    labelled += [] if recipe.measure is None else read_measured(recipe.measure)
    tagger = Tagger(read_weights(pack_file(parts)))
    content = pack_file(
        parts | {"calibration": fit_calibration(tagger, labelled, prior_weight=prior_weight)}
    )
    found = evaluate_spans(Tagger(read_weights(content)), labelled)
    for score, share, count in reliability(found.score, found.correct):
        report(f"score {score:.2f}: {share:.2f} of {count} right")
    return content


def mean_arrays(rounds: Sequence[Arrays]) -> Arrays:
    """Return the mean of each parameter over several rounds.

    The mean errs less than the last round.
    """
    return {name: np.mean([each[name] for each in rounds], axis=0) for name in rounds[0]}


def cell_lines(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines whose whole text is one span.

    In real data such a cell belongs to a column of them.
    """
    for line in lines:
        if len(line.spans) == 1 and line.spans[0][:2] == (0, len(line.text)):
            yield line


def encode_corpus(
    corpus: Corpus, chosen: Sequence[int], vocabulary: Vocabulary, config: TrainingConfig
) -> Encoded:
    """Encode the corpus lines at the indices ``chosen`` as arrays."""
    return encode(
        [corpus.lines[at] for at in chosen],
        fold_table=vocabulary.fold_table(),
        number_table=vocabulary.number_table(),
        words=vocabulary.word_table(),
        pairs=config.pairs,
        auxiliary=[corpus.auxiliary[at] for at in chosen],
        names=corpus.names,
    )


def read_measured(folder: Path) -> Iterator[LabelledLine]:
    """Yield the labelled lines of the .jsonl files under ``folder``, for measuring only.

    If a file labels no organisation or no address, that kind is unlabelled in all its lines. Files
    without any label are skipped.
    """
    kind_of_type = {"PERSON": "PERSON", "ADDRESS": "ADDRESS", "ORG": "ORGANIZATION"}
    for path in sorted(folder.rglob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        kinds = {span["type"] for row in rows for span in row["spans"]}
        unlabelled = frozenset(
            kind_of_type[kind] for kind in ("ADDRESS", "ORG") if kind not in kinds
        )
        for row in rows:
            spans = [
                Span(span["start"], span["end"], kind_of_type[span["type"]])
                for span in row["spans"]
                if span["type"] in kind_of_type
            ]
            if kinds:
                yield LabelledLine(Line(row["text"], tuple(spans)), unlabelled)


def vocabulary_parts(vocabulary: Vocabulary) -> Arrays:
    """Convert the vocabulary to the named arrays of the weights file."""
    return {
        "vocabulary": text_bytes(vocabulary.characters),
        "old": text_bytes(vocabulary.traditional),
        "new": text_bytes(vocabulary.simplified),
        "word_steps": vocabulary.word_steps,
        "word_kinds": vocabulary.word_kinds,
    }
