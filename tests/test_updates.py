"""An earlier and a later state of a count differ in time only; two counts of one day are a dispute."""

from __future__ import annotations

import datetime as dt

import pytest
import scripted

from rag.asked import understand
from rag.attribution import Said
from rag.extractive import read
from rag.types import Attribution, Draft, Evidence

DEAD = "How many people were killed in the mill fire?"
MONDAY, TUESDAY = dt.date(2021, 3, 8), dt.date(2021, 3, 9)


def counted(n: int, sentence: str, number: str, day: dt.date | None, id_: str) -> Evidence:
    return scripted.evidence(sentence, number, n=n, published=day, id_=id_, score=0.9)


def draft(question: str, *found: Evidence, speakers: tuple[str | None, ...] = ()) -> Draft:
    by = {e.article.id: s for e, s in zip(found, speakers, strict=False)}

    def said(article: str, _: int) -> list[Said]:
        return [Said(0, 999, Attribution(by[article]), "said", None)] if by.get(article) else []

    return read(understand(question), found, said)


def relations(d: Draft) -> tuple[str, list[str]]:
    return d.outcome, [p.relation for p in d.positions]


def test_a_toll_that_rises_from_day_to_day_is_an_update() -> None:
    found = counted(1, "Twelve people died.", "Twelve", MONDAY, "a"), counted(2, "15 died.", "15", TUESDAY, "b")
    assert relations(draft(DEAD, *found)) == ("answered", ["agrees", "updates"])


@pytest.mark.parametrize(
    ("question", "first", "second", "days"),
    [
        (DEAD, "12", "15", (MONDAY, MONDAY)),  # one day, two counts
        (DEAD, "15", "12", (MONDAY, TUESDAY)),  # the dead do not rise again
        (DEAD, "12", "15", (MONDAY, None)),  # who knows when
        ("How many windows had the mill?", "12", "15", (MONDAY, TUESDAY)),  # does not grow
    ],
)
def test_other_differences_stay_disputes(
    question: str, first: str, second: str, days: tuple[dt.date | None, dt.date | None]
) -> None:
    found = [
        counted(n, f"They were {number}.", number, day, id_)
        for n, number, day, id_ in ((1, first, days[0], "a"), (2, second, days[1], "b"))
    ]
    assert relations(draft(question, *found)) == ("disputed", ["agrees", "disputes"])


def test_two_named_counters_stand_against_each_other_even_on_later_days() -> None:
    found = counted(1, "Twelve people died.", "Twelve", MONDAY, "a"), counted(2, "15 died.", "15", TUESDAY, "b")
    assert draft(DEAD, *found, speakers=("the ministry", "the union")).outcome == "disputed"
    assert draft(DEAD, *found, speakers=("the ministry", "the ministry")).outcome == "answered"
    assert draft(DEAD, *found, speakers=("the ministry", None)).outcome == "answered"


def test_the_day_that_a_sentence_gives_its_count_goes_before_the_day_of_publication() -> None:
    found = (
        counted(1, "By Monday twelve people were dead.", "twelve", TUESDAY, "a"),
        counted(2, "Fifteen were dead by 9 March.", "Fifteen", TUESDAY, "b"),
    )
    assert relations(draft(DEAD, *found)) == ("answered", ["agrees", "updates"])


OPENS = "When does the hearing open?"


@pytest.mark.parametrize(
    "moved",
    [
        "It will now open on 6 April.",
        "The hearing has been postponed to 6 April.",
        "The hearing will not begin this Thursday but on 6 April.",
        "It will open on 6 April instead.",
        "The hearing, which was due on 22 March, opens on 6 April.",
    ],
)
def test_a_day_to_which_something_was_moved_is_an_update(moved: str) -> None:
    first = counted(1, "A hearing will open on 22 March.", "22 March", MONDAY, "a")
    later = counted(2, moved, "6 April", TUESDAY, "b")
    assert relations(draft(OPENS, first, later)) == ("answered", ["agrees", "updates"])


def test_two_days_of_which_none_says_that_it_was_moved_are_a_dispute() -> None:
    first = counted(1, "A hearing will open on 22 March.", "22 March", MONDAY, "a")
    assert relations(draft(OPENS, first, counted(2, "It opens on 6 April.", "6 April", TUESDAY, "b")))[0] == "disputed"
    same_day = counted(2, "It will now open on 6 April.", "6 April", MONDAY, "b")
    assert relations(draft(OPENS, first, same_day))[0] == "disputed", "which of the two is the later word?"


def test_until_when_is_how_long_and_no_count() -> None:
    first = counted(1, "Fishing is forbidden until 1 June.", "until 1 June", MONDAY, "a")
    later = counted(2, "The ban has been extended to 31 July.", "31 July", TUESDAY, "b")
    question = "How long is it forbidden to fish?"
    assert relations(draft(question, first, later)) == ("answered", ["agrees", "updates"])
