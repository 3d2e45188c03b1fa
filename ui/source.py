"""An article as HTML with the words of its quotes marked. Pure: article text is data, shown and never obeyed."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.render import UNSEEN, day_words, quoted, safe_url, visible
from rag.types import Answer, Article, Block, BlockKind, Citation

EMPTY_ARTICLE = '<p class="hint">Choose a title to read the article.</p>'
EMPTY = '<p class="hint">Choose a number, such as [1], to read the quote in its article.</p>'


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of an article, in article offsets, under the number of its citation."""

    n: int
    start: int
    end: int


def source_html(answer: Answer, n: int, turn: int, article: Article | None) -> str:
    """The source of citation `n` (from 1) of the answer at `turn` (from 0), its quote in `mark#quote`.

    `article` is the cited one as the library holds it now, None where it is gone. A quote that no longer stands at its
    place is not marked: the page then says so and shows it as it was. Raises IndexError for a number that is not there.
    """
    citation = cited(answer, n)
    marks = [Mark(c.n, c.quote.start, c.quote.end) for c in answer.citations if article and stands(c, article)]
    notice = _notice(citation, article)
    text = _text(article, marks, n) if article else ""
    return (
        f'<article class="source" data-turn="{turn}" data-n="{n}" aria-labelledby="source-title">'
        f"{_bar(citation, len(answer.citations), turn)}{_head(citation)}{notice}"
        f'<div class="text">{text}</div></article>'
    )


def article_html(article: Article, near: Sequence[tuple[str, str, str]] = ()) -> str:
    """A whole article, as the library holds it. `near` are the others in which most of its words stand: id, name, and
    how much of it in a word."""
    day = day_words(article.published) if article.published else "no date"
    place = " · ".join(_line(part) for part in (article.outlet, day) if part)
    shared = "".join(
        f'<li>{_line(much)} in <button type="button" data-open="{_line(id_)}">{_line(name)}</button></li>'
        for id_, name, much in near
    )
    copies = f'<div class="copies"><p>Of these words stand elsewhere too:</p><ul>{shared}</ul></div>' if shared else ""
    file = article.path.rsplit("/", 1)[-1]
    row = f", row {article.row}" if article.row else ""
    return (
        f'<article class="source" tabindex="0" aria-labelledby="source-title">'
        f'<div class="bar"><span class="place">{place}</span>'
        '<button type="button" class="close" data-close aria-label="Close the article">×</button></div>'
        f'<h2 id="source-title" tabindex="-1">{_line(article.title)}</h2>{_original(article.url)}'
        f'<p class="kept">{_line(article.id)}, read from {_line(file + row)}</p>{copies}'
        f'<div class="text">{_text(article, (), 0)}</div></article>'
    )


def cited(answer: Answer, n: int) -> Citation:
    """Citation `n` (from 1) of the answer. Raises IndexError for a number that is not there."""
    if not 1 <= n <= len(answer.citations):
        raise IndexError(f"citation {n} is not one of {len(answer.citations)}")
    return answer.citations[n - 1]


def stands(citation: Citation, article: Article) -> bool:
    """Whether the quote is still, character for character, where the citation says."""
    quote = citation.quote
    return quote.article == article.id and article.text[quote.start : quote.end] == quote.text


def _head(citation: Citation) -> str:
    return f'<h2 id="source-title">{_line(citation.title)}</h2>{_original(citation.url)}'


def _original(address: str | None) -> str:
    url = safe_url(address)
    if not url:
        return ""
    return (
        f'<p class="original"><a href="{_line(url)}" target="_blank" rel="noopener noreferrer">Open the original'
        '<span class="unseen"> in a new tab</span></a></p>'
    )


def _bar(citation: Citation, total: int, turn: int) -> str:
    """What stays in sight while the text scrolls: the way to the other citations, outlet and day."""
    n = citation.n
    day = day_words(citation.published) if citation.published else "no date"
    place = " · ".join(_line(part) for part in (f"{n} of {total}", citation.outlet, day) if part)
    return (
        '<nav class="bar" aria-label="Citations">'
        f"{_step(n - 1, n > 1, turn, 'Previous citation', '‹', 'ArrowLeft')}"
        f"{_step(n + 1, n < total, turn, 'Next citation', '›', 'ArrowRight')}"
        f'<span class="place"><span class="unseen">Citation </span>{place}</span>'
        '<button type="button" class="close" data-close aria-label="Close the source">×</button></nav>'
    )


def _step(to: int, there: bool, turn: int, label: str, sign: str, key: str) -> str:
    off = "" if there else " disabled"
    return (
        f'<button type="button" data-turn="{turn}" data-n="{to}" aria-label="{label}" aria-keyshortcuts="{key}"'
        f' title="{label}: {"←" if key == "ArrowLeft" else "→"}"{off}>{sign}</button>'
    )


def _notice(citation: Citation, article: Article | None) -> str:
    if article and stands(citation, article):
        return ""
    what = "has changed since this answer was given" if article else "is no longer in the library"
    words = _shown(quoted(citation.quote.text))
    return (
        f'<p class="notice">This article {what}, so the quote cannot be shown in its place. It read:</p>'
        f'<blockquote id="quote" tabindex="-1">{words}</blockquote>'
    )


# --- the text ---------------------------------------------------------------------------------


def _text(article: Article, marks: Sequence[Mark], current: int) -> str:
    return "".join(_paragraph(article, block, marks, current) for block in _pieces(article))


def _pieces(article: Article) -> Iterator[Block]:
    """The blocks, and as furniture whatever stands between them and is more than white space: nothing is hidden."""
    at = 0
    for block in article.blocks:
        yield from _between(article.text, at, block.start)
        yield block
        at = block.end
    yield from _between(article.text, at, len(article.text))


def _between(text: str, start: int, end: int) -> Iterator[Block]:
    if text[start:end].strip():
        yield Block(start, end, "furniture")


_CLASSES: dict[BlockKind, str] = {"title": ' class="title"', "body": "", "furniture": ' class="furniture"'}


def _paragraph(article: Article, block: Block, marks: Sequence[Mark], current: int) -> str:
    inside = [m for m in marks if m.start < block.end and m.end > block.start]
    text = article.text[block.start : block.end]
    if block.kind == "title" and not inside and visible(text) == visible(article.title):
        return ""  # it already stands above the text
    runs = "".join(_run(article.text, start, end, inside, current) for start, end in _cuts(block, inside))
    return f"<p{_CLASSES[block.kind]}>{runs}</p>"


def _cuts(block: Block, marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """The block cut wherever a mark begins or ends, so that overlapping marks never have to nest."""
    edges = {block.start, block.end}
    for mark in marks:
        edges |= {max(mark.start, block.start), min(mark.end, block.end)}
    ordered = sorted(edges)
    return list(pairwise(ordered))


def _run(text: str, start: int, end: int, marks: Sequence[Mark], current: int) -> str:
    words = _shown(text[start:end])
    covering = [m for m in marks if m.start <= start and end <= m.end]
    if not covering:
        return words
    chosen = next((m for m in covering if m.n == current), None)
    if chosen is None:
        return f'<mark class="other">{words}</mark>'
    first = ' id="quote" tabindex="-1"' if start == chosen.start else ""
    return f'<mark class="current"{first}>{words}</mark>'


def _shown(text: str) -> str:
    """Article text escaped, its line ends kept, with what would act unseen shown as U+FFFD."""
    return html.escape(UNSEEN.sub("\ufffd", text), quote=True)


def _line(text: str) -> str:
    return html.escape(visible(text), quote=True)
