"""The figures of a run as pictures: SVG text that stands inside a page."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

from evals.evaluate import Result
from evals.metrics import LOWER_IS_BETTER, SPENT, Row

GOOD, BAD, LINE = "#2f6f62", "#a4502a", "#222222"
OUTCOMES = {"disputed": "#7a5195", "answered": "#2f6f62", "unanswered": "#b8b8b8", "failed": "#a4502a"}


def figures(result: Result) -> str:
    """A bar a figure with its 95% interval and, where the suite names one, its floor."""
    names = [n for n, f in result.figures.items() if f.value is not None and n not in SPENT]
    names.sort(key=lambda n: n in LOWER_IS_BETTER)
    values = [result.figures[n].value or 0.0 for n in names]

    def draw(axes: Any) -> None:
        places = range(len(names))
        axes.barh(places, values, color=[BAD if n in LOWER_IS_BETTER else GOOD for n in names], height=0.62)
        for place, name in zip(places, names, strict=True):
            if found := result.intervals[name]:
                axes.plot(found, (place, place), color=LINE, linewidth=1.2)
            if name in result.suite.floors:
                floor = result.suite.floors[name]
                axes.plot((floor, floor), (place - 0.42, place + 0.42), color=LINE, linewidth=2.2)
        axes.set_yticks(places, [f"{n} (low is good)" if n in LOWER_IS_BETTER else n for n in names])
        axes.set_xlim(0, 1)
        axes.invert_yaxis()

    return _svg(draw, 0.34 * len(names) + 0.7)


def outcomes(rows: Sequence[Row]) -> str:
    """How the answers to each kind of question came out."""
    kinds = [k for k in ("contested", "namesakes", "agreed", "noise", "unanswerable") if any(r.kind == k for r in rows)]
    counts = {kind: Counter(r.outcome or "failed" for r in rows if r.kind == kind) for kind in kinds}

    def draw(axes: Any) -> None:
        left = [0] * len(kinds)
        for outcome, colour in OUTCOMES.items():
            share = [counts[kind][outcome] for kind in kinds]
            if not any(share):
                continue
            axes.barh(range(len(kinds)), share, left=left, color=colour, height=0.62, label=outcome)
            left = [a + b for a, b in zip(left, share, strict=True)]
        axes.set_yticks(range(len(kinds)), kinds)
        axes.set_xlabel("questions")
        axes.invert_yaxis()
        axes.legend(frameon=False, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))

    return _svg(draw, 0.4 * len(kinds) + 1.3)


def _svg(draw: Any, height: float) -> str:
    """Drawn without a screen and without a date, so that the same run gives the same picture."""
    import matplotlib
    from matplotlib.figure import Figure as Drawing

    with matplotlib.rc_context({"svg.hashsalt": "whosays", "font.size": 9, "svg.fonttype": "none"}):
        drawing = Drawing(figsize=(7.4, height), layout="constrained")
        axes = drawing.subplots()
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        draw(axes)
        out = io.StringIO()
        drawing.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()[out.getvalue().index("<svg") :]
