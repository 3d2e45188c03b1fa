"""ingest, remove, doctor and sources: what the library holds."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.commands import DONE, FAILED
from rag.commands.console import bar, complain, print_json, stderr, stdout
from rag.commands.opening import open_index, settings_of
from rag.errors import FetchError, ModelError, ReadError

if TYPE_CHECKING:
    from rag.parse import Parser
    from rag.settings import Settings

# What is meant as an address and is none that can be fetched, as ftp://, is better told so than looked for as a file.
_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]+://|https?:)", re.IGNORECASE)


def ingest(
    ctx: typer.Context,
    sources: Annotated[
        list[str],
        typer.Argument(help="Files (.txt .md .html .csv .jsonl), folders of them, addresses (https://...) of such."),
    ],
    columns: Annotated[
        str | None,
        typer.Option("--map", help="For .csv and .jsonl: text=body,title=head,published=date:%d/%m/%Y", metavar="MAP"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when nothing changed.")] = False,
) -> int:
    """Read articles into the library. What is unchanged is not read again; a file that fails does not stop the others.

    A page at an address is fetched and kept in the library; named again, it is fetched again. The exit code is 1 if any
    file, row or address failed.
    """
    addresses, paths = _apart(sources)
    if len(sources) == len(paths) == 1 and not paths[0].expanduser().exists():
        # A slip of the pen should not make a library.
        raise ReadError(f"{paths[0]}: there is no such file or folder: name one that is there")
    from rag import reports
    from rag.readers import parse_map
    from rag.render import visible

    mapping = parse_map(columns) if columns is not None else None
    fetched, unfetched = _fetched(addresses, settings_of(ctx).library)
    if unfetched and not paths and not fetched:
        for line in unfetched:
            complain(line)
        return FAILED
    with open_index(ctx, create=True) as index, bar() as update:
        report = index.ingest([*paths, *fetched], mapping, _parser, update)
        total = len(index.library.paths())
    failures = [*unfetched, *reports.failures(report)]
    for line in failures:
        complain(line)
    if not quiet:
        for line in reports.remarks(report):
            typer.echo(visible(line))
    if not quiet or report.added or report.replaced:
        typer.echo(reports.tally(report, total, len(unfetched)))
    return FAILED if failures else DONE


def _apart(sources: Sequence[str]) -> tuple[list[str], list[Path]]:
    """Addresses, and paths: as a Path an address would lose a slash."""
    addresses = [source for source in dict.fromkeys(sources) if _ADDRESS.match(source)]
    return addresses, [Path(source) for source in sources if not _ADDRESS.match(source)]


def _fetched(addresses: Sequence[str], library: Path) -> tuple[list[Path], list[str]]:
    """The files that hold what stands at the addresses, and a line for each address that failed."""
    if not addresses:
        return [], []
    from rag.additions import FETCHED
    from rag.fetch import anywhere, fetch

    files: list[Path] = []
    failures: list[str] = []
    with bar() as update:
        for n, address in enumerate(addresses):
            update("fetching", n, len(addresses))
            try:
                files.append(fetch(address, library / FETCHED, anywhere))
            except FetchError as error:
                failures.append(str(error))
    return files, failures


def _parser() -> Parser:
    from rag.parse import Parser

    return Parser()


def remove(
    ctx: typer.Context,
    ids: Annotated[list[str], typer.Argument(help="Ids as `whosays sources` lists them.")],
) -> int:
    """Take articles out of the library. Their files stay, and the next ingest of these brings them back."""
    from rag.reports import articles

    with open_index(ctx, write=True) as index:
        index.remove(list(dict.fromkeys(ids)))
        total = len(index.library.paths())
    typer.echo(f"{articles(len(set(ids)))} removed; the library holds {articles(total)}")
    return DONE


def doctor(
    ctx: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Make again what is not equal.")] = False,
) -> int:
    """Check that the library is sound, and that the language model answers where one is named.

    It searches for every passage, to see that library and vectors are equal. The exit code is 1 if they are not, and
    were not repaired, or if the model does not answer a call of one token.
    """
    from rag.render import visible
    from rag.reports import articles, count, other_names

    with stderr().status("Searching for every passage"), open_index(ctx, write=repair) as index:
        report = index.doctor(repair)
        named = len(index.library.aliases())
    for line in report.repaired:
        typer.echo(visible(f"repaired: {line}"))
    for line in report.lines():
        typer.echo(visible(line))
    counts = f"{articles(report.articles)}, {count(report.passages, 'passage')}"
    counts += f", {other_names(named)}" if named else ""
    if report.equal:
        typer.echo(f"{counts}: library and vectors are equal")
        return _model(settings_of(ctx))
    advice = "make the library again from its files" if repair else "repair it with: whosays doctor --repair"
    complain(f"{counts}: library and vectors are not equal: {advice}")
    return FAILED


def _model(settings: Settings) -> int:
    """A line on the language model, and whether it is as it should be."""
    from rag.ask import named_model

    model, why = named_model(settings, "llm")
    if model is None:
        typer.echo(
            why or "no language model is named (WHOSAYS_MODEL): the built-in reader answers, and nothing is sent"
        )
        return FAILED if why else DONE
    began = time.perf_counter()
    try:
        with stderr().status(f"Asking {model.name} at {model.host} for one token"), closing(model):
            model.start(model.probe()).result()
    except ModelError as err:
        complain(f"{model.name} at {model.host} does not answer: {err}")
        return FAILED
    typer.echo(f"{model.name} at {model.host} answers ({time.perf_counter() - began:.1f} s)")
    return DONE


def sources(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    show: Annotated[str | None, typer.Option(help="Print one article with its text.", metavar="ID")] = None,
) -> int:
    """List the articles of the library, with where nearly the same text stands, or show one."""
    from rag.library import Library
    from rag.near_copies import QUICKLY, near_copies_of
    from rag.reports import article_data, other_names, source_data
    from rag.terminal import print_article, print_sources

    with Library.open(settings_of(ctx).library) as library:
        if show is not None:
            article = library.article(show)
            print_json(article_data(article)) if as_json else print_article(stdout(), article)
        elif as_json:
            near = near_copies_of(library)
            print_json([source_data(s, near.get(s.id, ())) for s in library.summaries()])
        else:
            listed = library.summaries()
            print_sources(stdout(), listed, near_copies_of(library) if len(listed) <= QUICKLY else {})
            if len(listed) > QUICKLY:
                typer.echo(f"near-copies of more than {QUICKLY} articles take longer: whosays sources --json", err=True)
            if named := len(library.aliases()):
                typer.echo(f"{other_names(named)} (aliases.csv)")
    return DONE
