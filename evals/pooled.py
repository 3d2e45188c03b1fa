"""Closed items as questions over one library: all documents of all items together, the same text once.

A closed item hands the engine a few documents, nearly all to the point. Pooled, its question has to find them among
everyone's, as a user's would. Its `docs`, `sides` and `noise_doc_ids` name its own documents still, under ids of the
whole collection; what another item's documents say is not marked, so a quote from there may be right and is not
credited. `evals.metrics.score_closed` looks quotes up in an item's `docs`: give it the whole collection there, or it
holds such a quote not to be verbatim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rag.batch import ItemId
from rag.errors import UsageError

Row = dict[str, Any]


def documents(items: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The collection, [{id, text}]: each text once, in the order in which the items bring them, from d0001 on.

    Raises UsageError for an item without docs. The same for items that `pooled` gave."""
    return [{"id": key, "text": text} for text, key in _ids(items).items()]


def pooled(items: Sequence[Mapping[str, Any]]) -> tuple[list[Row], dict[tuple[ItemId, str], str]]:
    """The items with the collection's ids for their own, and (item id, its doc_id) → the collection's id.

    Two documents of an item that have one text become one. The items given stay as they are. Raises UsageError for an
    item without docs, or one that names a document which it does not bring."""
    ids = _ids(items)
    made: list[Row] = []
    renamed: dict[tuple[ItemId, str], str] = {}
    for item in items:
        new = {doc["doc_id"]: ids[doc["text"]] for doc in item["docs"]}
        renamed |= {(item["id"], old): key for old, key in new.items()}
        made.append(_rewritten(item, new))
    return made, renamed


def _ids(items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Text → id."""
    for item in items:
        if item.get("docs") is None:
            raise UsageError(f"item {item['id']}: brings no docs: only closed items can be pooled")
    texts = dict.fromkeys(doc["text"] for item in items for doc in item["docs"])
    width = max(4, len(str(len(texts))))
    return {text: f"d{n:0{width}}" for n, text in enumerate(texts, 1)}


def _rewritten(item: Mapping[str, Any], new: Mapping[str, str]) -> Row:
    texts = {new[doc["doc_id"]]: doc["text"] for doc in item["docs"]}
    row = {**item, "docs": [{"doc_id": key, "text": text} for key, text in texts.items()]}
    if "sides" in item:
        row["sides"] = [{**side, "doc_ids": _renamed(item, side["doc_ids"], new)} for side in item["sides"]]
    if "noise_doc_ids" in item:
        row["noise_doc_ids"] = _renamed(item, item["noise_doc_ids"], new)
    return row


def _renamed(item: Mapping[str, Any], old: Sequence[str], new: Mapping[str, str]) -> list[str]:
    strange = [key for key in old if key not in new]
    if strange:
        raise UsageError(f"item {item['id']}: names the document {strange[0]!r}, which it does not bring")
    return list(dict.fromkeys(new[key] for key in old))
