"""How far a figure could be luck: 95% intervals, by the percentile bootstrap over answers (Efron, Tibshirani 1993)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from evals.metrics import Measure, Row

TIMES = 1000
LOW, HIGH = 0.025, 0.975
FEWEST = 5  # answers: of fewer, drawing again tells nothing

Interval = tuple[float, float]


def interval(rows: Sequence[Row], measure: Measure, times: int = TIMES, seed: int = 0) -> Interval | None:
    """Where the measure lies in 95 of 100 drawings of as many answers; None where too few can be scored."""
    if measure(rows).scored < FEWEST:
        return None
    return _between([v for drawn in _drawings(len(rows), times, seed) if (v := _of(rows, drawn, measure)) is not None])


def difference(
    before: Sequence[Row], now: Sequence[Row], measure: Measure, times: int = TIMES, seed: int = 0
) -> Interval | None:
    """The same for `now` less `before`, the same answers drawn from both (paired). Rows in the same order."""
    if min(measure(before).scored, measure(now).scored) < FEWEST:
        return None
    found = []
    for drawn in _drawings(len(now), times, seed):
        was, is_ = _of(before, drawn, measure), _of(now, drawn, measure)
        if was is not None and is_ is not None:
            found.append(is_ - was)
    return _between(found)


def _drawings(count: int, times: int, seed: int) -> Iterator[list[int]]:
    chance = random.Random(seed)
    for _ in range(times):
        yield chance.choices(range(count), k=count)


def _of(rows: Sequence[Row], drawn: Sequence[int], measure: Measure) -> float | None:
    return measure([rows[i] for i in drawn]).value


def _between(values: list[float]) -> Interval | None:
    values.sort()
    return (values[int(LOW * len(values))], values[min(len(values) - 1, int(HIGH * len(values)))]) if values else None
