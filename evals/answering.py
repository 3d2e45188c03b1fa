"""A suite's questions → answers, by the code that `whosays batch` runs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals import metrics
from evals.items import Suite, score, texts_in, with_quotes
from evals.metrics import Row
from evals.readings import KeptReader
from rag import ask
from rag.batch import Item, answer_item
from rag.errors import ReadError, UsageError
from rag.index import Index
from rag.models import OnnxEmbedder, OnnxReader, embedder_weights, reader_weights
from rag.parse import Parser
from rag.readers_rows import ColumnMap, parse_map
from rag.settings import Settings
from rag.types import Answer

PATIENCE = 3600.0  # seconds an answer waits for a language model: nobody sits before it
Given = dict[str, Any]  # an answer in its JSON form under its item's id, or the error
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """A suite with what answers it. `suite` has quotes, `texts` are plain; both are empty-handed where it is closed."""

    suite: Suite
    texts: dict[str, str]
    tools: ask.Tools | None
    closed: ask.ClosedTools | None
    engine: ask.EngineChoice = "auto"

    def answer(self, item: Item) -> Answer:
        if item.docs is not None and self.closed is not None:
            return ask.ask_closed(item.question, item.docs, self.closed, self.engine, item.history)
        if self.tools is None:
            raise UsageError(f"item {item.id!r} brings no docs: name the library to ask, or the articles")
        return ask.ask(item.question, self.tools, engine=self.engine, earlier=item.history)

    def answers(self, tell: Told | None = None) -> list[Given]:
        """One a question, in order; what fails gives its error in the place of an answer."""
        rows = []
        for n, item in enumerate(self.suite.questions, 1):
            rows.append(answer_item(item, self.answer))
            if tell:
                tell(n, len(self.suite.questions))
        return rows

    def score(self, answers: Sequence[Given]) -> list[Row]:
        return score(self.suite, answers, self.texts)


@contextmanager
def bench(
    suite: Suite,
    settings: Settings,
    reader: KeptReader | OnnxReader,
    docs: Sequence[Path] = (),
    engine: ask.EngineChoice = "auto",
) -> Iterator[Bench]:
    """`docs` are articles to make a library of for as long as the bench stands; without, the settings name one.
    A language model reads only where the settings name it, and `engine` lets it."""
    named = ask.named_model(settings, engine, PATIENCE)
    if suite.closed and any(q.docs is not None for q in suite.questions):
        yield Bench(suite, {}, None, ask.ClosedTools(Parser(), reader, settings, *named), engine)  # type: ignore[arg-type]
        return
    with tempfile.TemporaryDirectory() as folder:
        docs = [_written(suite, Path(folder))] if suite.closed else docs
        if docs:
            columns = parse_map("id=id,text=text") if suite.closed else None
            made = _ingested(Path(folder) / "library", docs, settings, columns)
            settings = dataclasses.replace(settings, library=made)
        embedder = OnnxEmbedder(embedder_weights(settings.embedder), settings.threads)
        with closing(Index.open(settings.library, embedder)) as index:
            texts = texts_in(index.library)
            tools = ask.Tools(index, embedder, reader, settings, *named)  # type: ignore[arg-type]
            plain = {k: metrics.plain(t) for k, t in texts.items()}
            yield Bench(suite if suite.closed else with_quotes(suite, texts), plain, tools, None, engine)


def _written(suite: Suite, folder: Path) -> Path:
    """The collection of a pooled suite as a file of rows that the library reads."""
    path = folder / "documents.jsonl"
    rows = (json.dumps({"id": d["doc_id"], "text": d["text"]}) for d in suite.references[0]["docs"])
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def _ingested(library: Path, docs: Sequence[Path], settings: Settings, columns: ColumnMap | None) -> Path:
    embedder = OnnxEmbedder(embedder_weights(settings.embedder), settings.threads)
    with Index.open(library, embedder, create=True) as index:
        report = index.ingest(docs, columns, Parser)
    for problem in report.problems:
        if not problem.harmless:
            raise ReadError(f"{problem.path}: {problem.reason}")
    return library


def open_reader(settings: Settings, weights: Path | None = None, kept: Path | None = None) -> KeptReader:
    """The reader that ships, or `weights` in its place, remembering its readings (in the folder `kept` too).

    Raises ModelError."""
    chosen = reader_weights()
    if weights is not None:
        with weights.open("rb") as file:
            name = hashlib.file_digest(file, "sha256").hexdigest()[:12]
        chosen = dataclasses.replace(chosen, name=f"{weights.stem}-{name}", model=weights)
    return KeptReader(OnnxReader(chosen, settings.threads), kept)
