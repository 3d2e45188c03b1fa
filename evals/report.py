"""A Result as one HTML page that needs nothing else: figures, two pictures, every answer with what it earned."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evals import plots, result_file
from evals.evaluate import Result, shown, span
from evals.judge import Judgement
from evals.metrics import LOWER_IS_BETTER, Row
from evals.peers import Contender, cell, shown_figures
from rag.errors import UsageError
from rag.render import from_dict, to_html

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .2rem 1rem .2rem 0; }
td.n { text-align: right; font-variant-numeric: tabular-nums; } tr { border-bottom: 1px solid #e4e4e4; }
svg { max-width: 100%; height: auto; } .missed, .bad { color: #a4502a; font-weight: 600; } .note { color: #666; }
details { border-top: 1px solid #e4e4e4; padding: .4rem 0; } summary { cursor: pointer; }
.whosays { border-left: 3px solid #ddd; padding-left: 1rem; margin: .6rem 0; } .whosays h3 { font-size: 1rem; }
blockquote { margin: .2rem 0; } figure { margin: .4rem 0; } figcaption { color: #666; font-size: .9rem; }
"""


def save(folder: Path, result: Result, contenders: Sequence[Contender] = (), judged: Judgement | None = None) -> str:
    """Write NAME.json and NAME.html of the suite's NAME there; what was written, in a line. Raises UsageError."""
    page_at, data_at = (folder / f"{result.suite.name}{kind}" for kind in (".html", ".json"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        result_file.write(data_at, result, contenders, judged)
        page_at.write_text(page(result, contenders, judged), encoding="utf-8")
    except OSError as err:
        raise UsageError(f"{folder}: cannot write there ({err.strerror}): give --out a folder of yours") from err
    return f"Written: {page_at} and {data_at.name}"


def page(result: Result, contenders: Sequence[Contender] = (), judged: Judgement | None = None) -> str:
    name = html.escape(result.suite.name)
    parts = [
        f"<h1>{name}: {len(result.answers)} questions</h1>",
        _verdict(result),
        plots.figures(result),
        plots.outcomes(result.rows),
        "<h2>Figures</h2>",
        _table(result),
        "<p class='note'>The interval holds the figure in 95 of 100 drawings of as many questions. What could not be"
        " scored is a dash and is left out; it is never 0.</p>",
        *([f"<h2>What people would use instead</h2>{_versus(contenders)}"] if contenders else []),
        *([f"<h2>What a model as judge says</h2>{_judged(judged)}"] if judged else []),
        "<h2>Answers</h2>",
        *_answers(result),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}</title>'
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'
    )


def _verdict(result: Result) -> str:
    if result.missed:
        return f"<p class='missed'>Below its floor: {html.escape(', '.join(result.missed))}.</p>"
    return "<p>Every floor is reached.</p>" if result.suite.floors else "<p>The suite names no floor.</p>"


def _table(result: Result) -> str:
    rows = []
    for name, figure in result.figures.items():
        floor = result.suite.floors.get(name)
        word = "" if floor is None else f"{'at most' if name in LOWER_IS_BETTER else 'at least'} {floor:g}"
        mark = " class='missed'" if name in result.missed else ""
        cells = f"<td class='n'>{shown(figure.value)}</td><td class='n'>{span(result.intervals[name])}</td>"
        counts = f"<td class='n'>{figure.scored}</td><td class='n'>{figure.left_out}</td>"
        rows.append(f"<tr{mark}><td>{html.escape(name)}</td>{cells}{counts}<td>{word}</td></tr>")
    head = "".join(f"<th>{h}</th>" for h in ("figure", "value", "95% interval", "scored over", "left out", "floor"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _versus(contenders: Sequence[Contender]) -> str:
    """Figures down, contenders across."""
    head = "".join(f"<th>{html.escape(c.name)}</th>" for c in contenders)
    rows = []
    for name in shown_figures(contenders):
        cells = (cell(c.result, name) if c.result else "not run" for c in contenders)
        rows.append(f"<tr><td>{html.escape(name)}</td>{''.join(f'<td>{html.escape(c)}</td>' for c in cells)}</tr>")
    absent = "".join(
        f"<p class='note'>{html.escape(c.name)}: not run, {html.escape(c.why)}.</p>" for c in contenders if not c.result
    )
    return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{absent}"


def _judged(judged: Judgement) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td class='n'>{shown(f.value)}</td><td class='n'>{f.scored}</td></tr>"
        for name, f in judged.figures.items()
    )
    return f"<table><tbody>{rows}</tbody></table><p>Cohen's kappa of judge and spans: {shown(judged.kappa)}.</p>"


def _answers(result: Result) -> Iterator[str]:
    together = zip(result.suite.questions, result.suite.references, result.rows, result.answers, strict=True)
    for question, reference, row, answer in together:
        bad = " class='bad'" if _faults(row) else ""
        told = html.escape("; ".join([f"{row.kind}: {row.outcome or 'failed'}", *_faults(row)]))
        summary = f"<b>{html.escape(str(question.id))}</b> {html.escape(question.question)} <span{bad}>{told}</span>"
        yield f"<details><summary>{summary}</summary>{_wanted(reference)}{_given(answer, str(question.id))}</details>"


def _faults(row: Row) -> list[str]:
    """What the answer got wrong, in words; empty where it is as the reference has it."""
    wrong = []
    if row.matched < row.wanted:
        wrong.append(f"{row.matched} of {row.wanted} positions found")
    if row.given > row.matched and row.wanted:
        wrong.append(f"{row.given - row.matched} too many")
    if row.kind == "unanswerable" and row.outcome != "unanswered":
        wrong.append("nothing answers it")
    if row.kind in ("agreed", "noise") and row.outcome == "disputed":
        wrong.append("no dispute")
    if row.kind == "contested" and row.outcome == "answered":
        wrong.append("a dispute")
    if row.verbatim < row.quotes:
        wrong.append(f"{row.quotes - row.verbatim} quotes that stand nowhere")
    return wrong


def _wanted(reference: Mapping[str, Any]) -> str:
    names = [p["name"] for p in reference.get("positions", ())] + [s["answer"] for s in reference.get("sides", ())]
    listed = "".join(f"<li>{html.escape(str(name))}</li>" for name in names)
    return f"<p class='note'>The reference: {'nothing answers it' if not names else ''}</p><ul>{listed}</ul>"


def _given(answer: Mapping[str, Any], id_: str) -> str:
    if "error" in answer:
        return f"<p class='bad'>{html.escape(answer['error'])}</p>"
    return to_html(from_dict({k: v for k, v in answer.items() if k != "id"}), prefix=f"q-{id_}")
