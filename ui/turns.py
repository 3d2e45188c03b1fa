"""The conversation as HTML: each question with its answer, in cards of positions and their quotes. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.render import (
    ContextOf,
    attribution_line,
    day_words,
    goes_back,
    headline,
    notes_of,
    quoted,
    reader_line,
    relation_words,
    scope_line,
    visible,
)
from rag.types import Answer, Citation, Position, Silent

TitleOf = Callable[[str], str]
"""Gives the line by which people know an article, from its id."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reader thinks of an answer."""

    helpful: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, what the page shows under it as HTML, and the answer once there is one.

    The HTML is made once: what was answered stays as it was, whatever the library becomes.
    """

    question: str
    shown: str
    answer: Answer | None = None
    verdict: Verdict | None = None


WORKING = "Reading the articles"
FILES = (
    ("markdown", "Markdown"),
    ("html", "HTML page"),
    ("json", "JSON"),
    ("bibtex", "References, BibTeX"),
    ("csl", "References, CSL-JSON"),
)
AGAIN = (("retry", "Ask again"), ("edit", "Change"), ("undo", "Take back"))
THUMBS = (("helpful", "Helpful", True), ("unhelpful", "Not helpful", False))
NOTE = 2_000  # characters


def error_html(message: str) -> str:
    """What failed, in one line."""
    return f'<p class="error" role="alert">{_h(message)}</p>'


def meanwhile_html(
    standalone: str, quotes: Sequence[Citation], positions: Sequence[Position], host: str, seconds: int
) -> str:
    """What is known while a question is still read: quotes that come near, then positions; without numbers yet."""
    parts = [f'<p class="aside">Read as: {_h(standalone)}</p>'] if standalone else []
    what = f"{_h(host)} is reading, {seconds} s" if host else WORKING
    parts.append(f'<p class="working" role="status">{what}</p>')
    if positions:
        parts += [_position_so_far(p) for p in positions]
    elif quotes:
        told = "".join(_bare_quote(c) for c in quotes)
        parts.append(
            f'<section class="nearest"><h3>What comes near, not yet read for who says what</h3>{told}</section>'
        )
    return f'<div class="answer meanwhile">{"".join(parts)}</div>'


def _position_so_far(position: Position) -> str:
    told = "".join(_bare_quote(c) for c in position.citations)
    return f'<section class="position"><h3>{_h(position.label)}</h3>{told}</section>'


def _bare_quote(citation: Citation) -> str:
    return (
        f"<figure><blockquote>{_h(quoted(visible(citation.quote.text)))}</blockquote>"
        f"<figcaption>{_h(attribution_line(citation))}</figcaption></figure>"
    )


def turns_html(turns: Sequence[Turn], judged: bool = False) -> str:
    """The whole conversation. The last question can be asked again, changed or taken back; with `judged`, a reader can
    say what an answer was worth."""
    shown = "".join(
        f'<article class="turn"><h2 class="question">{_h(t.question)}</h2>{t.shown}'
        f"{_actions(i, t, i == len(turns) - 1)}{_judging(i, t) if judged and t.answer else ''}</article>"
        for i, t in enumerate(turns)
    )
    return f'<div class="log" role="log" aria-label="Questions and answers">{shown}</div>'


def _actions(i: int, turn: Turn, last: bool) -> str:
    """Nothing while the question is read."""
    if 'role="status"' in turn.shown and turn.answer is None:
        return ""
    own = "".join((_act("table", "Table", i) if last else "", _act("copy", "Copy", i), saving_html("Save", i)))
    again = "".join(_act(act, word, i) for act, word in AGAIN) if last else ""
    buttons = (own if turn.answer else "") + again
    return f'<div class="acts" role="group" aria-label="This answer">{buttons}</div>' if buttons else ""


def _act(act: str, word: str, i: int, more: str = "") -> str:
    return f'<button type="button" class="act" data-act="{act}" data-at="{i}"{more}>{word}</button>'


def saving_html(word: str, at: int) -> str:
    """The files that an answer can become, or with `at` -1 the conversation, folded under `word`."""
    forms = "".join(f"<li>{_act(form, name, at)}</li>" for form, name in FILES)
    return f'<details class="menu"><summary class="act">{word}</summary><ul>{forms}</ul></details>'


def _judging(i: int, turn: Turn) -> str:
    """The thumbs, and a place for a note once one of them is pressed."""
    verdict = turn.verdict
    thumbs = "".join(
        _act(act, word, i, f' aria-pressed="{str(verdict is not None and verdict.helpful == helpful).lower()}"')
        for act, word, helpful in THUMBS
    )
    note = ""
    if verdict:
        note = (
            f'<label class="note">A note, kept in the library with the answer (which positions are wrong or missing?)'
            f'<textarea rows="2" maxlength="{NOTE}" data-note="{i}">{_h(verdict.note)}</textarea></label>'
            f"{_act('note', 'Keep the note', i)}"
            f'<span role="status">{"Kept." if not verdict.note else "Kept with your note."}</span>'
        )
    return f'<div class="judging" role="group" aria-label="Was this answer helpful?">{thumbs}{note}</div>'


def earlier_html(titles: Sequence[tuple[str, str]], current: str, saved: bool = False) -> str:
    """The conversations that the browser keeps, as (id, title), newest first; with `saved`, this one can be saved."""
    others = [(id_, title) for id_, title in titles if id_ != current]
    rows = "".join(
        f'<li><button type="button" class="act" data-reopen="{_h(id_)}">{_h(title)}</button></li>'
        for id_, title in others
    )
    listed = f"<details><summary>Earlier conversations</summary><ul>{rows}</ul></details>" if rows else ""
    save = saving_html("Save the conversation", -1) if saved else ""
    return (
        f'<div class="earlier"><button type="button" class="act" data-new>New conversation</button>{save}{listed}</div>'
    )


def answer_html(answer: Answer, turn: int, context_of: ContextOf, title_of: TitleOf) -> str:
    """The answer at `turn` (from 0) in cards. Its buttons carry data-turn and data-n (from 1)."""
    parts = [f'<p class="headline">{_h(headline(answer))}</p>']
    if answer.standalone != answer.question:
        parts.append(f'<p class="aside">Read as: {_h(answer.standalone)}</p>')
    if scope := scope_line(answer.scope):
        parts.append(f'<p class="aside">{_h(scope)}</p>')
    if answer.positions:
        parts.append(f'<p class="summary">{_summary(answer, turn)}</p>')
    parts += [_position(p, i, turn, context_of) for i, p in enumerate(answer.positions)]
    parts += [_nearest(answer.nearest, turn, context_of)] if answer.nearest else []
    parts += [_silent(answer.silent, title_of)] if answer.silent else []
    parts += [f'<p class="aside">{_h(note)}</p>' for note in notes_of(answer)]
    parts.append(f'<p class="aside">{_h(reader_line(answer))}</p>')
    return f'<div class="answer {answer.outcome}">{"".join(parts)}</div>'


def _summary(answer: Answer, turn: int) -> str:
    known = {str(c.n): c for c in answer.citations}
    return re.sub(r"\[(\d+)\]", lambda m: _button(known[m[1]], turn) if m[1] in known else m[0], _h(answer.summary))


def _position(position: Position, i: int, turn: int, context_of: ContextOf) -> str:
    line = "; ".join(part for part in (relation_words(position.relation, i), goes_back(position)) if part)
    under = f'<p class="relation">{_h(line[0].upper() + line[1:])}</p>' if line else ""
    quotes = "".join(_quote(c, turn, context_of) for c in position.citations)
    return f'<section class="position"><h3>{_h(position.label)}</h3>{under}{quotes}</section>'


def _nearest(citations: Sequence[Citation], turn: int, context_of: ContextOf) -> str:
    quotes = "".join(_quote(c, turn, context_of) for c in citations)
    return f'<section class="nearest"><h3>What comes nearest, and is not an answer</h3>{quotes}</section>'


def _quote(citation: Citation, turn: int, context_of: ContextOf) -> str:
    context = context_of(citation)
    before = f'<p class="context">{_h(context)}</p>' if context else ""
    return (
        f'<figure class="{citation.attribution.stance}">{before}'
        f"<blockquote>{_h(quoted(visible(citation.quote.text)))}</blockquote>"
        f'<figcaption>{_h(attribution_line(citation))} <span class="together">{_button(citation, turn)}'
        '<span class="checked" title="Checked: these words stand in the article, exactly so">✓'
        '<span class="unseen"> quote checked</span></span></span></figcaption></figure>'
    )


def _button(citation: Citation, turn: int) -> str:
    day = day_words(citation.published) if citation.published else ""
    where = ", ".join(part for part in (citation.outlet or citation.title, day) if part)
    return (
        f'<button type="button" class="cite" data-turn="{turn}" data-n="{citation.n}"'
        f' aria-label="[{citation.n}] Read the quote in its article: {_h(where)}">[{citation.n}]</button>'
    )


def _silent(silent: Sequence[Silent], title_of: TitleOf) -> str:
    n = len(silent)
    head = "1 article says nothing on this" if n == 1 else f"{n} articles say nothing on this"
    rows = "".join(f"<li>{_h(title_of(s.article))}: {_h(s.reason)}</li>" for s in silent)
    return f'<details class="silent"><summary>{head}</summary><ul>{rows}</ul></details>'


def _h(text: str) -> str:
    return html.escape(visible(text), quote=True)
