"""What the commands open: the settings, the library, its index, and all that answers a question."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rag.ask import Tools
    from rag.index import Index
    from rag.settings import Settings

Engine = Literal["auto", "extractive", "llm"]
EngineOption = Annotated[
    Engine, typer.Option(help="auto uses a language model only where WHOSAYS_MODEL names one.", metavar="ENGINE")
]


def settings_of(ctx: typer.Context) -> Settings:
    """The settings of the environment, and --library over them."""
    from rag.settings import read_settings

    settings = read_settings()
    return dataclasses.replace(settings, library=ctx.obj.expanduser()) if ctx.obj else settings


def say_host(settings: Settings, engine: Engine) -> None:
    """Where article text would leave this machine, every surface names the host first."""
    if settings.host and engine != "extractive":
        typer.echo(f"The question and excerpts of articles go to {settings.host} (model {settings.model}).", err=True)


def require_library(settings: Settings) -> None:
    """Say that there is no library before the time it takes to load a model."""
    from rag.library import Library

    Library.open(settings.library).close()


@contextmanager
def open_index(ctx: typer.Context, write: bool = False, create: bool = False) -> Iterator[Index]:
    """The index, with the embedder that the settings name; `create` makes a library where there is none."""
    from rag.index import Index
    from rag.models import OnnxEmbedder, embedder_weights

    settings = settings_of(ctx)
    if not create:
        require_library(settings)
    embedder = OnnxEmbedder(embedder_weights(settings.embedder), settings.threads)
    with Index.open(settings.library, embedder, write=write, create=create) as index:
        yield index


@contextmanager
def open_answering(settings: Settings, engine: Engine = "auto", patience: float | None = None) -> Iterator[Tools]:
    """All that answers a question over the library."""
    require_library(settings)
    from rag.ask import open_tools

    tools = open_tools(settings, engine, patience)
    with closing(tools.index):
        try:
            yield tools
        finally:
            if tools.model:
                tools.model.close()
