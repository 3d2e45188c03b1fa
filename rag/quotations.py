"""Where an article's quotation marks open and close, across sentences."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rag.types import Sentence

Quotation = tuple[int, int]  # article offsets of the quoted words, without the marks


def find_quotations(sentences: Sequence[Sentence]) -> list[Quotation]:
    """Every quotation in double marks, in order. One left open ends with its block: a new paragraph opens it again."""
    found: list[Quotation] = []
    for _, block in groupby(sentences, key=lambda sentence: sentence.block):
        found.extend(_in_block(list(block)))
    return found


def _in_block(sentences: Sequence[Sentence]) -> list[Quotation]:
    found: list[Quotation] = []
    opened: tuple[int, int] | None = None  # where the words begin, and where their sentence ends
    for sentence in sentences:
        for at, mark in enumerate(sentence.text):
            kind = _kind(sentence.text, at, mark, opened is not None)
            if kind == "open":
                if opened is not None:  # the closing mark is missing: it ended with its sentence
                    found.append((opened[0], min(opened[1], sentence.start + at)))
                opened = (sentence.start + at + 1, sentence.end)
            elif kind == "close" and opened is not None:
                found.append((opened[0], sentence.start + at))
                opened = None
    if opened is not None:
        found.append((opened[0], sentences[-1].end))
    return [span for span in found if span[0] < span[1]]


def _kind(text: str, at: int, mark: str, inside: bool) -> str:
    if mark in "“«„":
        return "open"
    if mark in "”»":
        return "close"
    if mark != '"':
        return ""
    before, after = text[at - 1 : at].strip(), text[at + 1 : at + 2].strip()
    if not inside:
        return "open" if after else ""
    return "open" if after and not before and at else "close"
