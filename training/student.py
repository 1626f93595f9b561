"""Student network: the shipped network, which learns the averaged probabilities of an ensemble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from piiscan.detect.ner.model.network_numbers import STATES
from piiscan.detect.ner.model.tagger import Tagger
from piiscan.detect.ner.model.weights import Weights, read_weights

from .calibrate import LabelledLine
from .corpus import Corpus, build_generator, generate_lines
from .ensemble import build_ensemble, state_probabilities
from .export import Arrays
from .rounds import (
    Member,
    Recipe,
    Report,
    TrainingData,
    encode_corpus,
    read_measured,
    train_arrays,
    training_rows,
)
from .train_network import TrainingConfig
from .vocabulary import Vocabulary

LATER_STEPS = 1.5  # steps of a student that continues, relative to those of a new one
CONTINUED_STEPS = 0.55  # those of one that continues from a weights file
CONTINUED_RATE = 1.5e-3  # and its learning rate
CALIBRATION_LINES = 6_000  # generated lines that calibrate the ensemble, with the measured lines


def train_student(
    recipe: Recipe,
    training_data: TrainingData,
    members: Sequence[Member],
    *,
    arrays: Arrays | None = None,
    seed: int,
    report: Report,
) -> Arrays:
    """Train a student and return its parameters.

    It learns the state probabilities of the ensemble on a corpus of its own seed. Training
    continues from ``arrays``, those of another student, or starts from random parameters.
    """
    import torch

    torch.manual_seed(seed)  # the process may have trained another network before
    weights = [read_weights(each.content) for each in members]
    corpus = training_data.corpus(
        recipe, seed, calibrated_ensemble(recipe, training_data, weights, seed), restore=True
    )
    config = student_config(members[0].vocabulary, corpus, steps=recipe.steps, seed=seed)
    if arrays is not None:
        config = replace(config, steps=int(LATER_STEPS * config.steps), open_share=0.0)
    if recipe.start:
        steps = int(CONTINUED_STEPS * recipe.steps)
        config = replace(config, steps=steps, learning_rate=CONTINUED_RATE)
    chosen = training_rows(corpus)
    data = encode_corpus(corpus, chosen, members[0].vocabulary, config)
    report(f"{len(members)} networks read {len(chosen)} lines")
    probabilities = np.concatenate(
        list(state_probabilities(weights, [corpus.lines[at].text for at in chosen]))
    )
    # The members learned these names as the teacher had cut them, so the label replaces them.
    probabilities[data.certain_name] = (
        255 * np.eye(STATES, dtype=np.uint8)[data.state[data.certain_name]]
    )
    if recipe.start:
        generated = np.searchsorted(chosen, len(corpus.lines) - recipe.generated)
        labelled = slice(data.line_starts[generated], None)
        probabilities[labelled] = 255 * np.eye(STATES, dtype=np.uint8)[data.state[labelled].clip(0)]
    return train_arrays(
        recipe, data._replace(probabilities=probabilities), config, arrays=arrays, report=report
    )


def calibrated_ensemble(
    recipe: Recipe, training_data: TrainingData, members: Sequence[Weights], seed: int
) -> Tagger:
    """Build one tagger of all members, calibrated on generated and measured lines."""
    labelled = [
        LabelledLine(line)
        for line in generate_lines(build_generator(training_data.tables, seed), CALIBRATION_LINES)
    ]
    labelled += [] if recipe.measure is None else read_measured(recipe.measure)
    return build_ensemble(members, labelled)


def student_config(
    vocabulary: Vocabulary, corpus: Corpus, *, steps: int, seed: int
) -> TrainingConfig:
    """Return the sizes and number of steps of a student with this vocabulary."""
    return TrainingConfig(
        characters=vocabulary.size, tag_count=corpus.tag_count, steps=steps, seed=seed
    )
