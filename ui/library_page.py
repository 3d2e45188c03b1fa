"""The library's page: what is in it, adding to it, removing, reading again, and choosing articles to ask about."""

from __future__ import annotations

import dataclasses
import html
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import gradio as gr

from rag.changing import Changed, Changes, Doing, Step
from rag.errors import LibraryError, UsageError, WhosaysError
from rag.library import Library
from rag.near_copies import QUICKLY, near_copies_of
from rag.readers import parse_map
from ui import filters
from ui.library_html import (
    READ_ONLY,
    By,
    Listed,
    View,
    bar_html,
    changed_html,
    doing_html,
    is_by,
    list_html,
    listed,
    refused_html,
)
from ui.source import EMPTY_ARTICLE, article_html
from ui.welcome import header_html, title_line

if TYPE_CHECKING:
    from rag.settings import Settings

HERE = Path(__file__).parent
PATH = "library"
LOOKING = '<p class="hint" role="status">Looking through the articles</p>'
# The browser writes down what it keeps a moment after it has heard of it: the page is left only then.
GO = "() => void setTimeout(() => location.assign(document.querySelector('nav a').href), 200)"

_log = logging.getLogger(__name__)


def add(page: gr.Blocks, library: Library, settings: Settings, changes: Changes | None) -> None:
    """The page under /library; without `changes` it can only be read."""
    does = _Does(library, changes)
    with page.route("Library", PATH):
        gr.Navbar(main_page_name="Ask")
        head = gr.HTML("", elem_id="head", apply_default_css=False)
        view, kept = gr.State(View()), filters.stored()
        with gr.Row(elem_id="shelf"):
            with gr.Column(elem_id="listing-pane"):
                search = gr.Textbox(
                    label="Search the library", show_label=False, placeholder="Search titles, outlets, days and texts",
                    max_lines=1, container=False, elem_id="search",
                )  # fmt: skip
                files, folder, address, columns = _adding(changes is not None)
                change = _html("", "change")
                bar = _html("", "bar", "library.js")
                listing = _html(LOOKING, "listing", "library.js")
            with gr.Column(elem_id="article-pane"):
                article = _html(EMPTY_ARTICLE, "article", "library.js")
        list_: list[Any] = [view, bar, listing]
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
        page.load(lambda: header_html(library.summaries(), settings), None, head, **quiet)
        page.load(does.began, [view, kept], list_, **quiet)
        search.submit(does.searched, [view, search], list_, **quiet)
        search.input(does.searched, [view, search], list_, trigger_mode="always_last", **quiet)
        for part in (bar, listing):
            part.sort(does.sorted, view, list_, **quiet)
            part.leaf(does.paged, view, list_, **quiet)
            part.choose(does.chosen, view, [view, bar], **quiet)
            part.choose_all(does.chosen_all, view, list_, **quiet)
            part.ask_first(does.asked_first, view, [view, bar], **quiet)
            part.go(lambda view, kept: filters.choosing(kept, sorted(view.chosen)), [view, kept], kept, **quiet).then(
                None, None, None, js=GO
            )
        for part in (listing, article):
            part.open(does.opened, None, article, **quiet)
        if changes is None:
            return
        working: dict[str, Any] = {**quiet, "concurrency_id": "change", "concurrency_limit": 1}
        running = [
            files.upload(does.added, [files, columns], [change, files], **working),
            folder.upload(does.added, [folder, columns], [change, folder], **working),
            address.submit(does.fetched, address, [change, address], **working),
            bar.again(does.read_again, view, change, **working),
            bar.remove(does.removed, view, change, **working),
        ]
        for event in running:
            event.then(does.after, view, list_, **quiet)
            event.then(lambda: header_html(library.summaries(), settings), None, head, **quiet)


def _html(value: str, elem_id: str, script: str | None = None) -> gr.HTML:
    js = (HERE / script).read_text(encoding="utf-8") if script else None
    return gr.HTML(value, elem_id=elem_id, js_on_load=js, apply_default_css=False)


def _adding(may_change: bool) -> tuple[gr.UploadButton, gr.UploadButton, gr.Textbox, gr.Textbox]:
    """What articles come in by; where they may not, a line that says so."""
    if not may_change:
        gr.HTML(f'<p class="hint">{html.escape(READ_ONLY)}</p>', elem_id="read-only", apply_default_css=False)
    with gr.Row(elem_id="adding", visible=may_change):
        files = gr.UploadButton("Add files", file_count="multiple", size="sm", elem_id="add-files")
        folder = gr.UploadButton("Add a folder", file_count="directory", size="sm", elem_id="add-folder")
        address = gr.Textbox(
            label="Addresses to add", show_label=False, placeholder="or an address: https://…", max_lines=1,
            container=False, submit_btn="Add", elem_id="address",
        )  # fmt: skip
    with gr.Accordion("Columns of a table", open=False, elem_id="columns", visible=may_change):
        columns = gr.Textbox(
            label="For .csv and .jsonl files whose columns have other names than text, title, outlet, published, url",
            placeholder="text=body,title=head,published=date:%d/%m/%Y",
            max_lines=1,
        )
    return files, folder, address, columns


class _Does:
    """What the page does when something is pressed. The list is one person's own: nobody sees another's search."""

    def __init__(self, library: Library, changes: Changes | None) -> None:
        self._library, self._changes = library, changes

    # --- the list

    def began(self, view: View, kept: Any) -> tuple[View, str, str]:
        """With the articles chosen that the filters name already."""
        known = set(self._library.paths())
        named = kept.get("articles", ()) if isinstance(kept, dict) else ()
        return self._shown(dataclasses.replace(view, chosen=frozenset(id_ for id_ in named if id_ in known)))

    def searched(self, view: View, words: str) -> tuple[View, str, str]:
        return self._shown(dataclasses.replace(view, search=words, page=0))

    def sorted(self, view: View, event: gr.EventData) -> tuple[View, str, str]:
        """By this column, or the other way round where it was by this one."""
        by = cast(By, event.by if is_by(event.by) else "added")
        down = not view.down if by == view.by else by in ("published", "words", "copies")
        return self._shown(dataclasses.replace(view, by=by, down=down, page=0))

    def paged(self, view: View, event: gr.EventData) -> tuple[View, str, str]:
        return self._shown(dataclasses.replace(view, page=max(0, int(event.to))))

    def chosen(self, view: View, event: gr.EventData) -> tuple[View, str]:
        one = {str(event.id)}
        now = dataclasses.replace(view, chosen=view.chosen | one if event.on else view.chosen - one, removing=False)
        return now, self._bar(now)

    def chosen_all(self, view: View, event: gr.EventData) -> tuple[View, str, str]:
        """All that is found, those on other pages of the list too; or none."""
        found = frozenset(a.id for a in self._listed(view).rows) if event.on else frozenset()
        return self._shown(dataclasses.replace(view, chosen=found, removing=False))

    def asked_first(self, view: View, event: gr.EventData) -> tuple[View, str]:
        now = dataclasses.replace(view, removing=bool(event.on))
        return now, self._bar(now)

    def after(self, view: View) -> tuple[View, str, str]:
        """The list after a change: what is gone is no longer chosen."""
        known = set(self._library.paths())
        return self._shown(dataclasses.replace(view, chosen=view.chosen & known, removing=False))

    def _shown(self, view: View) -> tuple[View, str, str]:
        found = self._listed(view)
        may = self._changes is not None
        return view, bar_html(found, view, may), list_html(found, view)

    def _bar(self, view: View) -> str:
        return bar_html(self._listed(view), view, self._changes is not None)

    def _listed(self, view: View) -> Listed:
        within = self._library.articles_with(view.search) if view.search.strip() else ()
        articles = self._library.summaries()
        return listed(articles, near_copies_of(self._library) if len(articles) <= QUICKLY else {}, view, within)

    def opened(self, event: gr.EventData) -> str:
        try:
            article = self._library.article(str(event.id))
        except LibraryError:
            return refused_html(f"{event.id} is no longer in the library.")
        names = {a.id: title_line(a) for a in self._library.summaries()}
        near = near_copies_of(self._library).get(article.id, ()) if len(names) <= QUICKLY else ()
        return article_html(article, [(n.article, names.get(n.article, n.article), n.told) for n in near])

    # --- changing it

    def added(self, files: Sequence[str] | None, columns: str | None) -> Iterator[tuple[str, Any]]:
        def work() -> Iterator[Step]:
            mapping = parse_map(columns) if columns and columns.strip() else None
            return self._changing().add([Path(f) for f in files or ()], (), mapping)

        try:
            for shown in _steps(work):
                yield shown, gr.update()
            yield shown, None
        finally:
            for file in files or ():
                Path(file).unlink(missing_ok=True)  # it was only brought here

    def fetched(self, address: str | None) -> Iterator[tuple[str, Any]]:
        addresses = (address or "").split()
        if not addresses:
            yield refused_html("No address: give one such as https://news.example/story"), gr.update()
            return
        for shown in _steps(lambda: self._changing().add((), addresses)):
            yield shown, gr.update()
        yield shown, "" if 'class="failed"' not in shown else gr.update()

    def read_again(self, view: View) -> Iterator[str]:
        yield from _steps(lambda: self._changing().read_again(sorted(view.chosen)))

    def removed(self, view: View) -> Iterator[str]:
        yield from _steps(lambda: iter((self._changing().remove(sorted(view.chosen)),)))

    def _changing(self) -> Changes:
        """Asked again on the server, for a button that is not shown can still be pressed by a program."""
        if self._changes is None:
            raise UsageError(READ_ONLY)
        return self._changes


def _steps(work: Any) -> Iterator[str]:
    """A change as it happens, as HTML; what fails is a line."""
    try:
        for step in work():
            yield _step(step)
    except WhosaysError as err:
        yield refused_html(str(err))
    except Exception as err:  # noqa: BLE001 - the last stop: the page must not wait for ever, and says what failed
        _log.exception("the library could not be changed")
        yield refused_html(f"unexpected {type(err).__name__}: {err} (the server's log has the rest)")


def _step(step: Step) -> str:
    match step:
        case Doing(what, done, total):
            return doing_html(what, done, total)
        case Changed(tally, failures, remarks):
            return changed_html(tally, failures, remarks)
