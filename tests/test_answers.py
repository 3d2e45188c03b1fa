"""Which words of a sentence answer, and whose word it is: by real parses, with the reader's finds scripted."""

from __future__ import annotations

import datetime as dt

import pytest
import scripted

from rag.answers import Candidate, SaidOf, candidate
from rag.asked import Day, understand
from rag.attribution import attribute
from rag.parse import Parser
from rag.types import Evidence


def read(
    parser: Parser, question: str, sentence: str, *answers: str, said: bool = False, **more: object
) -> Candidate | None:
    """The candidate of one sentence; with `said`, speakers are found in it as in an article."""
    found = scripted.evidence(sentence, *answers, tokens=parser.parse([sentence])[0], **more)  # type: ignore[arg-type]
    return candidate(understand(question), found, speakers(found) if said else scripted.nobody)


def speakers(found: Evidence) -> SaidOf:
    said = attribute([found.sentence], [found.tokens], found.article.outlet)
    return lambda article_id, n: said[0]


def words(found: Candidate | None) -> str:
    assert found is not None
    return found.evidence.article.text[found.start : found.end]


def test_whoever_is_accused_is_the_answer_and_the_accuser_is_the_speaker(parser: Parser) -> None:
    found = read(
        parser, "Who blocked the buses?", "Rebels swiftly accused foreign militias of it.", "Rebels", said=True
    )
    assert words(found) == "foreign militias"
    assert found is not None
    assert (found.attribution.speaker or "").lower() == "rebels"


@pytest.mark.parametrize("verb", ["accused", "blamed", "condemned", "denounced"])
def test_the_one_who_blames_is_not_to_blame(parser: Parser, verb: str) -> None:
    sentence = f"The mayor {verb} striking dockers for the locked gates."
    assert words(read(parser, "Who locked the gates?", sentence, "The mayor")) == "striking dockers"


def test_the_one_who_says_so_is_not_the_answer_where_another_was_found(parser: Parser) -> None:
    sentence = "The mayor said that the dockers locked the gates."
    assert words(read(parser, "Who locked the gates?", sentence, "The mayor", "the dockers")) == "the dockers"


def test_the_accuser_is_the_answer_where_the_question_asks_who_accuses(parser: Parser) -> None:
    sentence = "The mayor accused striking dockers of locking the gates."
    assert words(read(parser, "Who accused the dockers?", sentence, "The mayor")) == "The mayor"


@pytest.mark.parametrize("pronoun", ["They", "he", "them", "these"])
def test_a_pronoun_alone_is_no_answer(parser: Parser, pronoun: str) -> None:
    sentence = f"On Monday {pronoun} were seen at the gates with the keys."
    assert read(parser, "Who locked the gates?", sentence, pronoun) is None


def test_the_question_said_again_is_no_answer(parser: Parser) -> None:
    sentence = "The harbour gates were locked."
    assert read(parser, "What harbour gates were locked?", sentence, "The harbour gates") is None


def test_no_words_found_is_no_answer(parser: Parser) -> None:
    assert read(parser, "Who locked the gates?", "The gates were locked.") is None


def test_a_yes_or_no_question_needs_no_words_and_takes_the_readers_verdict(parser: Parser) -> None:
    sentence = "The gates were locked all day."
    yes = read(parser, "Were the gates locked?", sentence, verdict=3.0)
    no = read(parser, "Were the gates locked?", sentence, verdict=-3.0)
    assert yes is not None
    assert no is not None
    assert (yes.key.verdict, no.key.verdict) == (True, False)
    assert words(yes) == sentence


@pytest.mark.parametrize(
    ("sentence", "found", "low"),
    [
        ("Twelve passengers were hurt in the crush.", "Twelve passengers", 12),
        ("In the crush 12 passengers were hurt.", "12", 12),
        ("In the crush 12 passengers were hurt.", "passengers", 12),  # the number stands beside the words
        ("More than 80 passengers were hurt.", "80 passengers", 80),
    ],
)
def test_how_many_is_answered_by_a_number(parser: Parser, sentence: str, found: str, low: int) -> None:
    made = read(parser, "How many passengers were hurt?", sentence, found)
    assert made is not None
    assert made.key.quantity is not None
    assert made.key.quantity.low == low


def test_how_many_is_not_answered_without_a_number(parser: Parser) -> None:
    assert read(parser, "How many passengers were hurt?", "Passengers were hurt in the crush.", "Passengers") is None


def test_a_weekday_is_counted_back_from_the_day_of_publication(parser: Parser) -> None:
    made = read(
        parser,
        "When were the gates locked?",
        "The gates were locked on Tuesday.",
        "on Tuesday",
        published=dt.date(2021, 3, 10),  # a Wednesday
    )
    assert made is not None
    assert made.key.time == Day(2021, 3, 9)


def test_a_named_day_is_that_day(parser: Parser) -> None:
    made = read(parser, "When were the gates locked?", "They were locked on 9 March 2021.", "on 9 March 2021")
    assert made is not None
    assert made.key.time == Day(2021, 3, 9)


def test_a_weekday_answers_also_in_an_article_without_a_day(parser: Parser) -> None:
    assert read(parser, "When were the gates locked?", "They were locked on Tuesday.", "on Tuesday") is not None


def test_the_us_is_an_answer(parser: Parser) -> None:
    assert read(parser, "Who arranged the truce?", "It was arranged by the US on Monday.", "the US") is not None


def test_when_is_not_answered_by_what_is_no_time(parser: Parser) -> None:
    assert read(parser, "When were the gates locked?", "The dockers locked the gates.", "The dockers") is None


def test_names_of_the_question_do_not_tell_answers_apart(parser: Parser) -> None:
    made = read(
        parser,
        "Which Syrian group shelled the mill?",
        "Syrian rebels of Fastaqim shelled it.",
        "Syrian rebels of Fastaqim",
    )
    assert made is not None
    assert "syri" not in made.key.names
    assert made.key.names


def test_rebels_who_only_hold_a_place_have_done_nothing_there(parser: Parser) -> None:
    sentence = "Shells fell on the rebel-held blocks."
    (tokens,) = parser.parse([sentence])
    found = scripted.evidence(sentence, "rebel", tokens=tokens)
    assert candidate(understand("Who shelled the blocks?"), found, scripted.nobody) is None
    assert candidate(understand("Who held the blocks?"), found, scripted.nobody) is not None
