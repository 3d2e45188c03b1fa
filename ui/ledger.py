"""The answer as one table, positions by articles: who says it, and who says nothing. Pure."""

from __future__ import annotations

import html
from collections.abc import Sequence

from rag.render import NameOf, day_words, headline, visible
from rag.types import Answer, Citation, Position, Stance

COLUMNS = 8  # articles side by side, past which the silent ones stand together in one column
_WORDS: dict[Stance, str] = {
    "asserts": "stated there, by the article or by someone it quotes",
    "denies": "a speaker there rejects what others say",
    "reports": "hedged there, or from a source without a name",
}


def ledger_html(answer: Answer, turn: int, title_of: NameOf) -> str:
    """The table of the answer at `turn` (from 0): a row for each position, a column for each article, cited or silent.

    A cell holds the stances of the position's quotes in that article with their numbers as buttons (`cite_button`).
    `title_of` names a silent article, of which an answer holds only the id. Where nothing answers it is one line.
    """
    if not answer.positions:
        return f'<p class="aside">{_h(headline(answer))}, so there is no table.</p>'
    cited = _cited(answer)
    silent = _silent(answer, cited)
    last = _silent_heads(silent, len(cited), title_of)
    heads = "".join([*map(_head, cited), *last])
    rows = "".join(_row(p, cited, len(last), turn) for p in answer.positions)
    return (
        f'<div class="ledger"><div class="sideways" role="region" tabindex="0"'
        f' aria-label="Who says what, as a table: {_h(answer.question)}"><table>'
        f"<caption><span>{_caption(len(cited), len(silent))}</span></caption>"
        f'<thead><tr><th scope="col">Position</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
        f'<p class="key">{_key(answer, bool(silent))}</p></div>'
    )


def cite_button(citation: Citation, turn: int) -> str:
    """The number that opens a quote in its article, as it also stands in the cards of the answer at `turn` (from 0)."""
    day = day_words(citation.published) if citation.published else ""
    where = ", ".join(part for part in (citation.outlet or citation.title, day) if part)
    return (
        f'<button type="button" class="cite" data-turn="{turn}" data-n="{citation.n}"'
        f' aria-label="[{citation.n}] Read the quote in its article: {_h(where)}">[{citation.n}]</button>'
    )


def _caption(cited: int, silent: int) -> str:
    across = "1 article that answers" if cited == 1 else f"{cited} articles that answer"
    quiet = "and 1 that is silent" if silent == 1 else f"and {silent} that are silent" if silent else ""
    columns = " ".join(part for part in (across, quiet) if part)
    return f"A row for each position; across, {columns}. A number opens the quote."


# --- columns ----------------------------------------------------------------------------------


def _cited(answer: Answer) -> list[Citation]:
    """The first citation of each article: by day, then outlet, those without a day last."""
    first: dict[str, Citation] = {}
    for citation in answer.citations:
        first.setdefault(citation.quote.article, citation)
    return sorted(first.values(), key=_by_day)


def _by_day(citation: Citation) -> tuple[bool, str, str, str]:
    day = citation.published.isoformat() if citation.published else ""
    return not day, day, visible(citation.outlet or citation.title).casefold(), citation.quote.article


def _head(citation: Citation) -> str:
    title, outlet = _h(citation.title or citation.quote.article), _h(citation.outlet or "")
    day = _day(citation)
    if not outlet:
        return f'<th scope="col" title="{title}"><span class="outlet">{title}</span> {day}</th>'
    return (
        f'<th scope="col" title="{title}"><span class="outlet">{outlet}</span> {day}'
        f' <span class="title">{title}</span></th>'
    )


def _day(citation: Citation) -> str:
    if citation.published is None:
        return '<span class="day">no date</span>'
    return f'<time class="day" datetime="{citation.published.isoformat()}">{day_words(citation.published)}</time>'


def _silent(answer: Answer, cited: Sequence[Citation]) -> list[str]:
    """The ids of the articles that say nothing, each once."""
    known = {c.quote.article for c in cited}
    return [a for a in dict.fromkeys(s.article for s in answer.silent) if a not in known]


def _silent_heads(silent: Sequence[str], cited: int, title_of: NameOf) -> list[str]:
    """One for each, or one for all. A single article keeps its name: folding it would save no column."""
    if len(silent) > 1 and cited + len(silent) > COLUMNS:
        return [f'<th scope="col" class="quiet">{len(silent)} others: silent</th>']
    return [_silent_head(_h(title_of(article))) for article in silent]


def _silent_head(title: str) -> str:
    return f'<th scope="col" class="quiet" title="{title}"><span class="title">{title}</span></th>'


# --- rows -------------------------------------------------------------------------------------


def _row(position: Position, cited: Sequence[Citation], silent: int, turn: int) -> str:
    cells = [_cell(position, column.quote.article, turn) for column in cited]
    cells += ['<td class="quiet">silent</td>'] * silent
    return f'<tr><th scope="row">{_h(position.label)}</th>{"".join(cells)}</tr>'


def _cell(position: Position, article: str, turn: int) -> str:
    here = [c for c in position.citations if c.quote.article == article]
    if not here:
        return '<td class="quiet">nothing here<span class="unseen"> for this position</span></td>'
    stances = (_stance(stance, [c for c in here if c.attribution.stance == stance], turn) for stance in _WORDS)
    return f"<td>{' and '.join(filter(None, stances))}</td>"


def _stance(stance: Stance, citations: Sequence[Citation], turn: int) -> str:
    buttons = " ".join(cite_button(c, turn) for c in citations)
    return f'<span class="stance">{stance}</span> {buttons}' if citations else ""


def _key(answer: Answer, silent: bool) -> str:
    """What the words in the cells mean, those alone that are there."""
    stances = {c.attribution.stance for c in answer.citations}
    told = [f"<b>{stance}</b>: {words}" for stance, words in _WORDS.items() if stance in stances]
    told += ["<b>silent</b>: nothing that was read there answers"] if silent else []
    return "; ".join(told) + "."


def _h(text: str) -> str:
    return html.escape(visible(text), quote=True)
