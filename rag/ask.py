"""The whole way from a question to a checked answer, in one readable function."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from rag import extractive
from rag.answers import SaidOf
from rag.asked import understand
from rag.attribution import Said, attribute
from rag.errors import UsageError, WhosaysError
from rag.index import Index
from rag.library import Library
from rag.models import OnnxEmbedder, OnnxReader, embedder_weights, reader_weights
from rag.parse import Parser
from rag.quotes import verify
from rag.retrieve import Search, retrieve
from rag.settings import Settings
from rag.shelf import Shelf, Store
from rag.split import split
from rag.summary import summarise
from rag.types import Answer, Article, Block, Position, Retrieved, Scope, Silent, Timings

EngineChoice = Literal["auto", "extractive", "llm"]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a question over the library needs, opened once."""

    index: Index
    embedder: OnnxEmbedder
    reader: OnnxReader
    settings: Settings


@dataclass(frozen=True, slots=True)
class ClosedTools:
    """What a question over its own documents needs."""

    parser: Parser
    reader: OnnxReader
    settings: Settings


def open_tools(settings: Settings) -> Tools:
    """Raises LibraryError or ModelError, one line each."""
    embedder = OnnxEmbedder(embedder_weights(settings.embedder), settings.threads)
    index = Index.open(settings.library, embedder)
    return Tools(index, embedder, OnnxReader(reader_weights(), settings.threads), settings)


def open_closed(settings: Settings) -> ClosedTools:
    return ClosedTools(Parser(), OnnxReader(reader_weights(), settings.threads), settings)


def ask(question: str, tools: Tools, scope: Scope = Scope(), engine: EngineChoice = "auto") -> Answer:
    """A checked answer over the library. Raises UsageError for an empty question or a scope that names nothing."""
    index = tools.index

    def vectors(text: str, limit: int, articles: Collection[str] | None) -> list[tuple[str, float]]:
        return index.search_vectors(tools.embedder.embed_query(text), limit, articles)

    return answer_over(question, index.library, (index.search_words, vectors), tools.reader, scope, engine)


def ask_closed(
    question: str, docs: Sequence[tuple[str, str]], tools: ClosedTools, engine: EngineChoice = "auto"
) -> Answer:
    """A checked answer over these (id, text) documents alone, each taken whole: every sentence is read."""
    with Library.memory() as library:
        for doc_id, text in docs:
            plain = text.replace("\r\n", "\n").replace("\r", "\n")
            article = Article(id=doc_id, title=doc_id, text=plain, blocks=_lines(plain), path=doc_id)
            sentences, passages = split(article)
            library.put(article, sentences, passages, tools.parser.parse([s.text for s in sentences]))
        return answer_over(question, library, (), tools.reader, Scope(), engine)


def _lines(text: str) -> tuple[Block, ...]:
    blocks, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            blocks.append(Block(at, at + len(line)))
        at += len(line) + 1
    return tuple(blocks)


def answer_over(
    question: str,
    library: Library,
    searches: Sequence[Search],
    reader: OnnxReader,
    scope: Scope,
    engine: EngineChoice,
) -> Answer:
    """The same over whatever holds the articles; without `searches`, every sentence in scope is read."""
    began = time.perf_counter()
    if not question.strip():
        raise UsageError('the question is empty: ask something, such as "who blocked the buses?"')
    if engine == "llm":
        raise WhosaysError("no language-model reader is installed: use --engine extractive, or auto")
    asked = understand(question)
    shelf = Shelf(library)
    found = retrieve(asked, scope, shelf, searches, reader)
    reading = time.perf_counter()
    limits = extractive.Limits() if searches else extractive.GIVEN
    draft = extractive.read(asked, found.evidence, attributions(shelf), limits, shelf.aliases())
    verifying = time.perf_counter()
    checked = verify(draft, found.evidence)
    outcome = draft.outcome if checked.positions else "unanswered"
    if outcome == "disputed" and len(checked.positions) < 2:
        outcome = "answered"
    done = time.perf_counter()
    return Answer(
        question=question,
        standalone=question,
        outcome=outcome,
        summary=summarise(outcome, checked.positions),
        scope=scope,
        positions=checked.positions,
        nearest=checked.nearest if outcome == "unanswered" else (),
        silent=_silent(found, checked.positions, scope),
        rejected=checked.rejected,
        notes=found.notes + draft.notes,
        engine="extractive",
        library=library.fingerprint(),
        timings=Timings(
            retrieve=found.retrieve_ms,
            rerank=found.rerank_ms,
            read=1000 * (verifying - reading),
            verify=1000 * (done - verifying),
            total=1000 * (done - began),
        ),
    )


def attributions(library: Store) -> SaidOf:
    """Who says what in a sentence; an article is worked out once a question."""
    known: dict[str, list[tuple[Said, ...]]] = {}

    def said_of(article_id: str, n: int) -> Sequence[Said]:
        if article_id not in known:
            outlet = library.article(article_id).outlet
            known[article_id] = attribute(library.sentences(article_id), library.tokens(article_id), outlet)
        return known[article_id][n]

    return said_of


def _silent(found: Retrieved, positions: Sequence[Position], scope: Scope) -> tuple[Silent, ...]:
    cited = {c.quote.article for p in positions for c in p.citations}
    quiet = [a for a in dict.fromkeys((*found.considered, *scope.articles)) if a not in cited]
    return tuple(Silent(a, _why(a, found)) for a in quiet)


def _why(article: str, found: Retrieved) -> str:
    if any(e.article.id == article for e in found.evidence):
        return "read where it comes nearest to the question, and nothing there answers"
    return "nothing in it is near the question"
