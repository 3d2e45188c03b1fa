"""What the page shows around the conversation: its head, and before the first question what can be asked. Pure."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Collection, Sequence

from rag.library_rows import Summary
from rag.render import day_words, visible
from rag.settings import Settings

# The sample articles that come with the program, and questions that they answer.
BUNDLED = frozenset(
    """aleppo-ap aleppo-inquisitr aleppo-september aleppo-syria-direct aleppo-vice
    ferry-courier ferry-herald ferry-ledger ferry-ledger-update ferry-voice
    square-courier square-free-orvena square-mail square-mail-update square-review
    river-courier river-ledger river-radio river-radio-update river-tribune""".split()
)
QUESTIONS = (
    "Who blocked the buses?",
    "Did Corvane know before the disaster that a pump was faulty?",
    "How many people in the two towns needed medical care?",
)
SHOWN = 5  # articles named where there are no ready questions


def header_html(articles: Sequence[Summary], settings: Settings) -> str:
    """The name, what the library holds, and which reader reads: wherever text would go elsewhere, the host is named."""
    outlets = len({a.outlet for a in articles if a.outlet})
    library = f"library: {_count(len(articles), 'article')} · {_count(outlets, 'outlet')}"
    reads = "no language model; nothing leaves this machine"
    if settings.host:
        reads = f"{settings.model}; questions and excerpts of articles go to {settings.host}"
    return (
        f'<header class="head"><h1>Whosays</h1><p>{_h(library)}</p>'
        f'<p class="reads">reads with: {_h(reads)}</p></header>'
    )


def welcome_html(articles: Sequence[Summary]) -> str:
    """What can be asked: ready questions for the sample articles, else the newest articles by name."""
    if not articles:
        body = "<p>The library is empty. Fill it with: <code>whosays ingest FOLDER</code></p>"
    elif questions := examples({a.id for a in articles}):
        body = f'<p>For example:</p><ul class="examples">{"".join(map(_example, questions))}</ul>'
    else:
        rows = "".join(f"<li>{_h(title_line(a))}</li>" for a in newest(articles))
        body = f"<p>Ask who did something, when, where or how many. Here are articles such as:</p><ul>{rows}</ul>"
    return (
        '<div class="welcome"><h2>Who says what?</h2><p>Every position that the articles take on a question, each '
        f"with the words it rests on.</p>{body}</div>"
    )


def examples(ids: Collection[str]) -> tuple[str, ...]:
    """Questions that the library is known to speak of: only where it holds the sample articles and nothing else."""
    return QUESTIONS if set(ids) == BUNDLED else ()


def newest(articles: Sequence[Summary]) -> list[Summary]:
    """The newest few; those without a day come last."""
    return sorted(articles, key=lambda a: a.published or dt.date.min, reverse=True)[:SHOWN]


def title_line(article: Summary) -> str:
    """The line by which people know an article: title, outlet, day."""
    day = day_words(article.published) if article.published else None
    return " · ".join(part for part in (article.title, article.outlet, day) if part)


def _example(question: str) -> str:
    return f'<li><button type="button" class="example" data-ask="{_h(question)}">{_h(question)}</button></li>'


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _h(text: str) -> str:
    return html.escape(visible(text), quote=True)
