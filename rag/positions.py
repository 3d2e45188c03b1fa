"""Candidate answers to positions: those that give one answer together, those that cannot both be true told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answers import Candidate, Key, sides_of
from rag.asked import Asked, Day
from rag.quantities import allows, same_quantity

MOST = 6  # positions


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates that give one answer, surest first."""

    members: tuple[Candidate, ...]

    @property
    def first(self) -> Candidate:
        return self.members[0]


def group(asked: Asked, candidates: Sequence[Candidate]) -> list[Group]:
    """Greedy, surest first: a candidate joins the group with the most alike member, or opens one."""
    groups: list[list[Candidate]] = []
    for c in sorted(candidates, key=lambda c: (-c.evidence.score, c.evidence.n)):
        alike = [max(likeness(asked, c.key, m.key) for m in members) for members in groups]
        best = max(range(len(alike)), key=lambda i: alike[i], default=-1)
        if best >= 0 and alike[best] >= 0.5 and not _opposed(asked, c, groups[best]):
            groups[best].append(c)
        elif len(groups) < MOST:
            groups.append([c])
    return [Group(tuple(members)) for members in groups]


def _opposed(asked: Asked, c: Candidate, members: Sequence[Candidate]) -> bool:
    """A denial never joins what it denies."""
    return any((c.attribution.stance == "denies") != (m.attribution.stance == "denies") for m in members)


def likeness(asked: Asked, a: Key, b: Key) -> float:
    """0 to 1: from 0.5 on, one answer."""
    if asked.kind == "yesno":
        return float(a.verdict == b.verdict)
    if a.quantity and b.quantity:
        return float(same_quantity(a.quantity, b.quantity))
    if a.time and b.time:
        return float(same_time(a.time, b.time))
    if a.text.casefold().strip(" .,“”\"'") == b.text.casefold().strip(" .,“”\"'"):
        return 1.0
    if asked.kind in ("who", "where"):
        return _like_names(a, b)
    return max(_like_names(a, b) if a.names and b.names else 0.0, _overlap(a.words, b.words))


def _like_names(a: Key, b: Key) -> float:
    sides = sides_of(a.text), sides_of(b.text)
    if sides[0] != sides[1] and (sides[0] or sides[1]) and not (a.names & b.names):
        return 0.0 if all(sides) or a.names or b.names else 0.3
    if a.names and b.names:
        shared = len(a.names & b.names) / min(len(a.names), len(b.names))
        if shared < 0.5:
            return 0.0
        # "Syrian government" and "Syrian rebels" share a name, not a head.
        return 1.0 if not (a.heads and b.heads) or a.heads & b.heads else 0.3
    if bool(a.names) != bool(b.names):
        return 0.6 if a.words and b.words and (a.words <= b.words or b.words <= a.words) else 0.0
    if a.heads and b.heads and not a.heads & b.heads:
        return 0.0
    return 0.9 if a.words <= b.words or b.words <= a.words else 0.0


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def same_time(a: Day, b: Day) -> bool:
    """One answer as far as both say, and both say something in common."""
    pairs = [(x, y) for x, y in ((a.year, b.year), (a.month, b.month), (a.day, b.day)) if x and y]
    return bool(pairs) and all(x == y for x, y in pairs)


def compatible(asked: Asked, a: Group, b: Group) -> bool:
    """Both can be true: ranges that meet, or a source that states both."""
    if asked.kind == "yesno":
        return False
    x, y = a.first.key, b.first.key
    if x.quantity and y.quantity:
        return any(
            allows(m.key.quantity, n.key.quantity)
            for m in a.members
            for n in b.members
            if m.key.quantity and n.key.quantity
        )
    return bool(_voices(a) & _voices(b))


def _voices(g: Group) -> set[tuple[str, str | None]]:
    """Who states it: a source does not contradict itself in one article."""
    return {(m.evidence.article.id, m.attribution.speaker) for m in g.members}
