"""The contract: an Answer as plain JSON data, schema 1, and back. `answer.schema.json` publishes the same shape."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from rag.errors import UsageError
from rag.fields import ROOT, Field
from rag.types import (
    Answer,
    Attribution,
    Citation,
    Engine,
    Outcome,
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

SCHEMA = 1


# --- Answer to data ---------------------------------------------------------------------------


def to_dict(answer: Answer) -> dict[str, Any]:
    """The answer as JSON data, keys in the order of the contract."""
    return {
        "schema": SCHEMA,
        "question": answer.question,
        "standalone": answer.standalone,
        "outcome": answer.outcome,
        "scope": _scope(answer.scope),
        "summary": answer.summary,
        "positions": [_position(p) for p in answer.positions],
        "nearest": [_citation(c) for c in answer.nearest],
        "silent": [{"article": s.article, "reason": s.reason} for s in answer.silent],
        "rejected": [{"text": r.text, "reason": r.reason} for r in answer.rejected],
        "notes": list(answer.notes),
        "engine": answer.engine,
        "model": answer.model,
        "prompt": answer.prompt,
        "library": answer.library,
        "usage": _usage(answer.usage),
        "timings_ms": _timings(answer.timings),
    }


def to_json(answer: Answer, indent: int | None = 2) -> str:
    """The answer as JSON text; `indent` None puts it on one line."""
    return json.dumps(to_dict(answer), ensure_ascii=False, indent=indent, allow_nan=False)


def _scope(scope: Scope) -> dict[str, Any]:
    return {
        "since": _day(scope.since),
        "until": _day(scope.until),
        "outlets": list(scope.outlets),
        "articles": list(scope.articles),
    }


def _position(position: Position) -> dict[str, Any]:
    return {
        "label": position.label,
        "relation": position.relation,
        "origins": list(position.origins),
        "citations": [_citation(c) for c in position.citations],
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "n": citation.n,
        "article": citation.quote.article,
        "title": citation.title,
        "outlet": citation.outlet,
        "published": _day(citation.published),
        "url": citation.url,
        "quote": citation.quote.text,
        "start": citation.quote.start,
        "end": citation.quote.end,
        "context": list(citation.context) if citation.context else None,
        "speaker": citation.attribution.speaker,
        "via": list(citation.attribution.via),
        "stance": citation.attribution.stance,
    }


def _usage(usage: Usage | None) -> dict[str, Any] | None:
    if usage is None:
        return None
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "calls": usage.calls,
        "cost": usage.cost,
    }


def _timings(timings: Timings) -> dict[str, float]:
    return {
        "retrieve": timings.retrieve,
        "rerank": timings.rerank,
        "read": timings.read,
        "verify": timings.verify,
        "total": timings.total,
    }


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


# --- data to Answer ---------------------------------------------------------------------------


def root(data: object) -> Field:
    """The data of an answer, to be read field by field. Raises UsageError where it is none, or of another schema."""
    answer = Field(data, ROOT)
    schema = answer.of("schema")
    if schema.value != SCHEMA or isinstance(schema.value, bool):
        raise schema.wrong(f"{SCHEMA}, the only one this version reads")
    return answer


def from_dict(data: dict[str, Any]) -> Answer:
    """The Answer that `to_dict` gave. Unknown fields are passed over: schema 1 may grow. Raises UsageError naming
    the field that is missing or wrong."""
    answer = root(data)
    try:
        return _read_answer(answer)
    except ValueError as err:  # an invariant of the types: numbering, outcome against positions, since after until
        raise UsageError(f"not an answer: {err}") from err


def _read_answer(at: Field) -> Answer:
    return Answer(
        question=at.of("question").text(),
        standalone=at.of("standalone").text(),
        outcome=at.of("outcome").word(Outcome),
        summary=at.of("summary").text(),
        scope=_read_scope(at.of("scope")),
        positions=at.of("positions").many(_read_position),
        nearest=at.of("nearest").many(_read_citation),
        silent=at.of("silent").many(lambda f: Silent(f.of("article").text(), f.of("reason").text())),
        rejected=at.of("rejected").many(lambda f: Rejected(f.of("text").text(), f.of("reason").text())),
        notes=at.of("notes").many(Field.text),
        engine=at.of("engine").word(Engine),
        model=at.of("model").maybe(Field.text),
        prompt=at.of("prompt").maybe(Field.text),
        library=at.of("library").text(),
        usage=at.of("usage").maybe(_read_usage),
        timings=_read_timings(at.of("timings_ms")),
    )


def _read_scope(at: Field) -> Scope:
    return Scope(
        since=at.of("since").maybe(Field.day),
        until=at.of("until").maybe(Field.day),
        outlets=at.of("outlets").many(Field.text),
        articles=at.of("articles").many(Field.text),
    )


def _read_position(at: Field) -> Position:
    return Position(
        label=at.of("label").text(),
        relation=at.of("relation").word(Relation),
        origins=at.of("origins").many(Field.text),
        citations=at.of("citations").many(_read_citation),
    )


def _read_citation(at: Field) -> Citation:
    return Citation(
        n=at.of("n").whole(),
        quote=_read_quote(at),
        title=at.of("title").text(),
        outlet=at.of("outlet").maybe(Field.text),
        published=at.of("published").maybe(Field.day),
        url=at.of("url").maybe(Field.text),
        context=at.of("context").maybe(_read_span),
        attribution=Attribution(
            speaker=at.of("speaker").maybe(Field.text),
            via=at.of("via").many(Field.text),
            stance=at.of("stance").word(Stance),
        ),
    )


def _read_quote(at: Field) -> Quote:
    """The quote as it was exported. It is checked again only by `recheck`, against the article."""
    quote = Quote(at.of("article").text(), at.of("start").whole(), at.of("end").whole(), at.of("quote").text())
    if not quote.text:
        raise at.of("quote").wrong("the words quoted")
    if quote.end - quote.start != len(quote.text):
        raise at.of("end").wrong(f"start plus the quote's length, {quote.start + len(quote.text)}")
    return quote


def _read_span(at: Field) -> tuple[int, int]:
    ends = at.many(Field.whole)
    if len(ends) != 2 or ends[0] >= ends[1]:
        raise at.wrong("[start, end]")
    return ends[0], ends[1]


def _read_usage(at: Field) -> Usage:
    return Usage(
        prompt_tokens=at.of("prompt_tokens").whole(),
        completion_tokens=at.of("completion_tokens").whole(),
        calls=at.of("calls").whole(),
        cost=at.of("cost").maybe(Field.number),
    )


def _read_timings(at: Field) -> Timings:
    return Timings(
        retrieve=at.of("retrieve").number(),
        rerank=at.of("rerank").number(),
        read=at.of("read").number(),
        verify=at.of("verify").number(),
        total=at.of("total").number(),
    )
