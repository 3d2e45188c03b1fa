"""What the next question keeps to: outlets, days, chosen articles. The browser remembers it, from page to page too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from rag.errors import UsageError
from rag.library import Library
from rag.render import day_words
from rag.types import Scope
from ui.welcome import title_line

STORED = "whosays-filters"
Given = tuple[Sequence[str] | None, str | None, str | None, Sequence[str] | None]
"""Outlets, first and last day as they were typed, ids of articles."""
NOTHING: dict[str, Any] = {"outlets": [], "since": "", "until": "", "articles": []}


def stored() -> gr.BrowserState:
    """The filters as the browser keeps them, the same on every page."""
    return gr.BrowserState(dict(NOTHING), storage_key=STORED, secret=STORED)


def fields() -> tuple[gr.Accordion, list[gr.components.Component], gr.Button]:
    """The folded part of the page, its fields in the order of Given, and the button that empties them."""
    with gr.Accordion("Filters", open=False, elem_id="filters") as part:
        with gr.Row():
            outlets = gr.Dropdown([], multiselect=True, value=[], label="Only these outlets")
            since = gr.Textbox(label="From this day on", placeholder="2016-12-31", max_lines=1)
            until = gr.Textbox(label="Up to this day", placeholder="2016-12-31", max_lines=1)
        articles = gr.Dropdown([], multiselect=True, value=[], label="Only these articles")
        clear = gr.Button("Clear the filters", size="sm", elem_classes="act")
    return part, [outlets, since, until, articles], clear


def scope_of(given: Given) -> Scope:
    """Raises UsageError for a day that is none, or two in the wrong order."""
    outlets, since, until, articles = given
    first, last = _day(since), _day(until)
    if first and last and first > last:
        raise UsageError(f"the first day {first} is after the last {last}: change the filters")
    return Scope(first, last, tuple(outlets or ()), tuple(articles or ()))


def _day(given: str | None) -> dt.date | None:
    text = (given or "").strip()
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{text!r} is no day: give it as 2016-12-31 in the filters") from None


def kept(*given: Any) -> tuple[dict[str, Any], Any]:
    """What the browser keeps, and the name of the folded part, which tells what is set."""
    outlets, since, until, articles = given
    row = {"outlets": outlets or [], "since": since or "", "until": until or "", "articles": articles or []}
    return row, gr.update(label=label(given))


def label(given: Given) -> str:
    """The filters in a line, also while a day is half typed."""
    outlets, since, until, articles = given
    told = [", ".join(outlets or ())] if outlets else []
    told += [f"{word} {_told(day)}" for word, day in (("from", since), ("up to", until)) if day and day.strip()]
    if articles:
        told.append(f"{len(articles)} chosen article{'' if len(articles) == 1 else 's'}")
    return f"Filters: {'; '.join(told)}" if told else "Filters"


def _told(day: str) -> str:
    try:
        return day_words(dt.date.fromisoformat(day.strip()))
    except ValueError:
        return day.strip()


def restored(row: Any, library: Library) -> tuple[Any, ...]:
    """The fields as the browser kept them, over what the library holds now; for the folded part and each field.

    What was chosen and is no longer there is left out, and said.
    """
    row = {**NOTHING, **row} if isinstance(row, Mapping) else NOTHING
    articles = library.summaries()
    names = sorted({a.outlet for a in articles if a.outlet})
    known = {a.id for a in articles}
    outlets = [name for name in row["outlets"] if name in names]
    chosen = [id_ for id_ in row["articles"] if id_ in known]
    gone = len(row["outlets"]) + len(row["articles"]) - len(outlets) - len(chosen)
    if gone:
        was = "was" if gone == 1 else "were"
        gr.Info(f"{gone} of the filters named what is no longer in the library, and {was} left out.")
    return (
        gr.update(label=label((outlets, row["since"], row["until"], chosen))),
        gr.update(choices=names, value=outlets),
        row["since"],
        row["until"],
        gr.update(choices=[(title_line(a), a.id) for a in articles], value=chosen),
    )


def choosing(row: Any, ids: Sequence[str]) -> dict[str, Any]:
    """The kept filters with these articles chosen instead of others."""
    return {**NOTHING, **(row if isinstance(row, Mapping) else {}), "articles": list(ids)}
