"""The generated log of the demo: a small cluster's ordinary life, with attacks planted in it; nothing is recorded data.

`generate` gives the lines, `plants` says what was planted. The lines follow from a seed; the shares of verbs, codes,
sources and sizes follow measurements of real clusters.
"""

from kwho.sample.log import generate, plants
from kwho.sample.plants import Plant, Step

__all__ = ["Plant", "Step", "generate", "plants"]
