"""One claim: whose word covers which tokens of a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rag.trees import Tree
from rag.types import Stance


@dataclass(frozen=True, slots=True)
class Claim:
    """Tokens by index. `source` is the head of the words that name who says it, None where nobody is named."""

    cue: int
    source: int | None
    content: tuple[tuple[int, int], ...]  # half-open runs of tokens
    stance: Stance = "asserts"
    listener: int | None = None  # head of the words that name who was told
    words: tuple[int, int] | None = None  # all words of the source, where the parse cannot be trusted for them
    through: int | None = None  # head of the words that name who passes it on, where the verb says so itself
    attitude: bool = False  # not said by the source: the outlet tells what they want, back or refuse

    def covers(self, i: int) -> bool:
        return any(start <= i < end for start, end in self.content)


def runs(tree: Tree, indices: Iterable[int]) -> tuple[tuple[int, int], ...]:
    return tuple(tree.runs(indices))


def whole(tree: Tree, indices: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """One run from the first of `indices` to the last: the words that hedge stand amid what they hedge."""
    found = sorted(indices)
    return tuple(tree.runs(range(found[0], found[-1] + 1))) if found else ()
