"""Synthetic corpora: fictional labelled files, generated from a recipe and a seed."""

from piiscan.synth.corpus import MadeCorpus, make
from piiscan.synth.recipe import recipe_names

__all__ = ["MadeCorpus", "make", "recipe_names"]
