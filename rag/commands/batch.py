"""batch: many questions in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    settings = settings_of(ctx)
    say_host(settings, engine)
    with ExitStack() as opened:
        update = opened.enter_context(bar())
        update("answering", 0, len(items))
        answer = _answerer(settings, items, engine, opened)

        def rows() -> Iterator[dict[str, Any]]:
            for n, item in enumerate(items, 1):
                yield answer_item(item, answer)
                update("answering", n, len(items))

        errors = write_rows(out, rows())
    typer.echo(f"{len(items) - errors} answered, {errors} failed: {out}", err=True)
    return FAILED if errors else DONE


def _answerer(settings: Settings, items: Sequence[Item], engine: Engine, opened: ExitStack) -> Callable[[Item], Answer]:
    """Answers an item over its own documents, or over the library. What no item needs is not opened."""
    from rag.ask import ask, ask_closed, open_closed

    tools = opened.enter_context(open_answering(settings)) if any(item.docs is None for item in items) else None
    closed = open_closed(settings) if any(item.docs is not None for item in items) else None

    def answer(item: Item) -> Answer:
        if item.docs is not None and closed is not None:
            return ask_closed(item.question, item.docs, closed, engine)
        assert tools is not None  # opened above for the first item without docs
        return ask(item.question, tools, engine=engine)

    return answer
