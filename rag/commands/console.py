"""How the commands speak: the terminal, a progress bar, one line for what is wrong, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID
    from rich.status import Status


def stdout() -> Console:
    """Articles hold brackets and colons: nothing in what is printed is read as markup."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def stderr() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def working(what: str) -> Status:
    """A line on stderr that moves while something is done, gone when it is; `update` says something else in it."""
    return stderr().status(what)


@contextmanager
def bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, gone when done, and silent where stderr is no terminal.

    Yields update(stage, done, total): a new stage begins the bar again."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = stderr()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for old in tasks.values():
                    progress.update(old, visible=False)
                tasks[stage] = progress.add_task(stage.capitalize(), total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield update


def complain(message: str) -> None:
    """Say what is wrong as one line on stderr."""
    from rag.render import visible

    typer.echo(f"whosays: {visible(message)}", err=True)


def print_json(data: object) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
