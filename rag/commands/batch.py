"""batch: many questions in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.commands import DONE, FAILED
from rag.commands.console import bar
from rag.commands.opening import Engine, EngineOption, open_answering, say_host, settings_of

if TYPE_CHECKING:
    from rag.batch import Item
    from rag.settings import Settings
    from rag.types import Answer

AT_ONCE = 8  # questions that wait for a language model together
PATIENCE = 3600.0  # seconds an answer waits for a model: nobody sits before it


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
    from rag.batch import read_items, write_rows

    items = read_items(questions)
    settings = settings_of(ctx)
    say_host(settings, engine)
    with ExitStack() as opened:
        update = opened.enter_context(bar())
        update("answering", 0, len(items))
        answer = _answerer(settings, items, engine, opened)

        rows = _rows(items, answer, AT_ONCE if settings.model and engine != "extractive" else 1, update)
        errors = write_rows(out, rows)
    typer.echo(f"{len(items) - errors} answered, {errors} failed: {out}", err=True)
    return FAILED if errors else DONE


def _answerer(settings: Settings, items: Sequence[Item], engine: Engine, opened: ExitStack) -> Callable[[Item], Answer]:
    """Answers an item over its own documents, or over the library. What no item needs is not opened."""
    from rag.ask import ask, ask_closed, open_closed

    open_ = any(item.docs is None for item in items)
    tools = opened.enter_context(open_answering(settings, engine, PATIENCE)) if open_ else None
    closed = open_closed(settings, engine, PATIENCE) if any(item.docs is not None for item in items) else None
    if closed and closed.model:
        opened.callback(closed.model.close)

    def answer(item: Item) -> Answer:
        if item.docs is not None and closed is not None:
            return ask_closed(item.question, item.docs, closed, engine, item.history)
        assert tools is not None  # opened above for the first item without docs
        return ask(item.question, tools, engine=engine, earlier=item.history)

    return answer


def _rows(
    items: Sequence[Item], answer: Callable[[Item], Answer], at_once: int, update: Callable[[str, int, int], None]
) -> Iterator[dict[str, Any]]:
    """The rows in the order of the items, whichever is answered first."""
    from rag.batch import answer_item

    with ThreadPoolExecutor(at_once) as pool:
        for n, row in enumerate(pool.map(lambda item: answer_item(item, answer), items), 1):
            yield row
            update("answering", n, len(items))
