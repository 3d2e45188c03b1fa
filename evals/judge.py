"""A language model as judge of what spans cannot tell: is a label fair to its quotes, does a quote support its label?

Off unless asked for (`whosays eval --judge`). A judge is a reader with faults of its own, so how far it agrees with the
reference spans is reported beside its verdicts: the share of quotes on which both say the same, and Cohen's kappa
(1960), which takes off what chance alone would give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evals import metrics
from evals.answering import Bench, Given
from evals.evaluate import shown
from evals.metrics import Figure
from rag.errors import ModelError
from rag.llm_reader import call_for
from rag.llm_reply import Judged
from rag.prompts import fence, fill, load, one_line
from rag.spent import Spent

if TYPE_CHECKING:
    from rag.llm import Model


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one quote: the judge's, and the reference spans', None where they are silent (nothing was asked for)."""

    item: str
    n: int
    supports: bool
    by_spans: bool | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """`fair` per position judged. `unjudged` counts answers for which the judge gave no reply that could be used."""

    verdicts: tuple[Verdict, ...]
    fair: tuple[bool, ...]
    unjudged: int

    @property
    def supported(self) -> Figure:
        return _share([v.supports for v in self.verdicts], self.unjudged)

    @property
    def fair_labels(self) -> Figure:
        return _share(self.fair, self.unjudged)

    @property
    def agreement(self) -> Figure:
        both = [v for v in self.verdicts if v.by_spans is not None]
        return _share([v.supports == v.by_spans for v in both], len(self.verdicts) - len(both))

    @property
    def figures(self) -> dict[str, Figure]:
        return {
            "quotes that support their label, says the judge": self.supported,
            "labels that are fair to their quotes, says the judge": self.fair_labels,
            "quotes on which judge and reference spans agree": self.agreement,
        }

    @property
    def kappa(self) -> float | None:
        """None where one of the two always says the same."""
        both = [(v.supports, v.by_spans) for v in self.verdicts if v.by_spans is not None]
        if not both:
            return None
        judge, spans = (sum(pair[i] for pair in both) / len(both) for i in (0, 1))
        chance = judge * spans + (1 - judge) * (1 - spans)
        same = sum(a == b for a, b in both) / len(both)
        return None if chance == 1 else (same - chance) / (1 - chance)


def judge(
    on: Bench, answers: Sequence[Given], model: Model, tell: Callable[[int, int], None] | None = None
) -> Judgement:
    """One call an answer that has positions."""
    verdicts: list[Verdict] = []
    fair: list[bool] = []
    unjudged = 0
    for done, (item, answer) in enumerate(zip(on.suite.references, answers, strict=True), 1):
        if answer.get("positions"):
            told = _judged(answer, model)
            unjudged += told is None
            spans = by_spans(on, item, answer)
            verdicts += [
                Verdict(str(item["id"]), n, s, spans.get(n)) for n, s in (told.quotations if told else {}).items()
            ]
            fair += told.fair if told else ()
        if tell:
            tell(done, len(answers))
    return Judgement(tuple(verdicts), tuple(fair), unjudged)


@dataclass(frozen=True, slots=True)
class _Told:
    quotations: Mapping[int, bool]
    fair: Sequence[bool]


def _judged(answer: Given, model: Model) -> _Told | None:
    lines = "\n".join(_lines(answer))
    messages = fill(load("judge"), fence=fence(lines), answer=lines, question=one_line(answer["question"]))
    try:
        reply = model.start(call_for(messages, Judged, "judgement", model, Spent())).result()
    except (ModelError, CancelledError):
        return None
    known = {c["n"] for p in answer["positions"] for c in p["citations"]}
    quotations = {q.n: q.supports for p in reply.positions for q in p.quotations if q.n in known}
    return _Told(quotations, [p.fair for p in reply.positions if 1 <= p.position <= len(answer["positions"])])


def _lines(answer: Given) -> Iterable[str]:
    for i, position in enumerate(answer["positions"], 1):
        yield f"Position {i}: {one_line(position['label'])}"
        for c in position["citations"]:
            yield f"  [{c['n']}] {one_line(c['quote'])}"


def by_spans(on: Bench, item: Mapping[str, Any], answer: Given) -> dict[int, bool]:
    """Citation number → whether the reference spans say that it supports some position. Empty where nothing answers."""
    closed = on.suite.closed
    if not item["sides" if closed else "positions"]:
        return {}
    supports = metrics.supports_closed(item) if closed else metrics.supports_open(item, on.texts)
    key = str if closed else metrics.article_key
    cited = (c for p in answer["positions"] for c in p["citations"])
    return {c["n"]: bool(supports(key(c["article"]), metrics.plain(c["quote"]))) for c in cited}


def _share(verdicts: Sequence[bool], left_out: int) -> Figure:
    return Figure(sum(verdicts) / len(verdicts) if verdicts else None, len(verdicts), left_out)


def table(found: Judgement) -> str:
    lines = [f"| {name} | {shown(f.value)} | {f.scored} | {f.left_out} |" for name, f in found.figures.items()]
    head = "| the judge | share | judged | left out |\n|---|---|---|---|"
    return "\n".join([head, *lines]) + f"\n\nCohen's kappa of judge and spans: {shown(found.kappa)}."
