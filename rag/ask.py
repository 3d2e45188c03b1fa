"""The whole way from a question to a checked answer, in one readable function."""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from rag import extractive
from rag.answers import SaidOf
from rag.asked import understand
from rag.attribution import Said, attribute
from rag.conversation import by_rules
from rag.errors import ModelError, ReplyError, UsageError
from rag.events import Done, Event, Quotes, Understood
from rag.index import Index
from rag.kept_replies import why_not_kept
from rag.library import Library
from rag.models import OnnxEmbedder, OnnxReader, embedder_weights, reader_weights
from rag.parse import Parser
from rag.prompts import load
from rag.quotes import verify
from rag.retrieve import Search, retrieving
from rag.said_by import parted
from rag.settings import Settings
from rag.shelf import Shelf, Store
from rag.spent import Spent
from rag.split import split
from rag.summary import summarise, told
from rag.types import Answer, Article, Block, Citation, Draft, Evidence, Position, Retrieved, Scope, Silent, Timings
from rag.widen import widen

if TYPE_CHECKING:
    from rag.llm import Model

EngineChoice = Literal["auto", "extractive", "llm"]
FOR_A_MODEL = 48_000  # characters of evidence: some 12,000 tokens, nine tenths of what 90,000 characters would bring
AT_ONCE = 5  # quotes shown before anything is read for who says what


@dataclass(frozen=True, slots=True)
class Tools:
    """What a question over the library needs, opened once."""

    index: Index
    embedder: OnnxEmbedder
    reader: OnnxReader
    settings: Settings
    model: Model | None = None
    no_model: str = ""  # why a model that is named could not be opened


@dataclass(frozen=True, slots=True)
class ClosedTools:
    """What a question over its own documents needs."""

    parser: Parser
    reader: OnnxReader
    settings: Settings
    model: Model | None = None
    no_model: str = ""


def open_tools(settings: Settings, engine: EngineChoice = "auto", patience: float | None = None) -> Tools:
    """`patience`: seconds to wait for a language model, where the settings do not say. Raises LibraryError or
    ModelError, one line each."""
    embedder = OnnxEmbedder(embedder_weights(settings.embedder), settings.threads)
    index = Index.open(settings.library, embedder)
    model, why = named_model(settings, engine, patience)
    return Tools(index, embedder, OnnxReader(reader_weights(), settings.threads), settings, model, why)


def open_closed(settings: Settings, engine: EngineChoice = "auto", patience: float | None = None) -> ClosedTools:
    model, why = named_model(settings, engine, patience)
    return ClosedTools(Parser(), OnnxReader(reader_weights(), settings.threads), settings, model, why)


def named_model(settings: Settings, engine: EngineChoice, patience: float | None = None) -> tuple[Model | None, str]:
    """The model that the settings name, or why it cannot be had; neither where none is named or wanted."""
    if engine == "extractive" or settings.model is None:
        return None, ""
    from rag.llm import PATIENCE, open_model

    try:
        return open_model(settings, patience or PATIENCE), ""
    except UsageError as err:
        return None, str(err)


def ask(
    question: str,
    tools: Tools,
    scope: Scope = Scope(),
    engine: EngineChoice = "auto",
    earlier: Sequence[str] = (),
) -> Answer:
    """A checked answer over the library; `earlier` are the questions of the conversation before. Raises UsageError for
    an empty question or a scope that names nothing, ModelError where engine llm cannot be had."""
    return _last(steps(question, tools, scope, engine, earlier, live=False))


def steps(
    question: str,
    tools: Tools,
    scope: Scope = Scope(),
    engine: EngineChoice = "auto",
    earlier: Sequence[str] = (),
    live: bool = True,
) -> Generator[Event, None, None]:
    """The same while it happens: the question as it is read, quotes, positions, the answer. Closing it stops the
    model's reading."""
    index = tools.index

    def vectors(text: str, limit: int, articles: Collection[str] | None) -> list[tuple[str, float]]:
        return index.search_vectors(tools.embedder.embed_query(text), limit, articles)

    by = _By(engine, tools.model, tools.no_model, live)
    return steps_over(question, index.library, (index.search_words, vectors), tools.reader, scope, by, earlier)


def ask_closed(
    question: str,
    docs: Sequence[tuple[str, str]],
    tools: ClosedTools,
    engine: EngineChoice = "auto",
    earlier: Sequence[str] = (),
) -> Answer:
    """A checked answer over these (id, text) documents alone, each taken whole: every sentence is read."""
    with Library.memory() as library:
        for doc_id, text in docs:
            plain = text.replace("\r\n", "\n").replace("\r", "\n")
            article = Article(id=doc_id, title=doc_id, text=plain, blocks=_lines(plain), path=doc_id)
            sentences, passages = split(article)
            library.put(article, sentences, passages, tools.parser.parse([s.text for s in sentences]))
        by = _By(engine, tools.model, tools.no_model)
        return _last(steps_over(question, library, (), tools.reader, Scope(), by, earlier))


def answer_over(
    question: str,
    library: Library,
    searches: Sequence[Search],
    reader: OnnxReader,
    scope: Scope,
    engine: EngineChoice,
    earlier: Sequence[str] = (),
) -> Answer:
    """The same over whatever holds the articles, without a language model; without `searches`, every sentence in scope
    is read."""
    return _last(steps_over(question, library, searches, reader, scope, _By(engine), earlier))


def _last(events: Iterator[Event]) -> Answer:
    for event in events:
        if isinstance(event, Done):
            return event.answer
    raise AssertionError("the steps ended without an answer")


@dataclass(frozen=True, slots=True)
class _By:
    """Who is to read."""

    engine: EngineChoice
    model: Model | None = None
    no_model: str = ""
    live: bool = False

    def chosen(self) -> Model | None:
        """Raises UsageError where a model must read and there is none."""
        if self.engine == "llm" and self.model is None:
            raise UsageError(
                self.no_model or "no language model is named: set WHOSAYS_MODEL, or use --engine extractive"
            )
        return None if self.engine == "extractive" else self.model

    def without(self, model: Model, err: ModelError) -> str:
        """What is noted where the model was no help. Raises the error where a model must read, and none answered."""
        if self.engine == "llm" and not isinstance(err, ReplyError):
            raise err
        return f"without {model.name}: {err}"


def steps_over(
    question: str,
    library: Library,
    searches: Sequence[Search],
    reader: OnnxReader,
    scope: Scope,
    by: _By,
    earlier: Sequence[str] = (),
) -> Generator[Event, None, None]:
    began = time.perf_counter()
    if not question.strip():
        raise UsageError('the question is empty: ask something, such as "who blocked the buses?"')
    model, spent = by.chosen(), Spent()
    notes = [f"read without a language model: {by.no_model}"] if by.no_model and by.engine == "auto" else []
    standalone = yield from _standalone(question, earlier, by, model, spent, notes)
    yield Understood(standalone)
    plain, who = parted(standalone)
    asked, shelf = understand(plain), Shelf(library)
    said_of = attributions(shelf)
    found = yield from _found(retrieving(asked, scope, shelf, searches, reader), said_of)
    reading = time.perf_counter()
    evidence, draft = found.evidence, None
    if model is not None:
        wide = widen(asked, found, scope, shelf, searches, FOR_A_MODEL)
        draft = yield from _by_model(standalone, wide, said_of, by, model, spent, notes)
        evidence = wide if draft else evidence
    if draft is None:
        limits = extractive.Limits() if searches else extractive.GIVEN
        draft = extractive.read(asked, found.evidence, said_of, limits, shelf.aliases(), who)
    verifying = time.perf_counter()
    checked = verify(draft, evidence)
    outcome = draft.outcome if checked.positions else "unanswered"
    if outcome == "disputed" and len(checked.positions) < 2:
        outcome = "answered"
    own = told(draft.summary, checked.positions, evidence)
    read_by = model if evidence is not found.evidence else None
    done = time.perf_counter()
    yield Done(
        Answer(
            question=question,
            standalone=standalone,
            outcome=outcome,
            summary=own or summarise(outcome, checked.positions),
            scope=scope,
            positions=checked.positions,
            nearest=checked.nearest if outcome == "unanswered" else (),
            silent=_silent(found, checked.positions, scope),
            rejected=draft.rejected + checked.rejected,
            notes=(*notes, *found.notes, *draft.notes, *spent.notes, *why_not_kept(spent.replies)),
            engine="llm" if read_by else "extractive",
            model=read_by.name if read_by else None,
            prompt=load("read").sha256 if read_by else None,
            library=library.fingerprint(),
            usage=spent.usage,
            timings=Timings(
                retrieve=found.retrieve_ms,
                rerank=found.rerank_ms,
                read=1000 * (verifying - reading),
                verify=1000 * (done - verifying),
                total=1000 * (done - began),
            ),
        )
    )


def _found(
    reading: Generator[Sequence[Evidence], None, Retrieved], said_of: SaidOf
) -> Generator[Event, None, Retrieved]:
    """What retrieving brings, and on the way the quotes that come nearest, each time there are others."""
    shown: tuple[Citation, ...] = ()

    def others(evidence: Sequence[Evidence]) -> Iterator[Event]:
        nonlocal shown
        near = Draft("unanswered", nearest=extractive.nearest(evidence, said_of, AT_ONCE))
        before, shown = shown, verify(near, evidence).nearest
        if shown != before:
            yield Quotes(shown)

    while True:
        try:
            evidence = next(reading)
        except StopIteration as done:
            yield from others(done.value.evidence)
            return cast(Retrieved, done.value)
        yield from others(evidence)


def _standalone(
    question: str, earlier: Sequence[str], by: _By, model: Model | None, spent: Spent, notes: list[str]
) -> Generator[Event, None, str]:
    """The model's where there is one, the rules' where not, or where it was no help."""
    if model is not None and earlier:
        from rag import by_model

        try:
            return (yield from by_model.standalone(question, earlier, model, spent))
        except ModelError as err:
            notes.append(f"the question was understood {by.without(model, err)}")
    return by_rules(question, earlier)


def _by_model(
    question: str,
    evidence: Sequence[Evidence],
    said_of: SaidOf,
    by: _By,
    model: Model,
    spent: Spent,
    notes: list[str],
) -> Generator[Event, None, Draft | None]:
    """None where the model was no help, with a note that says why."""
    from rag import by_model

    try:
        return (yield from by_model.read(question, evidence, said_of, model, spent, by.live))
    except ModelError as err:
        notes.append(f"read {by.without(model, err)}")
        return None


def _lines(text: str) -> tuple[Block, ...]:
    blocks, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            blocks.append(Block(at, at + len(line)))
        at += len(line) + 1
    return tuple(blocks)


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
