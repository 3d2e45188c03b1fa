"""check: the quotes of an exported answer, looked up again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.commands import DONE, FAILED
from rag.commands.console import complain
from rag.commands.opening import settings_of


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
        with exported.from_library(settings_of(ctx).library) as find:
            checked = recheck(data, find)
    else:
        cited = {c.article for c in recheck(data, lambda _: None)}
        look_up, failures = exported.from_files(articles, cited)
        for line in failures:
            complain(line)
        checked = recheck(data, look_up)
    for c in checked:
        where = f"{c.article} {c.start}:{c.end}" if c.start is not None else c.article
        typer.echo(visible(f"[{c.n}] {c.verdict}  {where}  “{c.quote}”{f'  ({c.note})' if c.note else ''}"))
    fallen = sum(c.verdict != "stands" for c in checked)
    typer.echo(f"{len(checked) - fallen} of {len(checked)} quotes stand")
    return FAILED if fallen else DONE
