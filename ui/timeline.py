"""The cited statements day by day, oldest first: what was said when. Pure."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable, Sequence

from rag.render import attribution_line, day_words, headline, quoted, visible
from rag.types import Answer, Citation
from ui.ledger import cite_button

SHOWN = 140  # characters of a quote
_CLOSING = {"“": "”", '"': '"'}
Said = tuple[str, Citation]
"""A position's label, and one of its citations."""


def timeline_html(answer: Answer, turn: int) -> str:
    """The quotes of the answer at `turn` (from 0) under the days on which they were published, undated ones last.

    A long quote is cut between two words: what stands inside the marks is verbatim. Where nothing answers it is one
    line.
    """
    if not answer.positions:
        return f'<p class="aside">{_h(headline(answer))}, so there is no timeline.</p>'
    days = "".join(_day(day, said, turn) for day, said in _by_day(answer))
    return (
        '<div class="timeline"><p class="order">By day of publication, oldest first.</p>'
        f'<ol role="list">{days}</ol></div>'
    )


def _by_day(answer: Answer) -> list[tuple[dt.date | None, list[Said]]]:
    """In the order of days, and within a day of numbers; None comes last."""
    said = [(position.label, c) for position in answer.positions for c in position.citations]
    days = sorted({c.published for _, c in said if c.published})
    undated: Iterable[None] = [None] if any(c.published is None for _, c in said) else []
    return [(day, [(label, c) for label, c in said if c.published == day]) for day in (*days, *undated)]


def _day(day: dt.date | None, said: Sequence[Said], turn: int) -> str:
    head = f'<time datetime="{day.isoformat()}">{day_words(day)}</time>' if day else "Day unknown"
    items = "".join(_item(label, citation, turn) for label, citation in said)
    return f'<li><h3>{head}</h3><ul role="list">{items}</ul></li>'


def _item(label: str, citation: Citation, turn: int) -> str:
    return (
        f'<li><p class="label">{_h(label)}</p><p class="words">{_h(_beginning(citation.quote.text))}</p>'
        f'<p class="who">{_h(_who(citation))} {cite_button(citation, turn)}</p></li>'
    )


def _who(citation: Citation) -> str:
    """The attribution line without the day, which stands above, and without an outlet that it names already."""
    day = day_words(citation.published) if citation.published else "no date"
    line = attribution_line(citation).removesuffix(f" · {day}")
    outlet = visible(citation.outlet or citation.title)
    named = {visible(name).casefold() for name in (citation.attribution.speaker or "", *citation.attribution.via)}
    return line.removesuffix(f" · {outlet}") if outlet.casefold() in named else line


def _beginning(quote: str) -> str:
    """The quote in marks. A long one is cut at a space, and the dots stand outside: inside are the article's words."""
    words = visible(quote)
    at = words.rfind(" ", 0, SHOWN + 1)
    at = at if at > 0 else words.find(" ")  # a first word as long as that is shown whole, never broken
    return f"{_closed(words[:at])} …" if len(words) > SHOWN and at > 0 else quoted(words)


def _closed(cut: str) -> str:
    """Words that were cut, in marks: where they begin with a mark of their own that was never closed, it serves."""
    open_still = cut[0] in _CLOSING and not any(mark in cut[1:] for mark in '“”"')
    return cut + _CLOSING[cut[0]] if open_still else quoted(cut)


def _h(text: str) -> str:
    return html.escape(visible(text), quote=True)
