"""Whosays as a LlamaIndex query engine: for programs that already speak LlamaIndex.

engine = WhosaysQueryEngine(open_tools(read_settings()))
response = engine.query("Who blocked the buses?")
response.response            # the answer as Markdown
response.source_nodes        # the cited sentences
response.metadata["answer"]  # the Answer in its JSON form
"""

from __future__ import annotations

import asyncio
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.ask import EngineChoice, Tools, ask
from rag.render import to_dict, to_markdown
from rag.types import Answer, Citation, Scope


class WhosaysQueryEngine(BaseQueryEngine):
    """Answers with the ledger of who says what. Thread-safe as far as its tools are."""

    def __init__(self, tools: Tools, scope: Scope = Scope(), engine: EngineChoice = "auto") -> None:
        super().__init__(CallbackManager([]))
        self._tools, self._scope, self._engine = tools, scope, engine

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return to_response(ask(query_bundle.query_str, self._tools, self._scope, self._engine))

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def to_response(answer: Answer) -> Response:
    """The rendered answer, a node for each citation in the order of its number, and the Answer as metadata."""
    return Response(
        response=to_markdown(answer),
        source_nodes=[_node(c) for c in answer.citations],
        metadata={"answer": to_dict(answer)},
    )


def _node(citation: Citation) -> NodeWithScore:
    quote = citation.quote
    details: dict[str, Any] = {
        "n": citation.n,
        "article": quote.article,
        "title": citation.title,
        "outlet": citation.outlet,
        "published": citation.published.isoformat() if citation.published else None,
        "speaker": citation.attribution.speaker,
    }
    node = TextNode(
        id_=f"{quote.article}:{quote.start}-{quote.end}",
        text=quote.text,
        metadata=details,
        start_char_idx=quote.start,
        end_char_idx=quote.end,
    )
    return NodeWithScore(node=node)
