"""Scripted stand-ins for the ports, and small articles. All texts here were written for the tests."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.answers import Candidate, candidate
from rag.asked import understand
from rag.library import Library
from rag.split import split
from rag.types import Article, Attribution, Block, Evidence, Reading, Sentence, Span, Token, Tokens

HARBOUR = {
    "post.txt": """Harbour gates found locked

The ferry to Norsund could not leave on Tuesday because the harbour gates were locked.

The port authority accused striking dockers of locking the gates. Twelve passengers were hurt in the crush, the port
authority said.

Passengers waited for nine hours on the quay.
""",
    "courier.txt": """Dockers deny locking the gates

The dockers' union denied that its members had locked the harbour gates. Union leader Ida Moen accused private guards
of locking them to break the strike.

At least thirty passengers were hurt, she told the Courier.
""",
    "almanac.md": """---
title: Harbour dredged for larger ferries
outlet: Norsund Almanac
published: 2020-09-14
---

In September 2020 workmen locked the harbour gates for a week while the basin was dredged.

The work cost two million crowns.
""",
    "bakery.txt": """A bakery of a hundred years

The bakery in Mill Street has baked the same rye loaf for a hundred years. Its oven was built by the grandfather of the
present owner.
""",
    "manifest.csv": """file,title,outlet,published
post.txt,Harbour gates found locked,Harbour Post,2021-03-10
courier.txt,Dockers deny locking the gates,Evening Courier,2021-03-11
bakery.txt,A bakery of a hundred years,,
""",
}


def write_harbour(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, text in HARBOUR.items():
        (folder / name).write_text(text, encoding="utf-8")


def article(id_: str, *paragraphs: str, outlet: str | None = "The Bell", published: dt.date | None = None) -> Article:
    """One body block a paragraph."""
    text, blocks = "", []
    for paragraph in paragraphs:
        blocks.append(Block(len(text), len(text) + len(paragraph)))
        text += paragraph + "\n\n"
    return Article(id_, id_.upper(), text, tuple(blocks), outlet, published, path=f"{id_}.txt")


def library(*articles: Article) -> Library:
    """In memory, without parses."""
    kept = Library.memory()
    for each in articles:
        sentences, passages = split(each)
        kept.put(each, sentences, passages, [() for _ in sentences])
    return kept


class FakeEmbedder:
    """The same text gives the same direction, any other text another one."""

    name = "fake-1"
    dimensions = 16

    def __init__(self, delay: float = 0.0) -> None:
        self.texts: list[str] = []
        self.delay = delay

    def embed_passage(self, text: str) -> npt.NDArray[np.float32]:
        self.texts.append(text)
        time.sleep(self.delay)
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
        vector = np.random.default_rng(seed).standard_normal(self.dimensions).astype(np.float32)
        return vector / np.linalg.norm(vector)


class FakeParser:
    name = "fake-parser-1"

    def parse(self, texts: Sequence[str]) -> list[Tokens]:
        return [(Token(0, len(t), t, t.lower(), "X", "X", "ROOT", 0),) for t in texts]


class ScriptedReader:
    """Finds an answer where the focus holds one of the scripted words; remembers what it was shown."""

    def __init__(self, script: Mapping[str, float]) -> None:
        self.script = script
        self.seen: list[str] = []

    def read(self, question: str, windows: Sequence[tuple[str, int]]) -> list[Reading]:
        return [self._one(context[focus:]) for context, focus in windows]

    def _one(self, sentence: str) -> Reading:
        self.seen.append(sentence)
        found = [(sentence.index(words), words, logit) for words, logit in self.script.items() if words in sentence]
        if not found:
            return Reading(-8.0, 0.0, ())
        at, words, logit = found[0]
        return Reading(logit, 1.0, (Span(at, at + len(words), logit),))


def evidence(
    sentence: str,
    *answers: str,
    tokens: Tokens = (),
    n: int = 1,
    id_: str | None = None,
    score: float = 0.9,
    verdict: float = 0.0,
    published: dt.date | None = None,
    outlet: str | None = "The Bell",
    before: str | None = None,
) -> Evidence:
    """A sentence of an article of its own; the reader found `answers` in it, best first."""
    parts = [before, sentence] if before else [sentence]
    source = article(id_ or f"a{n}", *parts, published=published, outlet=outlet)
    at = source.text.index(sentence)
    whole = [
        Sentence(source.id, i, b.start, b.end, source.text[b.start : b.end], i) for i, b in enumerate(source.blocks)
    ]
    spans = []
    for i, words in enumerate(answers):
        start = at + sentence.index(words)
        spans.append(Span(start, start + len(words), 5.0 - i))
    reading = Reading(4.0, verdict, tuple(spans))
    return Evidence(n, source, whole[-1], whole[0] if before else None, tokens, score, reading)


def nobody(article_id: str, n: int) -> tuple[()]:
    """Every sentence is the outlet's own voice."""
    return ()


def answer(question: str, found: Evidence, attribution: Attribution | None = None) -> Candidate | None:
    """The candidate of one sentence; `attribution` replaces what was found."""
    made = candidate(understand(question), found, nobody)
    if made is None or attribution is None:
        return made
    return Candidate(made.evidence, made.start, made.end, made.key, attribution)


def plain_tokens(sentence: str) -> tuple[Token, ...]:
    """Words without a tree, for what does not look at grammar."""
    out, at = [], 0
    for word in sentence.split():
        start = sentence.index(word, at)
        at = start + len(word)
        out.append(Token(start, at, word, word.lower(), "NOUN", "NN", "dep", 0))
    return tuple(out)


class ScriptedModel:
    """A language model that gives these replies in turn, an error where one stands, and keeps what it was asked."""

    name, host, patience = "scripted", "nowhere.test", 5.0

    def __init__(self, *replies: str | Exception, context: int = 32_000) -> None:
        from rag.background import Background

        self.replies, self.asked, self.context = list(replies), [], context  # type: ignore[var-annotated]
        self._background = Background()

    def start(self, work: Any) -> Any:
        return self._background.start(work)

    async def call(self, messages: Any, schema: Any, name: str, on_text: Any = None) -> Any:
        from rag.kept_replies import Reply

        self.asked.append(messages)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        if on_text:
            for end in range(0, len(reply) + 1, 40):
                on_text(reply[:end])
        return Reply(reply, prompt_tokens=100, completion_tokens=10)

    def close(self) -> None:
        self._background.close()
