"""The peers that need a language model: the one that the settings name, the same that Whosays reads with.

- *citation query engine*: LlamaIndex's CitationQueryEngine as it comes, over the passages that lie nearest by the same
  embedder. Each sentence of its answer that cites is a position, the chunks that it cites are its quotes.
- *answer first*: the model answers from the evidence that our search and reader bring, and sources are attached
  afterwards, to each sentence those most like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.instrumentation.events.llm import LLMChatEndEvent
from llama_index.core.llms import LLM
from llama_index.core.query_engine import CitationQueryEngine
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from evals.answering import Given
from evals.evidence import Kept
from evals.peers import Answering, Embed, Peer, attached, given
from rag.batch import Item
from rag.errors import ModelError
from rag.retrieve import article_of
from rag.types import Passage, Scope

PASSAGES = 10
EVIDENCE = 20  # sentences that answer first reads
CITES = re.compile(r"\[(?:Source )?(\d+)(?:\]|,)|(?<=,) ?(?:Source )?(\d+)\]")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"])|\n+")
ANSWER = (
    "Answer the question in a few sentences, from these excerpts of articles alone. Where they disagree, say so. Where"
    " they do not answer it, reply only: unanswered."
)


def peers(llm: LLM, embed: Embed) -> list[Peer]:
    return [Peer("citation query engine", cited_engine(llm, embed)), Peer("answer first", answered_first(llm, embed))]


def none(reason: str) -> list[Peer]:
    return [Peer("citation query engine", None, reason)]


def cited_engine(llm: LLM, embed: Embed) -> Answering:
    def answer(item: Item, kept: Kept) -> Given:
        engine = CitationQueryEngine(retriever=_Nearest(kept, embed), llm=llm)
        with _counted() as usage:
            response = _asked(lambda: engine.query(item.question))
        chunks = [(n.node.metadata["article"], _chunk(n.node.get_content())) for n in response.source_nodes]
        return given(item, list(_positions(str(response), chunks)), usage)

    return answer


def _positions(text: str, chunks: Sequence[tuple[str, str]]) -> Iterator[list[dict[str, str]]]:
    for sentence in SENTENCE_END.split(text):
        numbers = dict.fromkeys(int(a or b) for a, b in CITES.findall(sentence))
        cited = [chunks[n - 1] for n in numbers if 1 <= n <= len(chunks)]
        yield [{"article": article, "quote": quote} for article, quote in cited]


def _chunk(content: str) -> str:
    """The words alone: the engine puts "Source 3:" before them."""
    return re.sub(r"^Source \d+:\n", "", content).strip()


def answered_first(llm: LLM, embed: Embed) -> Answering:
    def answer(item: Item, kept: Kept) -> Given:
        evidence = kept.found.evidence
        excerpts = "\n".join(f"- {e.sentence.text}" for e in evidence[:EVIDENCE])
        chat = [
            ChatMessage(role="system", content=ANSWER),
            ChatMessage(role="user", content=f"{excerpts}\n\nQuestion: {item.question}"),
        ]
        with _counted() as usage:
            said = _asked(lambda: llm.chat(chat)).message.content or ""
        sentences = [] if said.strip().lower().startswith("unanswered") else SENTENCE_END.split(said.strip())
        return given(item, [attached(s, evidence, embed) for s in sentences if s.strip()], usage)

    return answer


def _asked(ask: Any) -> Any:
    """Raises ModelError, one line, for whatever a vendor's package raises: a peer's failure is its answer's error."""
    try:
        return ask()
    except Exception as err:
        raise ModelError(f"{type(err).__name__}: {' '.join(str(err).split())[:200]}") from err


class _Nearest(BaseRetriever):
    """The passages nearest to the question by our embedder, from what was searched for it."""

    def __init__(self, kept: Kept, embed: Embed) -> None:
        super().__init__(callback_manager=CallbackManager([]))
        self._kept, self._embed = kept, embed

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        passages = self._found(query_bundle.query_str)
        return [NodeWithScore(node=TextNode(text=p.text, metadata={"article": p.article}), score=1.0) for p in passages]

    def _found(self, question: str) -> list[Passage]:
        shelf = self._kept.shelf
        if self._kept.searches:
            vectors = self._kept.searches[-1]
            ids = [p for p, _ in vectors(question, PASSAGES, None)]
            return [next(p for p in shelf.passages(article_of(i)) if p.id == i) for i in ids]
        vector = self._embed(question)
        every = [p for article in shelf.in_scope(Scope())[0] for p in shelf.passages(article)]
        return sorted(every, key=lambda p: -float(vector @ self._embed(p.text)))[:PASSAGES]


class _Counter(BaseEventHandler):
    """Adds up the tokens of the calls that LlamaIndex tells of."""

    usage: dict[str, Any]

    def handle(self, event: BaseEvent, **_: Any) -> None:
        if isinstance(event, LLMChatEndEvent) and event.response is not None:
            counts = event.response.additional_kwargs
            self.usage["calls"] += 1
            self.usage["prompt_tokens"] += int(counts.get("prompt_tokens") or 0)
            self.usage["completion_tokens"] += int(counts.get("completion_tokens") or 0)


@contextmanager
def _counted() -> Iterator[dict[str, Any]]:
    dispatcher = get_dispatcher()
    counter = _Counter(usage={"prompt_tokens": 0, "completion_tokens": 0, "calls": 0, "cost": None})
    dispatcher.add_event_handler(counter)
    try:
        yield counter.usage
    finally:
        dispatcher.event_handlers.remove(counter)
