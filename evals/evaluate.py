"""A suite answered and scored: what `whosays eval` does, without its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evals import metrics
from evals.answering import Bench, Given
from evals.evidence import Kept, record
from evals.intervals import Interval, interval
from evals.items import Suite
from evals.metrics import Figure, Row

CLOSE = 1e-9  # of a floor: what rounding may take


@dataclass(frozen=True, slots=True)
class Result:
    """`rows` and `answers` in the order of the suite's questions; `intervals` hold None where too few are scored."""

    suite: Suite
    rows: tuple[Row, ...]
    answers: tuple[Given, ...]
    figures: Mapping[str, Figure]
    intervals: Mapping[str, Interval | None]

    @property
    def missed(self) -> list[str]:
        """The figures that do not reach their floor; one that nothing could be scored for reaches none."""
        return [
            name for name, floor in self.suite.floors.items() if not _reaches(name, self.figures[name].value, floor)
        ]

    @property
    def failed(self) -> list[Given]:
        return [a for a in self.answers if "error" in a]


def _reaches(name: str, value: float | None, floor: float) -> bool:
    if value is None:
        return False
    return value <= floor + CLOSE if name in metrics.LOWER_IS_BETTER else value >= floor - CLOSE


def evaluate(on: Bench, tell: Callable[[int, int], None] | None = None) -> tuple[Result, list[Kept | None]]:
    """Every question of the bench's suite answered and scored; and what was read for each."""
    answers, kept = record(on, tell)
    return scored(on, answers, kept), kept


def scored(on: Bench, answers: Sequence[Given], kept: Sequence[Kept | None] = ()) -> Result:
    """`kept` is what was read for each answer, where that is known."""
    rows = on.score(answers)
    if kept and not on.suite.closed:
        told = zip(rows, on.suite.references, kept, strict=True)
        rows = [metrics.with_read(row, item, _read(k), on.texts) if k else row for row, item, k in told]
    figures = {name: measure(rows) for name, measure in on.suite.figures.items()}
    intervals = {name: interval(rows, measure) for name, measure in on.suite.figures.items()}
    return Result(on.suite, tuple(rows), tuple(answers), figures, intervals)


def _read(kept: Kept) -> list[tuple[str, str]]:
    return [(e.article.id, e.sentence.text) for e in kept.found.evidence]


def table(result: Result) -> str:
    """A Markdown table; a dash where nothing could be scored, a cross where a floor is missed."""
    lines = ["| figure | value | 95% interval | scored over | left out | floor |", "|---|---|---|---|---|---|"]
    for name, figure in result.figures.items():
        if figure.value is None and name not in result.suite.floors:
            continue
        cells = [name, shown(figure.value), span(result.intervals[name]), str(figure.scored), str(figure.left_out)]
        lines.append(f"| {' | '.join([*cells, _floor(result, name)])} |")
    dashes = [n for n, f in result.figures.items() if f.value is None and n not in result.suite.floors]
    return "\n".join(lines) + (f"\n\nNothing to score: {', '.join(dashes)}." if dashes else "")


def shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def span(found: Interval | None) -> str:
    return f"{found[0]:.2f} to {found[1]:.2f}" if found else "–"


def _floor(result: Result, name: str) -> str:
    if name not in result.suite.floors:
        return ""
    word = "at most" if name in metrics.LOWER_IS_BETTER else "at least"
    return f"{word} {result.suite.floors[name]:g} {'✗' if name in result.missed else '✓'}"
