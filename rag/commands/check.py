"""check: the quotes of an exported answer or conversation, looked up again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands import DONE, FAILED
from rag.commands.console import complain
from rag.commands.opening import settings_of

if TYPE_CHECKING:
    from rag.recheck import Checked


def check(
    ctx: typer.Context,
    answer: Annotated[
        Path, typer.Argument(help="An answer, as `whosays ask --json` printed it, or an exported conversation.")
    ],
    articles: Annotated[
        Path | None, typer.Option(help="Check against these files instead of the library.", metavar="DIR")
    ] = None,
) -> int:
    """Check the quotes of an exported answer or conversation again.

    A quote stands, moved, or vanished. The exit code is 0 if all stand and 1 if any moved or vanished.
    """
    from rag import exported
    from rag.recheck import recheck
    from rag.render import visible

    cited = exported.citations(answer)
    if articles is None:
        with exported.from_library(settings_of(ctx).library) as find:
            checked = recheck(cited, find)
    else:
        find, failures = exported.from_files(articles, {c.article for c in cited})
        for line in failures:
            complain(line)
        checked = recheck(cited, find)
    for c in checked:
        typer.echo(visible(_line(c)))
    fallen = sum(c.verdict != "stands" for c in checked)
    typer.echo(f"{len(checked) - fallen} of {len(checked)} quotes stand")
    return FAILED if fallen else DONE


def _line(checked: Checked) -> str:
    cited = checked.cited
    where = f"{cited.article} {checked.now[0]}:{checked.now[1]}" if checked.now else cited.article
    note = f"  ({checked.note})" if checked.note else ""
    asked = f"question {cited.question} " if cited.question else ""
    return f"{asked}[{cited.n}] {checked.verdict}  {where}  “{cited.quote}”{note}"
