"""Training pipeline: from raw text to the bytes of the weights file.

Several networks are trained and their ensemble is distilled into a student. Two students continue
from it, and their mean is the shipped network.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from .calibrate import PRIOR_WEIGHT
from .continued import read_member
from .export import Arrays
from .raw_texts import read_texts
from .rounds import Member, Recipe, Report, TrainingData, build_file, mean_arrays, train_member
from .student import student_config, train_student
from .tables import load_tables
from .teacher import Teacher, Word

MEMBER_COUNT = 2  # networks of the ensemble
STUDENT_COUNT = 2  # students that continue on different lines; the mean of them is shipped
SEED_STEP = 100  # difference between the seeds of two networks
STUDENT_SEED_OFFSET = 4 * SEED_STEP  # the first student's seed, relative to the recipe's


def build_weights_file(recipe: Recipe, report: Report) -> bytes:
    """Train all networks of ``recipe``; return the bytes of the tagger's weights file.

    With ``recipe.start`` only the last students are trained, from the first of its networks, which
    is then a third of the mean. They learn from all of them.
    """
    training_data = load_training_data(recipe, report)
    corpus = training_data.corpus(recipe, recipe.seed, None)
    with ProcessPoolExecutor(recipe.processes, mp_context=get_context("spawn")) as pool:
        if not recipe.start:
            seeds = [recipe.seed + SEED_STEP * at for at in range(MEMBER_COUNT)]
            members = list(pool.map(partial(member_from_seed, recipe, report), seeds))
        else:
            members = [read_member(each, training_data, corpus.tag_count) for each in recipe.start]
        seeds = [recipe.seed + STUDENT_SEED_OFFSET + SEED_STEP * at for at in range(STUDENT_COUNT)]
        train = partial(student_from_seed, recipe, report, members)
        first = members[0].arrays
        if not recipe.start:
            first = pool.submit(train, None, seeds[0]).result()
        last = list(pool.map(partial(train, first), seeds))
    arrays = mean_arrays([*last, first] if recipe.start else last)
    vocabulary = members[0].vocabulary
    config = student_config(vocabulary, corpus, steps=recipe.steps, seed=recipe.seed)
    return build_file(
        recipe,
        corpus,
        vocabulary,
        config=config,
        arrays=arrays,
        prior_weight=PRIOR_WEIGHT,
        report=report,
    )


def member_from_seed(recipe: Recipe, report: Report, seed: int) -> Member:
    """Train one ensemble member. A process pool calls this function by name."""
    return train_member(recipe, load_training_data(recipe, report), seed, report)


def student_from_seed(
    recipe: Recipe, report: Report, members: Sequence[Member], arrays: Arrays | None, seed: int
) -> Arrays:
    """Train one student of the ensemble. A process pool calls this function by name."""
    return train_student(
        recipe, load_training_data(recipe, report), members, arrays=arrays, seed=seed, report=report
    )


def load_training_data(recipe: Recipe, report: Report) -> TrainingData:
    """Return the tables, raw texts and teacher's words that all networks learn from."""
    texts = read_texts(recipe.data, recipe.measure)
    return TrainingData(load_tables(), texts, teacher_words(texts, recipe, report))


def teacher_words(texts: Sequence[str], recipe: Recipe, report: Report) -> list[list[Word]]:
    """Return the teacher's tagged words of each text, from the cache where it has them.

    They are cached in ``words.jsonl`` in the work folder. Only new texts are read by the teacher.
    """
    recipe.work.mkdir(parents=True, exist_ok=True)
    cache = recipe.work / "words.jsonl"
    known: dict[str, list[Word]] = {}
    if cache.exists():
        for line in cache.read_text("utf-8").splitlines():
            text, words = json.loads(line)
            known[text] = [Word(*word) for word in words]
    new = [text for text in texts if text not in known]
    if new:
        report(f"the teacher reads {len(new)} lines")
        known |= zip(new, Teacher(recipe.threads).words(new), strict=True)
        rows = (json.dumps([text, words], ensure_ascii=False) for text, words in known.items())
        cache.write_text("\n".join(rows), "utf-8")
    return [known[text] for text in texts]
