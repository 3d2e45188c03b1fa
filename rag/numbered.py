"""Evidence as a model sees it: under each article's name its sentences, each on a line of its own under its number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.prompts import one_line
from rag.types import Article, Evidence

CHARS_A_TOKEN = 3.5  # of English news with its numbers, at the least: 4.2 on average


def numbered(evidence: Sequence[Evidence]) -> str:
    """`evidence` in reading order. "..." stands where sentences of an article are left out."""
    return "\n".join(_lines(evidence))


def _lines(evidence: Sequence[Evidence]) -> Iterator[str]:
    article, last = "", 0
    for e in evidence:
        if e.article.id != article:
            article = e.article.id
            yield f"# {_name(e.article)}"
        elif e.sentence.n != last + 1:
            yield "..."
        last = e.sentence.n
        yield f"[{e.n}] {one_line(e.sentence.text)}"


def _name(article: Article) -> str:
    day = article.published.isoformat() if article.published else "day unknown"
    return " | ".join((one_line(article.outlet or "outlet unknown"), day, one_line(article.title)))


def tokens(text: str) -> int:
    """About so many tokens, rather too many: no model's own tokenizer is at hand."""
    return round(len(text) / CHARS_A_TOKEN)
