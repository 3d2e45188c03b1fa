"""eval: reference questions answered and scored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.commands import DONE, FAILED
from rag.commands.console import bar, complain
from rag.commands.opening import settings_of
from rag.errors import UsageError


def evaluate(
    ctx: typer.Context,
    suite: Annotated[
        Path | None,
        typer.Argument(help="Reference questions: .json, .jsonl, .yaml or .csv. Default: the bundled suite."),
    ] = None,
    docs: Annotated[
        list[Path] | None,
        typer.Option(help="Ask over these articles, not the library; may be repeated.", metavar="PATH"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write NAME.json and NAME.html of the suite's NAME here.", metavar="DIR")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(help="The .json of an earlier run: what changed since.", metavar="FILE")
    ] = None,
    part: Annotated[str | None, typer.Option(help='Only items with this "part", such as test.')] = None,
    sample: Annotated[int | None, typer.Option(help="Only N of the questions, drawn by --seed.", metavar="N")] = None,
    seed: Annotated[int, typer.Option(help="Of the drawing.")] = 0,
    new: Annotated[
        Path | None,
        typer.Option(help="Write a suite to start from, over the library, to this .yaml file.", metavar="FILE"),
    ] = None,
    kept: Annotated[
        Path | None, typer.Option(help="Keep readings in this folder, and use those that are there.", metavar="DIR")
    ] = None,
    reader: Annotated[
        Path | None, typer.Option(help="Other weights in the place of the reader's.", metavar="FILE.onnx")
    ] = None,
) -> int:
    """Answer reference questions and score the answers.

    Without SUITE, the bundled questions over the sample articles. Exit code 1 when a floor that the suite names is
    missed, or a question failed.
    """
    settings = settings_of(ctx)
    if new is not None:
        from evals.starting import write_new

        typer.echo(write_new(new, settings))
        return DONE
    from evals.answering import bench, open_reader
    from evals.compare import compare as compared
    from evals.compare import table as changes
    from evals.evaluate import evaluate as answer_all
    from evals.evaluate import table
    from evals.items import load
    from evals.items import sample as drawn
    from evals.report import save
    from evals.result_file import read

    earlier = read(compare) if compare else None
    path, articles = (suite, docs or []) if suite else _bundled(docs)
    chosen = drawn(load(path, part), sample, seed)
    with bench(chosen, settings, open_reader(settings, reader, kept), articles) as on, bar() as update:
        result = answer_all(on, lambda done, total: update("answering", done, total))
    typer.echo(f"{result.suite.name}: {len(result.answers)} questions\n\n{table(result)}")
    if earlier:
        typer.echo("\n" + changes(compared(earlier, result)))
    if out:
        typer.echo(f"\n{save(out, result)}")
    for answer in result.failed:
        complain(f"{answer['id']}: {answer['error']}")
    if result.missed:
        complain(f"below its floor: {', '.join(result.missed)}")
    return FAILED if result.missed or result.failed else DONE


def _bundled(docs: list[Path] | None) -> tuple[Path, list[Path]]:
    import evals

    if docs:
        raise UsageError("--docs without a SUITE: name the suite that asks about these articles")
    home = Path(evals.__file__).parent
    return home / "suites" / "bundled.json", [home.parent / "corpus"]
