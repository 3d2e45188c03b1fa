"""A language model's reply → a Draft. The model names numbers; what it says beside them is checked against the articles
here, and what does not hold is set aside with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import ReplyError
from rag.origins import origins
from rag.quotes import as_written
from rag.types import (
    Attribution,
    Draft,
    DraftCitation,
    DraftPosition,
    Evidence,
    Outcome,
    Rejected,
    Relation,
    Stance,
    SummarySentence,
)
from rag.words import STOP, content_words, names_in

BEARS = 0.02  # how sure the trained reader must be of a sentence that shares no word with label and question
SHOWN = 80  # characters of a model's words in a reason
MUST_TELL = 3  # positions that a summary may not pass over
FAULTS = 3  # named in a repair
QUOTATION = re.compile(r'["“”„«»‟]')
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
OPENERS = STOP | frozenset(
    """another article articles account accounts claims one none neither nobody others outlet outlets report reports
    source sources two three four five six seven eight""".split()
)
AttributionOf = Callable[[Evidence], Attribution]
"""Who says a sentence, by the rules that read without a model."""


class Form(BaseModel):
    """Fields that were not asked for are kept, so that they can be said."""

    model_config = ConfigDict(extra="allow")


class Cited(Form):
    n: int
    speaker: str | None = None
    via: list[str] = Field(default_factory=list)
    stance: Stance = "asserts"


class Told(Form):
    label: str
    relation: Relation = "disputes"
    sentences: list[Cited]


class Summed(Form):
    text: str
    sentences: list[int]


class Read(Form):
    outcome: Outcome
    positions: list[Told]
    summary: list[Summed] = Field(default_factory=list)


class Joined(Form):
    label: str
    relation: Relation = "disputes"
    answers: list[int]


class Grouped(Form):
    outcome: Outcome
    positions: list[Joined]


class Standalone(Form):
    question: str


class JudgedQuote(Form):
    n: int
    supports: bool


class JudgedPosition(Form):
    position: int
    fair: bool
    quotations: list[JudgedQuote]


class Judged(Form):
    positions: list[JudgedPosition]


F = TypeVar("F", bound=Form)


def schema(form: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema that servers are given: every field required and no other, as strict modes want it."""

    def strict(node: Any) -> Any:
        if isinstance(node, list):
            return [strict(part) for part in node]
        if not isinstance(node, dict):
            return node
        kept = {k: strict(v) for k, v in node.items() if k not in ("default", "description", "additionalProperties")}
        if isinstance(kept.get("title"), str):
            del kept["title"]
        if kept.get("type") == "object":
            kept |= {"required": list(kept["properties"]), "additionalProperties": False}
        return kept

    made: dict[str, Any] = strict(form.model_json_schema())
    return made


def parse(text: str, form: type[F]) -> F:
    """The reply as `form`. A model's thoughts before it and a fence around it are taken off; other words are a fault.
    Raises ReplyError, whose message names what is wrong."""
    bare = re.sub(r"^\s*<think>.*?</think>", "", text, flags=re.DOTALL).strip()
    bare = re.sub(r"^```(?:json)?\s*\n(.*)\n\s*```$", r"\1", bare, flags=re.DOTALL)
    try:
        return form.model_validate(json.loads(bare))
    except RecursionError as err:
        raise ReplyError("it is nested too deep") from err
    except ValidationError as err:
        faults = [f"{'.'.join(map(str, e['loc'])) or 'the whole'}: {e['msg'].lower()}" for e in err.errors()]
        raise ReplyError("; ".join(faults[:FAULTS])) from err
    except ValueError as err:
        raise ReplyError(f"it is not JSON alone ({err})") from err


def draft(reply: Read, evidence: Sequence[Evidence], question: str, rules: AttributionOf) -> Draft:
    """The reply's positions as evidence numbers, best supported order kept. What was set aside is in `rejected`."""
    known = {e.n: e for e in evidence}
    rejected = [*_unasked(reply)]
    positions = []
    for told in reply.positions:
        label = _label(told.label, [known[c.n] for c in told.sentences if c.n in known])
        citations = _citations(told, label, known, question, rules, rejected)
        if citations and label:
            went = origins((known[c.evidence].article, c.attribution) for c in citations)
            positions.append(DraftPosition(label, tuple(citations), told.relation, went))
        else:
            rejected.append(Rejected(_short(told.label), "the position has no label or no sentence that states it"))
    if reply.outcome == "unanswered" and positions:
        rejected += [
            Rejected(p.label, "called a position where the model says that nothing answers") for p in positions
        ]
        near = tuple(c for p in positions for c in p.citations)
        return Draft("unanswered", nearest=near, rejected=tuple(rejected))
    if not positions:
        return Draft("unanswered", rejected=tuple(rejected))
    cited = {c.evidence for p in positions for c in p.citations}
    summary = _summary(reply.summary, cited, known, question, positions, rejected)
    return Draft(_outcome(reply.outcome, positions), tuple(positions), summary=summary, rejected=tuple(rejected))


def _outcome(said: Outcome, positions: Sequence[DraftPosition]) -> Outcome:
    """What the relations say where they say it: a position that disputes the first is a dispute."""
    if len(positions) < 2:
        return "answered"
    return "disputed" if said == "disputed" or any(p.relation == "disputes" for p in positions[1:]) else "answered"


# --- sentences --------------------------------------------------------------------------------


def _citations(
    told: Told, label: str, known: Mapping[int, Evidence], question: str, rules: AttributionOf, rejected: list[Rejected]
) -> list[DraftCitation]:
    out: dict[int, DraftCitation] = {}
    for cited in told.sentences:
        found = known.get(cited.n)
        if found is None:
            rejected.append(Rejected(f"[{cited.n}]", f"no sentence was offered under this number, for “{label}”"))
        elif cited.n in out:
            rejected.append(Rejected(found.sentence.text, f"cited twice for “{label}”"))
        elif not bears(found, label, question):
            rejected.append(Rejected(found.sentence.text, f"does not bear on “{label}”"))
        else:
            out[cited.n] = DraftCitation(
                cited.n, _attribution(cited, found, rules, rejected), needs_context=_leans(found)
            )
    return list(out.values())


def bears(e: Evidence, label: str, question: str) -> bool:
    """Whether the sentence, with the one before it, shares a word, a name or a number with the label or the question,
    or the trained reader thinks that it may answer. Coarse on purpose: it catches numbers that were made up."""
    said = f"{e.before.text if e.before else ''} {e.sentence.text}"
    here = _marks(said)
    return e.score >= BEARS or bool(here & (_marks(label) | _marks(question))) or not _marks(label)


def _marks(text: str) -> set[str]:
    return {*content_words(text), *names_in(text), *NUMBER.findall(text)}


def _leans(e: Evidence) -> bool:
    """A sentence that begins with a word for something named before cannot be understood alone."""
    first = re.match(r"\W*(\w+)", e.sentence.text)
    words = ("they", "he", "she", "it", "this", "that", "these", "those")
    return bool(e.before and first and first[1].lower() in words)


def _attribution(cited: Cited, e: Evidence, rules: AttributionOf, rejected: list[Rejected]) -> Attribution:
    """As the model says, in the article's spelling; where a name does not stand there, as the rules read it."""
    given = [v for v in (cited.speaker, *cited.via) if v and v.strip() and not _outlet(v, e)]
    found = {v: as_written(e.article.text, v.strip()) for v in given}
    if strange := [v for v, name in found.items() if name is None]:
        reason = f"named as a speaker, and does not occur in article {e.article.id!r}"
        rejected += [Rejected(_short(v), reason) for v in strange]
        return rules(e)
    speaker = found.get(cited.speaker or "")
    between = dict.fromkeys(name for v in cited.via if (name := found.get(v)) and name != speaker)
    return Attribution(speaker, tuple(between), cited.stance)


def _outlet(name: str, e: Evidence) -> bool:
    def bare(text: str) -> str:
        return re.sub(r"^the\s+", "", text.strip().lower())

    return bare(name) in (bare(e.article.outlet or ""), "the article", "article", "the outlet")


# --- labels and summaries ---------------------------------------------------------------------


def _label(given: str, cited: Sequence[Evidence]) -> str:
    """On one line, without quotation marks: only checked words may stand in them."""
    return " ".join(QUOTATION.sub("", given).split())


def _summary(
    sentences: Iterable[Summed],
    cited: set[int],
    known: Mapping[int, Evidence],
    question: str,
    positions: Sequence[DraftPosition],
    rejected: list[Rejected],
) -> tuple[SummarySentence, ...]:
    """Sentences that rest on what is cited, with no figure that stands neither there nor in question and labels,
    and no name that the articles do not hold. All of them, telling of each of the first positions, or none: half a
    summary takes sides."""
    labels = " ".join(p.label for p in positions)
    made = []
    for given in sentences:
        text = " ".join(given.text.split())
        rests = tuple(dict.fromkeys(n for n in given.sentences if n in cited))
        made.append(SummarySentence(text, rests))
        if reason := _unsupported(text, [known[n] for n in rests], f"{question} {labels}"):
            rejected.append(Rejected(_short(text), reason))
            return ()
    told = {n for s in made for n in s.evidence}
    for p in positions[:MUST_TELL] if made else ():
        if told.isdisjoint(c.evidence for c in p.citations):
            rejected.append(Rejected(_short(" ".join(s.text for s in made)), f"a summary that passes over {p.label}"))
            return ()
    return tuple(made)


def _unsupported(text: str, rests: Sequence[Evidence], said: str) -> str | None:
    if not text:
        return "an empty sentence of the summary"
    if not rests:
        return "a sentence of the summary that rests on no cited sentence"
    if QUOTATION.search(text) or re.search(r"\[\d", text):
        return "a sentence of the summary with quotation marks or numbers of its own making"
    heard = " ".join([said, *(_heard(e) for e in rests)])
    articles = " ".join([heard, *{e.article.text for e in rests}])  # "he" has his name further up
    numbers = set(NUMBER.findall(text)) - set(NUMBER.findall(heard))
    names = set(names_in(_unopened(text))) - set(names_in(articles)) - set(content_words(articles))
    strange = sorted(numbers) or sorted(names)
    return (
        f"a sentence of the summary with {strange[0]!r}, which stands in nothing that it rests on" if strange else None
    )


def _unopened(text: str) -> str:
    """Without the first word where that has its capital only because it is the first."""
    first, _, rest = text.partition(" ")
    return rest if first.lower().strip(",:") in OPENERS else text


def _heard(e: Evidence) -> str:
    day = e.article.published.strftime("%d %B %Y") if e.article.published else ""
    before = e.before.text if e.before else ""
    return f"{e.sentence.text} {before} {e.article.title} {e.article.outlet or ''} {day}"


# --- what was not asked for -------------------------------------------------------------------


def _unasked(form: Form) -> Iterator[Rejected]:
    """Fields that the reply holds beside those of the form."""
    for name, value in (form.model_extra or {}).items():
        yield Rejected(_short(f"{name}: {value}"), "a field of the reply that was not asked for")
    for part in form.__dict__.values():
        for inner in part if isinstance(part, list) else []:
            if isinstance(inner, Form):
                yield from _unasked(inner)


def _short(text: str) -> str:
    """Without quotation marks: nothing of a model's own words stands in them."""
    one = " ".join(QUOTATION.sub("", text).split())
    return one if len(one) <= SHOWN else one[: SHOWN - 3] + "..."
