"""A language model's reply → a Draft. The model names numbers; what it says beside them is checked against the articles
here, and what does not hold is set aside with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from rag.errors import ReplyError
from rag.origins import origins
from rag.quantities import quantities
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
LABEL = 200  # characters of a label: the instructions ask for a few words
NAME = 120  # characters of a speaker's name
MOST = 40  # positions of one answer: a reply of so many tokens holds some thirty
SENTENCES = 6  # of a summary, of which one to three were asked for
SHOWN = 80  # characters of a model's words in a reason
MUST_TELL = 3  # positions that a summary may not pass over
FAULTS = 3  # named in a repair
QUOTATION = re.compile(r'["“”„«»‟]')
MARKER = re.compile(r"\[\s*\d[\d\s,]*\]")
VERDICT = re.compile(  # words that decide who is right
    r"\b(?:certain(?:ly)?|clear(?:ly)?|obvious(?:ly)?|undoubtedly|truth|true|false|lies?|lied|lying|liars?|proves?|proven)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
OPENERS = STOP | frozenset(
    """another article articles account accounts claims one none neither nobody others outlet outlets report reports
    source sources two three four five six seven eight""".split()
)
AttributionOf = Callable[[Evidence], Attribution]
"""Who says a sentence, by the rules that read without a model."""


def _no_truth(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("input should be a number")
    return value


Number = Annotated[int, BeforeValidator(_no_truth)]
"""Under which a sentence or an answer was offered. Python takes true for 1."""


class Form(BaseModel):
    """Fields that were not asked for are kept, so that they can be said."""

    model_config = ConfigDict(extra="allow")


class Cited(Form):
    n: Number
    speaker: str | None = None
    via: list[str] = Field(default_factory=list)
    stance: Stance = "asserts"


class Told(Form):
    label: str
    relation: Relation = "disputes"
    sentences: list[Cited]


class Summed(Form):
    text: str
    sentences: list[Number]


class Read(Form):
    outcome: Outcome
    positions: list[Told]
    summary: list[Summed] = Field(default_factory=list)


class Joined(Form):
    label: str
    relation: Relation = "disputes"
    answers: list[Number]


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


@cache
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
    try:
        data = json.loads(_unfenced(bare), object_pairs_hook=_once)
        json.dumps(data, ensure_ascii=False).encode()  # half a letter can be read, and never written
        return form.model_validate(data)
    except RecursionError as err:
        raise ReplyError("it is nested too deep") from err
    except ValidationError as err:
        faults = [f"{'.'.join(map(str, e['loc'])) or 'the whole'}: {e['msg'].lower()}" for e in err.errors()]
        raise ReplyError("; ".join(faults[:FAULTS])) from err
    except ValueError as err:
        raise ReplyError(f"it is not JSON alone ({err})") from err


def _unfenced(text: str) -> str:
    first, _, rest = text.partition("\n")
    return rest.removesuffix("```") if first.rstrip() in ("```", "```json") and text.endswith("```") else text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON lets a field stand twice, and Python keeps the last."""
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = next(name for i, (name, _) in enumerate(pairs) if name in dict(pairs[:i]))
        raise ValueError(f"the field {short(twice)} stands twice in one object")
    return made


def draft(reply: Read, evidence: Sequence[Evidence], question: str, rules: AttributionOf) -> Draft:
    """The reply's positions as evidence numbers, best supported order kept. What was set aside is in `rejected`."""
    known = {e.n: e for e in evidence}
    rejected = [*unasked(reply)]
    positions = []
    if len(reply.positions) > MOST:
        rejected.append(Rejected(f"{len(reply.positions) - MOST} positions", f"more positions than {MOST}"))
    doubtful: set[str] = set()
    for told in _united(reply.positions[:MOST]):
        label = _label(told.label)
        citations = _citations(told, label, known, question, rules, rejected)
        if len(label) > LABEL:
            rejected.append(Rejected(short(label), f"a position whose label has more than {LABEL} characters"))
            continue
        if fault := _label_fault(label, [known[c.evidence] for c in citations], question) if citations else "":
            rejected.append(Rejected(short(label), fault))
            doubtful.add(label)
        if citations and label:
            went = origins((known[c.evidence].article, c.attribution) for c in citations)
            positions.append(DraftPosition(label, tuple(citations), told.relation, went))
        else:
            rejected.append(Rejected(short(told.label), "the position has no label or no sentence that states it"))
    if reply.outcome == "unanswered" and positions:
        rejected += [
            Rejected(p.label, "called a position where the model says that nothing answers") for p in positions
        ]
        near = tuple(c for p in positions for c in p.citations)
        return Draft("unanswered", nearest=near, rejected=tuple(rejected))
    if not positions:
        if reply.outcome != "unanswered":
            rejected.append(Rejected(reply.outcome, "an outcome with no position that could stand"))
        return Draft("unanswered", rejected=tuple(rejected))
    cited = {c.evidence for p in positions for c in p.citations}
    summary = _summary(reply.summary, cited, known, question, positions, doubtful, rejected)
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
            rejected.append(
                Rejected(short(f"[{cited.n}]"), f"no sentence was offered under this number, for {short(label)}")
            )
        elif cited.n in out:
            rejected.append(Rejected(found.sentence.text, f"cited twice for {short(label)}"))
        elif not bears(found, label, question):
            rejected.append(Rejected(found.sentence.text, f"does not bear on {short(label)}"))
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
    found = {v: as_written(e.article.text, v.strip()) if _may_name(v, e) else None for v in given}
    if strange := [v for v, name in found.items() if name is None]:
        reason = f"named as a speaker, and does not occur in article {e.article.id!r} as a name"
        rejected += [Rejected(short(v), reason) for v in strange]
        return rules(e)
    speaker = found.get(cited.speaker or "")
    between = dict.fromkeys(name for v in cited.via if (name := found.get(v)) and name != speaker)
    return Attribution(speaker, tuple(between), cited.stance)


def _may_name(words: str, e: Evidence) -> bool:
    """Whether it could be a name at all: not punctuation or function words alone, nor a whole sentence."""
    return bool(_marks(words[:NAME])) and len(words) <= NAME and e.sentence.text.rstrip(".") not in words


def _outlet(name: str, e: Evidence) -> bool:
    def bare(text: str) -> str:
        return re.sub(r"^the\s+", "", text.strip().lower())

    return bare(name) in (bare(e.article.outlet or ""), "the article", "article", "the outlet")


# --- labels and summaries ---------------------------------------------------------------------


def _label(given: str) -> str:
    """On one line, without quotation marks and markers: only checked words may stand in the ones, and only the program
    numbers quotes. Empty where nothing in it can be read."""
    label = " ".join(MARKER.sub("", QUOTATION.sub("", given)).split())
    return label if any(c.isalnum() for c in label) else ""


def _label_fault(label: str, cited: Sequence[Evidence], question: str) -> str:
    """What a reader should know of a label: a figure or a name of its own, or nothing in common with its sentences. The
    first word has its capital only for being the first."""
    articles = f"{question} {' '.join({f'{e.article.text} {_heard(e)}' for e in cited})}"
    counts = {(q.low, q.high) for q in quantities(articles)}
    figures = [label[q.start : q.end] for q in quantities(label) if (q.low, q.high) not in counts]
    names = set(names_in(label.partition(" ")[2])) - set(names_in(articles)) - set(content_words(articles))
    if strange := figures or sorted(names):
        return f"a label with {strange[0]!r}, which stands in nothing that it rests on"
    own = set(content_words(label)) - set(content_words(question)) - {"yes"}
    here = {w for e in cited for w in content_words(f"{e.sentence.text} {e.before.text if e.before else ''}")}
    return "a label that shares no word with its sentences" if own and not quantities(label) and not own & here else ""


def _united(positions: Iterable[Told]) -> Iterator[Told]:
    """Positions of one label are one."""
    own: dict[str, list[Told]] = {}
    for told in positions:
        own.setdefault(_label(told.label).casefold(), []).append(told)
    for same in own.values():
        yield same[0].model_copy(update={"sentences": [c for told in same for c in told.sentences]})


def _summary(
    sentences: Iterable[Summed],
    cited: set[int],
    known: Mapping[int, Evidence],
    question: str,
    positions: Sequence[DraftPosition],
    doubtful: Set[str],
    rejected: list[Rejected],
) -> tuple[SummarySentence, ...]:
    """Sentences that rest on what is cited, with no figure that stands neither there nor in question and labels,
    and no name that the articles do not hold. All of them, telling of each of the first positions, or none: half a
    summary takes sides."""
    if len(told_in := list(sentences)) > SENTENCES:
        rejected.append(Rejected(f"{len(told_in)} sentences", f"a summary of more than {SENTENCES} sentences"))
        return ()
    labels = " ".join(p.label for p in positions if p.label not in doubtful)
    made = []
    for given in told_in:
        text = " ".join(given.text.split())
        rests = tuple(dict.fromkeys(n for n in given.sentences if n in cited))
        made.append(SummarySentence(text, rests))
        if rests and not set(given.sentences) <= cited:
            rejected.append(Rejected(short(text), "a sentence of the summary with the number of one that is not cited"))
            return ()
        if reason := _unsupported(text, [known[n] for n in rests], f"{question} {labels}"):
            rejected.append(Rejected(short(text), reason))
            return ()
    told = {n for s in made for n in s.evidence}
    for p in positions[:MUST_TELL] if made else ():
        if told.isdisjoint(c.evidence for c in p.citations):
            rejected.append(Rejected(short(" ".join(s.text for s in made)), f"a summary that passes over {p.label}"))
            return ()
    return tuple(made)


def _unsupported(text: str, rests: Sequence[Evidence], said: str) -> str | None:
    if not text:
        return "an empty sentence of the summary"
    if not rests:
        return "a sentence of the summary that rests on no cited sentence"
    if QUOTATION.search(text) or re.search(r"\[\s*\d|://|\bwww\.", text):
        return "a sentence of the summary with quotation marks or numbers of its own making"
    heard = " ".join([said, *(_heard(e) for e in rests)])
    articles = " ".join([heard, *{e.article.text for e in rests}])  # "he" has his name further up
    numbers = set(NUMBER.findall(text)) - set(NUMBER.findall(heard))
    names = set(names_in(_unopened(text))) - set(names_in(articles)) - set(content_words(articles))
    counts = {(q.low, q.high) for q in quantities(heard)}
    words = [text[q.start : q.end] for q in quantities(text) if q.low > 9 and (q.low, q.high) not in counts]
    verdicts = {w.lower() for w in VERDICT.findall(text)} - {w.lower() for w in VERDICT.findall(heard)}
    strange = sorted(numbers) or sorted(names) or words or sorted(verdicts)
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


def unasked(form: Form) -> Iterator[Rejected]:
    """Fields that the reply holds beside those of the form."""
    for name, value in (form.model_extra or {}).items():
        yield Rejected(short(f"{name}: {value}"), "a field of the reply that was not asked for")
    for part in form.__dict__.values():
        for inner in part if isinstance(part, list) else []:
            if isinstance(inner, Form):
                yield from unasked(inner)


def short(text: str) -> str:
    """Without quotation marks: nothing of a model's own words stands in them."""
    one = " ".join(QUOTATION.sub("", text).split())
    return one if len(one) <= SHOWN else one[: SHOWN - 3] + "..."
