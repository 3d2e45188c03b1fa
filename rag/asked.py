"""What a question asks for: its kind, its words, the time it names. Rules over the words alone: no parser to load."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.words import content_words, names_in

Kind = Literal["who", "number", "when", "where", "why", "what", "yesno"]

AUXILIARY = r"(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|may|might|must)(?:n[’']t)?"
MONTHS = ("january february march april may june july august september october november december").split()
SHORT = "jan feb mar apr jun jul aug sept sep oct nov dec".split()  # "Dec. 14", "Dec 14"; "Jan" alone is a name
ALSO_WORDS = frozenset(("may", "march", "august"))  # and not months at all: "who may", "march on the city"
CENTURIES = r"(?:1[5-9]|20)\d\d"
MONTH = re.compile(
    r"\b(?:(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?)?("
    + "|".join(MONTHS)
    + rf"|(?:{'|'.join(SHORT)})(?=\.|\s+\d)"
    + rf")\b\.?(?:\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?![\d,]*\d))?(?:,?\s+(?:of\s+)?({CENTURIES})\b)?",
    re.IGNORECASE,
)
ISO = re.compile(rf"\b({CENTURIES})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?\b")
YEAR = re.compile(rf"\b(?:in|of|during|since|by)\s+(?:(?:the|its|their)\s+)?({CENTURIES})\b", re.IGNORECASE)
IN = re.compile(
    r"\b(?:in|of|during|since|last|next|this|early|late|mid|by|before|after|until|till|from|between|through)[ -]$",
    re.IGNORECASE,
)
HUNG_IN = re.compile(r"(?:\b(?:in|on|of|during|since|by|from|late|early|mid|the month of)[ -]+)+$", re.IGNORECASE)
SAYING = re.compile(
    r"\b(say|says|said|tell|told|claim\w*|accus\w+|blam\w+|den(?:y|ied|ies)|announc\w+|stat(?:e|es|ed)|report(?:s|ed)?|warn\w*)\b",
    re.I,
)
SPEAKS = re.compile(
    rf"\b(?:who|which(?:\s+(?!{AUXILIARY}\b)\w+){{1,3}}?)\s+(?:has |had |have )?(?:\w+ly )?{SAYING.pattern}(?!\s+by\b)",
    re.IGNORECASE,
)
WH = r"(?:who|whom|whose|what|which|why|how|when|where)"
BEFORE_WH = r"(?:in|on|at|by|to|of|for|from|with|since|until|against|about|according to|because of)"
POLITE = re.compile(
    r"^(?:please,? )?(?:(?:do|did|does|can|could|would|will) (?:you|we|anyone|anybody) (?:please )?"
    r"(?:know|tell (?:me|us)|say|explain)|(?:tell|show) (?:me|us)|is it known|i(?:'d| would) like to know) (?:about )?"
    rf"(?={WH}\b)"
)
# Where two begin at the same word, the earlier kind is meant: "what time" is not merely "what".
PATTERNS: dict[Kind, re.Pattern[str]] = {
    "number": re.compile(
        r"\bhow (?:many|much|old|tall|long|large|big|far|high|deep|wide|heavy|often)\b"
        r"|\b(?:what|which)\b.{0,20}\b(?:number|death toll|toll|percentage|population)\b"
    ),
    "when": re.compile(r"\bwhen\b|\b(?:what|which) (?:\w+ ){0,2}(?:year|date|day|month|time|century|decade)\b"),
    "who": re.compile(
        r"\b(?:who|whom|whose)\b|\b(?:what|which) (?:of (?:the )?)?(?:\w+ )?"
        r"(?:side|group|country|party|army|government|militia|official|minister|leader|commander|person|people|organi[sz]ation"
        r"|agency|agencies|countries|parties|armies)s?\b"
    ),
    "where": re.compile(
        r"\bwhere\b|\b(?:what|which) (?:\w+ )?"
        r"(?:city|town|place|village|location|region|province|state|cities)s?\b"
    ),
    "why": re.compile(r"\bwhy\b|\bwhat (?:was |is |were )?(?:the )?(?:caus|reason|motiv|led\b|made\b)"),
    "what": re.compile(r"\b(?:what|which|how)\b"),
}


COUNTED = re.compile(
    r"\bhow many\s+(?:of\s+(?:the\s+)?)?((?:[\w’'-]+\s+){0,3}?[\w’'-]+)"
    rf"(?=\s+(?:{AUXILIARY}|\w+ed|died|fled|went|came|took|lost|fell|left|in|at|on|of|from|to|by|there)\b|\W*$)",
    re.IGNORECASE,
)
PRESENT = re.compile(
    r"^\W*(?:is|are|do|does|has|have|can|will|should|may|must)(?:n[’']t)?\b"
    rf"|\b{WH}\s+(?:\w+\s+){{0,2}}?(?:is|are|do|does|has|have|can|will|should|may|must)\b",
    re.IGNORECASE,
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
    timeless: str  # the question without those times
    asks_speaker: bool  # "who accused ...?": the one who speaks is what is asked for
    counted: str  # "buses" of "how many injured buses were ...", else empty
    event: bool  # asks for what happened once, and not for what holds
    lasting: bool = False  # "how long", which a day may answer too


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
        timeless=without_times(text),
        asks_speaker=_asks_speaker(text),
        counted=m[1].split()[-1].lower() if (m := COUNTED.search(text)) else "",
        lasting=bool(re.search(r"\bhow long\b", text, re.IGNORECASE)),
        event=kind in ("who", "number", "why", "yesno") and not PRESENT.search(text),
    )


def _kind(text: str) -> Kind:
    last = re.split(r"(?<=[.!?])\s+", text)[-1].lower().strip(" ?")
    last = POLITE.sub("", last)
    asking = _asking_part(last)
    if PATTERNS["number"].search(last) and _first_kind(asking) in ("number", None):
        return "number"
    if re.match(rf"\W*(?!may\s+\d){AUXILIARY}\b", asking) and not re.search(
        r"\b\w+ or (?!not\b|before|after|more|less)\w+", asking
    ):
        return "yesno"
    return _first_kind(asking) or _first_kind(last) or "what"


def _asking_part(last: str) -> str:
    """The clause that asks: "after the truce ended, who fired?" asks who."""
    if re.match(rf"\W*(?:{AUXILIARY}|who|whom|whose|what|which|why|how)\b", last):
        return last
    clause = re.split(r",\s+", last)[-1]
    return clause if re.match(rf"\W*(?:{AUXILIARY}|(?:{BEFORE_WH}\s+)?{WH})\b", clause) else last


def _first_kind(text: str) -> Kind | None:
    """That of the first question word: "who was there when it ended?" asks who."""
    found = [(m.start(), i, kind) for i, (kind, p) in enumerate(PATTERNS.items()) if (m := p.search(text))]
    return min(found)[2] if found else None


def _asks_speaker(text: str) -> bool:
    """ "Who accused Russia?" asks for the speaker; "who was accused?" and "who do they blame?" do not."""
    return bool(SPEAKS.search(text))


def without_times(text: str) -> str:
    """The question without the times it names, and without what hung them in: "in March 2021", "the December deal"."""
    rest = ISO.sub(" ", YEAR.sub(" ", text))
    for m in reversed(list(MONTH.finditer(rest))):
        if not times_in(m[0] if m[0].lower() not in ALSO_WORDS else rest[max(0, m.start() - 8) : m.end()]):
            continue
        rest = f"{HUNG_IN.sub('', rest[: m.start()])} {rest[m.end() :]}"
    return re.sub(r"\s+([?,.!])", r"\1", " ".join(rest.split()))


def times_in(text: str) -> tuple[Day, ...]:
    """Months with their day and year, ISO days, and bare years ("in 2016")."""
    return tuple(day for _, day in timed(text))


def timed(text: str) -> list[tuple[int, Day]]:
    """The same with their offsets: days and months in reading order, then years."""
    found = [(m.start(), Day(int(m[1]), int(m[2]), int(m[3]) if m[3] else None)) for m in ISO.finditer(text)]
    rest = ISO.sub(_blank, text)
    for m in MONTH.finditer(rest):
        name = m[2].lower()
        if name in ALSO_WORDS and not (m[1] or m[3] or m[4] or IN.search(rest[: m.start()])):
            continue
        day = m[1] or m[3]
        month = next(i for i, full in enumerate(MONTHS, 1) if full.startswith(name[:3]))
        found.append((m.start(), Day(int(m[4]) if m[4] else None, month, int(day) if day else None)))
    return found + [(m.start(1), Day(year=int(m[1]))) for m in YEAR.finditer(MONTH.sub(_blank, rest))]


def _blank(m: re.Match[str]) -> str:
    return " " * len(m[0])
