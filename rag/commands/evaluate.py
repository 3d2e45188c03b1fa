"""eval: reference questions answered and scored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands import DONE, FAILED
from rag.commands.console import bar, complain
from rag.commands.opening import EngineOption, say_host, settings_of
from rag.errors import UsageError

if TYPE_CHECKING:
    from rag.llm import Model
    from rag.settings import Settings


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
    engine: EngineOption = "auto",
    pooled: Annotated[
        bool, typer.Option("--pooled", help="Closed items: all their documents in one library, so that finding counts.")
    ] = False,
    peers: Annotated[
        bool, typer.Option("--peers", help="Beside Whosays, what people would use instead, on the same questions.")
    ] = False,
    judge: Annotated[
        bool, typer.Option("--judge", help="Let the language model judge labels and quotes, too.")
    ] = False,
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
    from evals import compare as comparing
    from evals import judge as judging
    from evals import peers as versus
    from evals.answering import bench, open_reader
    from evals.evaluate import evaluate as answer_all
    from evals.evaluate import table
    from evals.items import as_pooled, load, waits
    from evals.items import sample as drawn
    from evals.report import save
    from evals.result_file import read
    from evals.which_peers import chosen as chosen_peers

    say_host(settings, engine)
    earlier = read(compare) if compare else None
    path, articles = (suite, docs or []) if suite else _bundled(docs)
    chosen = drawn(load(path, part), sample, seed)
    chosen = as_pooled(chosen) if pooled else chosen
    judge_model = _judge(settings) if judge else None
    with bench(chosen, settings, open_reader(settings, reader, kept), articles, engine) as on, bar() as update:
        result, read_for = answer_all(on, lambda done, total: update("answering", done, total))
        contenders = versus.run(chosen_peers(on, settings), on, result, read_for) if peers else []
        judged = judging.judge(on, result.answers, judge_model) if judge_model else None
    typer.echo(f"{result.suite.name}: {len(result.answers)} questions\n\n{table(result)}")
    if chosen.waiting:
        typer.echo(f"\n{waits(chosen.waiting)}")
    if contenders:
        typer.echo(f"\n{versus.table(contenders)}")
    if judged:
        typer.echo(f"\n{judging.table(judged)}")
    if earlier:
        typer.echo("\n" + comparing.table(comparing.compare(earlier, result)))
    if out:
        typer.echo(f"\n{save(out, result, contenders, judged)}")
    for answer in result.failed:
        complain(f"{answer['id']}: {answer['error']}")
    if result.missed:
        complain(f"below its floor: {', '.join(result.missed)}")
    return FAILED if result.missed or result.failed else DONE


def _judge(settings: Settings) -> Model:
    from rag.ask import named_model

    model, why = named_model(settings, "llm")
    if model is None:
        raise UsageError(why or "--judge needs a language model: set WHOSAYS_MODEL")
    return model


def _bundled(docs: list[Path] | None) -> tuple[Path, list[Path]]:
    import evals

    if docs:
        raise UsageError("--docs without a SUITE: name the suite that asks about these articles")
    home = Path(evals.__file__).parent
    return home / "suites" / "bundled.json", [home.parent / "corpus"]
