"""Answers and their parts, made for tests. All texts here were written for the tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from rag.summary import summarise
from rag.types import (
    Answer,
    Attribution,
    Citation,
    Position,
    Quote,
    Rejected,
    Relation,
    Scope,
    Silent,
    Stance,
    Timings,
    Usage,
)

HARBOUR = (
    "The ferry did not sail on Tuesday. It was held at the quay for nine hours.\n\n"
    "The port authority said that striking dockers had chained the gates. The union denies that its members did so."
)
COURIER = "Storm warnings kept the ferry in port, according to a leaked log. Passengers slept in the terminal."
ALMANAC = "High water came at six in the evening on Tuesday."
TEXTS: Mapping[str, str] = {"harbour": HARBOUR, "courier": COURIER, "almanac": ALMANAC}
OUTLETS = {"harbour": "Harbour Post", "courier": "Evening Courier", "almanac": None}
TITLES = {"harbour": "Ferry held at the quay", "courier": "A night in the terminal", "almanac": "Tides of March"}
DAYS = {"harbour": dt.date(2021, 3, 9), "courier": dt.date(2021, 3, 11), "almanac": dt.date(2021, 1, 1)}


def citation(
    n: int,
    article: str,
    words: str,
    *,
    speaker: str | None = None,
    via: tuple[str, ...] = (),
    stance: Stance = "asserts",
    context: str | None = None,
    url: str | None = None,
) -> Citation:
    """A citation of `words` in one of TEXTS; `context` is a sentence there too."""
    text = TEXTS[article]
    start = text.index(words)
    before = (text.index(context), text.index(context) + len(context)) if context else None
    return Citation(
        n=n,
        quote=Quote(article, start, start + len(words), words),
        title=TITLES[article],
        outlet=OUTLETS[article],
        published=DAYS[article],
        url=url,
        context=before,
        attribution=Attribution(speaker, via, stance),
    )


def loose_citation(n: int, words: str, **changes: object) -> Citation:
    """A citation of any words, of an article that nobody holds; `changes` replace fields of the Citation."""
    fields: dict[str, object] = {
        "title": "Loose leaf",
        "outlet": None,
        "published": None,
        "url": None,
        "context": None,
        "attribution": Attribution(),
    }
    return Citation(n=n, quote=Quote("loose", 0, len(words), words), **(fields | changes))  # type: ignore[arg-type]


def position(
    label: str, *citations: Citation, relation: Relation = "disputes", origins: tuple[str, ...] = ()
) -> Position:
    return Position(label, relation, origins, citations)


def context_of(cited: Citation) -> str | None:
    if cited.context is None or cited.quote.article not in TEXTS:
        return None
    return TEXTS[cited.quote.article][slice(*cited.context)]


def disputed() -> Answer:
    """Three positions over two articles: a claim through a body, a denial, a report from unnamed sources."""
    strike = citation(
        1,
        "harbour",
        "striking dockers had chained the gates",
        speaker="port authority",
        via=("Coast Radio",),
        context="It was held at the quay for nine hours.",
        url="https://harbour.example/ferry",
    )
    denial = citation(2, "harbour", "The union denies that its members did so.", speaker="union", stance="denies")
    storm = citation(3, "courier", "Storm warnings kept the ferry in port", stance="reports")
    positions = (
        position("striking dockers", strike, origins=("port authority",)),
        position("not its members", denial, origins=("union",)),
        position("Storm warnings", storm, origins=("a leaked log",)),
    )
    return Answer(
        question="Who or what kept the ferry in port?",
        standalone="Who or what kept the ferry in port on Tuesday?",
        outcome="disputed",
        summary=summarise("disputed", positions),
        scope=Scope(since=dt.date(2021, 3, 1), outlets=("Harbour Post", "Evening Courier")),
        positions=positions,
        silent=(Silent("almanac", "tells the tides and not the strike"),),
        rejected=(Rejected("dockers have chained the gate", "not in harbour"),),
        notes=("2 articles without a day were left out",),
        library="0" * 64,
        timings=Timings(retrieve=12.5, rerank=80.0, read=40.25, verify=1.0, total=140.0),
    )


def unanswered() -> Answer:
    return Answer(
        question="What did the ferry cost to build?",
        standalone="What did the ferry cost to build?",
        outcome="unanswered",
        summary="No source here answers this question.",
        nearest=(citation(1, "courier", "Passengers slept in the terminal."),),
        library="0" * 64,
    )


def agreed() -> Answer:
    """One position, read by a language model."""
    only = citation(1, "harbour", "The ferry did not sail on Tuesday.")
    return Answer(
        question="Did the ferry sail on Tuesday?",
        standalone="Did the ferry sail on Tuesday?",
        outcome="answered",
        summary="Not on Tuesday, according to Harbour Post [1].",
        positions=(position("It did not", only, relation="agrees"),),
        engine="llm",
        model="some-model",
        prompt="f" * 64,
        usage=Usage(900, 80, 1, 0.0021),
    )


def hostile() -> Answer:
    """An article that tries to be markup: every surface must show it as text."""
    words = "<script>alert(1)</script> **bold** [click](javascript:alert(2)) `code` $x$ \x1b[31mred # no\n- a | a & b"
    cited = loose_citation(1, words, title="<b>Title</b>", url="javascript:alert(3)", outlet="*Out*<i>let</i>")
    label = "[1](http://bad.example) <img src=x onerror=alert(4)>"
    return Answer(
        question="1. What is <u>this</u>?",
        standalone="1. What is <u>this</u>?",
        outcome="answered",
        summary=f"{label} according to *Out* [1].",
        positions=(position(label, cited, relation="agrees"),),
    )
