"""What a question asks for: its kind, the time it names, and whether the one who speaks is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.asked import Day, times_in, understand


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who blocked the buses?", "who"),
        ("Whose buses were blocked?", "who"),
        ("To whom did they surrender?", "who"),
        ("Which side broke the truce?", "who"),
        ("Which of the sides broke the truce?", "who"),
        ("Which countries mediated?", "who"),
        ("How many people were killed?", "number"),
        ("What was the death toll?", "number"),
        ("How long did it last?", "number"),
        ("When did the truce begin?", "when"),
        ("In what year did the war begin?", "when"),
        ("At what time did the buses leave?", "when"),
        ("Where did the buses stop?", "where"),
        ("In which city did they meet?", "where"),
        ("Why did the truce fail?", "why"),
        ("What caused the fire?", "why"),
        ("What reason did they give?", "why"),
        ("What were the terms?", "what"),
        ("How did the truce fail?", "what"),
        ("Did the rebels break the truce?", "yesno"),
        ("Weren’t the buses blocked?", "yesno"),
        ("Did 5 people die?", "yesno"),
        ("Is it true or not?", "yesno"),
        ("the buses", "what"),
        ("", "what"),
        ("?!", "what"),
    ],
)
def test_kinds_of_question_are_told_apart(question: str, kind: str) -> None:
    assert understand(question).kind == kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who was there when the truce ended?", "who"),
        ("What did the army do when the buses came?", "what"),
        ("Why did the man who led the rebels leave?", "why"),
        ("When did the man who led the rebels leave?", "when"),
        ("How many died when the mill burned?", "number"),
        ("Who said how many people died?", "who"),
        ("What happened where the road ends?", "what"),
        ("Was the man who blocked the buses arrested?", "yesno"),
        ("Did they say when it would end?", "yesno"),
    ],
)
def test_the_first_question_word_asks_not_a_later_clause(question: str, kind: str) -> None:
    assert understand(question).kind == kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("According to Russia, who broke the truce?", "who"),
        ("According to the UN, how many died?", "number"),
        ("According to the UN, did it fail?", "yesno"),
        ("When the truce ended, who fired first?", "who"),
        ("Before the truce, was the town under siege?", "yesno"),
        ("Who, according to Russia, broke the truce?", "who"),
        ("Who fired, when the truce had begun?", "who"),
        ("Did Russia, which backs the army, break the truce?", "yesno"),
        ("The buses were turned back. Who did it?", "who"),
    ],
)
def test_an_introduction_does_not_change_what_is_asked(question: str, kind: str) -> None:
    assert understand(question).kind == kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Do you know who blocked the buses?", "who"),
        ("Can you tell me how many died?", "number"),
        ("Could you please tell us where it happened?", "where"),
        ("Tell me who did it", "who"),
        ("Do the rebels know who blocked the buses?", "yesno"),
    ],
)
def test_politeness_is_not_a_yes_or_no_question(question: str, kind: str) -> None:
    assert understand(question).kind == kind


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("on 14 December 2016", [Day(2016, 12, 14)]),
        ("on December 14, 2016", [Day(2016, 12, 14)]),
        ("on the 14th of December", [Day(None, 12, 14)]),
        ("on Dec. 14", [Day(None, 12, 14)]),
        ("in december", [Day(None, 12)]),
        ("in Sept. 2016", [Day(2016, 9)]),
        ("on 2016-12-14", [Day(2016, 12, 14)]),
        ("in 2016", [Day(2016)]),
        ("between March and June", [Day(None, 3), Day(None, 6)]),
        ("in 2016 and in December 2015", [Day(2015, 12), Day(2016)]),
        ("In December 20,000 people left", [Day(None, 12)]),
        ("In December 5000 rebels left", [Day(None, 12)]),
        ("no time at all, and 2016 of them", []),
    ],
)
def test_months_and_years_that_a_text_names(text: str, times: list[Day]) -> None:
    assert sorted(times_in(text), key=str) == sorted(times, key=str)


@pytest.mark.parametrize(
    "text",
    [
        "Who may come?",
        "What did Theresa May say?",
        "Who will march on the city?",
        "The rebels vowed to march home.",
        "an august body",
        "What did Jan Egeland say?",
        "seven decades of marble",
    ],
)
def test_words_that_are_also_months_are_not_taken_for_them(text: str) -> None:
    assert times_in(text) == ()


@pytest.mark.parametrize(
    ("text", "month"), [("in May", 5), ("May 5", 5), ("3 May", 5), ("May 2016", 5), ("last March", 3), ("by August", 8)]
)
def test_the_same_words_with_a_day_or_a_preposition_are_months(text: str, month: int) -> None:
    assert [t.month for t in times_in(text)] == [month]


@pytest.mark.parametrize(
    "question",
    [
        "Who accused Russia?",
        "Who has repeatedly denied it?",
        "Which side accused the other?",
        "Which Turkish official blamed the army?",
        "Who says that the truce broke?",
    ],
)
def test_the_speaker_is_asked_for(question: str) -> None:
    assert understand(question).asks_speaker


@pytest.mark.parametrize(
    "question",
    [
        "Who did Russia accuse?",
        "Whom did the rebels accuse?",
        "Who was accused by Russia?",
        "Who do the rebels blame?",
        "Which group did Russia accuse?",
        "Who blocked the buses?",
        "Which militias accused by Russia fled?",
    ],
)
def test_whoever_is_accused_is_asked_for_not_the_speaker(question: str) -> None:
    assert not understand(question).asks_speaker


def test_names_of_the_question_are_known_by_their_roots_without_question_words() -> None:
    assert understand("Weren't Russian troops in Syria?").names == understand("What's Russia doing to Syrians?").names
    assert len(understand("Weren't Russian troops in Syria?").names) == 2


@given(st.text(max_size=200))
def test_any_text_is_understood_as_something(question: str) -> None:
    asked = understand(question)
    assert asked.question == " ".join(question.split())
    assert all(t.month is None or 1 <= t.month <= 12 for t in asked.times)
    assert all(t.year is None or 1500 <= t.year < 2100 for t in asked.times)


@given(st.integers(1, 28), st.integers(1, 12), st.integers(1500, 2099))
def test_every_day_is_read_alike_however_it_is_written(day: int, month: int, year: int) -> None:
    name = "January February March April May June July August September October November December".split()[month - 1]
    iso = f"{year}-{month:02}-{day:02}"
    written = [f"on {day} {name} {year}", f"on {name} {day}, {year}", f"on the {day}th of {name}, {year}", f"on {iso}"]
    assert {times_in(w) for w in written} == {(Day(year, month, day),)}


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Who locked the gates in March 2021?", "Who locked the gates?"),
        ("Who brokered the December cease-fire?", "Who brokered the cease-fire?"),
        ("Who was hurt on 4 April 2017 in Norsund?", "Who was hurt in Norsund?"),
        ("Who fired in mid-December?", "Who fired?"),
        ("May the dockers march in May?", "May the dockers march?"),
        ("Who locked the gates?", "Who locked the gates?"),
    ],
)
def test_a_question_can_be_put_without_its_times(question: str, left: str) -> None:
    assert understand(question).timeless == left
