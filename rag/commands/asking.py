"""ask and chat: a question, its answer on the terminal."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rag.commands import DONE
from rag.commands.console import complain, stdout, working
from rag.commands.opening import Engine, EngineOption, open_answering, say_host, settings_of
from rag.errors import UsageError, WhosaysError

if TYPE_CHECKING:
    from rag.ask import Tools
    from rag.render import ContextOf, NameOf
    from rag.types import Answer, Citation, Scope

READING = "Reading the articles"


def ask(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.")],
    engine: EngineOption = "auto",
    since: Annotated[str | None, typer.Option(help="Only articles of this day or later.", metavar="YYYY-MM-DD")] = None,
    until: Annotated[
        str | None, typer.Option(help="Only articles of this day or earlier.", metavar="YYYY-MM-DD")
    ] = None,
    outlet: Annotated[list[str] | None, typer.Option(help="Only this outlet; may be repeated.")] = None,
    article: Annotated[list[str] | None, typer.Option(help="Only this article; may be repeated.", metavar="ID")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print the answer as Markdown.")] = False,
) -> int:
    """Ask one question over the library."""
    scope = _scope(since, until, outlet or [], article or [])
    if as_json and as_markdown:
        raise UsageError("--json and --markdown: give one of them")
    _require_question(question)
    settings = settings_of(ctx)
    say_host(settings, engine)
    status = working(READING)
    with status, open_answering(settings, engine) as tools:
        answer = _answer(question, tools, scope, engine, status.update)
        status.stop()
        _show(answer, tools, "json" if as_json else "markdown" if as_markdown else "terminal")
    return DONE


def _answer(
    question: str, tools: Tools, scope: Scope, engine: Engine, say: Callable[[str], None], earlier: Sequence[str] = ()
) -> Answer:
    """The answer; meanwhile the status line says what is waited for. Ctrl-C stops a model's reading."""
    from rag.ask import steps
    from rag.events import Done, Quotes, Waiting

    found = 0
    with closing(steps(question, tools, scope, engine, earlier, live=False)) as events:
        for event in events:
            match event:
                case Quotes(citations):
                    found = len(citations)
                case Waiting(host, seconds):
                    near = f"{found} articles come near; " if found else ""
                    say(f"{near}waiting for {host} ({seconds:.0f} s, Ctrl-C stops)")
                case Done(answer):
                    return answer
    raise AssertionError("the steps ended without an answer")


def _require_question(question: str) -> None:
    if not question.strip():
        raise UsageError("the question is empty: give one in quotation marks")


def _scope(
    since: str | None = None, until: str | None = None, outlets: Sequence[str] = (), articles: Sequence[str] = ()
) -> Scope:
    from rag.types import Scope

    first, last = _day("--since", since), _day("--until", until)
    if first and last and first > last:
        raise UsageError(f"--since {first} is after --until {last}: give the earlier day as --since")
    return Scope(first, last, tuple(outlets), tuple(articles))


def _day(option: str, value: str | None) -> dt.date | None:
    if value is None:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            raise ValueError
        return dt.date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"{option} is {value!r}: give a day as YYYY-MM-DD") from None


def _show(answer: Answer, tools: Tools, form: Literal["json", "markdown", "terminal"]) -> None:
    from rag import render
    from rag.terminal import print_answer

    if form == "json":
        typer.echo(render.to_json(answer))
    elif form == "markdown":
        typer.echo(render.to_markdown(answer, _context(tools), _name(tools)), nl=False)
    else:
        print_answer(stdout(), answer, _context(tools), _name(tools))


def _context(tools: Tools) -> ContextOf:
    """The sentence before a quote, looked up in the library where a citation asks for it."""

    def context_of(citation: Citation) -> str | None:
        if citation.context is None:
            return None
        return tools.index.library.article(citation.quote.article).text[slice(*citation.context)]

    return context_of


def _name(tools: Tools) -> NameOf:
    """An article's title, outlet and day, from its id."""

    from rag.render import article_name

    return lambda article: article_name(tools.index.library.article(article))


def chat(ctx: typer.Context, engine: EngineOption = "auto") -> int:
    """Ask question after question in the terminal. Ctrl-D ends."""
    settings = settings_of(ctx)
    say_host(settings, engine)
    status = working("Opening the library")
    earlier: list[str] = []
    with status, open_answering(settings, engine) as tools:
        status.stop()
        typer.echo("Ask about the articles, and go on asking: “And what does Russia say?” Ctrl-D ends.")
        for question in _lines():
            try:
                with working(READING) as reading:
                    answer = _answer(question, tools, _scope(), engine, reading.update, earlier)
                _show(answer, tools, "terminal")
                earlier.append(answer.standalone)
            except WhosaysError as err:  # one question failed; the conversation goes on
                complain(str(err))
    return DONE


def _lines() -> Iterator[str]:
    """What is typed, line by line, empty ones passed over, until Ctrl-D."""
    if sys.stdin.isatty():
        import readline  # noqa: F401 - its import alone gives input() a history and editing
    while True:
        try:
            line = input("\n? " if sys.stdin.isatty() else "")
        except EOFError:
            typer.echo()
            return
        if line.strip():
            yield line
