"""What other programs may ask of the served page: three functions with names that stay, over its API and as MCP tools.

`docs/api.md` shows how they are called.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.contract import to_dict
from rag.errors import LibraryError, UsageError, WhosaysError
from rag.reports import article_data, source_data
from rag.types import Answer, Scope

if TYPE_CHECKING:
    from rag.ask import Tools
    from rag.library import Library
    from rag.library_rows import Summary

Ask = Callable[..., Answer]
"""(question, tools), and by name scope= and earlier= where they are given → the answer."""
Door = Callable[..., Any]

MCP = "gradio_api/mcp/"  # where Gradio serves the tools, after the page's address
AT_ONCE = 4  # calls of one function under way at the same time; more only wait for the same processor
EVERY = 10**9  # passages: all there are
OURS = ("path", "row")  # where a file lies on the server is not for those who ask from elsewhere

_log = logging.getLogger(__name__)


def add(tools: Tools, ask: Ask) -> None:
    """Offer `ask`, `sources` and `article`. To be called inside the page's gr.Blocks."""
    library = tools.index.library
    for door in (_asking(tools, ask), _listing(library), _reading(library)):
        # Outside Gradio's queue an MCP call comes straight here; in it, it goes by an HTTP client of the server's own.
        gr.api(_in_turn(door), api_name=door.__name__, queue=False, concurrency_limit=None)


def speaking_json(page: gr.Blocks) -> Callable[[object], AbstractAsyncContextManager[None]]:
    """A lifespan for the served page in which its tools answer in JSON, before the first call is taken.

    Gradio's own text of a result is Python's way to write it, which no other language reads."""

    @asynccontextmanager
    async def lifespan(app: object) -> AsyncIterator[None]:
        if page.mcp_server_obj:
            text = page.mcp_server_obj.types.TextContent
            page.mcp_server_obj.postprocess_output_data = lambda results, root_url: [
                text(type="text", text=json.dumps(result, ensure_ascii=False)) for result in results
            ]
            page.mcp_server = False  # Gradio asks this only to print lines that `quiet` does not stop
        yield

    return lifespan


# --- the functions: what stands under each is what a language model is told of the tool ------------


def _asking(tools: Tools, engine: Ask) -> Door:
    def ask(
        question: str,
        since: str = "",
        until: str = "",
        outlets: list[str] | None = None,
        articles: list[str] | None = None,
        earlier: list[str] | None = None,
    ) -> dict[str, Any]:
        """Ask who says what: a question over the articles of the library, answered with verbatim, checked quotes.

        The answer has an `outcome` (answered, disputed or unanswered), a `summary` whose [1] are numbers of citations,
        and `positions`: each is one thing that sources say, with `relation` (how it stands to the first position) and
        `citations`. A citation has `n`, `quote` (the article's own words), `article` (its id), `start` and `end` (where
        the quote stands in the article's text, in Unicode code points), `outlet`, `published`, `speaker`, `via` and
        `stance`. It is not said which position is true: give them all, each with its quotes and who says them.
        Where the outcome is unanswered, nothing in the library answers, and what is in `nearest` is no answer either.

        Args:
            question: What to ask, such as "Who blocked the buses?".
            since: Only articles of this day or later, as YYYY-MM-DD.
            until: Only articles of this day or earlier, as YYYY-MM-DD.
            outlets: Only articles of these outlets, named as `sources` lists them.
            articles: Only the articles of these ids, as `sources` lists them.
            earlier: The questions before this one, oldest first, so that "And who denies it?" is understood.
        """
        scope = _scope(since, until, outlets, articles)
        given: dict[str, Any] = {} if scope.empty else {"scope": scope}
        if before := _texts("earlier", earlier):
            given["earlier"] = before
        return to_dict(engine(_text("question", question), tools, **given))

    return ask


def _listing(library: Library) -> Door:
    def sources(search: str = "") -> list[dict[str, Any]]:
        """List the articles of the library: id, title, outlet, published, words, copy_of (an earlier article) and url.

        Args:
            search: Only articles that hold each of these words in their title, outlet, day, id or text; empty for all.
        """
        return [_entry(library, found) for found in _holding(library, _text("search", search).split())]

    return sources


def _reading(library: Library) -> Door:
    def article(id: str) -> dict[str, Any]:
        """Read one article with its whole text. The quote of a citation is the text from its `start` to its `end`.

        Args:
            id: An id as `sources` lists it, or the `article` of a citation.
        """
        if _text("id", id) not in library.paths():
            raise UsageError(f"no article {id!r} in the library: `sources` lists the ids")
        return _without_ours(article_data(library.article(id)))

    return article


def _holding(library: Library, words: Iterable[str]) -> list[Summary]:
    """The articles in which each word stands, in any form of it in the text, in the order in which they came."""
    found = library.summaries()
    for word in words:
        passages = library.passages_by_id([id_ for id_, _ in library.search_words(word, EVERY)])
        in_text = {p.article for p in passages}
        found = [s for s in found if s.id in in_text or word.casefold() in _card(s)]
    return found


def _entry(library: Library, source: Summary) -> dict[str, Any]:
    try:
        url = library.article(source.id).url
    except LibraryError:  # removed between the two looks
        url = None
    return _without_ours(source_data(source)) | {"url": url}


def _card(source: Summary) -> str:
    day = source.published.isoformat() if source.published else ""
    return " ".join((source.id, source.title, source.outlet or "", day)).casefold()


def _without_ours(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in OURS}


# --- what is given: over the API it comes unchecked -------------------------------------------------


def _scope(since: object, until: object, outlets: object, articles: object) -> Scope:
    first, last = _day("since", since), _day("until", until)
    if first and last and first > last:
        raise UsageError(f"since {first} is after until {last}: give the earlier day as since")
    return Scope(first, last, _texts("outlets", outlets), _texts("articles", articles))


def _day(name: str, given: object) -> dt.date | None:
    if given in ("", None):
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(given), re.ASCII):
            raise ValueError
        return dt.date.fromisoformat(str(given))
    except ValueError:
        raise UsageError(f"{name} is {given!r}: give a day as YYYY-MM-DD") from None


def _texts(name: str, given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise UsageError(f"{name} is {given!r}: give a list")
    return tuple(_text(f"an item of {name}", each) for each in given)


def _text(name: str, given: object) -> str:
    if not isinstance(given, str):
        raise UsageError(f"{name} is {given!r}: give a text")
    return given


# --- around each function ---------------------------------------------------------------------------


class Refused(gr.Error):
    """What failed, in one line. MCP gives an error's text, which of Gradio's own stands in quotation marks."""

    def __init__(self, line: str) -> None:
        super().__init__(line, print_exception=False)

    def __str__(self) -> str:
        return str(self.message)


def _in_turn(door: Door) -> Callable[..., Coroutine[Any, Any, Any]]:
    """The same off the server's own thread, a few at once, and what fails said in one line."""
    places = asyncio.Semaphore(AT_ONCE)

    @wraps(door)
    async def called(*given: Any, **named: Any) -> Any:
        async with places:
            return await asyncio.to_thread(_or_refused, door, *given, **named)

    return called


def _or_refused(door: Door, *given: Any, **named: Any) -> Any:
    try:
        return door(*given, **named)
    except WhosaysError as err:
        if not isinstance(err, UsageError):
            _log.warning("%s: %s", door.__name__, err)
        raise Refused(str(err)) from err
    except Exception as err:  # the last stop: whoever called is told what failed, and the log has the rest
        _log.exception("%s failed", door.__name__)
        raise Refused(f"unexpected {type(err).__name__}: {err} (the server's log has the rest)") from err
