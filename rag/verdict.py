"""Yes or no by comparing: "did it have more than 50 beds?" against "40 beds", "born before 1900?" against "in 1912".

A small network reads these badly, and arithmetic reads them exactly. Silent where the two cannot be compared.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from rag.asked import Asked, Day, timed, without_times
from rag.quantities import Quantity, quantities
from rag.words import content_words

STRICT = re.compile(r"\b(?:more|fewer|less|over|under|above|below|beyond|exceed\w*)\b(?!.*\bor (?:more|less)\b)", re.I)
BEFORE = re.compile(r"\b(?:before|prior to|earlier than|by)\s+(?:the\s+)?$", re.IGNORECASE)
AFTER = re.compile(r"\b(?:after|later than|since)\s+(?:the\s+)?$", re.IGNORECASE)
YEAR = re.compile(r"\b(1[0-9]\d\d|20\d\d)\b(?!s)")
NEAR = 4  # words around a number that say what it counts


def compared(asked: Asked, sentence: str, start: int, end: int, dated: bool) -> bool | None:
    """The verdict of the words from `start` to `end` of the sentence, or None where numbers and times decide nothing.
    In `dated` articles a plain day only says which event is meant, and is not compared."""
    by_number = _by_number(asked, sentence, start, end)
    return by_number if by_number is not None else _by_time(asked, sentence[start:end], dated)


# --- numbers ----------------------------------------------------------------------------------


def _by_number(asked: Asked, sentence: str, start: int, end: int) -> bool | None:
    wanted = quantities(without_times(asked.question))
    if len(wanted) != 1:
        return None
    told = [q for q in quantities(sentence) if not YEAR.fullmatch(sentence[q.start : q.end])]
    noun = _counted(without_times(asked.question), wanted[0])
    same = [q for q in told if noun & _counted(sentence, q)]
    inside = [q for q in told if q.start < end and q.end > start]
    chosen = [q for q in same if q in inside] or same or (inside if not noun else [])
    return _within(chosen[0], _strictly(wanted[0], asked.question)) if len(chosen) == 1 else None


def _counted(text: str, q: Quantity) -> frozenset[str]:
    """Stems of the words right behind a number."""
    return frozenset(content_words(" ".join(text[q.end :].split()[:NEAR])))


def _strictly(q: Quantity, question: str) -> Quantity:
    """ "More than 50" leaves 50 out; "at least 50" does not."""
    if not STRICT.search(question[: q.end]):
        return q
    if math.isinf(q.high):
        return replace(q, low=math.nextafter(q.low, math.inf))
    return replace(q, high=math.nextafter(q.high, -math.inf)) if q.low == 0 else q


def _within(told: Quantity, wanted: Quantity) -> bool | None:
    if wanted.low <= told.low and told.high <= wanted.high:
        return True
    return False if told.high < wanted.low or told.low > wanted.high else None


# --- times ------------------------------------------------------------------------------------


def _by_time(asked: Asked, words: str, dated: bool) -> bool | None:
    wanted = _times(asked.question)
    told = _times(words)
    if len(wanted) != 1 or len(told) != 1:
        return None
    (at, day), (_, then) = wanted[0], told[0]
    lead = asked.question[:at]
    if BEFORE.search(lead) or AFTER.search(lead):
        order = _order(then, day)
        return None if order is None else order == (-1 if BEFORE.search(lead) else 1)
    return None if dated else _is(then, day)


def _times(text: str) -> list[tuple[int, Day]]:
    """(offset, time): days, months and years, a year also where no word announces it."""
    found = timed(text)
    years = {d.year for _, d in found}
    return found + [(m.start(), Day(year=int(m[1]))) for m in YEAR.finditer(text) if int(m[1]) not in years]


def _order(a: Day, b: Day) -> int | None:
    """-1 where a is before b, 1 where after; None where they may be one time."""
    for x, y in ((a.year, b.year), (a.month, b.month), (a.day, b.day)):
        if x is None or y is None:
            return None
        if x != y:
            return -1 if x < y else 1
    return None


def _is(told: Day, wanted: Day) -> bool | None:
    pairs = [(told.year, wanted.year), (told.month, wanted.month), (told.day, wanted.day)]
    if any(x and y and x != y for x, y in pairs):
        return False
    return True if all(x for x, y in pairs if y) else None
