"""Sides that news names without a name: the state whose land it is, and those who fight it."""

from __future__ import annotations

import pytest

from rag.sides import may_be, same_side, vague

WAR = (
    "Norsund President Ulf al-Hamar said the Norsund army would hold the pass. The Norsund government thanked Iran. "
    "Norsund state media showed Iranian planes. The rebel group Jund Vest, which left the talks, did not answer.",
)


@pytest.mark.parametrize(
    "phrase",
    [
        "the army",
        "Norsund government forces",
        "regime warplanes",
        "the Hamar regime",
        "Hamar's forces",
        "forces loyal to President Ulf al-Hamar",
        "the Norsund air force",
        "Government fire",
    ],
)
def test_the_state_of_the_land_is_one_side_whatever_acts_for_it(phrase: str) -> None:
    assert same_side(phrase, "Norsund troops", WAR)
    assert not same_side(phrase, "Iranian warplanes", WAR)
    assert not same_side(phrase, "rebels", WAR)


@pytest.mark.parametrize("phrase", ["insurgents", "opposition fighters", "armed terrorist groups", "Norsund rebels"])
def test_those_who_fight_it_are_one_side_where_they_have_no_name(phrase: str) -> None:
    assert same_side(phrase, "the rebels", WAR)


@pytest.mark.parametrize(
    "phrase",
    [
        "US-backed rebels",
        "pro-government militias",
        "Iranian militias",
        "the Free Norsund Army",
        "rebels backed by Iran",
    ],
)
def test_what_is_named_backed_or_leaning_is_no_plain_side(phrase: str) -> None:
    assert not same_side(phrase, "rebels", WAR)
    assert not same_side(phrase, "the army", WAR)


def test_where_the_texts_tell_of_two_states_a_plain_army_is_nobodys() -> None:
    both = ("The Norsund army and the Vestmark army met. The Norsund government and the Vestmark government talked.",)
    assert not same_side("the army", "the Norsund army", both)
    assert same_side("Norsund troops", "the Norsund army", both)


def test_two_states_together_are_the_same_two_in_any_order() -> None:
    assert same_side("Norsund and Iranian warplanes", "Iran's air force and the Norsund army", WAR)
    assert not same_side("Norsund and Iranian warplanes", "Iranian warplanes", WAR)


@pytest.mark.parametrize("phrase", ["gunmen", "unidentified warplanes", "the group", "a suicide bomber", "masked men"])
def test_nobody_in_particular_may_be_anybody(phrase: str) -> None:
    assert vague(phrase)
    assert may_be(phrase, "Iran", WAR)


@pytest.mark.parametrize("phrase", ["US drones", "Iranian planes", "the army", "rebels", "Jund Vest fighters"])
def test_who_is_named_is_not_vague(phrase: str) -> None:
    assert not vague(phrase)


def test_rebels_may_be_a_group_that_the_texts_call_rebels_and_no_other() -> None:
    assert may_be("rebels", "Jund Vest", WAR)
    assert not may_be("rebels", "Iran", WAR)
    assert may_be("either Norsund or Iranian warplanes", "Iranian warplanes", WAR)
