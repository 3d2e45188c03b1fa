"""The contract: an Answer as plain JSON data, schema 1, and back. `answer.schema.json` publishes the same shape."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from rag.errors import UsageError
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
T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class _Field:
    """A value and where it stands in the data, so that an error can name it."""

    value: Any
    path: str

    def wrong(self, expected: str) -> UsageError:
        shown = json.dumps(self.value, ensure_ascii=True, default=str)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        return UsageError(f"not an answer: {self.path} is {shown}: expected {expected}")

    def of(self, name: str) -> _Field:
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        path = name if self.path == _ROOT else f"{self.path}.{name}"
        if name not in self.value:
            raise UsageError(f"not an answer: {path} is missing: export the answer again with --json")
        return _Field(self.value[name], path)

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def whole(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            raise self.wrong("a whole number, 0 or more")
        return self.value

    def number(self) -> float:
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            raise self.wrong("a number")
        return float(self.value)

    def day(self) -> dt.date:
        try:
            return dt.date.fromisoformat(self.text())
        except ValueError:
            raise self.wrong("a day, YYYY-MM-DD") from None

    def word(self, allowed: Any) -> Any:
        words = get_args(allowed)
        if self.value not in words:
            raise self.wrong("one of " + ", ".join(words))
        return self.value

    def maybe(self, read: Callable[[_Field], T]) -> T | None:
        return None if self.value is None else read(self)

    def many(self, read: Callable[[_Field], T]) -> tuple[T, ...]:
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return tuple(read(_Field(v, f"{self.path}[{i}]")) for i, v in enumerate(self.value))


_ROOT = "the answer"


def from_dict(data: dict[str, Any]) -> Answer:
    """The Answer that `to_dict` gave. Unknown fields are passed over: schema 1 may grow. Raises UsageError naming
    the field that is missing or wrong."""
    root = _Field(data, _ROOT)
    schema = root.of("schema")
    if schema.value != SCHEMA or isinstance(schema.value, bool):
        raise schema.wrong(f"{SCHEMA}, the only one this version reads")
    try:
        return _read_answer(root)
    except ValueError as err:  # an invariant of the types: numbering, outcome against positions, since after until
        raise UsageError(f"not an answer: {err}") from err


def _read_answer(root: _Field) -> Answer:
    return Answer(
        question=root.of("question").text(),
        standalone=root.of("standalone").text(),
        outcome=root.of("outcome").word(Outcome),
        summary=root.of("summary").text(),
        scope=_read_scope(root.of("scope")),
        positions=root.of("positions").many(_read_position),
        nearest=root.of("nearest").many(_read_citation),
        silent=root.of("silent").many(lambda f: Silent(f.of("article").text(), f.of("reason").text())),
        rejected=root.of("rejected").many(lambda f: Rejected(f.of("text").text(), f.of("reason").text())),
        notes=root.of("notes").many(_Field.text),
        engine=root.of("engine").word(Engine),
        model=root.of("model").maybe(_Field.text),
        prompt=root.of("prompt").maybe(_Field.text),
        library=root.of("library").text(),
        usage=root.of("usage").maybe(_read_usage),
        timings=_read_timings(root.of("timings_ms")),
    )


def _read_scope(at: _Field) -> Scope:
    return Scope(
        since=at.of("since").maybe(_Field.day),
        until=at.of("until").maybe(_Field.day),
        outlets=at.of("outlets").many(_Field.text),
        articles=at.of("articles").many(_Field.text),
    )


def _read_position(at: _Field) -> Position:
    return Position(
        label=at.of("label").text(),
        relation=at.of("relation").word(Relation),
        origins=at.of("origins").many(_Field.text),
        citations=at.of("citations").many(_read_citation),
    )


def _read_citation(at: _Field) -> Citation:
    return Citation(
        n=at.of("n").whole(),
        quote=_read_quote(at),
        title=at.of("title").text(),
        outlet=at.of("outlet").maybe(_Field.text),
        published=at.of("published").maybe(_Field.day),
        url=at.of("url").maybe(_Field.text),
        context=at.of("context").maybe(_read_span),
        attribution=Attribution(
            speaker=at.of("speaker").maybe(_Field.text),
            via=at.of("via").many(_Field.text),
            stance=at.of("stance").word(Stance),
        ),
    )


def _read_quote(at: _Field) -> Quote:
    """The quote as it was exported. It is checked again only by `quotes.recheck`, against the article."""
    quote = Quote(at.of("article").text(), at.of("start").whole(), at.of("end").whole(), at.of("quote").text())
    if not quote.text:
        raise at.of("quote").wrong("the words quoted")
    if quote.end - quote.start != len(quote.text):
        raise at.of("end").wrong(f"start plus the quote's length, {quote.start + len(quote.text)}")
    return quote


def _read_span(at: _Field) -> tuple[int, int]:
    ends = at.many(_Field.whole)
    if len(ends) != 2 or ends[0] >= ends[1]:
        raise at.wrong("[start, end]")
    return ends[0], ends[1]


def _read_usage(at: _Field) -> Usage:
    return Usage(
        prompt_tokens=at.of("prompt_tokens").whole(),
        completion_tokens=at.of("completion_tokens").whole(),
        calls=at.of("calls").whole(),
        cost=at.of("cost").maybe(_Field.number),
    )


def _read_timings(at: _Field) -> Timings:
    return Timings(
        retrieve=at.of("retrieve").number(),
        rerank=at.of("rerank").number(),
        read=at.of("read").number(),
        verify=at.of("verify").number(),
        total=at.of("total").number(),
    )
