"""Yes or no by comparing numbers and times."""

from __future__ import annotations

import pytest

from rag.asked import understand
from rag.verdict import compared


def verdict(question: str, sentence: str, words: str = "", dated: bool = False) -> bool | None:
    words = words or sentence
    start = sentence.index(words)
    return compared(understand(question), sentence, start, start + len(words), dated)


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("Does the hospital have more than 50 beds?", "The hospital has 40 beds.", False),
        ("Does the hospital have more than 50 beds?", "The hospital has 60 beds.", True),
        ("Does the hospital have more than 50 beds?", "The hospital has 50 beds.", False),
        ("Does the hospital have at least 50 beds?", "The hospital has fifty beds.", True),
        ("Does the hospital have fewer than 50 beds?", "It has 50 beds and 3 doctors.", False),
        ("Does the hospital have more than 50 beds?", "It has more than 40 beds.", None),
        ("Were two bombs found?", "Three bombs were found in the cellar.", False),
        ("Were two bombs found?", "Police found two bombs in the cellar.", True),
        ("Were more than 50 people killed?", "The hospital has 60 beds.", None),
        ("Does the hospital have many beds?", "The hospital has 60 beds.", None),
    ],
)
def test_numbers_decide_where_they_count_the_same_thing(question: str, sentence: str, expected: bool | None) -> None:
    assert verdict(question, sentence) is expected


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("Was the mill built before 1900?", "The mill was built in 1912.", False),
        ("Was the mill built before 1900?", "The mill was built in 1874.", True),
        ("Did the mill close after 1950?", "The mill closed in March 1961.", True),
        ("Was she born on 1 February 1972?", "She was born on 10 February 1972.", False),
        ("Was she born on 1 February?", "She was born on 1 February 1972.", True),
        ("Was she born on 1 February 1972?", "She was born in 1972.", None),
        ("Was the mill built in 1900?", "The mill was built in 1900.", True),
        ("Was the mill built before 1900?", "The mill was built in 1900.", None),
        ("Was the mill built before 1900?", "It stood from 1880 to 1920.", None),
    ],
)
def test_times_decide_where_one_is_told(question: str, sentence: str, expected: bool | None) -> None:
    assert verdict(question, sentence) is expected


def test_in_dated_news_a_day_only_says_which_event_is_meant() -> None:
    question, sentence = (
        "Was the convoy bombed on 19 September 2016?",
        "The truce of 12 September 2016 ended with bombs.",
    )
    assert verdict(question, sentence, dated=True) is None
    assert verdict("Did it end before 20 September 2016?", sentence, dated=True) is True


def test_only_the_answers_words_date_it() -> None:
    sentence = "The mill, which burnt down in 1920, was built in 1874."
    assert verdict("Was the mill built before 1900?", sentence, "was built in 1874") is True
