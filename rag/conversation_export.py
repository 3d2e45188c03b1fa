"""A conversation to take away: as JSON and back, as Markdown, as an HTML page, and an answer with footnotes. Pure.

A conversation is its answers in order. Article text is data: whatever markup it holds is shown as text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from rag.contract import SCHEMA, from_dict, to_dict
from rag.conversation_page import to_html
from rag.errors import UsageError
from rag.references import Reference, references
from rag.render import ContextOf, NameOf, attribution_line, escape_markdown, no_context, quoted, safe_url, visible
from rag.render import to_markdown as answer_markdown
from rag.types import Answer, Citation

__all__ = ["copy_with_footnotes", "each_answer", "from_json", "is_conversation", "to_html", "to_json", "to_markdown"]

T = TypeVar("T")


# --- JSON -------------------------------------------------------------------------------------


def to_json(answers: Sequence[Answer]) -> str:
    """The conversation as JSON text: {"schema": 1, "answers": [each as in the contract]}."""
    data = {"schema": SCHEMA, "answers": [to_dict(answer) for answer in answers]}
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")  # half of a surrogate pair fits no UTF-8 file


def from_json(text: str) -> tuple[Answer, ...]:
    """The answers that `to_json` was given. Raises UsageError, in one line, where the text is something else."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise UsageError(f"not a conversation: not JSON ({err}): give what the export as JSON made") from err
    return each_answer(data, from_dict)


def is_conversation(data: object) -> bool:
    """Whether JSON data means to be a conversation rather than one answer."""
    return isinstance(data, dict) and "answers" in data and "positions" not in data


def each_answer(data: object, read: Callable[[Any], T]) -> tuple[T, ...]:
    """What `read` makes of the data of each answer in a conversation, in order. Raises UsageError where the data is no
    conversation, and where `read` raises one, with the number of the question before it."""
    if not isinstance(data, dict) or not isinstance(data.get("answers"), list):
        raise UsageError('not a conversation: expected {"schema": 1, "answers": [...]}: export it again as JSON')
    schema = data.get("schema")
    if schema != SCHEMA or isinstance(schema, bool):
        shown = json.dumps(schema)[:60]
        raise UsageError(f"not a conversation: schema is {shown}: expected {SCHEMA}, the only one this version reads")
    return tuple(_read(n, answer, read) for n, answer in enumerate(data["answers"], 1))


def _read(n: int, answer: object, read: Callable[[Any], T]) -> T:
    try:
        return read(answer)
    except UsageError as err:
        raise UsageError(f"question {n}: {err}") from err


# --- Markdown ---------------------------------------------------------------------------------


def to_markdown(answers: Sequence[Answer], context_of: ContextOf = no_context, name_of: NameOf = str) -> str:
    """The conversation as CommonMark: each question a numbered heading, its answer with numbers of its own, and last
    the articles that were quoted. All text from articles is escaped."""
    parts = [_md_turn(n, answer_markdown(answer, context_of, name_of)) for n, answer in enumerate(answers, 1)]
    if cited := references(answers):
        rows = "\n".join(map(_md_reference, cited))
        parts.append(f"# References\n\n{rows}\n")
    return "\n".join(parts) or "No question was asked.\n"


def _md_turn(n: int, answer: str) -> str:
    return f"# {n}. {answer.removeprefix('# ')}"


def _md_reference(reference: Reference) -> str:
    told = [escape_markdown(part) for part in (reference.title, *reference.told)]
    url = [f"<{reference.url}>"] if reference.url else []
    places = (f"question {question} {', '.join(f'[{n}]' for n in ns)}" for question, ns in reference.places)
    return "- " + " · ".join([*told, *url, "; ".join(places)])


# --- plain text with footnotes ----------------------------------------------------------------


def copy_with_footnotes(answer: Answer) -> str:
    """The answer as plain text for a document: the summary with its [n], then a line for each quote,
    "[n] “quote” — who · outlet · day · address"."""
    blocks = [visible(answer.summary)]
    if answer.nearest:
        blocks.append("What comes nearest, and is not an answer:")
    if answer.citations:
        blocks.append("\n".join(map(_footnote, answer.citations)))
    return "\n\n".join(blocks) + "\n"


def _footnote(citation: Citation) -> str:
    url = safe_url(citation.url)
    words = quoted(visible(citation.quote.text))
    return f"[{citation.n}] {words} — {attribution_line(citation)}{f' · {url}' if url else ''}"
