"""Everything from raw text to the weights in the wheel, in one call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from .calibrate import FLOW
from .export import Arrays
from .pupil import pupil, settled
from .rounds import Member, Recipe, Taught, Tell, mean, member, written
from .tables import load_tables
from .teacher import Teacher, Word
from .texts import read_texts

MEMBERS = 2  # networks that learn by themselves, and what they say is taught to the one shipped
PUPILS = 2  # copies of that one which learn from different lines; their mean is shipped
APART = 100  # between the seeds of networks
SCHOOL = 4 * APART  # from here on the seeds are pupils'


def remake(recipe: Recipe, tell: Tell) -> bytes:
    """The weights file that this recipe gives: what several networks say, taught to one."""
    taught = read_taught(recipe, tell)
    corpus = taught.corpus(recipe, recipe.seed, None)
    with ProcessPoolExecutor(recipe.processes, mp_context=get_context("spawn")) as pool:
        seeds = [recipe.seed + APART * at for at in range(MEMBERS)]
        members = list(pool.map(partial(grown, recipe, tell), seeds))
        seeds = [recipe.seed + SCHOOL + APART * at for at in range(PUPILS)]
        arrays = mean(list(pool.map(partial(schooled, recipe, tell, members), seeds)))
    vocabulary = members[0].vocabulary
    plan = settled(vocabulary, corpus, steps=recipe.steps, seed=recipe.seed)
    return written(recipe, corpus, vocabulary, plan=plan, arrays=arrays, flow=FLOW, tell=tell)


def grown(recipe: Recipe, tell: Tell, seed: int) -> Member:
    """A network that has learned by itself, in whatever process."""
    return member(recipe, read_taught(recipe, tell), seed, tell)


def schooled(recipe: Recipe, tell: Tell, members: Sequence[Member], seed: int) -> Arrays:
    """A copy of the first network that has heard all of them, in whatever process."""
    return pupil(recipe, read_taught(recipe, tell), members, seed=seed, tell=tell)


def read_taught(recipe: Recipe, tell: Tell) -> Taught:
    """What every network learns from."""
    texts = read_texts(recipe.data, recipe.measure)
    return Taught(load_tables(), texts, words_of(texts, recipe, tell))


def words_of(texts: Sequence[str], recipe: Recipe, tell: Tell) -> list[list[Word]]:
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
