"""Whosays: who says what, over a library of articles that contradict each other."""

__version__ = "0.1.0"
