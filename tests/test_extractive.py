"""Evidence to a draft: what is sure enough is cited, disagreement shows, and nothing sure is no answer."""

from __future__ import annotations

from collections.abc import Sequence

import scripted

from rag.asked import understand
from rag.extractive import GIVEN, Limits, read
from rag.parse import Parser
from rag.types import Draft, Evidence

WHO = "Who shelled the mill?"


def drafted(question: str, found: Sequence[Evidence]) -> Draft:
    return read(understand(question), found, scripted.nobody)


def told(parser: Parser, n: int, sentence: str, words: str, score: float = 0.9, **more: object) -> Evidence:
    tokens = parser.parse([sentence])[0]
    return scripted.evidence(sentence, words, tokens=tokens, n=n, score=score, **more)  # type: ignore[arg-type]


def test_sources_that_differ_are_disputed_each_in_a_position_of_its_own(parser: Parser) -> None:
    draft = drafted(
        WHO,
        [told(parser, 1, "The rebels shelled the mill.", "The rebels"), told(parser, 2, "Iran shelled it.", "Iran")],
    )
    assert draft.outcome == "disputed"
    assert [[c.evidence for c in p.citations] for p in draft.positions] == [[1], [2]]
    assert [p.label for p in draft.positions] == ["The rebels", "Iran"]
    assert draft.positions[1].relation == "disputes"


def test_sources_that_agree_are_one_position_with_each_of_them_cited(parser: Parser) -> None:
    draft = drafted(
        WHO,
        [
            told(parser, 1, "The rebels shelled the mill.", "The rebels", outlet="The Bell"),
            told(parser, 2, "Rebels shelled it.", "Rebels", outlet="The Horn"),
        ],
    )
    assert draft.outcome == "answered"
    assert [[c.evidence for c in p.citations] for p in draft.positions] == [[1, 2]]
    assert draft.positions[0].origins == ("The Bell", "The Horn")


def test_those_who_did_it_together_are_not_in_dispute_with_each_other(parser: Parser) -> None:
    question = "Which countries arranged the truce?"
    sentences = [
        ("Russia and Turkey arranged it.", "Russia and Turkey"),
        ("Russia did.", "Russia"),
        ("Turkey did.", "Turkey"),
    ]
    draft = drafted(question, [told(parser, n, *each, id_=f"a{n}") for n, each in enumerate(sentences, 1)])
    assert draft.outcome == "answered"
    assert {p.relation for p in draft.positions} == {"agrees"}


def test_a_question_on_one_ship_is_not_answered_from_an_article_on_another(parser: Parser) -> None:
    found = [
        told(parser, 1, "She carried 160 crates.", "160", before="The Sabine sank.", id_="other"),
        told(parser, 2, "She carried 90 crates.", "90", before="The Oriel sank.", id_="asked", score=0.7),
    ]
    draft = drafted("How many crates did the Oriel carry?", found)
    assert [[c.evidence for c in p.citations] for p in draft.positions] == [[2]]
    assert len(drafted("How many crates did the ship carry?", found).positions) == 2
    assert len(drafted("How many crates did the Orion carry?", found).positions) == 2, "nobody knows that name"


def test_a_name_in_another_spelling_is_known(parser: Parser) -> None:
    found = [
        told(parser, 1, "It hit 40 homes.", "40", before="Planes flew over Kfar Zeita.", id_="a"),
        told(parser, 2, "It hit 90 homes.", "90", before="Planes flew over Maskan.", id_="b"),
    ]
    draft = drafted("How many homes were hit in Kafr Zita?", found)
    assert [[c.evidence for c in p.citations] for p in draft.positions] == [[1]]


def test_documents_that_come_with_the_question_may_leave_its_names_unsaid(parser: Parser) -> None:
    found = [
        told(parser, 1, "She carried 160 crates.", "160", id_="excerpt"),
        told(parser, 2, "The Oriel carried 90 crates.", "90", id_="asked"),
    ]
    assert len(read(understand("How many crates did the Oriel carry?"), found, scripted.nobody, GIVEN).positions) == 2


def test_nothing_sure_is_unanswered_and_names_what_came_nearest(parser: Parser) -> None:
    found = [
        told(parser, 1, "The rebels passed the mill.", "The rebels", score=0.04, id_="a"),
        told(parser, 2, "Rebels passed it.", "Rebels", score=0.03, id_="a"),
        told(parser, 3, "The mill was old.", "The mill", score=0.02, id_="b"),
    ]
    draft = drafted(WHO, found)
    assert (draft.outcome, draft.positions) == ("unanswered", ())
    assert tuple(c.evidence for c in draft.nearest) == (1, 3)


def test_how_sure_the_surest_must_be_can_be_asked_for(parser: Parser) -> None:
    found = [told(parser, 1, "The rebels shelled the mill.", "The rebels", score=0.7)]
    outcomes = [read(understand(WHO), found, scripted.nobody, Limits(answer=answer)).outcome for answer in (0.6, 0.8)]
    assert outcomes == ["answered", "unanswered"]


def test_no_evidence_at_all_is_unanswered() -> None:
    assert drafted(WHO, []) == Draft("unanswered")


def test_what_is_unlikely_is_not_cited_beside_what_is_sure(parser: Parser) -> None:
    found = [
        told(parser, 1, "The rebels shelled the mill.", "The rebels", score=0.97),
        told(parser, 2, "Iran was mentioned.", "Iran", score=0.02),
    ]
    draft = drafted(WHO, found)
    assert [c.evidence for p in draft.positions for c in p.citations] == [1]
    assert draft.outcome == "answered"


def test_one_article_does_not_fill_a_position_by_saying_it_often(parser: Parser) -> None:
    found = [told(parser, n, "The rebels shelled the mill.", "The rebels", id_="same") for n in range(1, 9)]
    found.append(told(parser, 9, "Rebels shelled it.", "Rebels", id_="other"))
    (position,) = drafted(WHO, found).positions
    cited = [c.evidence for c in position.citations]
    assert 9 in cited
    assert len(cited) < 9


def test_yes_and_no_are_the_labels_of_a_yes_or_no_question(parser: Parser) -> None:
    sentence = "The gates stood open all day."
    found = [told(parser, n, sentence, "open", verdict=v) for n, v in ((1, 4.0), (2, -4.0))]
    draft = drafted("Were the gates open?", found)
    assert (draft.outcome, {p.label for p in draft.positions}) == ("disputed", {"Yes", "No"})


def test_a_sentence_about_they_brings_the_sentence_before(parser: Parser) -> None:
    before = "The dockers met at noon."
    alone = told(parser, 1, "They handed the keys to Ida Moen.", "Ida Moen", before=before)
    clear = told(parser, 1, "The dockers handed the keys to Ida Moen.", "Ida Moen", before=before)
    first = told(parser, 1, "They handed the keys to Ida Moen.", "Ida Moen")
    question = "Who received the keys?"
    needs = [drafted(question, [e]).positions[0].citations[0].needs_context for e in (alone, clear, first)]
    assert needs == [True, False, False]


def test_a_long_answer_is_labelled_in_few_words(parser: Parser) -> None:
    long = "the " + " ".join(f"very{n}" for n in range(60)) + " dockers"
    draft = drafted("What was seen?", [told(parser, 1, f"On Monday {long} were seen.", long)])
    label = draft.positions[0].label
    assert len(label) < 120
    assert long.startswith(label.rstrip(" …"))
