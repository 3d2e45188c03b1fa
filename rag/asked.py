"""What a question asks for: its kind, its words, the time it names. Rules over the words alone: no parser to load."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.words import STOP, content_words, names_in

Kind = Literal["who", "number", "when", "where", "why", "what", "yesno"]

AUXILIARY = r"(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|may|might|must)(?:n[’']t)?"
MONTHS = ("january february march april may june july august september october november december").split()
MONTH = re.compile(
    r"\b(?:(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?)?("
    + "|".join(MONTHS)
    + r")\b(?:\s+(\d{1,2})(?:st|nd|rd|th)?\b(?!\d))?(?:,?\s+(?:of\s+)?(\d{4}))?",
    re.IGNORECASE,
)
YEAR = re.compile(r"\b(?:in|of|during|since|by)\s+((?:1[5-9]|20)\d\d)\b", re.IGNORECASE)
IN = re.compile(r"\b(?:in|of|during|since|last|early|late|mid)[ -]$", re.IGNORECASE)
SAYING = re.compile(
    r"\b(say|says|said|tell|told|claim\w*|accus\w+|blam\w+|den(?:y|ied|ies)|announc\w+|stat(?:e|es|ed)|report(?:s|ed)?|warn\w*)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A time that a question names; None where it does not say."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    kind: Kind
    words: frozenset[str]  # stems of its content words
    names: frozenset[str]  # roots of the names in it
    times: tuple[Day, ...]
    asks_speaker: bool  # "who accused ...?": the one who speaks is what is asked for
    counted: str | None  # "how many civilians": the stem of what is counted


def understand(question: str) -> Asked:
    """Never fails: an unknown form is read as "what"."""
    text = " ".join(question.split())
    kind = _kind(text)
    return Asked(
        question=text,
        kind=kind,
        words=frozenset(content_words(text)),
        names=frozenset(names_in(text)),
        times=times_in(text),
        asks_speaker=_asks_speaker(text),
        counted=_counted(text) if kind == "number" else None,
    )


def _kind(text: str) -> Kind:
    last = re.split(r"(?<=[.!?])\s+", text)[-1].lower().strip(" ?")
    clause = re.split(r",\s+", last)[-1] if not re.match(r"\W*" + AUXILIARY + r"\b", last) else last
    for part in (last, clause):
        if re.search(r"\bhow (?:many|much|old|tall|long|large|big|far|high|deep|wide|heavy|often)\b", part):
            return "number"
        if re.search(r"\b(?:what|which)\b.{0,20}\b(?:number|death toll|toll|percentage|population)\b", part):
            return "number"
    if re.match(r"\W*" + AUXILIARY + r"\b", clause) and not re.search(
        r"\b\w+ or (?!not\b|before|after|more|less)\w+", clause
    ):
        return "yesno"
    if re.search(r"\bwhen\b|\b(?:what|which|on what) (?:\w+ ){0,2}(?:year|date|day|month|time|century|decade)\b", last):
        return "when"
    if re.search(
        r"\b(?:who|whom|whose)\b|\b(?:what|which) (?:\w+ )?(?:side|group|country|party|army|government|militia)s?\b",
        last,
    ):
        return "who"
    if re.search(
        r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:city|town|place|village|location|region|province|state)\b", last
    ):
        return "where"
    if re.search(r"\bwhy\b|\bwhat (?:was |is |were )?(?:the )?(?:caus|reason|motiv|led\b|made\b)", last):
        return "why"
    return "what"


def _asks_speaker(text: str) -> bool:
    """ "Who accused Russia?" asks for the speaker; "who was accused?" and "who do they blame?" do not."""
    active = re.search(r"\b(?:who|which \w+)\s+(?:has |had |have )?(?:\w+ly )?(\w+)", text, re.IGNORECASE)
    return bool(active and SAYING.fullmatch(active[1]))


def _counted(text: str) -> str | None:
    found = re.search(r"\bhow (?:many|much)\s+(.+)", text, re.IGNORECASE)
    if not found:
        return None
    for word in re.findall(r"[\w’'-]+", found[1]):
        if re.fullmatch(AUXILIARY, word, re.IGNORECASE):
            return None
        if word.lower() not in STOP:
            return next(iter(content_words(word)), None)
    return None


def times_in(text: str) -> tuple[Day, ...]:
    """Months with their day and year, and bare years ("in 2016")."""
    found: list[Day] = []
    rest = text
    for m in MONTH.finditer(text):
        if m[2].lower() == "may" and not (m[1] or m[3] or m[4] or IN.search(text[: m.start()])):
            continue  # the verb, or a name
        day = m[1] or m[3]
        found.append(Day(int(m[4]) if m[4] else None, MONTHS.index(m[2].lower()) + 1, int(day) if day else None))
        rest = rest.replace(m[0], " ")
    found += [Day(year=int(m[1])) for m in YEAR.finditer(rest)]
    return tuple(found)
