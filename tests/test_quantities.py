"""Numbers in text as ranges, and when two of them are one answer."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.quantities import Quantity, allows, quantities, same_quantity

INF = math.inf


def ranges(text: str) -> list[tuple[float, float]]:
    return [(q.low, q.high) for q in quantities(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("82 people", [(82, 82)]),
        ("eighty-two people", [(82, 82)]),
        ("Eighty two people", [(82, 82)]),
        ("1,500 homes and 1.5 million crowns", [(1500, 1500), (1.5e6, 1.5e6)]),
        ("a hundred and fifty", [(150, 150)]),
        ("two hundred and fifty thousand", [(250_000, 250_000)]),
        ("one million two hundred thousand", [(1_200_000, 1_200_000)]),
        ("half a million", [(500_000, 500_000)]),
        ("two dozen", [(24, 24)]),
        ("two and three", [(2, 2), (3, 3)]),
        ("twenty-one men and two women", [(21, 21), (2, 2)]),
        ("$5 million", [(5e6, 5e6)]),
        ("5,000-strong", [(5000, 5000)]),
        ("seventeen", [(17, 17)]),
    ],
)
def test_words_and_digits(text: str, found: list[tuple[float, float]]) -> None:
    assert ranges(text) == found


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("more than 80", 80, INF),
        ("at least three", 3, INF),
        ("at least one man", 1, INF),
        ("no fewer than 12", 12, INF),
        ("not less than 12", 12, INF),
        ("82 or more", 82, INF),
        ("fewer than ten", 0, 10),
        ("no more than ten", 0, 10),
        ("not more than ten", 0, 10),
        ("up to 40", 0, 40),
        ("more than half a million", 500_000, INF),
        ("between 20 and 30", 20, 30),
        ("20 to 30", 20, 30),
        ("20-30 homes", 20, 30),
        ("1–2 million", 1e6, 2e6),
        ("tens of thousands of people", 20_000, 100_000),
        ("hundreds of thousands", 200_000, 1e6),
    ],
)
def test_bounds_and_ranges(text: str, low: float, high: float) -> None:
    assert ranges(text) == [(low, high)]


def test_an_estimate_reaches_to_both_sides() -> None:
    (about,) = quantities("about 1,000 people")
    assert about.low < 1000 < about.high
    assert not allows(about, quantities("2,000 people")[0])


@pytest.mark.parametrize(
    "text",
    ["at 5:00am", "at 5 a.m.", "by 2:30 pm", "the 3rd gate", "in the 1990s", "COVID-19", "no one", "1/2", "the third"],
)
def test_clock_times_ordinals_and_pronouns_do_not_count(text: str) -> None:
    assert ranges(text) == []


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("82", "eighty-two", True),
        ("82", "83", False),
        ("more than 80", "82", True),
        ("more than 80", "500", False),
        ("more than 80", "70", False),
        ("tens of thousands", "tens of thousands", True),
        ("hundreds", "tens of thousands", False),
        ("about 1,000", "1,050", True),
        ("no more than ten", "more than ten", False),
        ("between 20 and 30", "25", True),
    ],
)
def test_when_two_numbers_are_one_answer(a: str, b: str, same: bool) -> None:
    (x,), (y,) = quantities(a), quantities(b)
    assert same_quantity(x, y) is same


@pytest.mark.parametrize(
    ("a", "b", "both"),
    [
        ("more than 80", "500", True),
        ("more than 80", "70", False),
        ("82", "83", False),
        ("dozens", "82", True),
        ("up to 40", "30", True),
        ("up to 40", "50", False),
    ],
)
def test_when_two_numbers_can_both_be_true(a: str, b: str, both: bool) -> None:
    (x,), (y,) = quantities(a), quantities(b)
    assert allows(x, y) is both


spans = st.tuples(st.floats(0, 1e9), st.floats(0, 1e9) | st.just(INF)).map(lambda p: Quantity(min(p), max(p), 0, 1))


@given(spans, spans)
def test_sameness_is_symmetric_and_reflexive_and_needs_that_both_can_be_true(a: Quantity, b: Quantity) -> None:
    assert same_quantity(a, a)
    assert same_quantity(a, b) == same_quantity(b, a)
    assert allows(a, b) == allows(b, a)
    if same_quantity(a, b):
        assert allows(a, b)


@given(st.integers(2, 10**9 - 1))
def test_a_number_is_read_alike_with_and_without_commas_and_under_a_bound(n: int) -> None:
    assert ranges(f"{n} people") == ranges(f"{n:,} people") == [(n, n)]
    assert ranges(f"more than {n:,} people") == [(n, INF)]


UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
UNITS += "seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def spelled(n: int) -> str:
    for value, word in ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred")):
        if n >= value:
            rest = n % value
            joint = " and " if rest < 100 else " "
            return f"{spelled(n // value)} {word}" + (joint + spelled(rest) if rest else "")
    if n < 20:
        return UNITS[n]
    return TENS[n // 10 - 2] + (f"-{UNITS[n % 10]}" if n % 10 else "")


@given(st.integers(2, 10**9 - 1))
def test_spelled_numbers_are_what_they_say(n: int) -> None:
    assert ranges(f"{spelled(n)} people") == [(n, n)]


@given(
    st.lists(
        st.sampled_from(
            "more than|80|eighty-two|tens of thousands|and|between|to|people|,|-|one|a.m.|5:30|half a|dozen".split("|")
        )
    )
)
def test_offsets_lie_in_the_text_in_order_and_never_overlap(parts: list[str]) -> None:
    text = " ".join(parts)
    at = 0
    for q in quantities(text):
        assert at <= q.start < q.end <= len(text)
        assert q.low <= q.high
        assert text[q.start : q.end] == text[q.start : q.end].strip()
        at = q.end


def test_offsets_give_back_the_words() -> None:
    text = "Some say more than 80 people died; others, tens of thousands or between 20 and 30."
    assert [text[q.start : q.end] for q in quantities(text)] == [
        "more than 80", "tens of thousands", "between 20 and 30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "one"),
    [
        ("6 ft 8 in", "6' 8\"", True),
        ("6 ft 8 in", "6 ft 9 in", False),
        ("6 ft 9 in", "2.06 m", True),
        ("98 km", "98,000 metres", True),
        ("98 km", "98 miles", False),
        ("24 hours", "one day or 24 hours", True),
        ("less than 24 hours", "20 minutes", False),
        ("between 20 and 30 miles", "between 20 and 30 km", False),
    ],
)
def test_measures_are_compared_in_one_unit(a: str, b: str, one: bool) -> None:
    assert same_quantity(quantities(a)[0], quantities(b)[-1]) is one


@pytest.mark.parametrize("text", ["12 in Aleppo", "“the toll is 45”", "20 mine workers", "5 gunmen"])
def test_a_word_that_only_begins_like_a_unit_is_none(text: str) -> None:
    assert quantities(text)[0].unit == ""
