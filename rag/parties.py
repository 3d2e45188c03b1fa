"""Whether two phrases name the same party or place. Two enemies in one position is the worst that can happen here, so
a doubt keeps them apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from rag.spelling import plain_name
from rag.words import CALENDAR, STOP, WORD, is_acronym, root, stem, tokens, unify

Name = tuple[str, ...]  # the roots of a name's words, in order

TITLES = frozenset(
    """president minister prime general gen lt col maj capt sgt mr mrs ms dr king queen prince princess sheikh secretary
    ambassador spokesman spokeswoman commander senator governor mayor sir lord pope takfiri""".split()
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
# What acts for a country: as far as taking sides goes, it is the country.
STATE = frozenset(("army", "government", "aircraft")) | frozenset(
    stem(w)
    for w in "ministry defense foreign interior military air state official helicopter strike airstrike war".split()
)
# What makes no other party of a name: "Norsund State militants", "FNA fighters".
BAND = frozenset(
    stem(w) for w in "group fighter militant faction force jihadist terrorist militia gunmen troops".split()
)
TIED = r"backed|supported|allied|aligned|led|funded|sponsored|trained|armed|linked|affiliated"
LEANING = re.compile(r"\b(pro|anti|non)[- ](\w+)", re.IGNORECASE)
TIED_BEFORE = re.compile(rf"\b((?:[\w’']+-)?[\w’']+)-(?:{TIED})\b", re.IGNORECASE)
TIED_AFTER = re.compile(rf"\b(?:(?:{TIED}) (?:by|with|to)|loyal to|from)\s+(?:the\s+)?([A-Z][\w’']*)")
AGAINST = re.compile(
    r"\b(?:against|fighting|battling|opposing|opposed to|hostile to|besieging|targeting)\s+(?:the\s+)?([A-Z][\w’']*)"
    r"(?:\s+[A-Z][\w’']*)*"
)
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
    rest = plain_name(re.sub(r"[“”\"]", " ", unify(text)))
    leaning = frozenset(
        {f"{m[1].lower()}-{root(m[2])}" for m in LEANING.finditer(rest)}
        | {f"anti-{root(m[1])}" for m in AGAINST.finditer(rest)}
    )
    rest = AGAINST.sub(" ", LEANING.sub(" ", rest))
    ties = {root(m[1]) for m in TIED_BEFORE.finditer(rest)} | {root(m[1]) for m in TIED_AFTER.finditer(rest)}
    rest = TIED_AFTER.sub(" ", TIED_BEFORE.sub(" ", rest))
    names: list[Name] = []
    for m in UNIT.finditer(rest):
        name = _name(m[0])
        if not name:
            continue
        if _common_after(rest[m.end() :]) and not _band(m[0], rest[m.end() :]):
            ties.add(" ".join(name))  # an adjective: "Syrian rebels"
        else:
            names.append(name)
    kinds = _kinds(UNIT.sub(" ", rest))
    if ties and not names and not leaning and kinds <= STATE:
        # A country's army or government is the country, as far as taking sides goes.
        return Party(tuple((t,) for t in sorted(ties)), frozenset(), frozenset(), leaning)
    return Party(tuple(names), kinds, frozenset(ties), leaning)


def _name(text: str) -> Name:
    words = [
        w
        for w in WORD.findall(text)
        if w[0].isupper() and w.lower() not in CALENDAR and (w.lower() not in STOP or is_acronym(w, text))
    ]
    kept = [root(w) for w in words if w.lower().strip(".") not in TITLES]
    return tuple(kept or [root(w) for w in words])


def _common_after(rest: str) -> bool:
    """The next word, after others of a list, is a common noun or adjective, so that the name only says whose."""
    after = re.match(rf"(?:[’']s?)?(?:(?:,|,? and|,? or) (?:the )?{CAPITAL})*\s+([a-z]\w+)", rest)
    return bool(after) and after[1] not in STOP  # type: ignore[index]


def _band(name: str, rest: str) -> bool:
    """Only a word such as "fighters" follows, and the name is a body's and not a country's adjective."""
    after = re.match(r"\s+([a-z]\w+)", rest)
    words = name.split()
    body = len(words) > 1 and not re.search(r"(?:an|i|ish|ese)$", words[-1])
    return bool(after) and stem(after[1]) in BAND and (body or (len(words[0]) > 1 and words[0].isupper()))  # type: ignore[index]


def _kinds(text: str) -> frozenset[str]:
    found = [stem(w) for w in WORD.findall(text) if w.lower() not in STOP and len(w) > 1]
    joined = [JOINED.get(s, s) for s in found]
    solid = [k for k in joined if k not in LIGHT and k != "army"]
    if solid:
        return frozenset(solid)  # "rebel forces" and "rebel groups" are rebels
    return frozenset(k for k in joined if k == "army") or frozenset(joined)


class Known(Protocol):
    """What is known of other names. See rag/aliases.py."""

    def in_one_form(self, a: str, b: str) -> tuple[str, str]: ...
    def same(self, a: Name, b: Name) -> bool: ...
    def phrases(self, a: str, b: str) -> bool: ...


BODY = frozenset(root(w) for w in "front movement party group organization network brigade brigades".split())


def alike(a: str, b: str, known: Known | None = None) -> float:
    """0 to 1; from 0.5 on the phrases name one party or place."""
    if known is not None:
        a, b = known.in_one_form(a, b)
    if _with_others(a) != _with_others(b) and party(a).names and party(b).names:
        return 0.0  # "Russia and the rebels" are more than Russia
    likeness = 1.0 if _bare_words(a) and _bare_words(a) == _bare_words(b) else _likeness(party(a), party(b), known)
    if likeness < 0.5 and known is not None and party(a).leaning == party(b).leaning and known.phrases(a, b):
        return 0.8
    return likeness


def apart(a: str, b: str, known: Known | None = None) -> bool:
    """Both say whose or which they are, and not the same: bare "militias" between "Iranian militias" and
    "pro-government militias" must not make them one."""
    x, y = party(a), party(b)
    marked = all(p.names or p.ties or p.leaning for p in (x, y))
    return marked and alike(a, b, known) < 0.5


def _with_others(text: str) -> bool:
    """Somebody named, and others who are not."""
    return bool(re.search(r"\band\b", text) and party(text).names and party(text).kinds)


def _bare_words(text: str) -> Name:
    """All words but articles, whatever their case: "the defence ministry" is "the Defense Ministry"."""
    return tuple(root(w) for w in tokens(unify(text)) if w.lower() not in ("a", "an", "the"))


def _likeness(x: Party, y: Party, known: Known | None) -> float:
    if _distinct(x) and _distinct(y) and _distinct(x) != _distinct(y):
        return 0.0
    if x.names and y.names:
        if (x.leaning or y.leaning) and x.leaning != y.leaning:
            return 0.0
        return 1.0 if _same_names(x.names, y.names, known) else 0.0
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


def _same_names(a: tuple[Name, ...], b: tuple[Name, ...], known: Known | None) -> bool:
    """Every name of either has its like in the other: "Turkey" is not "Turkey and Russia"."""

    def one(n: Name, m: Name) -> bool:
        return same_name(n, m) or (known is not None and known.same(n, m))

    return all(any(one(n, m) for m in b) for n in a) and all(any(one(n, m) for m in a) for n in b)


def same_name(a: Name, b: Name) -> bool:
    """The same words in any order, or one a short form of the other, or made of its initials."""
    if set(a) == set(b):
        return True
    short, long = sorted((a, b), key=len)
    if len(short) == 1 and len(long) >= 3 and short[0] == "".join(word[0] for word in long):
        return True
    extra = set(long) - set(short)
    if not set(short) <= set(long) or extra & {root(d) for d in DISTINCT}:
        return False
    if len(set(short)) >= 2 or (extra <= BODY and long[0] == short[0]):
        return True
    # A surname, or "the Observatory"; or a country for its ministry. "Syria" is not the "Syrian Observatory".
    return long[0] != short[0] or extra <= ORGANS


def opposed_names(a: str, b: str) -> bool:
    """Both name somebody, and nobody in common."""
    x, y = party(a), party(b)
    first = {w for n in x.names for w in n} | {w for t in x.ties for w in t.split()}
    second = {w for n in y.names for w in n} | {w for t in y.ties for w in t.split()}
    return bool(first and second and not first & second)


def part_of(a: str, b: str, known: Known | None = None) -> bool:
    """One names some of those that the other names: "Turkey", and "Turkey and Russia"."""
    if known is not None:
        a, b = known.in_one_form(a, b)
    x, y = party(a).names, party(b).names
    if not x or not y or len(x) == len(y):
        return False
    few, many = sorted((x, y), key=len)
    return all(any(same_name(n, m) or (known is not None and known.same(n, m)) for m in many) for n in few)
