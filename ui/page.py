"""The page: its layout, and what happens when someone asks, or opens a citation."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.errors import LibraryError, WhosaysError
from rag.events import Done, Event
from rag.render import visible
from rag.types import Answer, Article, Citation, Scope
from ui import doors, filters, library_page
from ui.asking import STOPPED, Turns, answering
from ui.conversations import Kept, from_text, keep, new_id, reopened, to_text
from ui.judging import noted, pressed
from ui.ledger import ledger_html
from ui.source import EMPTY, cited, source_html
from ui.taken import taken_html
from ui.timeline import timeline_html
from ui.turns import Turn, answer_html, earlier_html, error_html, turns_html
from ui.welcome import header_html, title_line, welcome_html

if TYPE_CHECKING:
    from rag.ask import EngineChoice, Tools
    from rag.changing import Changes
    from rag.library import Library

Ask = Callable[[str, "Tools"], Answer]
Steps = Callable[..., Iterable[Event]]
"""(question, tools, scope, engine, earlier questions) → what happens, the answer last."""

HERE = Path(__file__).parent
ASKING_AT_ONCE = 4  # questions read at the same time; more only wait for the same processor
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")
NO_PICTURE = '<p class="hint">Ask something: here will stand who takes which position.</p>'


def build(tools: Tools, ask: Ask, steps: Steps | None = None, changes: Changes | None = None) -> gr.Blocks:
    """The pages over opened tools, not yet served. A conversation is its session's own: nobody sees another's.

    Without `steps` a question is answered in one go; without `changes` the library can only be read."""
    library = tools.index.library
    happen = steps or _at_once(ask)
    with gr.Blocks(title="Whosays", analytics_enabled=False, fill_width=True) as page:
        turns, current = gr.State(()), gr.State("")
        filtered = filters.stored()
        gr.Navbar(main_page_name="Ask")
        head = _html(header_html(library.summaries(), tools.settings), "head")
        with gr.Row(elem_id="panes"):
            with gr.Column(elem_id="chat"):
                kept, lost = gr.Textbox(visible="hidden", elem_id="kept"), _html("", "lost")
                earlier = _html("", "earlier", "earlier.js")
                chat = _html(welcome_html(library.summaries()), "conversation", "chat.js")
                folded, scope, clear = filters.fields(tools.settings.model)
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
        asking = _Asking(tools, happen, judged=changes is not None)
        running = [
            question.submit(asking.asked, [question, turns, *scope], seen, **reading),
            chat.example(asking.example, [turns, *scope], seen, **reading),
            chat.retry(asking.again, [turns, *scope], seen, **reading),
        ]
        stored: dict[str, Any] = {"concurrency_limit": None, **_quietly()}
        kept.change(None, kept, lost, js=_script("keep.js"), **_quietly())
        look_up: dict[str, Any] = {"js": _script("kept.js"), **stored}
        for event in running:
            event.then(_kept, [kept, current, turns], [kept, earlier], **look_up)
            event.then(asking.pictured, [turns], [ledger, timeline], **stored)
        question.stop(asking.stopped, [turns], seen, cancels=running, **stored)
        for taken_back in (chat.amend, chat.withdraw):
            back = taken_back(asking.taken_back, [turns], [*seen, source], **stored)
            back.then(_kept, [kept, current, turns], [kept, earlier], **look_up)
            back.then(asking.pictured, [turns], [ledger, timeline], **stored)
        everything = [current, *seen, earlier, ledger, timeline, source]
        for leaving, does in ((earlier.reopen, asking.reopened), (earlier.new, asking.new)):
            leaving(does, [kept, current, turns], [kept, *everything], cancels=running, **look_up)
        for pane in (chat, source, ledger, timeline):
            pane.cite(_opening(library), [turns], [source, views], **stored)
        for part in (chat, earlier):
            part.take(asking.taken, [turns], taken, **stored)
        for judging, does in ((chat.judge, asking.judged), (chat.note, asking.noted)):
            judging(does, [kept, current, turns], [turns, chat, kept], **look_up)
        page.load(lambda: header_html(library.summaries(), tools.settings), None, head, **_quietly())
        page.load(lambda row: filters.restored(row, library), filtered, [folded, *scope], **stored)
        for field in scope:
            field.change(filters.kept, scope, [filtered, folded], **stored)
        clear.click(lambda: filters.restored(None, library), None, [folded, *scope], **stored)
        page.load(asking.returned, [kept], everything, **look_up)
        doors.add(tools, ask)
    library_page.add(page, library, tools.settings, changes)
    return page


def look() -> dict[str, Any]:
    """What `launch` needs for the page to look as it should: only fonts that the machine has, no request elsewhere."""
    style = "\n".join((HERE / name).read_text(encoding="utf-8") for name in ("style.css", "ledger.css", "library.css"))
    return {
        "theme": gr.themes.Base(font=FONTS, font_mono=MONO),
        "head": f"<style>{style}</style>",
        "footer_links": [],
        "run_history": False,
    }


def _html(value: str, elem_id: str, script: str | None = None) -> gr.HTML:
    js = _script(script) if script else None
    return gr.HTML(value, elem_id=elem_id, js_on_load=js, apply_default_css=False)


def _script(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


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


def _quietly() -> dict[str, Any]:
    """The page's own events are no part of its API, and show no overlay: the page says itself what it is doing."""
    return {"api_visibility": "private", "show_progress": "hidden"}


# --- asking -----------------------------------------------------------------------------------

Seen = tuple[Turns, str, Any]
"""The conversation, its HTML, and the box to ask in."""
Everything = tuple[str, Turns, str, Any, str, str, str, str]
"""The conversation's id, what is Seen of it, the list of the others, table, timeline, and the source beside it."""


def _at_once(ask: Ask) -> Steps:
    def steps(
        question: str, tools: Tools, scope: Scope, engine: EngineChoice = "auto", earlier: Sequence[str] = ()
    ) -> Iterator[Event]:
        yield Done(ask(question, tools))

    return steps


class _Asking:
    """What the buttons of the conversation do."""

    def __init__(self, tools: Tools, steps: Steps, judged: bool) -> None:
        self._tools, self._steps, self._judged = tools, steps, judged
        self._library = tools.index.library

    def asked(self, question: str, turns: Turns, *scope: Any) -> Iterator[Seen]:
        if question.strip():
            yield from self._answered(question, turns, scope)

    def example(
        self,
        turns: Turns,
        outlets: list[str],
        since: str,
        until: str,
        articles: list[str],
        reads: str,
        event: gr.EventData,
    ) -> Iterator[Seen]:
        yield from self._answered(str(event.question), turns, (outlets, since, until, articles, reads))

    def again(self, turns: Turns, *scope: Any) -> Iterator[Seen]:
        if turns:
            yield from self._answered(turns[-1].question, turns[:-1], scope)

    def taken_back(self, turns: Turns, event: gr.EventData) -> tuple[Turns, str, Any, str]:
        """Without the last question; to be changed, it stands in the box again. The source may have been its own."""
        last = turns[-1].question if turns else ""
        return *self._seen(turns[:-1], gr.update(value=last) if event.keep else gr.update()), EMPTY

    def new(self, kept: str, id_: str, turns: Turns) -> tuple[Any, ...]:
        """What is kept, then Everything."""
        now = _left(from_text(kept), id_, turns)
        return to_text(now), *self._all(new_id(), (), now, "")

    def reopened(self, kept: str, id_: str, turns: Turns, event: gr.EventData) -> tuple[Any, ...]:
        now = _left(from_text(kept), id_, turns)
        found = next((c for c in now if c.get("id") == event.id), None)
        return to_text(now), *self._all(str(event.id), reopened(found, self.shown) if found else (), now)

    def returned(self, kept: str) -> Everything:
        """What a browser that comes back sees: its last conversation."""
        now = from_text(kept)
        if not now:
            return self._all(new_id(), (), now)
        return self._all(str(now[0]["id"]), reopened(now[0], self.shown), now)

    def _all(self, id_: str, turns: Turns, kept: Kept, typed: str | None = None) -> Everything:
        """Another conversation; what was being read for the one before is stopped."""
        others = earlier_html(_titles(kept), id_, _answers(turns) != ())
        box = gr.update(submit_btn="Ask", stop_btn=False, **({} if typed is None else {"value": typed}))
        return id_, *self._seen(turns, box), others, *self.pictured(turns), EMPTY

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
        """An answer, or with `at` -1 the whole conversation, to be copied or saved as the browser's script takes it."""
        whole = event.at == -1
        answers = _answers(turns if whole else turns[event.at : event.at + 1])
        known = partial(_context, self._library), partial(_title, self._library)
        held = taken_html(str(event.form), answers, whole, *known)
        return f"<!-- {new_id()} -->{held}"  # so that the browser hears of it when the same is taken again

    def judged(self, kept: str, id_: str, turns: Turns, event: gr.EventData) -> tuple[Turns, str, str]:
        now = self._judging(turns, lambda: pressed(turns, event.at, bool(event.helpful), self._library))
        return now, turns_html(now, self._judged), to_text(keep(from_text(kept), id_, now))

    def noted(self, kept: str, id_: str, turns: Turns, event: gr.EventData) -> tuple[Turns, str, str]:
        now = self._judging(turns, lambda: noted(turns, event.at, str(event.note), self._library))
        return now, turns_html(now, self._judged), to_text(keep(from_text(kept), id_, now))

    def _judging(self, turns: Turns, judged: Callable[[], Turns]) -> Turns:
        try:
            return judged() if self._judged else turns
        except WhosaysError as err:
            gr.Warning(html.escape(str(err)))
            return turns

    def stopped(self, turns: Turns) -> Seen:
        """The last question as one that was not answered, and stands there to be asked again."""
        now = turns
        if turns and not turns[-1].answer:
            now = (*turns[:-1], Turn(turns[-1].question, error_html(STOPPED)))
        return now, turns_html(now, self._judged), gr.update(submit_btn="Ask", stop_btn=False)

    def _answered(self, question: str, turns: Turns, scope: filters.Given) -> Iterator[Seen]:
        def happening(asked: str, earlier: Sequence[str]) -> Iterable[Event]:
            return self._steps(asked, self._tools, filters.scope_of(scope), filters.engine_of(scope), earlier)

        box = gr.update(value="", submit_btn=False, stop_btn="Stop")
        for now in answering(question, turns, happening, self.shown):
            yield now, turns_html(now, self._judged), box
            box = gr.update()
        yield now, turns_html(now, self._judged), gr.update(submit_btn="Ask", stop_btn=False)

    def _seen(self, turns: Turns, box: Any) -> Seen:
        return turns, turns_html(turns, self._judged) if turns else welcome_html(self._library.summaries()), box

    def shown(self, answer: Answer, at: int) -> str:
        return answer_html(answer, at, partial(_context, self._library), partial(_title, self._library))


def _kept(kept: str, id_: str, turns: Turns) -> tuple[str, str]:
    now = keep(from_text(kept), id_, turns)
    return to_text(now), earlier_html(_titles(now), id_, _answers(turns) != ())


def _left(kept: Kept, id_: str, turns: Turns) -> Kept:
    """With the conversation that is left for another, where its last question was still being read."""
    known = next((c for c in kept if c.get("id") == id_), {"turns": ()})
    return keep(kept, id_, turns) if len(turns) > len(known["turns"]) else kept


def _answers(turns: Turns) -> tuple[Answer, ...]:
    return tuple(t.answer for t in turns if t.answer)


def _titles(kept: Kept) -> list[tuple[str, str]]:
    return [(str(c.get("id", "")), str(c.get("title", ""))) for c in kept]


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
