"""A question read by a language model: one call, checked quotes, and what becomes of it where the model is no help."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import scripted

from rag.ask import ClosedTools, ask_closed, steps_over
from rag.ask import _By as By
from rag.errors import ContextError, ModelError, UsageError
from rag.events import Done, Positions, Quotes, Understood, Waiting
from rag.kept_replies import Reply
from rag.library import Library
from rag.split import split
from rag.types import Answer, Scope

DOCS = (
    (
        "post",
        "The harbour gates were locked on Tuesday. The port authority accused striking dockers of locking the gates.",
    ),
    ("courier", "Ida Moen accused private guards of locking the harbour gates. It rained in Norsund."),
)
WHO = "Who locked the harbour gates?"
FOUND = {"striking dockers": 4.0, "private guards": 3.5}


def said(n: int, speaker: str | None = None) -> dict[str, Any]:
    return {"n": n, "speaker": speaker, "via": [], "stance": "asserts"}


def reply(*positions: tuple[str, list[dict[str, Any]]], outcome: str = "disputed", summary: Any = ()) -> str:
    told = [{"label": label, "relation": "disputes", "sentences": cited} for label, cited in positions]
    return json.dumps({"outcome": outcome, "positions": told, "summary": list(summary)})


BOTH = reply(
    ("striking dockers", [said(2, "the port authority")]),
    ("private guards", [said(3, "Ida Moen")]),
    summary=[
        {"text": "The port authority blames dockers.", "sentences": [2]},
        {"text": "Ida Moen blames private guards.", "sentences": [3]},
    ],
)


@pytest.fixture
def models() -> Iterator[list[scripted.ScriptedModel]]:
    made: list[scripted.ScriptedModel] = []
    yield made
    for model in made:
        model.close()


@pytest.fixture
def answer(parser: Any, models: list[scripted.ScriptedModel]) -> Any:
    """Ask over the two documents with a model that gives these replies."""

    def ask(
        *replies: str | Exception, question: str = WHO, engine: Any = "auto", context: int = 32_000, **more: Any
    ) -> Answer:
        models.append(scripted.ScriptedModel(*replies, context=context))
        tools = ClosedTools(parser, scripted.ScriptedReader(FOUND), None, models[-1])  # type: ignore[arg-type]
        return ask_closed(question, DOCS, tools, engine, **more)

    return ask


def test_one_call_gives_checked_quotes_with_who_speaks(answer: Any, models: list[Any]) -> None:
    got = answer(BOTH)
    assert (got.engine, got.model, got.outcome) == ("llm", "scripted", "disputed")
    assert [(c.quote.article, c.attribution.speaker) for c in got.citations] == [
        ("post", "The port authority"),
        ("courier", "Ida Moen"),
    ]
    for c in got.citations:
        assert dict(DOCS)[c.quote.article][c.quote.start : c.quote.end] == c.quote.text
    assert got.summary == "The port authority blames dockers [1]. Ida Moen blames private guards [2]."
    assert (got.usage.calls, got.usage.prompt_tokens) == (1, 100)
    assert len(models[0].asked) == 1


def test_the_model_sees_every_sentence_of_the_documents_on_a_line_of_its_own(answer: Any, models: list[Any]) -> None:
    answer(BOTH)
    evidence = models[0].asked[0][-1].text
    assert "[1] The harbour gates were locked on Tuesday.\n[2] The port authority accused" in evidence
    assert "[4] It rained in Norsund." in evidence


def test_a_malformed_reply_is_asked_for_once_more_with_its_fault(answer: Any, models: list[Any]) -> None:
    got = answer("Sure! Here you are.", BOTH)
    assert got.engine == "llm"
    assert got.usage.calls == 2
    assert "Your reply could not be used: it is not JSON alone" in models[0].asked[1][-1].text


def test_two_malformed_replies_leave_the_answer_to_the_extractive_reader(answer: Any) -> None:
    got = answer("Sure!", "Sure, again!", engine="llm")
    assert (got.engine, got.model, got.prompt) == ("extractive", None, None)
    assert got.outcome == "disputed"
    assert "read without scripted: it is not JSON alone" in got.notes[0]
    assert got.usage.calls == 2


def test_a_model_that_cannot_be_reached_is_a_note_or_an_error_as_was_asked(answer: Any) -> None:
    got = answer(ModelError("nowhere.test cannot be reached"))
    assert got.engine == "extractive"
    assert "nowhere.test cannot be reached" in got.notes[0]
    with pytest.raises(ModelError, match=r"nowhere\.test cannot be reached"):
        answer(ModelError("nowhere.test cannot be reached"), engine="llm")


def test_no_model_is_an_error_only_where_one_must_read(parser: Any) -> None:
    tools = ClosedTools(parser, scripted.ScriptedReader(FOUND), None, None, "there is no key")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="there is no key"):
        ask_closed(WHO, DOCS, tools, "llm")
    assert "read without a language model: there is no key" in ask_closed(WHO, DOCS, tools).notes


def test_the_extractive_engine_asks_no_model(answer: Any, models: list[Any]) -> None:
    assert answer(engine="extractive").engine == "extractive"
    assert not models[0].asked


def test_an_unanswered_question_shows_what_comes_nearest(answer: Any) -> None:
    got = answer(reply(outcome="unanswered"))
    assert (got.engine, got.outcome) == ("llm", "unanswered")
    assert got.nearest


def test_evidence_that_is_too_long_is_read_article_by_article_and_brought_together(
    answer: Any, models: list[Any]
) -> None:
    one = reply(("striking dockers", [said(2)]), outcome="answered")
    other = reply(("private guards", [said(3)]), ("rain", [said(4)]), outcome="answered")
    joined = json.dumps(
        {
            "outcome": "disputed",
            "positions": [
                {"label": "dockers", "relation": "agrees", "answers": [1]},
                {"label": "guards", "relation": "disputes", "answers": [2, 9]},
            ],
        }
    )
    got = answer(ContextError("too long"), one, other, joined)
    assert [p.label for p in got.positions] == ["dockers", "guards"]
    assert got.usage.calls == 3  # the one that was refused came back with nothing to count
    assert [r.text for r in got.rejected] == ["rain"]
    assert "[2] private guards" in models[0].asked[3][-1].text


def test_what_is_longer_than_the_model_takes_is_halved_and_then_left_out_with_a_note(answer: Any) -> None:
    full = ContextError("too long")
    nothing = reply(outcome="unanswered")
    got = answer(full, full, nothing, nothing, full, nothing, full)
    assert got.notes == ("1 sentence was left out: more than the model takes at once",)


class Narrow(scripted.ScriptedModel):
    """Takes so many sentences at once, and finds no answer in any."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    async def call(self, messages: Any, *_: Any, **__: Any) -> Reply:
        self.asked.append(len(re.findall(r"(?m)^\[\d+\]", messages[-1].text)))
        if self.asked[-1] > self.most:
            raise ContextError("too long")
        return Reply(reply(outcome="unanswered"))


def read_by(model: scripted.ScriptedModel, parser: Any, docs: Any) -> Answer:
    tools = ClosedTools(parser, scripted.ScriptedReader(FOUND), None, model)  # type: ignore[arg-type]
    return ask_closed(WHO, docs, tools)


@pytest.mark.parametrize(
    ("most", "asked"),
    [(16, [16]), (8, [16, 8, 8]), (4, [16, 8, 4, 4, 4, 4]), (1, [16, 8, 4, 2])],
)
def test_what_the_model_found_too_long_is_not_sent_again(
    most: int, asked: list[int], parser: Any, models: list[Any]
) -> None:
    models.append(Narrow(most))
    one = [("log", " ".join(f"Boat {n} passed the harbour gates at low water." for n in range(10, 26)))]
    answer = read_by(models[0], parser, one)
    assert models[0].asked == asked
    assert (answer.engine == "llm") == (most > 1)
    if most == 1:
        (note,) = answer.notes
        assert "takes less at once than a few sentences" in note
        assert "WHOSAYS_CONTEXT" in note
        assert "WHOSAYS_MODEL" in note


def test_a_repair_that_the_model_has_no_room_for_leaves_the_answer_to_the_extractive_reader(
    answer: Any, models: list[Any]
) -> None:
    got = answer("Sure!", ContextError("too long"), engine="llm")
    assert got.engine == "extractive"
    assert got.notes[0].startswith("read without scripted: it is not JSON alone")
    assert "no room to ask again" in got.notes[0]
    assert len(models[0].asked) == 2


def test_where_one_of_several_calls_fails_the_others_are_stopped(parser: Any, models: list[Any]) -> None:
    class Failing(scripted.ScriptedModel):
        stopped = threading.Event()

        async def call(self, messages: Any, *_: Any, **__: Any) -> Any:
            self.asked.append(messages)
            if len(self.asked) == 1:
                raise ContextError("too long")
            if len(self.asked) == 2:
                raise ModelError("there is no money left")
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.stopped.set()
                raise

    models.append(Failing())
    assert "there is no money left" in read_by(models[0], parser, DOCS).notes[0]
    assert len(models[0].asked) == 2 or models[0].stopped.wait(3)


def test_a_follow_up_is_made_standalone_by_the_model(answer: Any, models: list[Any]) -> None:
    got = answer(
        json.dumps({"question": "Who locked the harbour gates?"}),
        BOTH,
        question="Who locked them?",
        earlier=("Were the harbour gates locked?",),
    )
    assert got.standalone == "Who locked the harbour gates?"
    assert got.question == "Who locked them?"
    assert "Were the harbour gates locked?" in models[0].asked[0][-1].text


@pytest.mark.parametrize("made", ["Who killed the mayor?", "", "Who locked " + "the gates " * 90 + "?"])
def test_a_standalone_question_that_adds_words_gives_way_to_the_rules(answer: Any, made: str) -> None:
    got = answer(
        json.dumps({"question": made}),
        BOTH,
        question="And who locked them?",
        earlier=("Were the harbour gates locked?",),
    )
    assert "mayor" not in got.standalone
    if made:
        assert "the question was understood without scripted" in got.notes[0]


def test_the_stream_gives_quotes_first_then_positions_then_the_answer(models: list[Any], parser: Any) -> None:
    models.append(scripted.ScriptedModel(BOTH))
    events = list(live(models[0], parser))
    kinds = [type(e) for e in events if isinstance(e, Understood | Quotes | Positions | Done)]
    assert kinds == [Understood, Quotes, Positions, Done]
    quotes = next(e for e in events if isinstance(e, Quotes))
    assert {c.quote.article for c in quotes.citations} == {"post", "courier"}
    told = next(e for e in events if isinstance(e, Positions))
    assert [p.label for p in told.positions] == ["striking dockers", "private guards"]


@pytest.mark.parametrize(("before", "after"), [("", ""), ("```json\n", "\n```"), ("<think>{Who?}</think>\n", "")])
def test_positions_of_a_reply_that_says_that_nothing_answers_are_not_told(
    before: str, after: str, models: list[Any], parser: Any
) -> None:
    summary = [{"text": "The port authority blames striking dockers.", "sentences": [2]}]
    for outcome in ("unanswered", "answered"):
        told = reply(("striking dockers", [said(2)]), outcome=outcome, summary=summary)
        models.append(scripted.ScriptedModel(before + told + after))
        early = [e for e in live(models[-1], parser) if isinstance(e, Positions)]
        assert bool(early) == (outcome == "answered")


def test_whoever_stops_listening_stops_the_model(parser: Any, models: list[Any]) -> None:
    class Sleeping(scripted.ScriptedModel):
        woken = False

        async def call(self, *_: Any, **__: Any) -> Any:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.woken = True
                raise

    models.append(Sleeping())
    events = live(models[0], parser)
    for event in events:
        if isinstance(event, Waiting):
            break
    events.close()
    models[0].close()
    assert models[0].woken


def live(model: Any, parser: Any) -> Any:
    library = Library.memory()
    for id_, text in DOCS:
        article = scripted.article(id_, text)
        sentences, passages = split(article)
        library.put(article, sentences, passages, parser.parse([s.text for s in sentences]))
    by = By("auto", model, live=True)
    return steps_over(WHO, library, (), scripted.ScriptedReader(FOUND), Scope(), by)  # type: ignore[arg-type]
