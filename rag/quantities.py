"""Numbers in text as ranges: 82, eighty-two, "more than 80", "tens of thousands"."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
TENS = {w: 10 * (i + 2) for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())}
SMALL = {w: i for i, w in enumerate(UNITS)} | TENS | {"both": 2}
SCALE = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12}
VAGUE = {"dozens": (24, 100), "scores": (40, 200), "hundreds": (200, 1_000), "thousands": (2_000, 100_000),
         "millions": (2e6, 1e9)}  # fmt: skip
VAGUE_OF = {("tens", "thousands"): (20_000, 100_000), ("hundreds", "thousands"): (200_000, 1e6),
            ("dozens", "hundreds"): (1_000, 10_000), ("tens", "millions"): (2e7, 1e8)}  # fmt: skip

_SCALES = "|".join(SCALE)
_BELOW_100 = rf"(?:(?:{'|'.join(TENS)})(?:[ -](?:{'|'.join(UNITS[1:10])}))?|both|{'|'.join(reversed(UNITS))})\b"
_WORDS = (  # "and" joins only behind a scale: "a hundred and two" is one number, "two and three" are two
    rf"(?:half )?(?:an? )?(?:{_BELOW_100}[ -])?(?:{_SCALES})\b(?:[ -](?:{_SCALES})\b)*"
    rf"(?:(?: and |[ -]){_BELOW_100}(?:[ -](?:{_SCALES})\b)*)*|{_BELOW_100}"
)
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
NUMBER = re.compile(
    rf"(?<![\w.,/:-])(?:(?P<digits>{_DIGITS})(?:(?:-|–| to )(?P<upto>{_DIGITS})(?!-))?(?:[ -](?P<scale>{_SCALES})\b)?"
    rf"|\b(?P<words>{_WORDS}))(?![\d/])",
    re.IGNORECASE,
)
NOT_COUNTED = re.compile(r"(?:st|nd|rd|th|s)\b|:\d|\s?[ap]\.?m\b", re.IGNORECASE)  # 3rd, the 1990s, 5 a.m.
VAGUE_WORDS = re.compile(
    r"\b(tens|dozens|scores|hundreds|thousands|millions)(?: of (thousands|hundreds|millions))?\b", re.I
)
_NOT = r"(?<!\bno )(?<!\bnot )"  # "no more than" is the other bound
LOW = rf"{_NOT}more than|over|at least|upwards? of|not? (?:fewer|less) than|above|exceed\w*|beyond"
HIGH = rf"{_NOT}(?:fewer|less) than|under|up to|at most|not? more than|below|as many as|maximum of"
ABOUT = r"about|around|some|nearly|almost|roughly|approximately|(?:an )?estimated|close to|near|circa|c\.|~"
BOUND = {
    name: re.compile(rf"(?:{words})\s+(?:some\s+|a\s+)?$", re.IGNORECASE)
    for name, words in (("low", LOW), ("high", HIGH), ("about", ABOUT))
}


_UNITS: dict[str, dict[str, float]] = {  # how many of its unit one is
    "m": {"km|kilomet(?:er|re)s?": 1000, "m|met(?:er|re)s?": 1,
          "cm|centimet(?:er|re)s?": 0.01, "mm|millimet(?:er|re)s?": 0.001,
          "miles?|mi": 1609.344, "feet|foot|ft": 0.3048, "inch(?:es)?": 0.0254, "yards?|yd": 0.9144},
    "kg": {"kg|kilos?|kilogram(?:me)?s?": 1, "g|gram(?:me)?s?": 0.001, "tonnes?|metric tons?": 1000,
           "lbs?|pounds?": 0.4536},
    "%": {"%|per ?cent": 1},
    "m2": {"square kilomet(?:er|re)s?|sq km|km2|km²": 1e6, "square miles?|sq mi": 2.59e6, "hectares?|ha": 1e4,
           "acres?": 4046.86},
    "C": {"°C|degrees (?:celsius|centigrade)": 1},
    "h": {"hours?": 1, "minutes?|min": 1 / 60, "days?": 24, "weeks?": 168},
}  # fmt: skip
UNIT = [
    (unit, re.compile(rf"[ -]?(?:{words})(?!\w)", 0 if unit == "C" else re.IGNORECASE), float(size))
    for unit, ways in _UNITS.items()
    for words, size in ways.items()
]
_INCHES = re.compile(
    r"\s?(?:ft|feet|foot|['’′])\s?(\d{1,2}(?:\.\d+)?)\s?(?:inch(?:es)?|in|[\"”″])(?!\w)", re.IGNORECASE
)
UNDER = 0.004  # two measures this close are one: 6 ft 9 in and 2.06 m


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text as the range of values that it allows, with its offsets in that text."""

    low: float
    high: float
    start: int
    end: int
    unit: str = ""  # of a measure, which low and high are converted to: m, kg, % ...

    @property
    def exact(self) -> bool:
        return self.low == self.high


def quantities(text: str) -> list[Quantity]:
    """Every number in reading order. Years, clock times and ordinals count only as far as they look like numbers."""
    found: list[Quantity] = []
    for m in VAGUE_WORDS.finditer(text):
        first, second = m[1].lower(), (m[2] or "").lower()
        span = VAGUE_OF.get((first, second)) or VAGUE.get(first)
        if span:
            found.append(Quantity(*span, m.start(), m.end()))
    for m in NUMBER.finditer(text):
        if NOT_COUNTED.match(text, m.end()) or any(m.start() < q.end and m.end() > q.start for q in found):
            continue
        found.append(_quantity(m, text))
    counted = sorted((q for q in found if not _pronoun(q, text)), key=lambda q: q.start)
    out: list[Quantity] = []
    for q in _ranges(counted, text):
        if not out or out[-1].end <= q.start:  # the inches of "6 ft 8 in" are no number of their own
            out.append(_measured(q, text))
    return out


def _quantity(m: re.Match[str], text: str) -> Quantity:
    value, upto = _value(m), _number(m["upto"], m["scale"]) if m["upto"] else None
    if upto is not None and upto > value:
        return Quantity(value, upto, m.start(), m.end())
    return _bounded(value, text, m.start(), m.end())


def _measured(q: Quantity, text: str) -> Quantity:
    """With its unit, where one follows."""
    if inches := _INCHES.match(text, q.end):
        size = 0.3048 * q.low + 0.0254 * float(inches[1])
        return Quantity(size, size if q.exact else q.high * 0.3048, q.start, inches.end(), "m")
    for unit, pattern, size in UNIT:
        if pattern.match(text, q.end):
            return Quantity(q.low * size, q.high * size, q.start, q.end, unit)
    return q


def _pronoun(q: Quantity, text: str) -> bool:
    """ "One" alone hardly ever counts; "at least one" does."""
    return text[q.start : q.end].lower() == "one"


def _ranges(found: list[Quantity], text: str) -> list[Quantity]:
    """ "Between 20 and 30" is one quantity."""
    out: list[Quantity] = []
    for q in found:
        last = out[-1] if out else None
        if last and last.exact and q.exact and last.low < q.low and text[last.end : q.start] == " and ":
            lead = re.search(r"\bbetween\s+$", text[: last.start], re.IGNORECASE)
            if lead:
                out[-1] = Quantity(last.low, q.high, lead.start(), q.end)
                continue
        out.append(q)
    return out


def _value(m: re.Match[str]) -> float:
    if m["digits"]:
        return _number(m["digits"], m["scale"])
    words = re.split(r"[ -]", m["words"].lower())
    total = current = 0
    for word in words:
        if word in SMALL:
            current += SMALL[word]
        elif word in SCALE and SCALE[word] == 100:
            current = max(current, 1) * 100
        elif word in SCALE:
            total, current = total + max(current, 1) * SCALE[word], 0
    return (total + current) * (0.5 if words[0] == "half" else 1.0)


def _number(digits: str, scale: str | None) -> float:
    return float(digits.replace(",", "")) * SCALE.get((scale or "").lower(), 1)


def _bounded(value: float, text: str, start: int, end: int) -> Quantity:
    before = text[max(0, start - 30) : start]
    if m := BOUND["low"].search(before):
        return Quantity(value, math.inf, start - len(m[0]), end)
    if m := BOUND["high"].search(before):
        return Quantity(0, value, start - len(m[0]), end)
    if m := BOUND["about"].search(before):
        return Quantity(value * 0.9, value * 1.1, start - len(m[0]), end)
    if re.match(r" or more\b|\s?\+| or so\b", text[end : end + 8]):
        return Quantity(value, math.inf, start, end)
    return Quantity(value, value, start, end)


def same_quantity(a: Quantity, b: Quantity) -> bool:
    """One answer: equal values, or a bound or estimate that the other meets closely ("more than 80" and 82)."""
    if a.unit and b.unit and a.unit != b.unit:
        return False
    if a.exact and b.exact:
        return a.low == b.low or (bool(a.unit) and math.isclose(a.low, b.low, rel_tol=UNDER))
    if not allows(a, b) or (_floor(a) and _ceiling(b)) or (_ceiling(a) and _floor(b)):
        return False
    return _near(_centre(a), _centre(b), 1.25) or (_vague(a) and _vague(b)) or (a.low, a.high) == (b.low, b.high)


def allows(a: Quantity, b: Quantity) -> bool:
    """Both can be true at once."""
    if a.unit and b.unit and a.unit == b.unit and a.exact and b.exact:
        return math.isclose(a.low, b.low, rel_tol=UNDER)
    return a.low <= b.high and b.low <= a.high


def _floor(q: Quantity) -> bool:
    return math.isinf(q.high)


def _ceiling(q: Quantity) -> bool:
    return q.low == 0 and not q.exact and not _floor(q)


def _centre(q: Quantity) -> float:
    if math.isinf(q.high):
        return q.low
    return q.high if q.low == 0 else math.sqrt(q.low * q.high)


def _vague(q: Quantity) -> bool:
    return q.low > 0 and not math.isinf(q.high) and q.high / q.low > 2


def _near(a: float, b: float, factor: float) -> bool:
    return a == b or (min(a, b) > 0 and max(a, b) / min(a, b) <= factor)
