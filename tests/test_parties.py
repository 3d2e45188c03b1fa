"""Who is the same party as whom, from the words alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.parties import alike, opposed_names, part_of

PHRASES = [
    "the Syrian government", "Syrian rebels", "Syria", "pro-government militias", "anti-government militias",
    "the Free Syrian Army", "the Syrian Army", "Turkish-backed rebels", "Turkey", "Turkey and Russia",
    "the Islamic State", "Islamic militants", "President Hale", "President Roe",
    "the Syrian Observatory for Human Rights",
    "the Syrian Network for Human Rights", "the opposition", "militias backed by Iran", "Omar Hassan", "Ali Hassan",
]  # fmt: skip


@pytest.mark.parametrize("a", PHRASES)
@pytest.mark.parametrize("b", PHRASES)
def test_different_parties_stay_apart(a: str, b: str) -> None:
    allies = {frozenset(("Syria", "the Syrian government")), frozenset(("Syria", "the Syrian Army")),
              frozenset(("the Syrian government", "the Syrian Army"))}  # fmt: skip
    same = a == b or frozenset((a, b)) in allies
    assert (alike(a, b) >= 0.5) == same


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Turkey and Russia", "Russia and Turkey"),
        ("Iranian militias", "Iranian-backed militias"),
        ("Syrian troops", "the Syrian army"),
        ("the rebels", "rebel forces"),
        ("jihadist rebels", "the rebels"),
        ("the Russian Defense Ministry", "Russia"),
        ("Rami Abdurrahman", "Abdurrahman"),
        ("Gen. Omar Hale", "Omar Hale"),
        ("the Observatory", "the Syrian Observatory for Human Rights"),
        ("U.S. forces", "the American army"),
        ("regime forces", "the government"),
    ],
)
def test_one_party_in_other_words_is_known_again(a: str, b: str) -> None:
    assert alike(a, b) >= 0.5


def test_some_of_a_list_are_part_of_it() -> None:
    assert part_of("Turkey", "Russia and Turkey")
    assert not part_of("Iran", "Russia and Turkey")
    assert not part_of("Turkey and Iran", "Russia and Turkey")


def test_two_who_share_no_name_are_opposed_as_far_as_names_go() -> None:
    assert opposed_names("a Russian airstrike", "an American airstrike")
    assert not opposed_names("a Russian airstrike", "an airstrike")


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_has_no_direction(a: str, b: str) -> None:
    assert alike(a, b) == alike(b, a)


@pytest.mark.parametrize(("a", "b"), [("Russia and the rebels", "Russia"), ("Syria and its allies", "Syria")])
def test_one_with_others_is_not_the_one_alone(a: str, b: str) -> None:
    assert alike(a, b) < 0.5
    assert alike(b, a) < 0.5


def test_a_word_for_a_body_may_be_left_out() -> None:
    assert alike("Nusra", "the Nusra Front") >= 0.5
    assert alike("the Lantern Movement", "Lantern") >= 0.5
    assert alike("Islamic Front", "Islamic Jihad") < 0.5
