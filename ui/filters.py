"""What the next question keeps to: outlets, days, chosen articles, and who reads. The browser remembers it, for every
page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from rag.ask import EngineChoice
from rag.errors import UsageError
from rag.library import Library
from rag.render import day_words
from rag.types import Scope
from ui.welcome import title_line

STORED = "whosays-filters"
WITHOUT = "without a language model"
Given = tuple[Sequence[str] | None, str | None, str | None, Sequence[str] | None, str | None]
"""Outlets, first and last day as they were typed, ids of articles, and who reads."""
NOTHING: dict[str, Any] = {"outlets": [], "since": "", "until": "", "articles": [], "reads": "auto"}


def stored() -> gr.BrowserState:
    """The filters as the browser keeps them, the same on every page."""
    return gr.BrowserState(dict(NOTHING), storage_key=STORED, secret=STORED)


def fields(model: str | None) -> tuple[gr.Accordion, list[gr.components.Component], gr.Button]:
    """The folded part of the page, its fields in the order of Given, and the button that empties them.

    Who reads is asked only where there is a `model` that could.
    """
    with gr.Accordion("Filters", open=False, elem_id="filters") as part:
        with gr.Row():
            outlets = gr.Dropdown([], multiselect=True, value=[], label="Only these outlets")
            since = gr.Textbox(label="From this day on", placeholder="2016-12-31", max_lines=1)
            until = gr.Textbox(label="Up to this day", placeholder="2016-12-31", max_lines=1)
        articles = gr.Dropdown([], multiselect=True, value=[], label="Only these articles")
        readers = [(f"{model}, which is sent the question and excerpts", "auto"), (WITHOUT, "extractive")]
        reads = gr.Dropdown(readers, value="auto", label="Reads with", visible=model is not None)
        clear = gr.Button("Clear the filters", size="sm", elem_classes="act")
    return part, [outlets, since, until, articles, reads], clear


def scope_of(given: Given) -> Scope:
    """Raises UsageError for a day that is none, or two in the wrong order."""
    outlets, since, until, articles, _ = given
    first, last = _day(since), _day(until)
    if first and last and first > last:
        raise UsageError(f"the first day {first} is after the last {last}: change the filters")
    return Scope(first, last, tuple(outlets or ()), tuple(articles or ()))


def engine_of(given: Given) -> EngineChoice:
    """The built-in reader where it was chosen, else the language model where there is one."""
    return "extractive" if given[-1] == "extractive" else "auto"


def _day(given: str | None) -> dt.date | None:
    text = (given or "").strip()
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{text!r} is no day: give it as 2016-12-31 in the filters") from None


def kept(*given: Any) -> tuple[dict[str, Any], Any]:
    """What the browser keeps, and the name of the folded part, which tells what is set."""
    outlets, since, until, articles, reads = given
    row = {"outlets": outlets or [], "since": since or "", "until": until or "", "articles": articles or []}
    row["reads"] = reads or "auto"
    return row, gr.update(label=label(given))


def label(given: Given) -> str:
    """The filters in a line, also while a day is half typed."""
    outlets, since, until, articles, reads = given
    told = [", ".join(outlets or ())] if outlets else []
    told += [f"{word} {_told(day)}" for word, day in (("from", since), ("up to", until)) if day and day.strip()]
    if articles:
        told.append(f"{len(articles)} chosen article{'' if len(articles) == 1 else 's'}")
    told += [WITHOUT] if reads == "extractive" else []
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
        gr.update(label=label((outlets, row["since"], row["until"], chosen, row["reads"]))),
        gr.update(choices=names, value=outlets),
        row["since"],
        row["until"],
        gr.update(choices=[(title_line(a), a.id) for a in articles], value=chosen),
        row["reads"],
    )


def choosing(row: Any, ids: Sequence[str]) -> dict[str, Any]:
    """The kept filters with these articles chosen instead of others."""
    return {**NOTHING, **(row if isinstance(row, Mapping) else {}), "articles": list(ids)}
