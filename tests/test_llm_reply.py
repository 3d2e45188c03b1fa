"""A model's reply is taken at its numbers; whatever else it says is held against the articles."""

from __future__ import annotations

import json
from typing import Any

import pytest
import scripted

from rag.errors import ReplyError
from rag.llm_reply import Read, draft, parse
from rag.types import Attribution, Draft, Evidence

QUESTION = "Who locked the harbour gates?"
RULES = Attribution("the port authority")


def told() -> list[Evidence]:
    sentences = [
        ("The port authority accused striking dockers of locking the gates.", "post", "Harbour Post"),
        ("Ida Moen accused private guards of locking them.", "courier", "Evening Courier"),
        ("The rye loaf has twelve seeds.", "bakery", None),
    ]
    return [scripted.evidence(s, n=i, id_=id_, outlet=o, score=0.0) for i, (s, id_, o) in enumerate(sentences, 1)]


def cited(n: Any, **more: Any) -> dict[str, Any]:
    return {"n": n, "speaker": None, "via": [], "stance": "asserts"} | more


def reply(*positions: dict[str, Any], outcome: str = "disputed", summary: Any = ()) -> str:
    return json.dumps({"outcome": outcome, "positions": list(positions), "summary": list(summary)})


def position(label: str, *sentences: dict[str, Any], relation: str = "disputes") -> dict[str, Any]:
    return {"label": label, "relation": relation, "sentences": list(sentences)}


def read(text: str) -> Draft:
    return draft(parse(text, Read), told(), QUESTION, lambda _: RULES)


def reasons(made: Draft) -> str:
    return " / ".join(r.reason for r in made.rejected)


def test_positions_come_as_numbers_with_who_speaks() -> None:
    made = read(
        reply(
            position("dockers", cited(1, speaker="the port authority")),
            position("guards", cited(2, speaker="Ida Moen")),
        )
    )
    assert made.outcome == "disputed"
    assert [[c.evidence for c in p.citations] for p in made.positions] == [[1], [2]]
    assert made.positions[0].citations[0].attribution == Attribution("The port authority")  # as the article writes it
    assert made.positions[1].origins == ("Ida Moen",)
    assert not made.rejected


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        (cited(9), "no sentence was offered under this number"),
        (cited(-1), "no sentence was offered under this number"),
        (cited(3), "does not bear on"),
    ],
)
def test_a_number_that_does_not_hold_is_set_aside_with_its_reason(sentence: dict[str, Any], reason: str) -> None:
    made = read(reply(position("dockers", cited(1), sentence)))
    assert [c.evidence for c in made.positions[0].citations] == [1]
    assert reason in reasons(made)


def test_a_speaker_that_the_article_does_not_name_gives_way_to_the_rules() -> None:
    made = read(reply(position("dockers", cited(1, speaker="Ida Moen"))))
    assert made.positions[0].citations[0].attribution == RULES
    assert "does not occur in article 'post'" in reasons(made)


def test_the_outlet_is_nobody_between_and_no_speaker() -> None:
    made = read(
        reply(
            position("guards", cited(2, speaker="Ida Moen", via=["Evening Courier"]), cited(1, speaker="Harbour Post"))
        )
    )
    said = {c.evidence: c.attribution for c in made.positions[0].citations}
    assert said == {2: Attribution("Ida Moen"), 1: Attribution()}
    assert not made.rejected


def test_labels_lose_their_quotation_marks() -> None:
    assert read(reply(position("the “dockers”", cited(1)))).positions[0].label == "the dockers"


def test_an_unanswered_question_has_no_positions_whatever_is_listed() -> None:
    made = read(reply(position("dockers", cited(1)), outcome="unanswered"))
    assert made.outcome == "unanswered"
    assert not made.positions
    assert [c.evidence for c in made.nearest] == [1]
    assert "says that nothing answers" in reasons(made)


def test_a_dispute_is_one_of_two_positions_at_least() -> None:
    assert read(reply(position("dockers", cited(1)))).outcome == "answered"
    two = (position("dockers", cited(1), relation="agrees"), position("guards", cited(2), relation="disputes"))
    assert read(reply(*two, outcome="answered")).outcome == "disputed"


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ({"text": "The authority blames dockers.", "sentences": [1]}, None),
        ({"text": "Dockers did it.", "sentences": []}, "rests on no cited sentence"),
        ({"text": "Dockers did it.", "sentences": [2]}, "rests on no cited sentence"),
        ({"text": "Forty dockers did it at 10.", "sentences": [1]}, "'10'"),
        ({"text": "Ida Svensson blames dockers.", "sentences": [1]}, "stands in nothing that it rests on"),
        ({"text": "They said “we did it”.", "sentences": [1]}, "quotation marks"),
        ({"text": "Dockers did it [1].", "sentences": [1]}, "of its own making"),
    ],
)
def test_a_summary_stands_on_what_is_cited(sentence: dict[str, Any], reason: str | None) -> None:
    made = read(reply(position("dockers", cited(1)), summary=[sentence]))
    assert bool(made.summary) is (reason is None)
    assert (reason or "") in reasons(made)


def test_a_field_that_was_not_asked_for_is_told() -> None:
    made = read(
        json.dumps({**json.loads(reply(position("dockers", {**cited(1), "quote": "Dockers did it!"}))), "mood": "sure"})
    )
    assert [r.text for r in made.rejected] == ["mood: sure", "quote: Dockers did it!"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not JSON alone"),
        ("Here it is: {}", "not JSON alone"),
        ("{}", "outcome: field required"),
        ("[]", "the whole"),
        (reply(position("x", cited("one"))), r"positions\.0\.sentences\.0\.n"),
        (reply(outcome="perhaps"), "outcome: input should be"),
        ("[" * 200_000, "nested too deep|not JSON"),
        ('{"outcome": NaN, "positions": []}', "outcome"),
    ],
)
def test_a_reply_out_of_form_says_where(text: str, fault: str) -> None:
    with pytest.raises(ReplyError, match=fault):
        parse(text, Read)


@pytest.mark.parametrize("wrap", ["```json\n{}\n```", "```\n{}\n```", "<think>Dockers? {{}}</think>\n{}", "\n {} \n"])
def test_a_fence_and_thoughts_are_taken_off(wrap: str) -> None:
    text = reply(position("dockers", cited(1)))
    assert parse(
        wrap.replace("{}", text, 1) if "{{}}" not in wrap else wrap.replace("{{}}", "").replace("{}", text), Read
    )
