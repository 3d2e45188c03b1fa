"""What people would use instead, on the same work in the same run: each answers a suite's questions in the form that is
scored. Only what differs is the peer's own; the search, the embedder and the trained reader are ours, as a gift.

- *nearest sentences*: the sentences that search and reader put first, each one a position. Never silent.
- *every document*: of each document its surest sentence, each a position. Only for items that bring their documents: it
  is what dumping them all earns, the ceiling that exact match rewards.
- *answer first*: words first, sources afterwards, as programs do that let a model answer and then look for what to
  cite: each sentence of the answer is a position, and the sentences most like it (cosine of embeddings) are attached.
  Without a language model its answer is the surest sentence.
- *citation query engine*: LlamaIndex's, with the language model that is named (`evals/peers_llm.py`).

None of them can say that sources disagree: what they find is called answered, and their disputes flagged are 0.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.answering import Bench, Given
from evals.evaluate import Result, scored, shown, span
from evals.evidence import Kept
from rag.batch import Item
from rag.errors import WhosaysError
from rag.types import Evidence

SENTENCES = 8  # about a screen
ATTACHED = 3  # sources under a sentence of an answer
FIGURES = (
    "position F1",
    "separated F1",
    "all positions of the contested",
    "all separated",
    "source recall",
    "citation precision",
    "disputes flagged",
    "false disputes",
    "abstains: unanswerable",
    "abstains: answerable",
    "seconds",
    "tokens",
    "cost",
)

Vector = Any  # of length 1, with @ for the product of two
Embed = Callable[[str], Vector]
Answering = Callable[[Item, Kept], Given]


@dataclass(frozen=True, slots=True)
class Peer:
    """`answer` None: it cannot run here, and `why` says so."""

    name: str
    answer: Answering | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Contender:
    """`result` None: not run, and why."""

    name: str
    result: Result | None
    why: str = ""


def without_model(embed: Embed, closed: bool = False) -> list[Peer]:
    dump = [Peer("every document", every_document)] if closed else []
    return [Peer("nearest sentences", nearest_sentences), *dump, Peer("answer first", answer_first(embed))]


def run(peers: Iterable[Peer], on: Bench, ours: Result, kept: Sequence[Kept | None]) -> list[Contender]:
    """Whosays first, then every peer over what was read for each question."""
    contenders = [Contender("Whosays", ours)]
    for peer in peers:
        if peer.answer is None:
            contenders.append(Contender(peer.name, None, peer.why))
        else:
            answers = [_answered(peer.answer, item, k) for item, k in zip(on.suite.questions, kept, strict=True)]
            contenders.append(Contender(peer.name, scored(on, answers)))
    return contenders


def _answered(answer: Answering, item: Item, kept: Kept | None) -> Given:
    if kept is None:
        return {"id": item.id, "question": item.question, "error": "nothing was read"}
    began = time.perf_counter()
    try:
        given = answer(item, kept)
    except WhosaysError as err:
        return {"id": item.id, "question": item.question, "error": str(err)}
    own = 1000 * (time.perf_counter() - began)
    return {"timings_ms": {"total": kept.found.retrieve_ms + kept.found.rerank_ms + own}, **given}


def table(contenders: Sequence[Contender]) -> str:
    """A Markdown table, a contender a row, a figure with its 95% interval a column."""
    figures = shown_figures(contenders)
    lines = [f"| | {' | '.join(figures)} |", f"|---|{'---|' * len(figures)}"]
    for c in contenders:
        cells = [cell(c.result, name) for name in figures] if c.result else ["not run", *[""] * (len(figures) - 1)]
        lines.append(f"| {c.name} | {' | '.join(cells)} |")
    reasons = [f"{c.name}: not run, {c.why}" for c in contenders if c.result is None]
    return "\n".join(lines) + "".join(f"\n\n{reason}." for reason in reasons)


def shown_figures(contenders: Sequence[Contender]) -> list[str]:
    """Those of FIGURES that could be scored for anybody."""
    results = [c.result for c in contenders if c.result]
    return [name for name in FIGURES if any(name in r.figures and r.figures[name].value is not None for r in results)]


def cell(result: Result, name: str) -> str:
    """The value with its interval, a dash where nothing could be scored."""
    value, between = shown(result.figures[name].value), span(result.intervals[name])
    return value if between == "–" else f"{value} ({between})"


# --- the peers that need no model -------------------------------------------------------------


def nearest_sentences(item: Item, kept: Kept) -> Given:
    return given(item, [[_cited(e)] for e in kept.found.evidence[:SENTENCES]])


def every_document(item: Item, kept: Kept) -> Given:
    surest: dict[str, Evidence] = {}
    for e in kept.found.evidence:
        surest.setdefault(e.article.id, e)
    return given(item, [[_cited(e)] for e in surest.values()])


def answer_first(embed: Embed) -> Answering:
    def answer(item: Item, kept: Kept) -> Given:
        evidence = kept.found.evidence
        if not evidence:
            return given(item, [])
        return given(item, [attached(evidence[0].sentence.text, evidence, embed)])

    return answer


def attached(said: str, evidence: Sequence[Evidence], embed: Embed) -> list[dict[str, str]]:
    """The sentences most like what was said, as its citations."""
    vector = embed(said)
    return [_cited(e) for e in sorted(evidence, key=lambda e: -float(vector @ embed(e.sentence.text)))[:ATTACHED]]


def given(
    item: Item, positions: Sequence[Sequence[Mapping[str, str]]], usage: Mapping[str, Any] | None = None
) -> Given:
    held = [{"citations": list(p)} for p in positions if p]
    outcome = "answered" if held else "unanswered"
    return {"id": item.id, "question": item.question, "outcome": outcome, "positions": held, "usage": usage}


def _cited(e: Evidence) -> dict[str, str]:
    return {"article": e.article.id, "quote": e.sentence.text}
