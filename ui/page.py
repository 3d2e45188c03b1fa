"""The page: its layout, and what happens when someone asks, or opens a citation."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.errors import LibraryError, UsageError, WhosaysError
from rag.render import to_dict
from rag.types import Answer, Article, Citation
from ui.source import EMPTY, cited, source_html
from ui.turns import WORKING, Turn, answer_html, error_html, turns_html
from ui.welcome import header_html, title_line, welcome_html

if TYPE_CHECKING:
    from rag.ask import Tools
    from rag.library import Library

Ask = Callable[[str, "Tools"], Answer]
Turns = tuple[Turn, ...]

HERE = Path(__file__).parent
ASKING_AT_ONCE = 4  # questions read at the same time; more only wait for the same processor
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")

_log = logging.getLogger(__name__)


def build(tools: Tools, ask: Ask) -> gr.Blocks:
    """The page over opened tools, not yet served. A conversation is its session's own: nobody sees another's."""
    library = tools.index.library
    with gr.Blocks(title="Whosays", analytics_enabled=False, fill_width=True) as page:
        turns = gr.State(())
        head = _html(header_html(library.summaries(), tools.settings), "head")
        with gr.Row(elem_id="panes"):
            with gr.Column(elem_id="chat"):
                chat = _html(welcome_html(library.summaries()), "conversation", "chat.js")
                question = _question()
            with gr.Column(elem_id="source-pane"):
                source = _html(EMPTY, "source", "source.js")
        asked: dict[str, Any] = {
            "outputs": [turns, chat, question],
            "concurrency_id": "ask",
            "concurrency_limit": ASKING_AT_ONCE,
            **_quietly(),
        }
        answering = partial(_answering, tools=tools, ask=ask)
        question.submit(answering, [question, turns], **asked)
        chat.example(_example(answering), [turns], **asked)
        for pane in (chat, source):
            pane.cite(_opening(library), [turns], source, concurrency_limit=None, **_quietly())
        page.load(lambda: header_html(library.summaries(), tools.settings), None, head, **_quietly())
        gr.api(_api(tools, ask), api_name="ask", concurrency_id="ask", concurrency_limit=ASKING_AT_ONCE)
    return page


def look() -> dict[str, Any]:
    """What `launch` needs for the page to look as it should: only fonts that the machine has, no request elsewhere."""
    style = (HERE / "style.css").read_text(encoding="utf-8")
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
        placeholder="Ask who says what",
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


def _answering(question: str, turns: Turns, tools: Tools, ask: Ask) -> Iterator[tuple[Turns, str, str]]:
    """The conversation with the question being read, then with what became of it; and an empty box for the next."""
    if not question.strip():
        return
    waiting = (*turns, Turn(question, WORKING))
    yield waiting, turns_html(waiting), ""
    done = (*turns, _turn(question, len(turns), tools, ask))
    yield done, turns_html(done), ""


def _turn(question: str, at: int, tools: Tools, ask: Ask) -> Turn:
    try:
        answer = ask(question, tools)
        library = tools.index.library
        shown = answer_html(answer, at, partial(_context, library), partial(_title, library))
        return Turn(question, shown, answer)
    except WhosaysError as err:
        return Turn(question, error_html(str(err)))
    except Exception as err:  # noqa: BLE001 - the last stop: the page must not wait for ever, and says what failed
        _log.exception("the question %r failed", question)
        return Turn(question, error_html(f"unexpected {type(err).__name__}: {err} (the server's log has the rest)"))


def _context(library: Library, citation: Citation) -> str | None:
    """The sentence before a quote, where the citation asks for it."""
    if citation.context is None:
        return None
    return library.article(citation.quote.article).text[slice(*citation.context)]


def _title(library: Library, article_id: str) -> str:
    known = {a.id: a for a in library.summaries()}
    return title_line(known[article_id]) if article_id in known else article_id


def _example(answering: Callable[..., Iterator[tuple[Turns, str, str]]]) -> Callable[..., Any]:
    def example(turns: Turns, event: gr.EventData) -> Iterator[tuple[Turns, str, str]]:
        yield from answering(str(event.question), turns)

    return example


def _api(tools: Tools, ask: Ask) -> Callable[[str], dict[str, Any]]:
    def answer(question: str) -> dict[str, Any]:
        """Ask a question over the library. Gives the Answer as JSON, schema 1."""
        try:
            return to_dict(ask(question, tools))
        except WhosaysError as err:
            raise gr.Error(str(err), print_exception=not isinstance(err, UsageError)) from err

    return answer


# --- citations --------------------------------------------------------------------------------


def _opening(library: Library) -> Callable[..., str]:
    def opening(turns: Turns, event: gr.EventData) -> str:
        return _source(library, turns, event.turn, event.n)

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
