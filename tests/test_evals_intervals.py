"""Bootstrap intervals: they hold the figure, narrow with more answers, and see a paired difference."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evals.intervals import difference, interval
from evals.metrics import Row, dispute_recall, position_f1

RIGHT = Row("a", "contested", "disputed", 2, 2, 2, 2, 2, 2, 2, 2, 2, 2)
WRONG = replace(RIGHT, outcome="answered", matched=0)


def mixed(right: int, wrong: int) -> list[Row]:
    return [RIGHT] * right + [WRONG] * wrong


@pytest.mark.parametrize("measure", [position_f1, dispute_recall])
def test_an_interval_holds_its_figure_and_narrows_with_more_answers(measure: object) -> None:
    few, many = mixed(15, 5), mixed(150, 50)
    a, b = interval(few, measure), interval(many, measure)  # type: ignore[arg-type]
    assert a is not None
    assert b is not None
    assert a[0] <= 0.75 <= a[1]
    assert b[0] <= 0.75 <= b[1]
    assert b[1] - b[0] < 0.6 * (a[1] - a[0])


def test_what_never_varies_has_no_width_and_too_few_have_none() -> None:
    assert interval(mixed(20, 0), dispute_recall) == (1.0, 1.0)
    assert interval(mixed(4, 0), dispute_recall) is None
    assert interval([], dispute_recall) is None


def test_a_paired_difference_is_told_from_none_where_the_single_intervals_overlap() -> None:
    before = mixed(60, 40)
    now = mixed(68, 32)
    one, other = interval(before, dispute_recall), interval(now, dispute_recall)
    assert one is not None
    assert other is not None
    assert one[1] > other[0], "alone, they overlap"
    paired = difference(before, now, dispute_recall)
    assert paired is not None
    assert 0 < paired[0] <= 0.08 <= paired[1]
    assert difference(before, before, dispute_recall) == (0.0, 0.0)


def test_the_same_seed_draws_the_same() -> None:
    rows = mixed(13, 7)
    assert interval(rows, position_f1, seed=3) == interval(rows, position_f1, seed=3)
