"""What the library holds, as HTML: a table to search, sort and choose from, and what became of a change. Pure."""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from rag.library_rows import Summary
from rag.near_copies import Near
from rag.render import day_words, visible

By = Literal["title", "outlet", "published", "words", "copies", "added"]
PAGE = 100  # rows shown at once
HEADS: dict[By, str] = {
    "title": "Article",
    "outlet": "Outlet",
    "published": "Day",
    "words": "Words",
    "copies": "Same words",
}
COPIES = 2  # near-copies named in a row; the article itself names all
READ_ONLY = (
    "This page is served to others without a password, so the library can only be read here: start it with --auth to "
    "add and remove articles."
)


@dataclass(frozen=True, slots=True)
class View:
    """What one person sees of the list: searched, sorted, a page of it, and which articles are chosen."""

    search: str = ""
    by: By = "added"
    down: bool = False
    page: int = 0
    chosen: frozenset[str] = frozenset()
    removing: bool = False  # whether they were asked if they mean it


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows that a search finds, in order."""

    rows: tuple[Summary, ...]
    total: int
    copies: Mapping[str, Sequence[Near]]
    names: Mapping[str, str]  # of the articles that near-copies are of


def listed(
    articles: Sequence[Summary], copies: Mapping[str, Sequence[Near]], view: View, within: Collection[str]
) -> Listed:
    """Articles whose title, outlet, day, id or file hold the words searched, or whose text does (`within`, ids).

    What has no outlet or day comes last, whichever way the list is sorted.
    """
    words = view.search.casefold().split()
    found = [a for a in articles if a.id in within or all(word in _searched(a) for word in words)]
    if view.by != "added":
        known = [a for a in found if _key(a, view.by, copies) is not None]
        blank = [a for a in found if _key(a, view.by, copies) is None]
        found = [*sorted(known, key=lambda a: _key(a, view.by, copies), reverse=view.down), *blank]
    elif view.down:
        found.reverse()
    of = {near.article for each in copies.values() for near in each}
    return Listed(tuple(found), len(articles), copies, {a.id: _name(a) for a in articles if a.id in of})


def _name(article: Summary) -> str:
    """As short as tells it apart from another printing of the same story."""
    day = day_words(article.published) if article.published else ""
    return ", ".join(part for part in (article.outlet or article.title, day) if part)


def _searched(article: Summary) -> str:
    day = f"{article.published.isoformat()} {day_words(article.published)}" if article.published else ""
    file = article.path.rsplit("/", 1)[-1]
    return " ".join((article.title, article.outlet or "", day, article.id, file)).casefold()


def _key(article: Summary, by: By, copies: Mapping[str, Sequence[Near]]) -> tuple[float, str] | None:
    match by:
        case "published":
            return (article.published.toordinal(), "") if article.published else None
        case "words":
            return article.words, ""
        case "copies":
            return max((near.share for near in copies.get(article.id, ())), default=0.0), ""
        case "outlet":
            return (0, article.outlet.casefold()) if article.outlet else None
        case _:
            return 0, article.title.casefold()


# --- the table --------------------------------------------------------------------------------


def list_html(found: Listed, view: View) -> str:
    """The list as a table, a page of it."""
    if not found.total:
        return '<div class="listing"><p class="hint">The library is empty: add articles to it.</p></div>'
    pages = max(1, -(-len(found.rows) // PAGE))
    page = min(view.page, pages - 1)
    shown = found.rows[page * PAGE : (page + 1) * PAGE]
    heads: list[By] = [by for by in HEADS if by != "copies" or found.copies]
    rows = "".join(_row(a, a.id in view.chosen, _copies(a.id, found)) for a in shown)
    table = (
        f'<div class="sideways" role="region" tabindex="0" aria-label="Articles"><table><thead><tr>'
        f"{_all(shown, view)}{''.join(_head(by, view) for by in heads)}</tr></thead><tbody>{rows}</tbody></table></div>"
        if rows
        else '<p class="hint">No article has these words.</p>'
    )
    return f'<div class="listing">{table}{_pages(page, pages)}</div>'


def bar_html(found: Listed, view: View, may_change: bool) -> str:
    """How many articles there are, and what can be done to the chosen ones."""
    if not found.total:
        return ""
    chosen = len(view.chosen)
    count = f"{len(found.rows):,} of {_count(found.total)}" if view.search.strip() else _count(found.total)
    if view.removing and chosen:
        does = (
            f"<span>Remove {_count(chosen)} from the library?</span>"
            f"{_button('remove', 'Remove', 'grave')}{_button('keep', 'Keep')}"
        )
    elif chosen:
        change = f"{_button('again', 'Read again')}{_button('removing', 'Remove')}" if may_change else ""
        does = (
            f"<span>{chosen:,} chosen</span>{_button('ask', 'Ask about these', 'main')}{change}"
            f"{_button('none', 'Choose none')}"
        )
    else:
        does = _button("again", "Read all again") if may_change else ""
    group = f'<div class="does" role="group" aria-label="The chosen articles">{does}</div>'
    return f'<div class="chosen"><p role="status">{count}</p>{group}</div>'


def _button(does: str, word: str, kind: str = "") -> str:
    return f'<button type="button" class="act {kind}" data-does="{does}">{word}</button>'


def _all(shown: Sequence[Summary], view: View) -> str:
    on = " checked" if shown and all(a.id in view.chosen for a in shown) else ""
    return f'<th scope="col" class="pick"><input type="checkbox" data-all aria-label="Choose all shown"{on}></th>'


def _head(by: By, view: View) -> str:
    order = ("descending" if view.down else "ascending") if by == view.by else "none"
    sign = {"ascending": "↑", "descending": "↓", "none": ""}[order]
    return (
        f'<th scope="col" class="{by}" aria-sort="{order}"><button type="button" data-sort="{by}">{HEADS[by]}'
        f'<span aria-hidden="true">{sign}</span></button></th>'
    )


def _row(article: Summary, chosen: bool, copies: str) -> str:
    id_, title = _h(article.id), _h(article.title)
    on = " checked" if chosen else ""
    day = (
        f'<time datetime="{article.published.isoformat()}">{day_words(article.published)}</time>'
        if article.published
        else '<span class="quiet">no date</span>'
    )
    return (
        f'<tr><td class="pick"><input type="checkbox" data-id="{id_}" aria-label="Choose {title}"{on}></td>'
        f'<th scope="row" class="title"><button type="button" data-open="{id_}">{title}</button>'
        f'<span class="under">{_h(_name(article))}</span></th>'
        f'<td class="outlet">{_h(article.outlet or "") or _unknown("no outlet")}</td><td class="published">{day}</td>'
        f'<td class="words">{article.words:,}</td>{copies}</tr>'
    )


def _unknown(words: str) -> str:
    return f'<span class="quiet">{words}</span>'


def _copies(id_: str, found: Listed) -> str:
    """The last cell of a row; none where nothing in the library is nearly another, and there is no column for it."""
    if not found.copies:
        return ""
    near = found.copies.get(id_, ())
    told = [
        f'<button type="button" data-open="{_h(n.article)}">{n.told} in {_h(found.names.get(n.article, n.article))}'
        "</button>"
        for n in near[:COPIES]
    ]
    more = len(near) - COPIES
    told += [f'<span class="quiet">and {more} more</span>'] if more > 0 else []
    return f'<td class="copies">{" ".join(told)}</td>'


def _pages(page: int, pages: int) -> str:
    if pages == 1:
        return ""
    back, on = ("" if page else " disabled"), ("" if page < pages - 1 else " disabled")
    return (
        '<nav class="pages" aria-label="Pages of the list">'
        f'<button type="button" class="act" data-page="{page - 1}"{back}>Previous</button>'
        f"<span>{page + 1} of {pages}</span>"
        f'<button type="button" class="act" data-page="{page + 1}"{on}>Next</button></nav>'
    )


# --- a change ---------------------------------------------------------------------------------


def doing_html(what: str, done: int, total: int) -> str:
    """A piece of work under way, with a bar where its length is known."""
    words = f"{_DOING.get(what, what)} {min(done + 1, total):,} of {total:,}" if total else _DOING.get(what, what)
    bar = f'<progress max="{total}" value="{done}" aria-label="{_h(words)}"></progress>' if total else ""
    return f'<div class="change"><p class="working" role="status">{_h(words)}</p>{bar}</div>'


_DOING = {
    "fetching": "Fetching address",
    "reading": "Reading file",
    "adding": "Splitting and parsing article",
    "embedding": "Indexing passage",
}


def changed_html(tally: str, failures: Sequence[str] = (), remarks: Sequence[str] = ()) -> str:
    """What became of it: each thing that failed in a line of its own, and what else is worth a word folded away."""
    failed = "".join(f"<li>{_h(line)}</li>" for line in failures)
    said = "".join(f"<li>{_h(line)}</li>" for line in remarks)
    head = f'<p class="tally" role="status">{_h(tally[:1].upper() + tally[1:])}.</p>'
    told = f'<div role="alert"><ul class="failed">{failed}</ul></div>' if failed else ""
    n = len(remarks)
    more = f"<details><summary>{n} remark{'' if n == 1 else 's'}</summary><ul>{said}</ul></details>" if said else ""
    return f'<div class="change">{head}{told}{more}</div>'


def refused_html(message: str) -> str:
    """Why nothing was changed, in one line."""
    return f'<div class="change"><p class="error" role="alert">{_h(message)}</p></div>'


def is_by(value: object) -> bool:
    """Whether a list can be sorted by it."""
    return value in get_args(By)


def _count(n: int) -> str:
    return f"{n:,} article{'' if n == 1 else 's'}"


def _h(text: str) -> str:
    return html.escape(visible(text), quote=True)
