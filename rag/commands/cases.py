"""cases: the answers that were judged on the page, as reference questions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.commands import DONE, FAILED
from rag.commands.console import complain
from rag.commands.opening import settings_of


def cases(
    ctx: typer.Context,
    out: Annotated[Path, typer.Argument(help="A .yaml file, added to where it is there.", metavar="OUT")],
    every: Annotated[
        bool, typer.Option("--all", help="All judgements on one question, one for each answer to it.")
    ] = False,
) -> int:
    """Make reference questions for `whosays eval` of the answers that were judged on the page.

    A helpful answer is a whole question. One that was not helpful waits in the file for a person to say what is right.
    What stands in OUT stays as it is. The exit code is 1 if a judgement could not be read.
    """
    from evals.cases_file import write_cases
    from rag.render import visible

    written = write_cases(out, settings_of(ctx), every)
    for line in written.lines:
        typer.echo(visible(line))
    for line in written.failures:
        complain(line)
    return FAILED if written.failures else DONE
