"""The command line: `whosays`. Each command reads its words, calls the engine, and prints; nothing is decided here.

Heavy modules are imported inside the commands: `--help` and a cold question must not pay for what they do not use.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.exceptions import TyperException

from rag.errors import ReadError, UsageError, WhosaysError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from rag.ask import Tools
    from rag.batch import Item
    from rag.index import Index
    from rag.parse import Parser
    from rag.render import ContextOf
    from rag.settings import Settings
    from rag.types import Answer, Citation, Scope

Engine = Literal["auto", "extractive", "llm"]
FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="whosays",
    help="Who says what: answers over articles that contradict each other, with every quote checked.",
    epilog="Exit codes: 0 done, also for a question that no source answers; 1 failed; 2 wrong usage.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code. What goes wrong is one line on stderr; --debug adds a traceback."""
    args = _hoist(sys.argv[1:] if argv is None else argv)
    _tolerate_any_character()
    try:
        code: int | None = app(args, prog_name="whosays", standalone_mode=False)
        sys.stdout.flush()
        return code or 0
    except Exception as err:  # noqa: BLE001 - the last stop: no traceback reaches a user who did not ask for one
        if "--debug" in args:
            traceback.print_exc()
        return _report(err)
    except KeyboardInterrupt:
        return INTERRUPTED


def _hoist(argv: Sequence[str]) -> list[str]:
    """--library and --debug may stand anywhere: bring them before the command, where they are defined."""
    front: list[str] = []
    rest: list[str] = []
    args = iter(argv)
    for arg in args:
        if arg == "--":
            rest += [arg, *args]
        elif arg == "--library":
            front += [arg, *([value] if (value := next(args, None)) is not None else [])]
        elif arg == "--debug" or arg.startswith("--library="):
            front.append(arg)
        else:
            rest.append(arg)
    return front + rest


def _tolerate_any_character() -> None:
    """An article may hold what the terminal's encoding lacks; that is shown as an escape, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _report(err: Exception) -> int:
    if isinstance(err, typer.Abort):
        return INTERRUPTED
    if isinstance(err, TyperException):
        return _misused(err)
    if isinstance(err, WhosaysError):
        _complain(str(err))
        return WRONG_USAGE if isinstance(err, UsageError) else FAILED
    if isinstance(err, OSError):
        _complain(f"{err.filename or 'the system'}: {err.strerror or err}")
        return FAILED
    _complain(f"unexpected {type(err).__name__}: {err} (run again with --debug before the command for the traceback)")
    return FAILED


def _misused(err: TyperException) -> int:
    message = err.format_message()
    if message.startswith("Usage:"):  # a bare `whosays` is answered with the whole help
        typer.echo(message, err=True)
    else:
        _complain(f"{message.rstrip('.')}. See: whosays --help")
    return err.exit_code


def _complain(message: str) -> None:
    from rag.render import visible

    typer.echo(f"whosays: {visible(message)}", err=True)


# --- what every command shares ----------------------------------------------------------------


def _print_version(wanted: bool) -> None:
    if wanted:
        from rag import __version__

        typer.echo(f"whosays {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    ctx: typer.Context,
    library: Annotated[
        Path | None, typer.Option(help="The library's folder. Default: WHOSAYS_LIBRARY, else .whosays.", metavar="DIR")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something fails.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and end.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    ctx.obj = library


def _settings(ctx: typer.Context) -> Settings:
    import dataclasses

    from rag.settings import read_settings

    settings = read_settings()
    return dataclasses.replace(settings, library=ctx.obj.expanduser()) if ctx.obj else settings


def _out() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def _err() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, gone when done, and silent where stderr is no terminal.

    Yields update(stage, done, total): a new stage begins the bar again."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = _err()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for old in tasks.values():
                    progress.update(old, visible=False)
                tasks[stage] = progress.add_task(stage.capitalize(), total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield update


def _say_host(settings: Settings, engine: Engine) -> None:
    """Where article text would leave this machine, every surface names the host first."""
    if settings.host and engine != "extractive":
        typer.echo(f"The question and excerpts of articles go to {settings.host} (model {settings.model}).", err=True)


def _json(data: object) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


# --- asking -----------------------------------------------------------------------------------

EngineOption = Annotated[
    Engine, typer.Option(help="auto uses a language model only where WHOSAYS_MODEL names one.", metavar="ENGINE")
]


@app.command()
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
    settings = _settings(ctx)
    _say_host(settings, engine)
    status = _err().status("Reading the articles")
    with status, _tools(settings) as tools:
        answer = _answer(question, tools, scope, engine)
        status.stop()
        _show(answer, _context(tools), "json" if as_json else "markdown" if as_markdown else "terminal")
    return 0


@contextmanager
def _tools(settings: Settings) -> Iterator[Tools]:
    _require_library(settings)
    from rag.ask import open_tools

    tools = open_tools(settings)
    with closing(tools.index):
        yield tools


def _answer(question: str, tools: Tools, scope: Scope, engine: Engine) -> Answer:
    from rag.ask import ask as engine_ask

    return engine_ask(question, tools, scope, engine)


def _require_question(question: str) -> None:
    if not question.strip():
        raise UsageError("the question is empty: give one in quotation marks")


def _show(answer: Answer, context_of: ContextOf, form: Literal["json", "markdown", "terminal"]) -> None:
    from rag import render
    from rag.terminal import print_answer

    if form == "json":
        typer.echo(render.to_json(answer))
    elif form == "markdown":
        typer.echo(render.to_markdown(answer, context_of), nl=False)
    else:
        print_answer(_out(), answer, context_of)


def _context(tools: Tools) -> ContextOf:
    """The sentence before a quote, looked up in the library where a citation asks for it."""

    def context_of(citation: Citation) -> str | None:
        if citation.context is None:
            return None
        return tools.index.library.article(citation.quote.article).text[slice(*citation.context)]

    return context_of


def _scope(since: str | None, until: str | None, outlets: Sequence[str], articles: Sequence[str]) -> Scope:
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


@app.command()
def chat(ctx: typer.Context, engine: EngineOption = "auto") -> int:
    """Ask question after question in the terminal. Ctrl-D ends."""
    settings = _settings(ctx)
    _say_host(settings, engine)
    status = _err().status("Opening the library")
    with status, _tools(settings) as tools:
        status.stop()
        typer.echo("Ask about the articles. Each question stands alone. Ctrl-D ends.")
        for question in _lines():
            try:
                with _err().status("Reading the articles"):
                    answer = _answer(question, tools, _scope(None, None, [], []), engine)
                _show(answer, _context(tools), "terminal")
            except WhosaysError as err:  # one question failed; the conversation goes on
                _complain(str(err))
    return 0


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


@app.command()
def batch(
    ctx: typer.Context,
    questions: Annotated[Path, typer.Argument(help='{"items": [{"id", "question"}]}, or .jsonl, one item a line.')],
    out: Annotated[Path, typer.Option(help="The answers, one a line; replaced only when complete.", metavar="FILE")],
    engine: EngineOption = "auto",
) -> int:
    """Answer many questions in one go.

    An item of a .jsonl file may bring its own docs, [{"doc_id", "text"}], and is then answered over these alone. The
    exit code is 1 if any row is an error.
    """
    from rag.batch import answer_item, read_items, write_rows

    items = read_items(questions)
    settings = _settings(ctx)
    _say_host(settings, engine)
    with ExitStack() as opened:
        update = opened.enter_context(_bar())
        update("answering", 0, len(items))
        answer = _answerer(settings, items, engine, opened)

        def rows() -> Iterator[dict[str, Any]]:
            for n, item in enumerate(items, 1):
                yield answer_item(item, answer)
                update("answering", n, len(items))

        errors = write_rows(out, rows())
    typer.echo(f"{len(items) - errors} answered, {errors} failed: {out}", err=True)
    return FAILED if errors else 0


def _answerer(settings: Settings, items: Sequence[Item], engine: Engine, opened: ExitStack) -> Callable[[Item], Answer]:
    """Answers an item over its own documents, or over the library. What no item needs is not opened."""
    from rag.ask import ask_closed, open_closed

    tools = opened.enter_context(_tools(settings)) if any(item.docs is None for item in items) else None
    closed = open_closed(settings) if any(item.docs is not None for item in items) else None

    def answer(item: Item) -> Answer:
        if item.docs is not None and closed is not None:
            return ask_closed(item.question, item.docs, closed, engine)
        assert tools is not None  # opened above for the first item without docs
        return _answer(item.question, tools, _scope(None, None, [], []), engine)

    return answer


@app.command()
def check(
    ctx: typer.Context,
    answer: Annotated[Path, typer.Argument(help="An answer as `whosays ask --json` printed it.")],
    articles: Annotated[
        Path | None, typer.Option(help="Check against these files instead of the library.", metavar="DIR")
    ] = None,
) -> int:
    """Check the quotes of an exported answer again.

    A quote stands, moved, or vanished. The exit code is 0 if all stand and 1 if any moved or vanished.
    """
    from rag import exported
    from rag.quotes import recheck
    from rag.render import visible

    data = exported.read_answer(answer)
    if articles is None:
        with exported.from_library(_settings(ctx).library) as find:
            checked = recheck(data, find)
    else:
        cited = {c.article for c in recheck(data, lambda _: None)}
        look_up, failures = exported.from_files(articles, cited)
        for line in failures:
            _complain(line)
        checked = recheck(data, look_up)
    for c in checked:
        where = f"{c.article} {c.start}:{c.end}" if c.start is not None else c.article
        typer.echo(visible(f"[{c.n}] {c.verdict}  {where}  “{c.quote}”{f'  ({c.note})' if c.note else ''}"))
    fallen = sum(c.verdict != "stands" for c in checked)
    typer.echo(f"{len(checked) - fallen} of {len(checked)} quotes stand")
    return FAILED if fallen else 0


# --- the library ------------------------------------------------------------------------------


@app.command()
def ingest(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files (.txt .md .html .csv .jsonl) and folders of them.")],
    columns: Annotated[
        str | None,
        typer.Option("--map", help="For .csv and .jsonl: text=body,title=head,published=date:%d/%m/%Y", metavar="MAP"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when nothing changed.")] = False,
) -> int:
    """Read articles into the library. What is unchanged is not read again; a file that fails does not stop the others.

    The exit code is 1 if any file or row failed.
    """
    for path in paths:
        if len(paths) == 1 and not path.expanduser().exists():  # a slip of the pen should not make a library
            raise ReadError(f"{path}: there is no such file or folder: name one that is there")
    from rag import reports
    from rag.readers import parse_map
    from rag.render import visible

    mapping = parse_map(columns) if columns is not None else None
    with _index(ctx, create=True) as index, _bar() as update:
        report = index.ingest(paths, mapping, _parser, update)
        total = len(index.library.paths())
    failures = reports.failures(report)
    for line in failures:
        _complain(line)
    if not quiet:
        for line in reports.remarks(report):
            typer.echo(visible(line))
    if not quiet or report.added or report.replaced:
        typer.echo(reports.tally(report, total))
    return FAILED if failures else 0


def _parser() -> Parser:
    from rag.parse import Parser

    return Parser()


@contextmanager
def _index(ctx: typer.Context, write: bool = False, create: bool = False) -> Iterator[Index]:
    from rag.index import Index
    from rag.models import OnnxEmbedder, embedder_weights

    settings = _settings(ctx)
    if not create:
        _require_library(settings)
    embedder = OnnxEmbedder(embedder_weights(settings.embedder), settings.threads)
    with Index.open(settings.library, embedder, write=write, create=create) as index:
        yield index


def _require_library(settings: Settings) -> None:
    """Say that there is no library before the time it takes to load a model."""
    from rag.library import Library

    Library.open(settings.library).close()


@app.command()
def remove(
    ctx: typer.Context,
    ids: Annotated[list[str], typer.Argument(help="Ids as `whosays sources` lists them.")],
) -> int:
    """Take articles out of the library. Their files stay, and the next ingest of these brings them back."""
    from rag.reports import articles

    with _index(ctx, write=True) as index:
        index.remove(list(dict.fromkeys(ids)))
        total = len(index.library.paths())
    typer.echo(f"{articles(len(set(ids)))} removed; the library holds {articles(total)}")
    return 0


@app.command()
def doctor(
    ctx: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Make again what is not equal.")] = False,
) -> int:
    """Check that the library is sound.

    It searches for every passage, to see that library and vectors are equal. The exit code is 1 if they are not, and
    were not repaired.
    """
    from rag.render import visible
    from rag.reports import articles, count

    with _err().status("Searching for every passage"), _index(ctx, write=repair) as index:
        report = index.doctor(repair)
    for line in report.repaired:
        typer.echo(visible(f"repaired: {line}"))
    for line in report.lines():
        typer.echo(visible(line))
    counts = f"{articles(report.articles)}, {count(report.passages, 'passage')}"
    if report.equal:
        typer.echo(f"{counts}: library and vectors are equal")
        return 0
    advice = "make the library again from its files" if repair else "repair it with: whosays doctor --repair"
    _complain(f"{counts}: library and vectors are not equal: {advice}")
    return FAILED


@app.command()
def sources(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    show: Annotated[str | None, typer.Option(help="Print one article with its text.", metavar="ID")] = None,
) -> int:
    """List the articles of the library, or show one."""
    from rag.library import Library
    from rag.reports import article_data, source_data
    from rag.terminal import print_article, print_sources

    with Library.open(_settings(ctx).library) as library:
        if show is not None:
            article = library.article(show)
            _json(article_data(article)) if as_json else print_article(_out(), article)
        elif as_json:
            _json([source_data(s) for s in library.summaries()])
        else:
            print_sources(_out(), library.summaries())
    return 0


# --- the chat page ----------------------------------------------------------------------------


@app.command()
def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 lets others in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=0, max=65535)] = 7860,
    auth: Annotated[str | None, typer.Option(help="Ask for this name and password.", metavar="USER:PASSWORD")] = None,
    root_path: Annotated[str, typer.Option(help="The path that a proxy serves it under.", metavar="PATH")] = "",
    share: Annotated[bool, typer.Option("--share", help="Make a public address through Gradio's servers.")] = False,
) -> int:
    """Serve the chat page."""
    login = _login(auth)
    settings = _settings(ctx)
    from ui.app import serve as serve_page

    serve_page(settings, host=host, port=port, auth=login, root_path=root_path, share=share)
    return 0


def _login(auth: str | None) -> tuple[str, str] | None:
    if auth is None:
        return None
    user, colon, password = auth.partition(":")
    if not (user and colon and password):
        raise UsageError("--auth: give a name and a password with a colon between them")
    return user, password
