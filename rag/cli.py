"""The command line: `whosays`. What goes wrong becomes one line and an exit code here; rag/commands do the work."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from rag.commands import FAILED, INTERRUPTED, WRONG_USAGE
from rag.commands.asking import ask, chat
from rag.commands.batch import batch
from rag.commands.cases import cases
from rag.commands.check import check
from rag.commands.console import complain
from rag.commands.evaluate import evaluate
from rag.commands.library import doctor, ingest, remove, sources
from rag.commands.page import serve
from rag.errors import UsageError, WhosaysError


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code. What goes wrong is one line on stderr; --debug adds a traceback."""
    args = _hoist(sys.argv[1:] if argv is None else argv)
    _tolerate_any_character()
    try:
        code: int | None = _app()(args, prog_name="whosays", standalone_mode=False)
        sys.stdout.flush()
        return code or 0
    except Exception as err:  # noqa: BLE001 - the last stop: no traceback reaches a user who did not ask for one
        if "--debug" in args:
            traceback.print_exc()
        return _report(err)
    except KeyboardInterrupt:
        return INTERRUPTED


def _app() -> typer.Typer:
    app = typer.Typer(
        name="whosays",
        help="Who says what: answers over articles that contradict each other, with every quote checked.",
        epilog="Exit codes: 0 done, also for a question that no source answers; 1 failed; 2 wrong usage.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_common)
    for command in (ask, chat, batch, check, ingest, remove, doctor, sources, serve, cases):
        app.command()(command)
    app.command("eval")(evaluate)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        from rag import __version__

        typer.echo(f"whosays {__version__}")
        raise typer.Exit


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
        complain(str(err))
        return WRONG_USAGE if isinstance(err, UsageError) else FAILED
    if isinstance(err, OSError):
        complain(f"{err.filename or 'the system'}: {err.strerror or err}")
        return FAILED
    complain(f"unexpected {type(err).__name__}: {err} (run again with --debug before the command for the traceback)")
    return FAILED


def _misused(err: TyperException) -> int:
    message = err.format_message()
    if message.startswith("Usage:"):  # a bare `whosays` is answered with the whole help
        typer.echo(message, err=True)
    else:
        complain(f"{message.rstrip('.')}. See: whosays --help")
    return err.exit_code


if __name__ == "__main__":
    sys.exit(main())
