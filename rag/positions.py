"""Candidate answers to positions: those that give one answer together, those that cannot both be true told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.aliases import Aliases
from rag.answers import Candidate, Key
from rag.asked import Asked, Day
from rag.parties import alike, apart, opposed_names, part_of, party
from rag.quantities import Quantity, allows, same_quantity
from rag.sides import may_be, ownerless, same_side

MOST = 6  # positions
NEGATED = re.compile(
    r"\b(?:not|no|never|nobody|nothing|none|neither|without|den(?:y|ies|ied)|refus\w+)\b|n[’']t\b", re.I
)


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates that give one answer, surest first."""

    members: tuple[Candidate, ...]

    @property
    def first(self) -> Candidate:
        return self.members[0]


def group(asked: Asked, candidates: Sequence[Candidate], known: Aliases | None = None) -> list[Group]:
    """Greedy, surest first: a candidate joins the group with the most alike member, or opens one."""
    groups: list[list[Candidate]] = []
    for c in sorted(candidates, key=lambda c: (-c.evidence.score, c.evidence.n)):
        alike = [_fits(asked, c, members, known) for members in groups]
        best = max(range(len(alike)), key=lambda i: alike[i], default=-1)
        if best >= 0 and alike[best] >= 0.5:
            groups[best].append(c)
        elif len(groups) < MOST:
            groups.append([c])
    return [Group(tuple(members)) for members in groups]


def _fits(asked: Asked, c: Candidate, members: Sequence[Candidate], known: Aliases | None) -> float:
    """The likeness of the most alike member; 0 where one of them is somebody else."""
    if asked.kind != "yesno" and _opposed(c, members):
        return 0.0
    if asked.kind == "who" and any(_somebody_else(c.key, m.key, known) for m in members):
        return 0.0
    return max(likeness(asked, c.key, m.key, known) for m in members)


def _somebody_else(a: Key, b: Key, known: Aliases | None) -> bool:
    one = known is not None and same_side(a.plain, b.plain, known.texts)
    return not one and apart(a.plain, b.plain, known)


def _opposed(c: Candidate, members: Sequence[Candidate]) -> bool:
    """A denial never joins what it denies."""
    return any((c.attribution.stance == "denies") != (m.attribution.stance == "denies") for m in members)


def likeness(asked: Asked, a: Key, b: Key, known: Aliases | None = None) -> float:
    """0 to 1: from 0.5 on, one answer."""
    if asked.kind == "yesno":
        return float(a.verdict == b.verdict)
    if a.quantity and b.quantity:
        return float(same_quantity(a.quantity, b.quantity))
    if a.time and b.time:
        return float(same_time(a.time, b.time))
    if a.text.casefold().strip(" .,“”\"'") == b.text.casefold().strip(" .,“”\"'"):
        return 1.0
    if asked.kind == "who" and (
        bool(NEGATED.search(a.text)) != bool(NEGATED.search(b.text)) or ownerless(a.plain) != ownerless(b.plain)
    ):
        return 0.0  # who speaks of "warplanes" has not said whose: that they may be the regime's, `may_be` tells
    if asked.kind in ("who", "where"):
        one = known is not None and same_side(a.plain, b.plain, known.texts)
        return max(float(one), alike(a.plain, b.plain, known))
    if opposed_names(a.plain, b.plain) or bool(NEGATED.search(a.text)) != bool(NEGATED.search(b.text)):
        return 0.0
    return max(alike(a.plain, b.plain, known) if a.names and b.names else 0.0, _overlap(a.words, b.words))


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Share of the shorter that the longer holds. Where each has words of its own, more must be shared: "rebels fired
    first" and "the army fired first" are two answers."""
    if not a or not b:
        return 0.0
    share = len(a & b) / min(len(a), len(b))
    return share if a <= b or b <= a or share >= 0.75 else share / 2


def same_time(a: Day, b: Day) -> bool:
    """One answer as far as both say, and both say something in common."""
    pairs = [(x, y) for x, y in ((a.year, b.year), (a.month, b.month), (a.day, b.day)) if x and y]
    return bool(pairs) and all(x == y for x, y in pairs)


def compatible(asked: Asked, a: Group, b: Group, known: Aliases | None = None) -> bool:
    """Both can be true: ranges that meet, a part of the same list, or a source that states both."""
    if asked.kind == "yesno":
        return False
    x, y = a.first.key, b.first.key
    if x.quantity and y.quantity:
        return any(allows(m, n) for m in _told(a) for n in _told(b))
    if asked.kind == "when" and not (x.time and y.time):
        return True
    if asked.kind == "who" and known is not None and may_be(x.plain, y.plain, known.texts):
        return True
    return bool(_voices(a) & _voices(b)) or part_of(x.plain, y.plain, known)


def parts_of(whole: Group, some: Sequence[Group], known: Aliases | None = None) -> bool:
    """Each of them names some of those that `whole` names: "Turkey" and "Russia", where it is "Turkey and Russia"."""
    named = party(whole.first.key.plain).names
    return all(
        part_of(g.first.key.plain, whole.first.key.plain, known) and len(party(g.first.key.plain).names) < len(named)
        for g in some
    )


def _told(g: Group) -> list[Quantity]:
    """The group's exact numbers, where it has any: "at least 12" must not reconcile 35 with a group that says 31."""
    found = [m.key.quantity for m in g.members if m.key.quantity]
    return [q for q in found if q.exact] or found


def voice(c: Candidate) -> tuple[str, str | None]:
    """Who states it: a source does not contradict itself in one article."""
    return c.evidence.article.id, c.attribution.speaker


def _voices(g: Group) -> set[tuple[str, str | None]]:
    return {voice(m) for m in g.members}
