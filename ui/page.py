"""The page: its layout, and what happens when someone asks, or opens a citation."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.errors import LibraryError, UsageError
from rag.events import Done, Event
from rag.render import visible
from rag.types import Answer, Article, Citation, Scope
from ui import doors
from ui.asking import STOPPED, Turns, answering
from ui.conversations import Kept, keep, new_id, reopened
from ui.ledger import ledger_html
from ui.source import EMPTY, cited, source_html
from ui.taken import taken_html
from ui.timeline import timeline_html
from ui.turns import Turn, answer_html, earlier_html, error_html, turns_html
from ui.welcome import header_html, title_line, welcome_html

if TYPE_CHECKING:
    from rag.ask import Tools
    from rag.library import Library

Ask = Callable[[str, "Tools"], Answer]
Steps = Callable[..., Iterable[Event]]
"""(question, tools, scope, earlier=...) → what happens, the answer last."""

HERE = Path(__file__).parent
ASKING_AT_ONCE = 4  # questions read at the same time; more only wait for the same processor
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")
NO_PICTURE = '<p class="hint">Ask something: here will stand who takes which position.</p>'
STORED = "whosays-conversations"  # in the browser's own storage: they never come to lie on the server


def build(tools: Tools, ask: Ask, steps: Steps | None = None) -> gr.Blocks:
    """The page over opened tools, not yet served. A conversation is its session's own: nobody sees another's.

    Without `steps` a question is answered in one go."""
    library = tools.index.library
    happen = steps or _at_once(ask)
    with gr.Blocks(title="Whosays", analytics_enabled=False, fill_width=True) as page:
        turns, current = gr.State(()), gr.State("")
        kept = gr.BrowserState([], storage_key=STORED, secret=STORED)
        head = _html(header_html(library.summaries(), tools.settings), "head")
        with gr.Row(elem_id="panes"):
            with gr.Column(elem_id="chat"):
                earlier = _html("", "earlier", "earlier.js")
                chat = _html(welcome_html(library.summaries()), "conversation", "chat.js")
                scope = _filters(library)
                question = _question()
            with gr.Column(elem_id="source-pane"), gr.Tabs(selected="source", elem_id="views") as views:
                with gr.Tab("Source", id="source"):
                    source = _html(EMPTY, "source", "source.js")
                with gr.Tab("Table", id="table"):
                    ledger = _html(NO_PICTURE, "ledger", "cite.js")
                with gr.Tab("Timeline", id="timeline"):
                    timeline = _html(NO_PICTURE, "timeline", "cite.js")
        taken = _html("", "taken", "taken.js")
        seen = [turns, chat, question]
        reading: dict[str, Any] = {"concurrency_id": "ask", "concurrency_limit": ASKING_AT_ONCE, **_quietly()}
        asking = _Asking(tools, happen)
        running = [
            question.submit(asking.asked, [question, turns, *scope], seen, **reading),
            chat.example(asking.example, [turns, *scope], seen, **reading),
            chat.retry(asking.again, [turns, *scope], seen, **reading),
        ]
        stored: dict[str, Any] = {"concurrency_limit": None, **_quietly()}
        for event in running:
            event.then(_kept, [kept, current, turns], [kept, earlier], **stored)
            event.then(asking.pictured, [turns], [ledger, timeline], **stored)
        question.stop(_stopped, [turns], seen, cancels=running, **stored)
        for taken_back in (chat.amend, chat.withdraw):
            back = taken_back(asking.taken_back, [turns], seen, **stored)
            back.then(_kept, [kept, current, turns], [kept, earlier], **stored)
            back.then(asking.pictured, [turns], [ledger, timeline], **stored)
        everything = [current, *seen, earlier, ledger, timeline]
        earlier.reopen(asking.reopened, [kept], everything, **stored)
        earlier.new(asking.new, [kept], everything, **stored)
        for pane in (chat, source, ledger, timeline):
            pane.cite(_opening(library), [turns], [source, views], **stored)
        chat.take(asking.taken, [turns], taken, **stored)
        page.load(lambda: header_html(library.summaries(), tools.settings), None, head, **_quietly())
        page.load(asking.returned, [kept], everything, **stored)
        doors.add(tools, ask)
    return page


def look() -> dict[str, Any]:
    """What `launch` needs for the page to look as it should: only fonts that the machine has, no request elsewhere."""
    style = "\n".join((HERE / name).read_text(encoding="utf-8") for name in ("style.css", "ledger.css"))
    return {
        "theme": gr.themes.Base(font=FONTS, font_mono=MONO),
        "head": f"<style>{style}</style>",
        "footer_links": [],
        "run_history": False,
    }


def _html(value: str, elem_id: str, script: str | None = None) -> gr.HTML:
    js = (HERE / script).read_text(encoding="utf-8") if script else None
    return gr.HTML(value, elem_id=elem_id, js_on_load=js, apply_default_css=False)


def _question() -> gr.Textbox:
    return gr.Textbox(
        label="Your question",
        show_label=False,
        placeholder="Ask who says what, and go on: “And what does Russia say?”",
        submit_btn="Ask",
        max_lines=5,
        container=False,
        autofocus=True,
        elem_id="question",
    )


def _filters(library: Library) -> list[gr.components.Component]:
    """Outlets, first and last day: what the next question keeps to."""
    outlets = sorted({a.outlet for a in library.summaries() if a.outlet})
    with gr.Accordion("Filters", open=False, elem_id="filters"), gr.Row():
        return [
            gr.Dropdown(outlets, multiselect=True, value=[], label="Only these outlets"),
            gr.Textbox(label="From this day on", placeholder="2016-12-31", max_lines=1),
            gr.Textbox(label="Up to this day", placeholder="2016-12-31", max_lines=1),
        ]


def _quietly() -> dict[str, Any]:
    """The page's own events are no part of its API, and show no overlay: the page says itself what it is doing."""
    return {"api_visibility": "private", "show_progress": "hidden"}


# --- asking -----------------------------------------------------------------------------------

Seen = tuple[Turns, str, Any]
"""The conversation, its HTML, and the box to ask in."""
Everything = tuple[str, Turns, str, Any, str, str, str]
"""The conversation's id, what is Seen of it, the list of the others, table and timeline."""


def _at_once(ask: Ask) -> Steps:
    def steps(question: str, tools: Tools, scope: Scope, earlier: Sequence[str] = ()) -> Iterator[Event]:
        yield Done(ask(question, tools))

    return steps


class _Asking:
    """What the buttons of the conversation do."""

    def __init__(self, tools: Tools, steps: Steps) -> None:
        self._tools, self._steps = tools, steps
        self._library = tools.index.library

    def asked(self, question: str, turns: Turns, *scope: Any) -> Iterator[Seen]:
        if question.strip():
            yield from self._answered(question, turns, scope)

    def example(self, turns: Turns, outlets: list[str], since: str, until: str, event: gr.EventData) -> Iterator[Seen]:
        yield from self._answered(str(event.question), turns, (outlets, since, until))

    def again(self, turns: Turns, *scope: Any) -> Iterator[Seen]:
        if turns:
            yield from self._answered(turns[-1].question, turns[:-1], scope)

    def taken_back(self, turns: Turns, event: gr.EventData) -> Seen:
        """Without the last question; to be changed, it stands in the box again."""
        last = turns[-1].question if turns else ""
        return self._seen(turns[:-1], gr.update(value=last) if event.keep else gr.update())

    def new(self, kept: Kept) -> Everything:
        return self._all(new_id(), (), kept, gr.update(value=""))

    def reopened(self, kept: Kept, event: gr.EventData) -> Everything:
        found = next((c for c in kept if c.get("id") == event.id), None)
        return self._all(str(event.id), reopened(found, self.shown) if found else (), kept)

    def returned(self, kept: Kept) -> Everything:
        """What a browser that comes back sees: its last conversation."""
        if not kept:
            return self._all(new_id(), (), kept)
        return self._all(str(kept[0]["id"]), reopened(kept[0], self.shown), kept)

    def _all(self, id_: str, turns: Turns, kept: Kept, box: Any = None) -> Everything:
        return id_, *self._seen(turns, box or gr.update()), earlier_html(_titles(kept), id_), *self.pictured(turns)

    def pictured(self, turns: Turns) -> tuple[str, str]:
        """Table and timeline of the last answer."""
        at = next((i for i in reversed(range(len(turns))) if turns[i].answer), None)
        answer = turns[at].answer if at is not None else None
        if at is None or answer is None:
            return NO_PICTURE, NO_PICTURE
        close = '<button type="button" class="close" data-close aria-label="Close">×</button>'
        about = f'<div class="about"><span>{html.escape(visible(answer.standalone))}</span>{close}</div>'
        return about + ledger_html(answer, at, partial(_title, self._library)), about + timeline_html(answer, at)

    def taken(self, turns: Turns, event: gr.EventData) -> str:
        """An answer to be copied or saved, as the browser's script takes it."""
        answer = turns[event.at].answer if isinstance(event.at, int) and 0 <= event.at < len(turns) else None
        if answer is None:
            return ""
        return taken_html(str(event.form), answer, partial(_context, self._library), partial(_title, self._library))

    def _answered(self, question: str, turns: Turns, scope: Sequence[Any]) -> Iterator[Seen]:
        def happening(asked: str, earlier: Sequence[str]) -> Iterable[Event]:
            return self._steps(asked, self._tools, _scope(*scope), earlier=earlier)

        box = gr.update(value="", submit_btn=False, stop_btn="Stop")
        for now in answering(question, turns, happening, self.shown):
            yield now, turns_html(now), box
            box = gr.update()
        yield now, turns_html(now), gr.update(submit_btn="Ask", stop_btn=False)

    def _seen(self, turns: Turns, box: Any) -> Seen:
        return turns, turns_html(turns) if turns else welcome_html(self._library.summaries()), box

    def shown(self, answer: Answer, at: int) -> str:
        return answer_html(answer, at, partial(_context, self._library), partial(_title, self._library))


def _stopped(turns: Turns) -> Seen:
    """The last question as one that was not answered, and stands in the box to be asked again."""
    if not turns or turns[-1].answer:
        return turns, turns_html(turns), gr.update(submit_btn="Ask", stop_btn=False)
    now = (*turns[:-1], Turn(turns[-1].question, error_html(STOPPED)))
    return now, turns_html(now), gr.update(submit_btn="Ask", stop_btn=False)


def _kept(kept: Kept, id_: str, turns: Turns) -> tuple[Kept, str]:
    now = keep(kept, id_, turns)
    return now, earlier_html(_titles(now), id_)


def _titles(kept: Kept) -> list[tuple[str, str]]:
    return [(str(c.get("id", "")), str(c.get("title", ""))) for c in kept]


def _scope(outlets: Sequence[str] | None, since: str | None, until: str | None) -> Scope:
    """Raises UsageError for a day that is none, or two in the wrong order."""
    first, last = _day(since), _day(until)
    if first and last and first > last:
        raise UsageError(f"the first day {first} is after the last {last}: change the filters")
    return Scope(first, last, tuple(outlets or ()))


def _day(given: str | None) -> dt.date | None:
    text = (given or "").strip()
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{text!r} is no day: give it as 2016-12-31 in the filters") from None


def _context(library: Library, citation: Citation) -> str | None:
    """The sentence before a quote, where the citation asks for it and the article still holds it."""
    if citation.context is None:
        return None
    article = _article(library, citation)
    return article.text[slice(*citation.context)] if article else None


def _title(library: Library, article_id: str) -> str:
    known = {a.id: a for a in library.summaries()}
    return title_line(known[article_id]) if article_id in known else article_id


# --- citations --------------------------------------------------------------------------------


def _opening(library: Library) -> Callable[..., tuple[str, gr.Tabs]]:
    def opening(turns: Turns, event: gr.EventData) -> tuple[str, gr.Tabs]:
        return _source(library, turns, event.turn, event.n), gr.Tabs(selected="source")

    return opening


def _source(library: Library, turns: Turns, turn: object, n: object) -> str:
    """The source of a citation. A turn or number that is not there (another tab's, a restarted server's) is said."""
    if isinstance(turn, int) and isinstance(n, int) and 0 <= turn < len(turns):
        answer = turns[turn].answer
        if answer and 1 <= n <= len(answer.citations):
            return source_html(answer, n, turn, _article(library, cited(answer, n)))
    return error_html("The server no longer knows this answer: ask the question again.")


def _article(library: Library, citation: Citation) -> Article | None:
    if citation.quote.article not in library.paths():
        return None
    try:
        return library.article(citation.quote.article)
    except LibraryError:  # removed between the two looks
        return None
