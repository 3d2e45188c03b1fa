"""Names by their roots: a country and its people are one, two countries are two."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.words import content_words, names_in, root, stem, tokens, unify

FAMILIES = """
Russia Russian Russians Russia's | Iran Iranian Iranians | Iraq Iraqi Iraqis | Syria Syrian Syrians
Turkey Turkish Turks | Austria Austrian | Australia Australian | Niger Nigerien | Nigeria Nigerian Nigerians
Germany German Germans | Sudan Sudanese | Yemen Yemeni Yemenis | Jordan Jordanian | Japan Japanese | Peru Peruvian
Pakistan Pakistani | Palestine Palestinian | Norway Norwegian | Mexico Mexican | Romania Romanian | Chile Chilean
China Chinese | France French | Britain British Britons UK | America American USA US | Lebanon Lebanese
Scotland Scottish Scots | Ireland Irish | Iceland Icelandic | Afghanistan Afghan Afghans | Ukraine Ukrainian
Ghana Ghanaian | Ghani | Hama | Hamas | Homs | Mali Malian | Malta Maltese | Malawi | Guinea Guinean | Guyana
Slovakia Slovak | Slovenia Slovene Slovenian | India Indian | Indonesia Indonesian | Colombia Colombian
Morocco Moroccan | Netherlands Dutch | Poland Polish Poles | Spain Spanish Spaniards | Bahrain Bahraini | Rome
Gabon Gabonese | Gambia Gambian | Georgia Georgian | George | Israel Israeli | Egypt Egyptian | Qatar Qatari
""".replace("\n", "|")
COUNTRIES = [family.split() for family in FAMILIES.split("|") if family.strip()]


@pytest.mark.parametrize("family", COUNTRIES, ids=lambda f: f[0])
def test_a_country_its_adjective_and_its_people_are_one(family: list[str]) -> None:
    assert len({root(name) for name in family}) == 1, {name: root(name) for name in family}


def test_no_two_of_them_are_one() -> None:
    merged = [(a[0], b[0]) for a, b in combinations(COUNTRIES, 2) if root(a[0]) == root(b[0])]
    assert not merged


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=20))
def test_the_root_of_a_root_is_itself_and_case_does_not_matter(name: str) -> None:
    assert root(root(name)) == root(name)
    assert root(name.lower()) == root(root(name.lower()))


@pytest.mark.parametrize(
    "text",
    ["United States", "the U.S. army", "US troops", "the United States of America", "American", "the USA"],
)
def test_the_united_states_have_one_name(text: str) -> None:
    assert names_in(text) == ["america"]


def test_the_pronoun_us_is_no_country() -> None:
    assert names_in("they told us nothing") == []
    assert names_in("Us they told nothing") == []


def test_bodies_are_written_one_way() -> None:
    assert unify("the United Nations and the U.N. met the European Union") == "the UN and the UN met the EU"
    assert names_in("the United Nations") == names_in("a UN spokesman") == names_in("the U.N. said")


def test_days_and_function_words_are_no_names() -> None:
    assert names_in("On Wednesday the army of Norsund met. What's more, They Weren't there in May") == [root("Norsund")]


def test_content_words_meet_in_their_stems_without_function_words() -> None:
    assert sorted(content_words("The buses weren't blocked")) == sorted(content_words("Who blocks a bus?"))
    assert content_words("what's there, isn't it") == []


def test_possessives_are_dropped_and_hyphens_opened() -> None:
    assert tokens("the dockers’ and Ida's pro-government militias") == [
        "the", "dockers", "and", "Ida", "pro", "government", "militias",
    ]  # fmt: skip
    assert stem("militias") == stem("Militia")


def test_threads_do_not_mix_their_words() -> None:
    """Several people ask at once, and a wrong stem would be remembered for everybody."""
    words = [f"{a}{b}ing" for a in ("block", "fight", "load", "march", "talk") for b in ascii_lowercase * 20]
    alone = [stem.__wrapped__(w) for w in words]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(stem.__wrapped__, words)) == alone
