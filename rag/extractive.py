"""The reader that needs no key: numbered evidence to positions, by the trained reader's spans and rules."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.aliases import Aliases, gather
from rag.answers import PRONOUNS, Candidate, SaidOf, candidate
from rag.asked import Asked
from rag.named import of_its_names
from rag.namesakes import other_subject
from rag.origins import origins
from rag.positions import Group, compatible, group, parts_of, voice
from rag.said_by import says
from rag.types import Attribution, Draft, DraftCitation, DraftPosition, Evidence, Outcome, Relation
from rag.updates import updates

NEAREST = 3
ONE_EVENT = dt.timedelta(days=60)  # news of one event is told within so long
LABEL_CHARS = 90


@dataclass(frozen=True, slots=True)
class Limits:
    """How sure a reading must be. Found by measuring, in one place."""

    answer: float = 0.5  # some sentence must be this sure, or nothing answers
    cite: float = 0.3  # a sentence may be cited from here on ...
    share: float = 0.1  # ... and from this share of the surest on
    open: float = 0.3  # ... and may open a position of its own from here on
    per_article: int = 2  # citations of one article in one position
    far: float = 0.8  # a sentence from another time, as a share of the surest
    second: float = 1.0  # a voice's other answer, as far below its surest in log odds
    named: float = 0.0  # of the articles: from so many on that hold a name of the question, the others do not answer


# Documents that come with the question are meant for it: less is asked of a sentence in them.
GIVEN = Limits(answer=0.12, cite=0.04, share=0.02, open=0.05, second=0.5, named=0.5)


def read(
    asked: Asked,
    evidence: Sequence[Evidence],
    said_of: SaidOf,
    limits: Limits = Limits(),
    listed: Sequence[Sequence[str]] = (),
    who: str = "",
) -> Draft:
    """`evidence` best first; `listed` are the names that a user says are one party's; `who` is whose answer is wanted,
    "" for anybody's. A Draft of positions as evidence numbers; unanswered when no sentence is sure enough."""
    named = of_its_names(asked, evidence, limits.named)
    least = max(limits.cite, limits.share * named[0].score) if named else 1.0
    sure = [e for e in _of_one_event(asked, named, limits.far) if e.score >= least]
    candidates = [c for e in sure if (c := candidate(asked, e, said_of)) is not None]
    candidates = [c for c in candidates if not who or says(who, c.attribution, c.evidence.article.outlet)]
    if not candidates or max(c.evidence.score for c in candidates) < limits.answer:
        return Draft("unanswered", nearest=nearest(evidence, said_of))
    known = gather(dict.fromkeys(e.article.text for e in evidence), listed)
    groups = _steady(group(asked, candidates, known), limits.second)
    groups = [g for g in groups if g.first.evidence.score >= limits.open]
    if not groups:
        return Draft("unanswered", nearest=nearest(evidence, said_of))
    ledger = _Ledger(asked, tuple(groups), known)
    return Draft(ledger.outcome, tuple(_position(ledger, g, limits) for g in groups))


@dataclass(frozen=True, slots=True)
class _Ledger:
    """The positions on one question, surest first, and how two of them stand to each other."""

    asked: Asked
    groups: tuple[Group, ...]
    known: Aliases

    @property
    def outcome(self) -> Outcome:
        pairs = ((a, b) for i, a in enumerate(self.groups) for b in self.groups[:i])
        return "disputed" if any(self.relation(a, b) == "disputes" for a, b in pairs) else "answered"

    def relation(self, g: Group, other: Group) -> Relation:
        if g is other or compatible(self.asked, g, other, self.known) or other_subject(self.asked, g, other):
            return "agrees"
        if any(parts_of(w, (g, other), self.known) for w in self.groups):
            return "agrees"
        return "updates" if updates(self.asked, g, other) else "disputes"


def _of_one_event(asked: Asked, evidence: Sequence[Evidence], far: float) -> list[Evidence]:
    """Without a time in the question, the surest sentence says which event is meant: what an article from another time
    says must be nearly as sure to stand beside it. An article without a day could be of any, and what is asked in the
    present, or for a place, a day or a thing, holds at other times too."""
    anchor = evidence[0].article.published if evidence and not asked.times and asked.event else None
    if anchor is None:
        return list(evidence)

    def of_it(e: Evidence) -> bool:
        day = e.article.published
        return day is None or abs(day - anchor) <= ONE_EVENT or e.score >= far * evidence[0].score

    return [e for e in evidence if of_it(e)]


def _steady(groups: Sequence[Group], margin: float) -> list[Group]:
    """A voice seldom gives two answers: what it says besides its surest must be nearly as sure."""
    surest: dict[tuple[str, str | None], tuple[float, Group]] = {}
    for g in groups:
        for c in g.members:
            if voice(c) not in surest or surest[voice(c)][0] < c.evidence.score:
                surest[voice(c)] = (c.evidence.score, g)

    def steady(c: Candidate, g: Group) -> bool:
        best, its = surest[voice(c)]
        return its is g or _log_odds(best) - _log_odds(c.evidence.score) <= margin

    kept = (tuple(c for c in g.members if steady(c, g)) for g in groups)
    return [Group(members) for members in kept if members]


def _log_odds(p: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-6)
    return math.log(p / (1 - p))


def nearest(evidence: Sequence[Evidence], said_of: SaidOf, count: int = NEAREST) -> tuple[DraftCitation, ...]:
    """The best sentence of each of the nearest articles, with who says it."""
    best: dict[str, Evidence] = {}
    for e in evidence:
        best.setdefault(e.article.id, e)
    return tuple(DraftCitation(e.n, spoken_by(e, said_of)) for e in list(best.values())[:count])


def spoken_by(e: Evidence, said_of: SaidOf) -> Attribution:
    """Who says most of the sentence: the widest of what is said in it, where that is half of it."""
    said = [s for s in said_of(e.article.id, e.sentence.n) if not s.attitude]
    widest = max(said, key=lambda s: s.end - s.start, default=None)
    half = (e.sentence.end - e.sentence.start) / 2
    return widest.attribution if widest and widest.end - widest.start >= half else Attribution()


def _position(ledger: _Ledger, g: Group, limits: Limits) -> DraftPosition:
    kept: list[Candidate] = []
    for c in g.members:
        same = [k for k in kept if k.evidence.article.id == c.evidence.article.id]
        if len(same) < limits.per_article:
            kept.append(c)
    return DraftPosition(
        label=_label(ledger.asked, g),
        citations=tuple(_citation(c) for c in kept),
        relation=ledger.relation(g, ledger.groups[0]),
        origins=origins((c.evidence.article, c.attribution) for c in kept),
    )


def _label(asked: Asked, g: Group) -> str:
    if asked.kind == "yesno":
        return "Yes" if g.first.key.verdict else "No"
    text = " ".join(g.first.key.text.split())
    if all(m.attribution.stance == "denies" and m.attribution.speaker for m in g.members):
        text = f"denied by {g.first.attribution.speaker}"
    return text if len(text) <= LABEL_CHARS else text[: text.rfind(" ", 0, LABEL_CHARS)] + " …"


def _citation(c: Candidate) -> DraftCitation:
    return DraftCitation(c.evidence.n, c.attribution, needs_context=_needs_context(c.evidence))


def _needs_context(evidence: Evidence) -> bool:
    """A subject that is only a pronoun cannot be understood alone."""
    if evidence.before is None:
        return False
    return any(
        (t.dep in ("nsubj", "nsubjpass") and t.lemma in PRONOUNS) or t.lemma == "they" for t in evidence.tokens[:6]
    )
