"""Made corpora: recipe and seed in, labelled files without one real person out."""

from piiscan.synth.corpus import Made, make
from piiscan.synth.recipe import known

__all__ = ["Made", "known", "make"]
