"""The data that flows through Whosays: frozen, passive, with invariants. Knows nobody.

All offsets count Unicode code points in `Article.text`, half open: `text[start:end]`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["answered", "disputed", "unanswered"]
Relation = Literal["disputes", "agrees", "updates"]
Stance = Literal["asserts", "denies", "reports"]
BlockKind = Literal["title", "body", "furniture"]
Engine = Literal["extractive", "llm"]


def _span(start: int, end: int, what: str) -> None:
    if not 0 <= start < end:
        raise ValueError(f"{what}: {start}:{end} is not a span")


# --- the library ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading or caption of an article. Furniture is kept but never quoted."""

    start: int
    end: int
    kind: BlockKind = "body"

    def __post_init__(self) -> None:
        _span(self.start, self.end, "block")


@dataclass(frozen=True, slots=True)
class Article:
    """A source. `text` is the decoded source with LF line ends; blocks are in order and never overlap."""

    id: str
    title: str
    text: str
    blocks: tuple[Block, ...]
    outlet: str | None = None
    published: dt.date | None = None
    url: str | None = None
    path: str = ""  # the file it came from, absolute
    row: str | None = None  # its row there, where the file holds many
    copy_of: str | None = None  # the id of an earlier article with the same text

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("article: the id is empty")
        if "\r" in self.text:
            raise ValueError(f"article {self.id}: line ends must be LF")
        at = 0
        for block in self.blocks:
            if block.start < at or block.end > len(self.text):
                raise ValueError(f"article {self.id}: block {block.start}:{block.end} overlaps or leaves the text")
            at = block.end


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence inside one block; `n` counts an article's sentences from 0."""

    article: str
    n: int
    start: int
    end: int
    text: str
    block: int  # index into Article.blocks

    def __post_init__(self) -> None:
        _span(self.start, self.end, f"sentence {self.article}/{self.n}")
        if len(self.text) != self.end - self.start:
            raise ValueError(f"sentence {self.article}/{self.n}: text and span differ in length")


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive sentences that are searched as one; `id` is "article#n"."""

    article: str
    n: int
    start: int
    end: int
    text: str
    first: int  # Sentence.n of the first sentence
    last: int  # and of the last, inclusive

    @property
    def id(self) -> str:
        return f"{self.article}#{self.n}"

    def __post_init__(self) -> None:
        _span(self.start, self.end, f"passage {self.id}")
        if len(self.text) != self.end - self.start or self.last < self.first:
            raise ValueError(f"passage {self.id}: text, span or sentences do not fit")


@dataclass(frozen=True, slots=True)
class Token:
    """One parsed word. `start` and `end` count from the sentence's start; `head` is an index into its tokens."""

    start: int
    end: int
    text: str
    lemma: str  # lower case
    pos: str  # Universal POS: NOUN, PROPN, VERB ...
    tag: str  # Penn tag: VBD, NNS ...
    dep: str  # ClearNLP label: nsubj, dobj, agent ...
    head: int
    ent: str = ""  # entity label, "" outside entities


Tokens = tuple[Token, ...]


# --- the question -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """The filters that a question obeys. Empty tuples and None mean no filter."""

    since: dt.date | None = None
    until: dt.date | None = None
    outlets: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"scope: since {self.since} is after until {self.until}")

    @property
    def empty(self) -> bool:
        return not (self.since or self.until or self.outlets or self.articles)


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a sentence that may answer: article offsets, and how far they beat "nothing here" (a logit)."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the trained reader says of one sentence and one question."""

    answers: float  # logit: does the sentence answer?
    verdict: float  # logit: yes rather than no; means something for yes/no questions only
    spans: tuple[Span, ...]  # best first, none overlapping


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence offered to a reader under a number, with what is needed to understand and quote it."""

    n: int  # from 1, in the order offered
    article: Article
    sentence: Sentence
    before: Sentence | None  # the sentence before it in the same or the previous body block
    tokens: Tokens  # of `sentence`
    score: float  # 0 to 1: how sure it is that the sentence answers
    reading: Reading


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What retrieval brought for a question: evidence, best first."""

    evidence: tuple[Evidence, ...]
    considered: tuple[str, ...]  # articles that were read, those of other days left out where one answers
    notes: tuple[str, ...] = ()
    retrieve_ms: float = 0.0
    rerank_ms: float = 0.0


# --- what a reader returns --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who says it. `speaker` None is the outlet's own voice; `via` lists those between, nearest the speaker first."""

    speaker: str | None = None
    via: tuple[str, ...] = ()
    stance: Stance = "asserts"


@dataclass(frozen=True, slots=True)
class DraftCitation:
    """An evidence number, and optionally the clause of its sentence (article offsets) that carries the answer."""

    evidence: int
    attribution: Attribution = Attribution()
    clause: tuple[int, int] | None = None
    needs_context: bool = False  # the sentence before must be shown ("they were turned away")


@dataclass(frozen=True, slots=True)
class DraftPosition:
    label: str
    citations: tuple[DraftCitation, ...]
    relation: Relation = "disputes"
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """A reader's own words, and the evidence numbers that they rest on."""

    text: str
    evidence: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A reader's reading: positions as evidence numbers, never typed text."""

    outcome: Outcome
    positions: tuple[DraftPosition, ...] = ()
    nearest: tuple[DraftCitation, ...] = ()  # when unanswered
    notes: tuple[str, ...] = ()
    summary: tuple[SummarySentence, ...] = ()  # empty: one is made from the positions
    rejected: tuple[Rejected, ...] = ()  # what the reader itself set aside


# --- the answer -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quote:
    """Checked words: `quotes.py` alone makes one, and holds article text[start:end] == text."""

    article: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    n: int  # the number shown as [n]; 0 before numbering
    quote: Quote
    title: str
    outlet: str | None
    published: dt.date | None
    url: str | None
    context: tuple[int, int] | None
    attribution: Attribution


@dataclass(frozen=True, slots=True)
class Position:
    label: str
    relation: Relation
    origins: tuple[str, ...]
    citations: tuple[Citation, ...]

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError(f"position {self.label!r} has no citation")


@dataclass(frozen=True, slots=True)
class Silent:
    article: str
    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    prompt_tokens: int
    completion_tokens: int
    calls: int
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds."""

    retrieve: float = 0.0
    rerank: float = 0.0
    read: float = 0.0
    verify: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The contract. `render.to_dict` gives its JSON form, schema 1."""

    question: str
    standalone: str
    outcome: Outcome
    summary: str
    scope: Scope = Scope()
    positions: tuple[Position, ...] = ()
    nearest: tuple[Citation, ...] = ()
    silent: tuple[Silent, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    engine: Engine = "extractive"
    model: str | None = None
    prompt: str | None = None
    library: str = ""
    usage: Usage | None = None
    timings: Timings = field(default_factory=Timings)

    def __post_init__(self) -> None:
        if (self.outcome == "unanswered") != (not self.positions):
            raise ValueError(f"outcome {self.outcome!r} does not fit {len(self.positions)} positions")
        if self.positions and self.nearest:
            raise ValueError("only an unanswered question has nearest passages")
        numbers = [c.n for c in self.citations]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"citations are not numbered from 1 in order: {numbers}")

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations in the order of their numbers."""
        return tuple(c for p in self.positions for c in p.citations) + self.nearest
