"""An earlier and a later state of one thing are no dispute: a toll of 12 on Monday and of 15 on Tuesday, a hearing that
was due in March and opens in April.

By the days of publication, and by a day that the sentence itself gives its count ("by Friday"). Counts: only those that
grow as more becomes known, and never where two named sources stand against each other. Days: only where the later
sentence says that something was moved, or names both days.
"""

from __future__ import annotations

import datetime as dt
import math
import re

from rag.answers import Candidate
from rag.asked import Asked, timed
from rag.positions import Group, same_time
from rag.quantities import Quantity
from rag.words import stem

GROWING = frozenset(
    stem(w)
    for w in """kill killed killing dead death deaths die died toll casualty casualties victim victims injured
    wounded hurt missing arrested detained displaced fled evacuated infected cases bodies
    found recovered rescued""".split()
)
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
BY_DAY = re.compile(rf"\b(?:by|as of|until|up to) (?:late |early )?({'|'.join(WEEKDAYS)})\b", re.IGNORECASE)
MOVED = re.compile(
    r"\b(?:moved|postponed|extended|prolonged|delayed|deferred|rescheduled|adjourned|put (?:off|back)|pushed back"
    r"|brought forward|set back|now|instead|no longer|planned|scheduled"
    r"|(?:was|were|had been) (?:due|to|meant|expected|set)|originally|first set"
    r"|rather than|and not (?:on|in|until)|not\b[^.;:]{0,60}? but (?:only )?(?:on|in|from|at))\b",
    re.IGNORECASE,
)
BY = re.compile(r"\b(?:by|as of|until|up to)\s+(?:the\s+)?$", re.IGNORECASE)


def updates(asked: Asked, a: Group, b: Group) -> bool:
    """Whether one of the two is a later, higher count of the same by sources that do not oppose each other, or the day
    to which something was moved."""
    if a.first.key.time and b.first.key.time:
        return any(_moved(m, n) or _moved(n, m) for m in a.members for n in b.members)
    if asked.kind != "number" or not asked.words & GROWING:
        return False
    first, second = _days(a), _days(b)
    if not first or not second:
        return False
    if min(first) > max(second):
        return _rising(b, a)
    return max(first) < min(second) and _rising(a, b)


def _moved(later: Candidate, earlier: Candidate) -> bool:
    """Whether `later` says that its day took the place of another: it is told after `earlier`, or names both days."""
    sentence = later.evidence.sentence.text
    if not MOVED.search(sentence):
        return False
    after, before = later.evidence.article.published, earlier.evidence.article.published
    both = earlier.key.time is not None and _names_day(sentence, earlier)
    return both or bool(after and before and after > before)


def _names_day(sentence: str, c: Candidate) -> bool:
    named = [day for _, day in timed(sentence)]
    weekday = next((d for d in WEEKDAYS if d in c.key.text.lower()), None)
    return any(c.key.time and same_time(day, c.key.time) for day in named) or bool(
        weekday and re.search(rf"\b{weekday}\b", sentence, re.IGNORECASE)
    )


def _rising(earlier: Group, later: Group) -> bool:
    low, high = earlier.first.key.quantity, later.first.key.quantity
    if low is None or high is None or _floor(low) >= _floor(high):
        return False
    return not any(_opposed(m, n) for m in earlier.members for n in later.members)


def _opposed(a: Candidate, b: Candidate) -> bool:
    x, y = a.attribution.speaker, b.attribution.speaker
    return bool(x and y and x != y)


def _floor(q: Quantity) -> float:
    return q.low if q.low > 0 or math.isinf(q.high) else q.high


def _days(group: Group) -> list[dt.date]:
    """The day of every member's count; empty where one is unknown."""
    days = [_day(m) for m in group.members]
    known = [d for d in days if d]
    return known if len(known) == len(days) else []


def _day(c: Candidate) -> dt.date | None:
    published, text = c.evidence.article.published, c.evidence.sentence.text
    if published is None:
        return None
    if m := BY_DAY.search(text):
        return published - dt.timedelta(days=(published.weekday() - WEEKDAYS.index(m[1].lower())) % 7)
    for at, day in timed(text):
        if BY.search(text[:at]) and day.month and day.day:
            return dt.date(day.year or published.year, day.month, min(day.day, 28))
    return published
