"""Two runs of one suite side by side: what each figure gained or lost, and which answers made it so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evals.evaluate import Result, shown, span
from evals.intervals import Interval, difference
from evals.metrics import Row
from evals.result_file import Earlier
from rag.errors import UsageError


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose answer earns something else than before: what, in words."""

    id: str
    question: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`differences` are now less before over the questions of both runs, with the paired 95% interval."""

    shared: int
    only_before: int
    only_now: int
    differences: tuple[tuple[str, float | None, float | None, Interval | None], ...]  # figure, before, now, interval
    changes: tuple[Change, ...]


def compare(before: Earlier, now: Result) -> Comparison:
    """Raises UsageError where the two share no question."""
    rows = {row.id: row for row in now.rows}
    shared = [id_ for id_ in rows if id_ in before.rows]
    if not shared:
        raise UsageError(f"the earlier run is of suite {before.suite!r} and shares no question with {now.suite.name!r}")
    old, new = [before.rows[i] for i in shared], [rows[i] for i in shared]
    differences = tuple(
        (name, measure(old).value, measure(new).value, difference(old, new, measure))
        for name, measure in now.suite.figures.items()
    )
    questions = {str(item.id): item.question for item in now.suite.questions}
    changes = (Change(a.id, questions[a.id], tuple(_changed(a, b))) for a, b in zip(old, new, strict=True))
    told = tuple(c for c in changes if c.what)
    return Comparison(len(shared), len(before.rows) - len(shared), len(rows) - len(shared), differences, told)


def _changed(old: Row, new: Row) -> Iterator[str]:
    if old.outcome != new.outcome:
        yield f"{old.outcome or 'failed'} → {new.outcome or 'failed'}"
    if old.matched != new.matched:
        yield f"{old.matched} → {new.matched} of {new.wanted} positions found"
    if old.given - old.matched != new.given - new.matched:
        yield f"{old.given - old.matched} → {new.given - new.matched} positions too many"
    if (old.useful, old.counted) != (new.useful, new.counted):
        yield f"{old.useful} of {old.counted} → {new.useful} of {new.counted} quotes bear on it"
    if (old.speakers_right, old.speakers) != (new.speakers_right, new.speakers):
        yield f"{old.speakers_right} of {old.speakers} → {new.speakers_right} of {new.speakers} speakers right"
    if old.verbatim - old.quotes != new.verbatim - new.quotes:
        yield f"{old.quotes - old.verbatim} → {new.quotes - new.verbatim} quotes that stand nowhere"


def table(found: Comparison) -> str:
    """Markdown: the figures that moved, then each question that did."""
    lines = [f"Compared over {found.shared} questions{_apart(found)}.", ""]
    moved = [d for d in found.differences if _moved(*d)]
    if not moved and not found.changes:
        return lines[0] + " Nothing changed."
    lines += ["| figure | before | now | difference, 95% interval |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {shown(was)} | {shown(is_)} | {_difference(was, is_)} ({span(found_)}) |"
        for name, was, is_, found_ in moved
    ]
    lines += ["", *(f"- {c.id}: {c.question} {'; '.join(c.what)}" for c in found.changes)]
    return "\n".join(lines)


def _moved(name: str, was: float | None, is_: float | None, found: Interval | None) -> bool:
    """No two runs take the same time: only a difference that is hardly luck is told."""
    if name == "seconds":
        return found is not None and not found[0] <= 0 <= found[1]
    return was != is_


def _apart(found: Comparison) -> str:
    apart = [f"{n} only {when}" for n, when in ((found.only_before, "before"), (found.only_now, "now")) if n]
    return f" ({', '.join(apart)})" if apart else ""


def _difference(was: float | None, is_: float | None) -> str:
    return "–" if was is None or is_ is None else f"{is_ - was:+.3f}"
