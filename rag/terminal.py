"""Answers and articles in the terminal: positions as panels, quotes with who, where and when. Readable without colour.

Everything is a rich `Text`, never markup, so that brackets in an article are only brackets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.console import Group as Stack
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from rag.near_copies import Near
from rag.render import (
    UNSEEN,
    ContextOf,
    NameOf,
    attribution_line,
    goes_back,
    headline,
    no_context,
    notes_of,
    quoted,
    reader_line,
    relation_words,
    scope_line,
    silent_lines,
    visible,
)
from rag.types import Answer, Article, Citation, Position

WIDEST = 100  # columns: longer lines are hard to read
MOST_SILENT = 5  # articles named of those that say nothing for one reason; the JSON has all
_FRAME = 8  # what a panel's border, padding and the spaces beside its title take


def print_answer(console: Console, answer: Answer, context_of: ContextOf = no_context, name_of: NameOf = str) -> None:
    """Print `answer`, wrapped to the console's width and to `WIDEST` at most; nothing is cropped."""
    width = min(console.width, WIDEST)
    with console.capture() as captured:
        for part in _parts(answer, context_of, name_of):
            console.print(part, width=width, highlight=False)
    for line in captured.get().splitlines():  # rich pads its columns with spaces, which a file need not keep
        console.file.write(f"{line.rstrip()}\n")


def _parts(answer: Answer, context_of: ContextOf, name_of: NameOf) -> Iterator[RenderableType]:
    yield Text(headline(answer) + ".", style="bold")
    if answer.standalone != answer.question:
        yield Text(f"Read as: {visible(answer.standalone)}", style="dim")
    if scope := scope_line(answer.scope):
        yield Text(scope, style="dim")
    yield Text()
    for i, position in enumerate(answer.positions):
        yield PositionPanel(position, i, context_of)
    if answer.positions:
        yield Text()
    if answer.nearest:
        yield Text("Nearest, and not an answer:")
        yield Text()
        yield _citations(answer.nearest, context_of)
        yield Text()
    yield from _rest(answer, name_of)


def _rest(answer: Answer, name_of: NameOf) -> Iterator[RenderableType]:
    if answer.silent:
        yield Text("Say nothing on this:", style="dim")
        yield _bullets(silent_lines(answer, name_of, MOST_SILENT), "dim")
    if notes := notes_of(answer):
        yield Text("Notes:", style="dim")
        yield _bullets(notes, "dim")
    seconds = f" {answer.timings.total / 1000:.1f} s." if answer.timings.total else ""
    yield Text(f"{reader_line(answer)}{seconds}", style="dim")


@dataclass(frozen=True, slots=True)
class PositionPanel:
    """One position. Its label is the panel's title, or the first line inside where the title would be cropped."""

    position: Position
    index: int
    context_of: ContextOf

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        label = Text(f"{self.index + 1} · {visible(self.position.label)}", style="not dim bold")
        fits = label.cell_len <= options.max_width - _FRAME
        relation = relation_words(self.position.relation, self.index)
        body = _body(self.position, self.context_of)
        yield Panel(
            body if fits else Stack(label, Text(), body),
            title=label if fits else None,
            title_align="left",
            subtitle=Text(relation) if relation else None,
            subtitle_align="left",
            border_style="dim",
            padding=(0, 1),
        )


def _body(position: Position, context_of: ContextOf) -> RenderableType:
    cited = _citations(position.citations, context_of)
    told = goes_back(position)
    return Stack(cited, Text(), Text(visible(told), style="dim")) if told else cited


def _citations(citations: Iterable[Citation], context_of: ContextOf) -> Table:
    """Numbers in a gutter, quotes beside them, a blank line between two."""
    table = _gutter()
    for i, citation in enumerate(citations):
        if i:
            table.add_row(Text(), Text())
        table.add_row(Text(f"[{citation.n}]"), _citation(citation, context_of))
    return table


def _citation(citation: Citation, context_of: ContextOf) -> RenderableType:
    context = context_of(citation)
    lines = [Text(visible(context), style="bright_black italic")] if context else []
    lines.append(Text(quoted(visible(citation.quote.text))))
    lines.append(Text(f"— {attribution_line(citation)}", style="dim"))
    return Stack(*lines)


def _bullets(lines: Iterable[str], style: str) -> Table:
    table = _gutter()
    for line in lines:
        table.add_row(Text(" -", style=style), Text(visible(line), style=style))
    return table


def _gutter() -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    return table


# --- the library's articles -------------------------------------------------------------------


class Listed(Protocol):
    """What a list of articles shows of each."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def outlet(self) -> str | None: ...
    @property
    def published(self) -> dt.date | None: ...
    @property
    def words(self) -> int: ...
    @property
    def copy_of(self) -> str | None: ...


def print_sources(
    console: Console, sources: Sequence[Listed], near: Mapping[str, Sequence[Near]] = MappingProxyType({})
) -> None:
    """A table in a terminal; one article a line, parted by tabs, where other programs read. `near`: by id."""
    rows = [_columns(source, near.get(source.id, ())) for source in sources]
    if not rows:
        console.print(Text("The library is empty. Add articles with: whosays ingest PATH"), soft_wrap=True)
    elif console.is_terminal:
        console.print(_table(rows))
        console.print(Text(f"{len(rows)} article{'' if len(rows) == 1 else 's'}", style="dim"))
    else:
        for row in rows:
            console.file.write("\t".join(row) + "\n")  # rich would turn tabs into spaces


def _table(rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    longest = max(cell_len(row[0]) for row in rows)
    table.add_column("id", overflow="fold", min_width=min(longest, 24))  # an id is typed again: whole where possible
    table.add_column("day", no_wrap=True)
    table.add_column("outlet", overflow="fold")
    table.add_column("words", justify="right", no_wrap=True)
    table.add_column("title", overflow="fold", ratio=1)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _columns(source: Listed, near: Sequence[Near]) -> list[str]:
    day = source.published.isoformat() if source.published else "no date"
    outlet = source.outlet or "no outlet"
    told = f"{source.title}{_copied(source, near)}"
    return [visible(text) for text in (source.id, day, outlet, str(source.words), told)]


def _copied(source: Listed, near: Sequence[Near]) -> str:
    """What it is a copy of, else the article that it is nearest to."""
    if source.copy_of:
        return f" (copy of {source.copy_of})"
    if not near:
        return ""
    share = near[0].told
    others = f" and {len(near) - 1} more" if len(near) > 1 else ""
    return f" ({share} of it in {near[0].article}{others})"


def print_article(console: Console, article: Article) -> None:
    """An article with what is known of it. Furniture, which is never quoted, is dim."""
    day = article.published.isoformat() if article.published else "no date"
    facts = [
        article.title,
        f"{article.id} · {article.outlet or 'no outlet'} · {day}",
        article.url or "",
        f"copy of {article.copy_of}" if article.copy_of else "",
        article.path + (f", row {article.row}" if article.row else ""),
    ]
    for i, fact in enumerate(filter(None, facts)):
        console.print(Text(visible(fact), style="dim" if i else "bold"), soft_wrap=True)
    console.print()
    if not console.is_terminal:  # another program reads: the text exactly as it is kept
        console.file.write(f"{article.text}\n")
        return
    text = Text("\n".join(map(_shown_line, article.text.split("\n"))))
    for block in article.blocks:
        if block.kind == "furniture":
            text.stylize("dim", block.start, block.end)
    console.print(text)


def _shown_line(line: str) -> str:
    """A line as it stands, of the same length; only what would act unseen is replaced."""
    return UNSEEN.sub("\ufffd", line)
