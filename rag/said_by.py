"""A question for what one party says: "What does Russia say about who blocked the buses?" asks who blocked them, and
wants Russia's word alone."""

from __future__ import annotations

import re

from rag.asked import AUXILIARY, WH
from rag.parties import alike
from rag.types import Attribution
from rag.words import names_in

OF = re.compile(
    r"^\W*(?:and )?what (?:does|do|did|has|have) (?P<who>.+?) (?:say|said|claim|think|tell)"
    rf"(?:: (?P<asked>(?:{WH}|{AUXILIARY})\b.+)| (?:about|on) (?P<hung>{WH}\b.+))$",
    re.IGNORECASE,
)
SAME = 0.5  # from here on two phrases name one party


def parted(question: str) -> tuple[str, str]:
    """The question itself, and whose answer is wanted; the question as it is, and "", where anybody's is."""
    m = OF.match(question.strip())
    if m is None:
        return question, ""
    asked = (m["asked"] or m["hung"]).strip()
    return asked[0].upper() + asked[1:], m["who"].strip()


def says(who: str, attribution: Attribution, outlet: str | None) -> bool:
    """Whether these are that party's words: it speaks, an organ of it does, or the outlet is it."""
    speaker = attribution.speaker or (outlet or "" if not attribution.via else "")
    named = set(names_in(who))
    if named and named <= set(names_in(speaker)):
        return True
    return any(alike(who, part) >= SAME for part in re.split(r",| and ", speaker) if part.strip())
