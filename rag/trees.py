"""Reading a stored parse: children, subtrees, runs of words. Pure over Tokens."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from rag.types import Token, Tokens

OPENERS = frozenset("“\"«„(['‘")
_EDGES = frozenset({"PUNCT", "SPACE"})


def mend(tokens: Tokens, verbs: Collection[str]) -> Tokens:
    """Undo one common slip of small parsers: in "denied that it had ended and said ..." the past tense cannot be
    joined to "had ended", so it belongs to the verb above it. For `verbs` (lemmas) alone: taggers mistake others."""
    return tuple(_rejoined(tokens, token) if token.lemma in verbs else token for token in tokens)


def _rejoined(tokens: Tokens, token: Token) -> Token:
    joined = tokens[token.head]
    above = tokens[joined.head]
    slip = token.tag == "VBD" and token.dep == "conj" and joined.tag in {"VB", "VBN", "VBG"} and joined.dep == "ccomp"
    own_subject = any(tokens[other.head] is token and other.dep.startswith("nsubj") for other in tokens)
    return (
        replace(token, head=joined.head) if slip and above.tag in {"VBD", "VBZ", "VBP"} and not own_subject else token
    )


class Tree:
    """A dependency tree over one sentence's tokens; every method speaks in token indices."""

    __slots__ = ("_kids", "tokens")

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._kids: list[list[int]] = [[] for _ in tokens]
        for i, token in enumerate(tokens):
            if token.head != i:
                self._kids[token.head].append(i)

    def __getitem__(self, i: int) -> Token:
        return self.tokens[i]

    def __len__(self) -> int:
        return len(self.tokens)

    def kids(self, i: int, deps: Collection[str] = ()) -> list[int]:
        """The children of `i` in order, those under `deps` alone where any are named."""
        return [k for k in self._kids[i] if not deps or self.tokens[k].dep in deps]

    def kid(self, i: int, deps: Collection[str]) -> int | None:
        return next(iter(self.kids(i, deps)), None)

    def subtree(self, i: int, without: Collection[int] = ()) -> set[int]:
        """`i` and all below it, leaving out every branch that starts at one of `without`."""
        found: set[int] = set()
        todo = [i]
        while todo:
            at = todo.pop()
            if at not in without and at not in found:
                found.add(at)
                todo.extend(self._kids[at])
        return found

    def ancestors(self, i: int) -> Iterator[int]:
        while self.tokens[i].head != i:
            i = self.tokens[i].head
            yield i

    def root(self) -> int:
        return next((i for i, token in enumerate(self.tokens) if token.head == i), 0)

    def head_of(self, start: int, end: int) -> int:
        """The token of `start:end` (indices) whose head lies outside."""
        inside = range(start, end)
        words = [i for i in inside if self.tokens[i].pos not in _EDGES] or list(inside)
        return next((i for i in words if self.tokens[i].head not in inside or self.tokens[i].head == i), words[-1])

    def runs(self, indices: Iterable[int]) -> list[tuple[int, int]]:
        """Maximal half-open runs of `indices`, without punctuation at their ends or a leading "that"."""
        found: list[tuple[int, int]] = []
        for i in sorted(indices):
            if found and found[-1][1] == i:
                found[-1] = (found[-1][0], i + 1)
            else:
                found.append((i, i + 1))
        return [run for run in (self._trimmed(*run) for run in found) if run[0] < run[1]]

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        while start < end and (self.tokens[start].pos in _EDGES or self._complementizer(start)):
            start += 1
        while start < end and (self.tokens[end - 1].pos in _EDGES or self.tokens[end - 1].dep == "cc"):
            end -= 1
        return start, end

    def _complementizer(self, i: int) -> bool:
        return self.tokens[i].dep == "mark" and self.tokens[i].lemma in {"that", "whether", "if"}
