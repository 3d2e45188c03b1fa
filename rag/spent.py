"""What the calls of one answer took. Grows while they are made."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.kept_replies import Reply
from rag.types import Usage


@dataclass(slots=True)
class Spent:
    replies: list[Reply] = field(default_factory=list)

    @property
    def usage(self) -> Usage | None:
        """None where no call was made. Replies that were kept count as they did when they were new."""
        costs = [r.cost for r in self.replies if r.cost is not None]
        read, written = sum(r.prompt_tokens for r in self.replies), sum(r.completion_tokens for r in self.replies)
        return Usage(read, written, len(self.replies), sum(costs) if costs else None) if self.replies else None

    @property
    def notes(self) -> tuple[str, ...]:
        kept = sum(r.kept for r in self.replies)
        return (f"{kept} of the model's replies kept from an earlier run, and not asked for again",) if kept else ()
