"""The engine's parts, each with what takes its place when it is switched off.

A part is switched off from outside, by putting something plainer in the place of a function or a number of the engine
for as long as a run lasts: the engine itself has no switches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import islice
from typing import Any, Literal
from unittest.mock import patch

from evals.readings import Reader, Window
from rag import answers, extractive, models, retrieve
from rag.asked import Kind
from rag.types import Reading
from rag.words import content_words, unify

Stage = Literal["search", "reading", "after"]
"""What must be done again without the part: searching (over a library only), reading, or only what comes after."""


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    instead: str  # what is done in its place
    stage: Stage
    patches: tuple[tuple[str, Any], ...]  # "module.attribute" and what takes its place
    reader: Callable[[Reader], Reader] | None = None  # what takes the reader's place

    @contextmanager
    def off(self) -> Iterator[None]:
        """While it stands, the engine works without the part. AttributeError where it has no such part."""
        with ExitStack() as stack:
            for target, stand_in in self.patches:
                module, name = target.rsplit(".", 1)
                stack.enter_context(patch.object(import_module(module), name, stand_in))
            yield


# --- stand-ins --------------------------------------------------------------------------------


def _window(title: bool, before: bool) -> Callable[[str, str, str], Window]:
    real = retrieve.window
    return lambda t, b, sentence: real(t if title else "", b if before else "", sentence)


def _in_order(passages: Sequence[Any], limit: int | None) -> Iterator[tuple[str, int]]:
    return islice(((p.article, n) for p in passages for n in range(p.first, p.last + 1)), limit)


def _as_many_at_once() -> Callable[..., Iterator[tuple[str, int]]]:
    """As many sentences as with those around, all by the search: else less would be read, not otherwise."""
    real, more = retrieve._pick, retrieve.FURTHER * retrieve.ROUNDS
    return lambda passages, limit: real(passages, limit and limit + more)  # type: ignore[return-value]


def _as_words(kind: Kind) -> Callable[..., answers.Key | None]:
    """For questions of the kind, the key that any other answer would have: its words, figures among them."""
    real = answers._key

    def key(asked: Any, evidence: Any, span: tuple[int, int]) -> answers.Key | None:
        if asked.kind != kind:
            return real(asked, evidence, span)
        made = real(replace(asked, kind="what"), evidence, span)
        words = frozenset(content_words(unify(made.text))) if made else frozenset()
        return replace(made, quantity=None, words=(words - asked.words) or words) if made else None

    return key


def word_overlap(a: str, b: str) -> float:
    """The share of the shorter's content words that the longer has too."""
    x, y = frozenset(content_words(unify(a))), frozenset(content_words(unify(b)))
    return len(x & y) / min(len(x), len(y)) if x and y else 0.0


def _limits(**changed: float) -> Callable[..., Any]:
    real = extractive.read

    def read(asked: Any, evidence: Any, said_of: Any, limits: extractive.Limits, *rest: Any) -> Any:
        return real(asked, evidence, said_of, replace(limits, **changed), *rest)  # type: ignore[arg-type]

    return read


def _no_aliases() -> Callable[..., Any]:
    real = extractive.gather
    return lambda *_, **__: real(())


def _never(*_: Any) -> bool:
    return False


def _always(*_: Any) -> bool:
    return True


# --- the packaged reranker in the reader's place ----------------------------------------------


class _Scores:
    """The reranker that the reader was trained from: how near a window is to the question, and nothing else."""

    def __init__(self) -> None:
        reader = models.reader_weights()
        weights = models.Weights("packaged-reranker", reader.tokenizer.parent / "model.onnx", reader.tokenizer)
        self.name = weights.name
        self._encoder = models._Encoder(weights, 1, models.MAX_TOKENS)

    def read(self, question: str, windows: Sequence[Window]) -> list[Reading]:
        return [Reading(self._logit(question, context), 0.0, ()) for context, _ in windows]

    def _logit(self, question: str, context: str) -> float:
        encoding = self._encoder.tokenizer.encode(question, context)
        return float(self._encoder.run([encoding])[0].reshape(-1)[0])


class Reranked:
    """The reader's words and verdicts under the reranker's score."""

    def __init__(self, reader: Reader, scores: Reader) -> None:
        self.name, self._reader, self._scores = f"{reader.name}+{scores.name}", reader, scores

    def read(self, question: str, windows: Sequence[Window]) -> list[Reading]:
        pairs = zip(self._reader.read(question, windows), self._scores.read(question, windows), strict=True)
        return [replace(reading, answers=score.answers) for reading, score in pairs]


def _by_score(reading: Reading, _: Any) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, reading.answers))))


# --- the parts --------------------------------------------------------------------------------


def parts(kept: Callable[[Reader], Reader] = lambda reader: reader) -> tuple[Part, ...]:
    """In the order in which a question meets them. `kept` stands around a reader that a part brings."""
    return (
        Part("every article gets its turn", "the passages in the order found", "search", (
            ("rag.retrieve._pick", _in_order), ("rag.retrieve._with_all", lambda asked, ids, found, *_: found))),
        Part("articles of the time asked about", "all articles, whenever published", "search", (
            ("rag.retrieve.could_report", _always),)),
        Part("sentences dated to another time", "read like any", "reading", (("rag.retrieve._fits", _always),)),
        Part("reading around what answers", "as many more sentences by the search", "search", (
            ("rag.retrieve._pick", _as_many_at_once()), ("rag.retrieve.ROUNDS", 0))),
        Part("the event's days are read next", "articles of any day", "search", (
            ("rag.retrieve._of_those_days", lambda asked, evidence, ids, store: ids),)),
        Part("the title before a sentence", "read without", "reading", (
            ("rag.retrieve.window", _window(title=False, before=True)),)),
        Part("the sentence before a sentence", "read without", "reading", (
            ("rag.retrieve.window", _window(title=True, before=False)),)),
        Part("times taken from the question", "read as asked", "reading", (
            ("rag.retrieve._spoken", lambda asked, _: asked.question),)),
        Part("the trained reader's sureness", "the packaged reranker's score; the reader's words", "reading",
            (("rag.retrieve.certainty", _by_score),), lambda reader: Reranked(reader, kept(_Scores()))),
        Part("one event", "answers of any day beside each other", "after", (
            ("rag.extractive._of_one_event", lambda _, evidence, *__: list(evidence)),)),
        Part("articles that know the question's names", "articles of any subject", "after", (
            ("rag.extractive.of_its_names", lambda _, evidence, *__: list(evidence)),)),
        Part("the speaker is not the answer", "the reader's words as they are", "after", (
            ("rag.answers._speaking", lambda *_: []),)),
        Part("a list is one answer", "the reader's words as they are", "after", (
            ("rag.answers._whole_list", lambda _, span: span),)),
        Part("denials are positions", "a denial is an answer like any", "after", (
            ("rag.answers._denial", lambda *_: None), ("rag.positions._opposed", _never))),
        Part("quantities are numbers", "compared by their words", "after", (
            ("rag.answers._key", _as_words("number")),)),
        Part("a number counts what is asked for", "any number in the words", "after", (
            ("rag.answers.counts", _always), ("rag.answers.same_fate", _always))),
        Part("times are times", "compared by their words", "after", (("rag.answers._key", _as_words("when")),)),
        Part("yes or no by comparing", "the reader's verdict", "after", (("rag.answers.compared", lambda *_: None),)),
        Part("party rules", "word overlap", "after", (
            ("rag.positions.alike", lambda a, b, *_: word_overlap(a, b)), ("rag.positions.opposed_names", _never))),
        Part("sides without a name", "the names and words alone", "after", (
            ("rag.positions.same_side", _never), ("rag.positions.may_be", _never))),
        Part("planes without an owner stand apart", "under whoever is said to have some", "after", (
            ("rag.positions.ownerless", _never),)),
        Part("other names that articles state", "names as they are written", "after", (
            ("rag.extractive.gather", _no_aliases()),)),
        Part("a source that states both", "two answers are always a dispute", "after", (
            ("rag.positions._voices", lambda _: set()), ("rag.positions.part_of", _never))),
        Part("namesakes are no dispute", "a dispute like any", "after", (("rag.extractive.other_subject", _never),)),
        Part("a list and its parts are no dispute", "a dispute like any", "after", (
            ("rag.extractive.parts_of", _never),)),
        Part("a later state is an update", "a dispute like any", "after", (("rag.extractive.updates", _never),)),
        Part("a voice seldom gives two answers", "all that are sure enough", "after", (
            ("rag.extractive._steady", lambda groups, *_: list(groups)),)),
        Part("the limit to abstain", "whatever may be cited answers", "after", (
            ("rag.extractive.read", _limits(answer=0.0)),)),
    )  # fmt: skip
