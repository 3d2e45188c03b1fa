"""The reader that asks a language model: numbered evidence → a Draft, in one call where it fits. Where it does not: a
call an article, side by side, and one that brings their answers together."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Protocol, TypeVar

from rag import llm_reply
from rag.errors import ContextError, ReplyError
from rag.kept_replies import Reply
from rag.llm_reply import AttributionOf, Grouped, Joined, Read, Standalone, Told, parse, schema
from rag.numbered import numbered, tokens
from rag.prompts import Message, fence, fill, load, one_line
from rag.settings import LEAST_CONTEXT, REPLY_SHARE
from rag.spent import Spent
from rag.types import Draft, Evidence, Outcome, Rejected

F = TypeVar("F", bound=llm_reply.Form)
T = TypeVar("T")
OnTold = Callable[[Read], None]
"""Called once with a reply as far as its positions, while its summary is still being written."""

REPAIRED = 20_000  # characters of a reply that is sent back: more is no ledger, and may be more than the model takes
REPAIRED_CUT = 1_000  # of one that was cut: it took all the room there is, and it is to be shorter
HALVINGS = 3  # of a piece that the model finds too long, before it is left out
SHOWN = 300  # characters of a sentence, where answers of several articles are compared


class Caller(Protocol):
    """A model as `rag.llm` gives it."""

    name: str
    context: int

    def call(
        self,
        messages: Sequence[Message],
        form: type[llm_reply.Form],
        name: str,
        on_text: Callable[[str], None] | None = None,
    ) -> Awaitable[Reply]: ...


async def read(
    question: str,
    evidence: Sequence[Evidence],
    model: Caller,
    rules: AttributionOf,
    spent: Spent,
    on_told: OnTold | None = None,
) -> Draft:
    """`evidence` in reading order. Raises ReplyError where the reply cannot be used, also asked for once more, and
    ModelError where none came."""
    if not evidence:
        return Draft("unanswered")
    refused: list[int] = []
    size = tokens(numbered(evidence))
    if size <= room(model, question):
        try:
            reply = await _read(question, evidence, model, spent, on_told)
            return llm_reply.draft(reply, evidence, question, rules)
        except ContextError:
            refused.append(size)
    return await _in_parts(question, evidence, model, rules, spent, refused)


def room(model: Caller, question: str) -> int:
    """Tokens of evidence that one call takes."""
    prompt = load("read")
    said = tokens(prompt.system + prompt.user + question + json.dumps(schema(Read)))
    return max(0, model.context - said - model.context // REPLY_SHARE)


async def standalone(question: str, earlier: Sequence[str], model: Caller, spent: Spent) -> str:
    """The question with what it leaves out put in from the earlier ones. Raises ReplyError or ModelError."""
    told = "\n".join(one_line(q) for q in earlier)
    asked = fill(load("follow_up"), fence=fence(told, question), conversation=told, question=one_line(question))
    reply = await call_for(asked, Standalone, "standalone_question", model, spent)
    return one_line(reply.question)


# --- one call ---------------------------------------------------------------------------------


async def _read(
    question: str, evidence: Sequence[Evidence], model: Caller, spent: Spent, on_told: OnTold | None = None
) -> Read:
    lines = numbered(evidence)
    asked = fill(load("read"), fence=fence(lines, question), evidence=lines, question=one_line(question))
    return await call_for(asked, Read, "who_says_what", model, spent, _watching(on_told) if on_told else None)


async def call_for(
    messages: Sequence[Message],
    form: type[F],
    name: str,
    model: Caller,
    spent: Spent,
    on_text: Callable[[str], None] | None = None,
) -> F:
    """The reply in its form, asked for once more with its fault where it is malformed."""
    reply = await model.call(messages, form, name, on_text)
    spent.replies.append(reply)
    try:
        return parse(reply.text, form)
    except ReplyError as err:
        fault = "it was cut off at the limit of tokens: be shorter" if reply.cut else str(err)
    begun = reply.text[: REPAIRED_CUT if reply.cut else REPAIRED]
    again = [*messages, Message("assistant", begun), *fill(load("repair"), fault=fault)]
    try:
        second = await model.call(again, form, name)
    except ContextError as err:
        raise ReplyError(f"{fault}, and there was no room to ask again") from err
    spent.replies.append(second)
    try:
        return parse(second.text, form)
    except ReplyError as err:
        raise ReplyError("cut off at the limit of tokens" if second.cut else str(err)) from err


def _watching(on_told: OnTold) -> Callable[[str], None]:
    """Tells of the reply as soon as its list of positions is whole in the text that is still coming."""
    told = False

    def on_text(text: str) -> None:
        nonlocal told
        found = None if told else begun_in(text)
        if found is not None:
            told = True
            on_told(found)

    return on_text


def begun_in(text: str) -> Read | None:
    """A reply that is not yet whole, as far as its positions; None until their list is, and where no outcome stands
    before it."""
    before, key, after = text.partition('"positions"')
    start = after.find("[")
    if not key or start < 0 or after[:start].strip() != ":":
        return None
    try:
        _, length = json.JSONDecoder().raw_decode(after[start:])
        own = before[before.rfind("{") :]  # a fence or thoughts may stand before it
        return parse(f"{own}{key}{after[: start + length]}}}", Read)
    except (ValueError, RecursionError, ReplyError):
        return None


# --- several calls ----------------------------------------------------------------------------


async def _in_parts(
    question: str,
    evidence: Sequence[Evidence],
    model: Caller,
    rules: AttributionOf,
    spent: Spent,
    refused: Sequence[int],
) -> Draft:
    """A call an article; then one that says which of their answers are one position."""
    limit = room(model, question)
    parts = [part for _, own in groupby(evidence, lambda e: e.article.id) for part in pieces(list(own), limit)]
    found = await _side_by_side(_part(question, part, model, spent, [*refused]) for part in parts)
    if not any(reads for reads, _ in found):
        raise ContextError(
            f"{model.name} takes less at once than a few sentences with their instructions: give its server"
            f" {LEAST_CONTEXT} tokens or more and say so in WHOSAYS_CONTEXT, or name another model in WHOSAYS_MODEL"
        )
    given = [each for part, (reads, _) in zip(parts, found, strict=True) for each in _given(reads, part)]
    answers = [each for each in given if isinstance(each, Told)]
    spoilt = [each for each in given if isinstance(each, Rejected)]
    left_out = sum(n for _, n in found)
    what = "1 sentence was" if left_out == 1 else f"{left_out} sentences were"
    notes = (f"{what} left out: more than the model takes at once",) if left_out else ()
    reply, dropped = await _joined(question, answers, evidence, model, spent)
    made = llm_reply.draft(reply, evidence, question, rules)
    return dataclasses.replace(made, notes=notes, rejected=(*spoilt, *dropped, *made.rejected))


def _given(reads: Iterable[Read], part: Sequence[Evidence]) -> Iterator[Told | Rejected]:
    """The answers of one article that rest on what the call was given, and what is set aside beside them."""
    offered = {e.n for e in part}
    for reply in reads:
        yield from llm_reply.unasked(reply)
        for told in reply.positions:
            kept = [c for c in told.sentences if c.n in offered]
            for c in told.sentences:
                if c.n not in offered:
                    yield Rejected(llm_reply.short(f"[{c.n}]"), "no sentence was offered under this number")
            if reply.outcome == "unanswered":
                yield Rejected(
                    llm_reply.short(told.label), "called a position where the model says that nothing answers"
                )
            elif not kept:
                yield Rejected(llm_reply.short(told.label), "the position has no sentence that states it")
            else:
                yield Told(label=told.label, relation=told.relation, sentences=kept)


def pieces(evidence: Sequence[Evidence], limit: int) -> Iterator[list[Evidence]]:
    """Runs of sentences of at most `limit` tokens; one that is longer alone stays a piece of its own."""
    piece: list[Evidence] = []
    for e in evidence:
        if piece and tokens(numbered([*piece, e])) > limit:
            yield piece
            piece = []
        piece.append(e)
    if piece:
        yield piece


async def _side_by_side(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Their results; where one fails, the others are stopped, for each costs somebody money."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _part(
    question: str,
    evidence: Sequence[Evidence],
    model: Caller,
    spent: Spent,
    refused: list[int],
    halvings: int = HALVINGS,
) -> tuple[list[Read], int]:
    """What is read in these sentences, in halves where the model finds them too long; and how many were left out.
    `refused`: tokens of what it found too long here: nothing as long is sent again."""
    size = tokens(numbered(evidence))
    if size < min(refused, default=size + 1):
        try:
            return [await _read(question, evidence, model, spent)], 0
        except ContextError:
            refused.append(size)
    if not halvings or len(evidence) < 2:
        return [], len(evidence)
    reads, left_out, middle = list[Read](), 0, len(evidence) // 2
    for half in (evidence[:middle], evidence[middle:]):
        more, lost = await _part(question, half, model, spent, refused, halvings - 1)
        reads += more
        left_out += lost
    return reads, left_out


async def _joined(
    question: str, answers: Sequence[Told], evidence: Sequence[Evidence], model: Caller, spent: Spent
) -> tuple[Read, list[Rejected]]:
    """The articles' answers as one reply, and those that are no position of it. A single answer needs no call."""
    if len(answers) < 2:
        outcome: Outcome = "answered" if answers else "unanswered"
        return Read(outcome=outcome, positions=list(answers)), []
    lines = "\n".join(_answer_lines(answers, evidence))
    asked = fill(load("group"), fence=fence(lines, question), answers=lines, question=one_line(question))
    reply = await call_for(asked, Grouped, "positions", model, spent)
    left = dict(enumerate(answers, 1))
    positions = [_position(joined, left) for joined in reply.positions]
    reason = "one article's answer, which beside the others belongs to no position"
    return Read(outcome=reply.outcome, positions=positions), [
        *llm_reply.unasked(reply),
        *(Rejected(llm_reply.short(t.label), reason) for t in left.values()),
    ]


def _answer_lines(answers: Sequence[Told], evidence: Sequence[Evidence]) -> Iterable[str]:
    known = {e.n: e for e in evidence}
    for n, told in enumerate(answers, 1):
        yield f"[{n}] {one_line(told.label)}"
        for cited in told.sentences:
            if cited.n in known:
                e = known[cited.n]
                yield f"    {e.article.outlet or e.article.title}: {one_line(e.sentence.text)[:SHOWN]}"


def _position(joined: Joined, left: dict[int, Told]) -> Told:
    """A position with the sentences of its answers, taken from `left`; a number that is not there adds nothing."""
    own = [left.pop(n) for n in joined.answers if n in left]
    cited = {c.n: c for told in own for c in told.sentences}
    return Told(label=joined.label, relation=joined.relation, sentences=list(cited.values()))
