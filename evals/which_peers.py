"""Which peers can run here: those that need a language model only where one is named."""

from __future__ import annotations

from functools import cache

from evals.answering import Bench
from evals.peers import Peer, without_model
from rag.models import OnnxEmbedder, embedder_weights
from rag.settings import Settings

NO_MODEL = "it needs a language model, and WHOSAYS_MODEL names none"


def chosen(on: Bench, settings: Settings) -> list[Peer]:
    """Raises ModelError where the embedder's files are missing."""
    embedder = OnnxEmbedder(embedder_weights(settings.embedder), settings.threads)
    embed = cache(embedder.embed_passage)
    *others, first = without_model(embed, on.closed is not None)
    tools = on.tools or on.closed
    if tools is None or tools.model is None:
        return [*others, first, Peer("citation query engine", None, NO_MODEL)]
    from evals.peers_llm import peers
    from rag.llm import chat_llm

    return [*others, *peers(chat_llm(settings, tools.model.patience), embed)]
