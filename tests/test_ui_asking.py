"""What the page shows while a question is answered, and what a browser keeps of a conversation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import fakes
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelError, StoppedError
from rag.events import Done, Event, Positions, Quotes, Understood, Waiting
from rag.types import Answer
from ui.asking import STOPPED, answering
from ui.conversations import MOST, from_text, keep, reopened, to_text
from ui.turns import Turn, earlier_html, turns_html

QUESTION = "Who locked the gates?"


def shown(answer: Answer, at: int) -> str:
    return f"answer {at}: {answer.outcome}"


def pages(*events: Event | Exception) -> list[str]:
    """What each moment shows of the last question."""

    def happening(question: str, earlier: Any) -> Iterator[Event]:
        for event in events:
            if isinstance(event, Exception):
                raise event
            yield event

    return [turns[-1].shown for turns in answering(QUESTION, (), happening, shown)]


def test_quotes_come_first_then_positions_then_the_answer() -> None:
    answer = fakes.disputed()
    quotes, positions = Quotes(answer.citations), Positions(answer.positions)
    told = pages(
        Understood(QUESTION), quotes, Waiting("host.test", 1.2), Waiting("host.test", 1.4), positions, Done(answer)
    )
    assert "Reading the articles" in told[0]
    assert "not yet read for who says what" in told[1]
    assert answer.citations[0].quote.text.split()[0] in told[1]
    assert "host.test is reading, 1 s" in told[2]
    assert 'class="position"' in told[3]
    assert told[4] == "answer 0: disputed"
    assert len(told) == 5, "a second that has not passed is nothing new"


def test_a_follow_up_shows_as_what_it_is_read() -> None:
    assert (
        "Read as: Who locked the gates in May?"
        in pages(Understood("Who locked the gates in May?"), Done(fakes.disputed()))[1]
    )


@pytest.mark.parametrize(
    ("error", "line"),
    [(ModelError("host.test cannot be reached"), "host.test cannot be reached"), (StoppedError("x"), STOPPED)],
)
def test_what_fails_is_one_line(error: Exception, line: str) -> None:
    assert line in pages(Understood(QUESTION), error)[-1]


def test_earlier_questions_go_along_as_they_were_understood_and_answers_do_not() -> None:
    heard: list[Any] = []

    def happening(question: str, earlier: Any) -> Iterator[Event]:
        heard.append(list(earlier))
        yield Done(fakes.disputed())

    answer = fakes.disputed()
    list(answering("And why?", (Turn("Who?", "x", answer), Turn("failed?", "x")), happening, shown))
    assert heard == [[answer.standalone]]


def test_leaving_early_closes_what_happens() -> None:
    closed = []

    def happening(question: str, earlier: Any) -> Iterator[Event]:
        try:
            yield Understood(question)
            yield Waiting("host.test", 1.0)
            yield Waiting("host.test", 9.0)
        finally:
            closed.append(True)

    moments = answering(QUESTION, (), happening, shown)
    next(moments)
    next(moments)
    moments.close()
    assert closed


# --- what a browser keeps ---------------------------------------------------------------------


def test_a_conversation_comes_back_with_its_answers_whole() -> None:
    answer = fakes.disputed()
    turns = (Turn("Who?", shown(answer, 0), answer), Turn("Why?", "an error"))
    (kept,) = keep([], "one", turns)
    back = reopened(kept, shown)
    assert (back[0].question, back[0].answer) == ("Who?", answer)
    assert "was not answered" in back[1].shown


def test_the_newest_conversation_stands_first_and_each_once() -> None:
    turns = (Turn("Who?", "x"),)
    kept = keep(keep(keep([], "one", turns), "two", turns), "one", turns)
    assert [c["id"] for c in kept] == ["one", "two"]
    assert [c["id"] for c in keep(kept, "one", ())] == ["two"]
    many: Any = []
    for n in range(MOST + 3):
        many = keep(many, str(n), turns)
    assert len(many) == MOST


@pytest.mark.parametrize("broken", [{"schema": 9}, {}, {"question": "?"}, [], "text"])
def test_an_answer_of_another_version_says_so_and_breaks_nothing(broken: Any) -> None:
    (turn,) = reopened({"turns": [{"question": "Who?", "answer": broken or {"x": 1}}]}, shown)
    assert turn.answer is None
    assert "kept by another version" in turn.shown


def test_titles_of_earlier_conversations_are_text() -> None:
    listed = earlier_html([("a", "<b>Who?"), ("b", "Why?")], current="b")
    assert "&lt;b&gt;Who?" in listed
    assert "Why?" not in listed


def test_the_last_question_can_be_asked_again_and_none_while_it_is_read() -> None:
    answer = fakes.disputed()
    first, last = Turn("Who?", "x", answer), Turn("Why?", "x", answer)
    assert turns_html((first, last)).count('data-act="retry"') == 1
    reading = Turn("Why?", '<p class="working" role="status">Reading</p>')
    assert 'data-act="retry"' not in turns_html((reading,))


@given(st.text())
def test_what_a_browser_kept_is_read_whatever_it_is(text: str) -> None:
    assert all(isinstance(row, dict) and row["id"] for row in from_text(text))


def test_what_is_kept_as_text_comes_back_the_same() -> None:
    kept = keep([], "one", (Turn("Who?", "x", fakes.disputed()), Turn("Why? \ud800", "x")))
    assert from_text(to_text(kept)) == kept
    assert from_text(json.dumps([{"no": "id"}, 3, *kept])) == kept
    assert from_text('{"a": 1}') == from_text(None) == from_text("") == []
