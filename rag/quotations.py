"""Where an article opens and closes somebody's words without a verb: quotation marks, and turns of a transcript."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from rag.types import Sentence

Quotation = tuple[int, int]  # article offsets of the quoted words, without the marks

_MARKS = re.compile(r"[“«„”»\"]|''(?!')")
_LABEL = re.compile(r"[\"“]?(?P<name>[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){0,2}): (?=\S)")
_TURNS = 2  # how often a name must open a paragraph, and how many must: a dateline ("BEIRUT: ...") comes once


def find_quotations(sentences: Sequence[Sentence]) -> list[Quotation]:
    """Every quotation in double marks, in order. One left open ends with its block: a new paragraph opens it again."""
    blocks = groupby(sentences, key=lambda sentence: sentence.block)
    return [span for _, block in blocks for span in _in_block(list(block)) if span[0] < span[1]]


def _in_block(sentences: Sequence[Sentence]) -> Iterator[Quotation]:
    opened: Quotation | None = None  # where the words begin, and where their sentence ends
    for sentence in sentences:
        for found in _MARKS.finditer(sentence.text):
            at, after = sentence.start + found.start(), sentence.start + found.end()
            if _opens(sentence.text, found, opened is not None):
                if opened is not None:  # the closing mark is missing: it ended with its sentence
                    yield opened[0], min(opened[1], at)
                opened = after, sentence.end
            elif opened is not None:
                yield opened[0], at
                opened = None
    if opened is not None:
        yield opened[0], sentences[-1].end


def _opens(text: str, mark: re.Match[str], inside: bool) -> bool:
    if mark[0] in "“«„”»":
        return mark[0] in "“«„"
    before, after = text[: mark.start()][-1:].strip(), text[mark.end() :][:1].strip()
    if not inside:
        return bool(after)
    return bool(after) and not before and mark.start() > 0


def find_turns(sentences: Sequence[Sentence]) -> list[tuple[Quotation, Quotation]]:
    """The turns of a transcript: (the speaker's label, the words), each to the end of its block."""
    labels = [(s, found) for s in sentences if (found := _LABEL.match(s.text))]
    often = {name for name, count in Counter(found["name"] for _, found in labels).items() if count >= _TURNS}
    if len(often) < _TURNS:
        return []
    turns = []
    for sentence, found in labels:
        if found["name"] in often:
            label = sentence.start + found.start("name"), sentence.start + found.end("name")
            turns.append((label, (sentence.start + found.end(), _turn_end(sentences, sentence, labels))))
    return turns


def _turn_end(sentences: Sequence[Sentence], first: Sentence, labels: Sequence[tuple[Sentence, re.Match[str]]]) -> int:
    later = [s.n for s, _ in labels if s.n > first.n]
    stop = later[0] if later else len(sentences)
    return max(s.end for s in sentences if first.n <= s.n < stop and s.block == first.block)
