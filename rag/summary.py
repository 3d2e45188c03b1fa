"""The summary of an answer: who says what, in one to three sentences, each carrying [n] markers. Pure.

It never picks a winner: positions stand in their order, each with those who take it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rag.types import Citation, Evidence, Outcome, Position, SummarySentence

_SHOWN = 3  # positions told in the first sentence; the others are pointed at
_NAMED = 3  # speakers named for one position
UNANSWERED = "No source here answers this question."


def summarise(outcome: Outcome, positions: Sequence[Position]) -> str:
    """One to three sentences for `positions`, whose citations are numbered. A label stands in quotation marks only
    where it is verbatim in a quote of its position."""
    if outcome == "unanswered" or not positions:
        return UNANSWERED
    clauses = "; ".join(_clause(p, i) for i, p in enumerate(positions[:_SHOWN]))
    lead = _lead(outcome, positions)
    first = f"{lead}: {clauses}." if lead else f"{clauses[0].upper()}{clauses[1:]}."
    return " ".join([first, *_others(positions[_SHOWN:])])


def told(
    sentences: Sequence[SummarySentence], positions: Sequence[Position], evidence: Sequence[Evidence]
) -> str | None:
    """A reader's own summary with the markers of what each sentence rests on; None where not one has a quote left."""
    where = {(e.article.id, e.sentence.start): e.n for e in evidence}
    marked = ((s.text, _marks(s.evidence, positions, where)) for s in sentences)
    return " ".join(f"{text.rstrip(' .')} {marks}." for text, marks in marked if marks) or None


def _marks(numbers: Sequence[int], positions: Sequence[Position], where: Mapping[tuple[str, int], int]) -> str:
    """The markers of these evidence numbers. One that two positions cite is marked under that which the sentence tells
    more of."""
    cited = [
        (number, i, c.n)
        for i, p in enumerate(positions)
        for c in p.citations
        if (number := where.get((c.quote.article, c.quote.start))) in numbers
    ]
    told_of = Counter(i for _, i, _ in cited)
    best = {number: n for number, i, n in sorted(cited, key=lambda c: (told_of[c[1]], -c[1]))}
    return "".join(f"[{n}]" for n in sorted(best.values()))


def _lead(outcome: Outcome, positions: Sequence[Position]) -> str:
    if outcome == "disputed":
        return "Sources disagree"
    articles = {c.quote.article for p in positions for c in p.citations}
    return "Sources agree" if len(positions) == 1 and len(articles) > 1 else ""


def _clause(position: Position, index: int) -> str:
    label = _label(position)
    names = _names(position)
    at = "at another time, " if index and position.relation == "updates" else ""
    if all(c.attribution.stance == "denies" for c in position.citations):
        return f"{at}a denial from {names} ({label}) {_markers(position)}"
    return f"{at}{label} according to {names} {_markers(position)}"


def _label(position: Position) -> str:
    """The label, in quotation marks where a cited quote holds exactly these words."""
    label = " ".join(position.label.split()).rstrip(" .,;:")
    return f"“{label}”" if any(label in c.quote.text for c in position.citations) else label


def _names(position: Position) -> str:
    """Those who take the position, each once, the first few by name."""
    names = list(dict.fromkeys(_name(c) for c in position.citations))
    if len(names) > _NAMED:
        names = [*names[: _NAMED - 1], f"{len(names) - _NAMED + 1} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _name(citation: Citation) -> str:
    attribution = citation.attribution
    if attribution.speaker:
        return attribution.speaker
    outlet = citation.outlet or f"article {citation.quote.article}"
    return f"unnamed sources in {outlet}" if attribution.stance == "reports" else outlet


def _others(rest: Sequence[Position]) -> list[str]:
    if not rest:
        return []
    markers = "".join(f"[{p.citations[0].n}]" for p in rest)
    return [f"{len(rest)} more {'position is' if len(rest) == 1 else 'positions are'} given below {markers}."]


def _markers(position: Position) -> str:
    return "".join(f"[{c.n}]" for c in position.citations)
