"""The network that is shipped, which learns what several others say of each symbol."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from piiscan.detect.ner.model.tagger import Tagger
from piiscan.detect.ner.model.weights import STATES, Weights, read_weights

from .calibrate import Known
from .corpus import Corpus, drawn, makers
from .council import council, shares
from .export import Arrays
from .fit import Plan
from .rounds import Member, Recipe, Taught, Tell, encoded, fitted, kept, measured
from .vocabulary import Vocabulary

KNOWN = 6_000  # drawn lines that the scores of a council are made with, beside the measured ones


def pupil(
    recipe: Recipe,
    taught: Taught,
    members: Sequence[Member],
    *,
    seed: int,
    tell: Tell,
) -> Arrays:
    """The first member's weights after hearing all of them on lines of its own."""
    import torch

    torch.manual_seed(seed)  # a process may have trained another before
    weights = [read_weights(each.content) for each in members]
    corpus = taught.corpus(recipe, seed, convened(recipe, taught, weights, seed), mend=True)
    plan = settled(members[0].vocabulary, corpus, steps=recipe.steps, seed=seed)
    chosen = kept(corpus)
    data = encoded(corpus, chosen, members[0].vocabulary, plan)
    tell(f"{len(members)} networks read {len(chosen)} lines")
    said = np.concatenate(list(shares(weights, [corpus.lines[at].text for at in chosen])))
    # The members learned them as the teacher had cut them.
    said[data.firm] = 255 * np.eye(STATES, dtype=np.uint8)[data.state[data.firm]]
    return fitted(recipe, data._replace(shares=said), plan, arrays=members[0].arrays, tell=tell)


def convened(recipe: Recipe, taught: Taught, members: Sequence[Weights], seed: int) -> Tagger:
    """The members as one tagger, whose scores are how often it is right."""
    known = [Known(line) for line in drawn(makers(taught.tables, seed), KNOWN)]
    known += [] if recipe.measure is None else measured(recipe.measure)
    return council(members, known)


def settled(vocabulary: Vocabulary, corpus: Corpus, *, steps: int, seed: int) -> Plan:
    """Sizes and steps of a pupil that reads with this vocabulary."""
    return Plan(characters=vocabulary.size, tags=corpus.tags, steps=steps, seed=seed)
