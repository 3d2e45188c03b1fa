"""Whether two phrases name the same party or place. Two enemies in one position is the worst that can happen here, so
a doubt keeps them apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.words import CALENDAR, STOP, WORD, root, stem, unify

Name = tuple[str, ...]  # the roots of a name's words, in order

TITLES = frozenset(
    """president minister prime general gen lt col maj capt sgt mr mrs ms dr king queen prince princess sheikh secretary
    ambassador spokesman spokeswoman commander senator governor mayor sir lord pope""".split()
)
ORGANS = frozenset(
    root(w) for w in "army government ministry defense defence foreign state military air force president".split()
)
DISTINCT = frozenset(
    "north south east west northern southern eastern western central upper lower free new former real".split()
)
_ONE = {
    "army": "army troops soldiers forces military",
    "government": "government regime authorities",
    "rebels": "rebels insurgents",
    "aircraft": "aircraft jets planes warplanes airplanes",
}
JOINED = {stem(word): name for name, words in _ONE.items() for word in words.split()}
LIGHT = frozenset(stem(w) for w in "group fighter faction unit member element side man men people one".split())
TIED = r"backed|supported|allied|aligned|led|funded|sponsored|trained|armed|linked|affiliated"
LEANING = re.compile(r"\b(pro|anti|non)[- ](\w+)", re.IGNORECASE)
TIED_BEFORE = re.compile(rf"\b((?:[\w’']+-)?[\w’']+)-(?:{TIED})\b", re.IGNORECASE)
TIED_AFTER = re.compile(rf"\b(?:(?:{TIED}) (?:by|with|to)|loyal to|from)\s+(?:the\s+)?([A-Z][\w’']*)")
CAPITAL = r"(?-i:[A-Z])[\w’'.-]*"
UNIT = re.compile(rf"{CAPITAL}(?:\s+(?:(?:of|for|de|von|van|bin|al|el|on)\s+(?:the\s+)?)?{CAPITAL})*")


@dataclass(frozen=True, slots=True)
class Party:
    names: tuple[Name, ...]  # "Free Syrian Army" is one name of three roots
    kinds: frozenset[str]  # stems of common words: militia, rebel, jihadist
    ties: frozenset[str]  # whose it is: "Iranian militias", "militias backed by Iran"
    leaning: frozenset[str]  # "pro-government"


@lru_cache(maxsize=20_000)
def party(text: str) -> Party:
    rest = re.sub(r"[“”\"]", " ", unify(text))
    leaning = frozenset(f"{m[1].lower()}-{root(m[2])}" for m in LEANING.finditer(rest))
    rest = LEANING.sub(" ", rest)
    ties = {root(m[1]) for m in TIED_BEFORE.finditer(rest)} | {root(m[1]) for m in TIED_AFTER.finditer(rest)}
    rest = TIED_AFTER.sub(" ", TIED_BEFORE.sub(" ", rest))
    names: list[Name] = []
    for m in UNIT.finditer(rest):
        name = _name(m[0])
        if not name:
            continue
        if re.match(r"(?:[’']s?)?\s+[a-z]\w+", rest[m.end() :]) and _common_after(rest[m.end() :]):
            ties.add(" ".join(name))  # an adjective: "Syrian rebels"
        else:
            names.append(name)
    kinds = _kinds(UNIT.sub(" ", rest))
    if ties and not names and not leaning and kinds <= {"army", "government"}:
        # A country's army or government is the country, as far as taking sides goes.
        return Party(tuple((t,) for t in sorted(ties)), frozenset(), frozenset(), leaning)
    return Party(tuple(names), kinds, frozenset(ties), leaning)


def _name(text: str) -> Name:
    words = [w for w in WORD.findall(text) if w[0].isupper() and w.lower() not in CALENDAR and w.lower() not in STOP]
    kept = [root(w) for w in words if w.lower().strip(".") not in TITLES]
    return tuple(kept or [root(w) for w in words])


def _common_after(rest: str) -> bool:
    """The next word is a common noun or adjective, so that the name before it only says whose."""
    after = re.match(r"(?:[’']s?)?\s+([a-z]\w+)", rest)
    return bool(after) and after[1] not in STOP  # type: ignore[index]


def _kinds(text: str) -> frozenset[str]:
    found = [stem(w) for w in WORD.findall(text) if w.lower() not in STOP and len(w) > 1]
    joined = [JOINED.get(s, s) for s in found]
    solid = [k for k in joined if k not in LIGHT and k != "army"]
    if solid:
        return frozenset(solid)  # "rebel forces" and "rebel groups" are rebels
    return frozenset(k for k in joined if k == "army") or frozenset(joined)


def alike(a: str, b: str) -> float:
    """0 to 1; from 0.5 on the phrases name one party or place."""
    x, y = party(a), party(b)
    if _distinct(x) and _distinct(y) and _distinct(x) != _distinct(y):
        return 0.0
    if x.names and y.names:
        if (x.leaning or y.leaning) and x.leaning != y.leaning:
            return 0.0
        return 1.0 if _same_names(x.names, y.names) else 0.0
    if x.names or y.names:
        return 0.0
    marks = (x.ties, x.leaning), (y.ties, y.leaning)
    contained = bool(x.kinds and y.kinds) and (x.kinds <= y.kinds or y.kinds <= x.kinds)
    if marks[0] == marks[1]:
        return 0.9 if contained or (x.kinds == y.kinds and any(marks[0])) else 0.0
    bare = not any(marks[0]) or not any(marks[1])
    return 0.6 if bare and contained else 0.0


def _distinct(p: Party) -> frozenset[str]:
    """Points of the compass and the like, which make two of one name."""
    words = {w for n in p.names for w in n} | p.kinds | {w for t in p.ties for w in t.split()}
    return frozenset(w for w in DISTINCT if w in words or stem(w) in words or root(w) in words)


def _same_names(a: tuple[Name, ...], b: tuple[Name, ...]) -> bool:
    """Every name of either has its like in the other: "Turkey" is not "Turkey and Russia"."""
    return all(any(same_name(n, m) for m in b) for n in a) and all(any(same_name(n, m) for m in a) for n in b)


def same_name(a: Name, b: Name) -> bool:
    """The same words in any order, or one a short form of the other."""
    if set(a) == set(b):
        return True
    short, long = sorted((a, b), key=len)
    extra = set(long) - set(short)
    if not set(short) <= set(long) or extra & {root(d) for d in DISTINCT}:
        return False
    if len(set(short)) >= 2:
        return True
    # A surname, or "the Observatory"; or a country for its ministry. "Syria" is not the "Syrian Observatory".
    return long[0] != short[0] or extra <= ORGANS


def opposed_names(a: str, b: str) -> bool:
    """Both name somebody, and nobody in common."""
    x, y = party(a), party(b)
    first = {w for n in x.names for w in n} | {w for t in x.ties for w in t.split()}
    second = {w for n in y.names for w in n} | {w for t in y.ties for w in t.split()}
    return bool(first and second and not first & second)


def part_of(a: str, b: str) -> bool:
    """One names some of those that the other names: "Turkey", and "Turkey and Russia"."""
    x, y = party(a).names, party(b).names
    if not x or not y or len(x) == len(y):
        return False
    few, many = sorted((x, y), key=len)
    return all(any(same_name(n, m) for m in many) for n in few)
