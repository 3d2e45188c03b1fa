"""A question finds its evidence: every source gets its chance, and time and scope are obeyed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import pytest
import scripted

from rag.asked import Day, understand
from rag.errors import UsageError
from rag.library import Library
from rag.retrieve import FIRST, could_report, retrieve, retrieving
from rag.types import Article, Retrieved, Scope

DECEMBER = dt.date(2016, 12, 14)
SEPTEMBER = dt.date(2016, 9, 15)
WHO = "Who locked the harbour gates?"


def brought(
    kept: Library, question: str = WHO, scope: Scope = Scope(), closed: bool = False, **script: float
) -> tuple[Retrieved, scripted.ScriptedReader]:
    reader = scripted.ScriptedReader({words.replace("_", " "): logit for words, logit in script.items()})
    searches = () if closed else (kept.search_words,)
    return retrieve(understand(question), scope, kept, searches, reader), reader


def articles_of(found: Retrieved) -> set[str]:
    return {e.article.id for e in found.evidence}


def gates(id_: str, day: dt.date | None = None, extra: str = "", outlet: str = "The Bell") -> Article:
    return scripted.article(id_, f"The dockers locked the harbour gates.{extra}", published=day, outlet=outlet)


def long_winded(id_: str) -> Article:
    """An article that repeats the question's words in sixty sentences."""
    return scripted.article(id_, *("The harbour gates, the locked harbour gates: who locked them?" for _ in range(60)))


def test_every_article_of_a_small_library_gets_its_chance() -> None:
    quiet = [
        scripted.article(f"quiet{n}", *(["The weather was mild."] * 12), f"Guard {n} turned the key of the harbour.")
        for n in range(5)
    ]
    found, _ = brought(scripted.library(long_winded("loud"), *quiet), Guard=3.0)
    assert {e.article.id for e in found.evidence if e.reading.spans} == {a.id for a in quiet}
    assert set(found.considered) == {"loud", *(a.id for a in quiet)}


def louder(count: int) -> list[Article]:
    """Articles of another time that name the harbour and its gates again and again."""
    told = [f"Harbour gates number {n} are old." for n in range(9)]
    return [scripted.article(f"loud{n}", *told, published=SEPTEMBER) for n in range(count)]


def test_where_one_article_answers_the_others_of_its_days_are_read_before_louder_ones_of_other_days() -> None:
    sibling = scripted.article("sibling", *(["It rained."] * 8), "Guards had the harbour key.", published=DECEMBER)
    kept = scripted.library(*louder(14), gates("first", DECEMBER), sibling)
    found, _ = brought(kept, dockers=3.0, Guards=2.0)
    assert [e.article.id for e in found.evidence if e.reading.spans] == ["first", "sibling"]
    assert found.considered == ("first", "sibling"), "the others are silent on something else"


def test_what_is_found_on_reading_further_is_read_around_in_its_turn() -> None:
    answers = ("Guards had the harbour key.", "It was cold.", "Or was it porters?")
    far = scripted.article("far", *(["It rained."] * 8), *answers, published=DECEMBER)
    found, _ = brought(scripted.library(*louder(14), gates("first", DECEMBER), far), dockers=3.0, Guards=2.0, porters=1)
    assert [e.sentence.text for e in found.evidence if e.reading.spans][1:] == [answers[0], answers[2]]


def test_evidence_comes_surest_first_numbered_from_one_with_its_neighbour_and_place() -> None:
    kept = scripted.library(
        scripted.article("a", "Snow fell. The dockers locked the harbour gates. It was cold."),
        scripted.article("b", "The harbour gates were locked by guards."),
    )
    found, _ = brought(kept, dockers=1.0, guards=4.0)
    assert [e.n for e in found.evidence] == list(range(1, len(found.evidence) + 1))
    scores = [e.score for e in found.evidence]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= s <= 1 for s in scores)
    first, second = found.evidence[:2]
    assert (first.article.id, second.article.id) == ("b", "a")
    assert second.before is not None
    assert second.before.text == "Snow fell."
    for e, words in ((first, "guards"), (second, "dockers")):
        span = e.reading.spans[0]
        assert e.article.text[span.start : span.end] == words


def test_the_same_question_brings_the_same_evidence() -> None:
    kept = scripted.library(*(gates(f"a{n}") for n in range(6)))
    runs = [[(e.article.id, e.sentence.n, e.score) for e in brought(kept, dockers=2.0)[0].evidence] for _ in range(3)]
    assert runs[0] == runs[1] == runs[2]


# --- time -------------------------------------------------------------------------------------


def test_a_question_of_december_is_not_answered_from_september_nor_the_reverse() -> None:
    kept = scripted.library(gates("sep", SEPTEMBER), gates("dec", DECEMBER))
    assert articles_of(brought(kept, "Who locked the gates in December 2016?")[0]) == {"dec"}
    assert articles_of(brought(kept, "Who locked the gates in September 2016?")[0]) == {"sep"}
    assert articles_of(brought(kept, "Who locked the gates in December?")[0]) == {"dec"}
    assert articles_of(brought(kept, "Who locked the gates?")[0]) == {"sep", "dec"}


def test_an_article_without_a_day_is_never_left_out_by_time() -> None:
    kept = scripted.library(gates("sep", SEPTEMBER), gates("undated"), gates("dec", DECEMBER))
    for month, dated in (("December", "dec"), ("September", "sep")):
        assert articles_of(brought(kept, f"Who locked the gates in {month} 2016?")[0]) == {dated, "undated"}


def test_a_later_article_that_names_the_time_is_kept() -> None:
    later = dt.date(2018, 5, 2)
    kept = scripted.library(
        gates("dec", DECEMBER),
        gates("back", later, " That was in December 2016."),
        gates("silent", later),
        gates("other", later, " That was in June 2011."),
    )
    assert articles_of(brought(kept, "Who locked the gates in December 2016?")[0]) == {"dec", "back"}


def test_a_sentence_that_dates_itself_to_another_month_does_not_answer() -> None:
    both = scripted.article(
        "both",
        "The dockers locked the gates in December. The guards had locked the gates in September.",
        published=dt.date(2016, 12, 20),
    )
    texts = [e.sentence.text for e in brought(scripted.library(both), "Who locked the gates in December?")[0].evidence]
    assert texts == ["The dockers locked the gates in December."]


def test_a_year_is_answered_by_what_tells_of_that_year() -> None:
    told = scripted.article(
        "told",
        "The dockers locked the gates.",
        "In 2009 guards had locked the gates.",
        "They kept the key of the gates.",
        "Nine years ago porters locked the gates.",
        "It rained.",
        "Smiths forged the gates.",
        published=dt.date(2018, 5, 17),
    )
    found, _ = brought(scripted.library(told), "Who locked the gates in the 2009 strike?")
    texts = {e.sentence.text for e in found.evidence}
    assert texts == {
        "In 2009 guards had locked the gates.",
        "They kept the key of the gates.",
        "Nine years ago porters locked the gates.",
        "It rained.",
    }


def test_marching_is_no_month() -> None:
    march = scripted.article("a", "Guards who march on the gates locked them.", published=DECEMBER)
    assert articles_of(brought(scripted.library(march), "Who locked the gates in December?")[0]) == {"a"}
    assert articles_of(brought(scripted.library(march), "Who will march on the gates?")[0]) == {"a"}


@pytest.mark.parametrize(
    ("time", "published", "could"),
    [
        (Day(2016, 12), dt.date(2016, 12, 1), True),
        (Day(2016, 12), dt.date(2017, 1, 10), True),  # news of December still comes in January
        (Day(None, 12), dt.date(2017, 1, 10), True),
        (Day(2016, 12), dt.date(2016, 11, 30), False),  # nobody reports what has not happened
        (Day(2016, 12), dt.date(2017, 6, 1), False),
        (Day(2016), dt.date(2016, 2, 1), True),
        (Day(2016), dt.date(2015, 12, 31), False),
        (Day(2016, 2), dt.date(2016, 2, 29), True),
    ],
)
def test_which_articles_could_report_on_a_time(time: Day, published: dt.date, could: bool) -> None:
    assert could_report((time,), published) is could
    assert could_report((), published)
    assert could_report((time,), None)


def test_any_year_that_a_question_may_name_is_survived() -> None:
    kept = scripted.library(gates("dec", DECEMBER))
    for year in ("0000", "1500", "2099", "9999"):
        found, _ = brought(kept, f"Who locked the gates in December {year}?")
        assert articles_of(found) <= {"dec"}


# --- scope ------------------------------------------------------------------------------------


def test_scope_is_obeyed_and_the_undated_that_it_leaves_out_are_counted() -> None:
    kept = scripted.library(
        gates("sep", SEPTEMBER), gates("dec", DECEMBER, outlet="The Horn"), gates("u1"), gates("u2"), gates("u3")
    )
    since, _ = brought(kept, scope=Scope(since=dt.date(2016, 12, 1)))
    assert articles_of(since) == {"dec"}
    assert len(since.notes) == 1
    assert since.notes[0].startswith("3 articles")
    until, _ = brought(kept, scope=Scope(until=dt.date(2016, 10, 1), articles=("sep", "u1")))
    assert articles_of(until) == {"sep"}
    assert until.notes[0].startswith("1 article ")
    named, _ = brought(kept, scope=Scope(articles=("sep", "u2")))
    assert (articles_of(named), named.notes) == ({"sep", "u2"}, ())
    assert articles_of(brought(kept, scope=Scope(outlets=("the horn",)))[0]) == {"dec"}


def test_scope_holds_whatever_a_search_brings() -> None:
    kept = scripted.library(gates("in"), gates("out"))
    asked_for: list[Collection[str] | None] = []

    def search(text: str, limit: int, articles: Collection[str] | None) -> list[tuple[str, float]]:
        asked_for.append(articles)
        return kept.search_words(text, limit, articles)

    reader = scripted.ScriptedReader({})
    found = retrieve(understand(WHO), Scope(articles=("in",)), kept, (search,), reader)
    assert articles_of(found) == {"in"}
    assert [set(a or ()) for a in asked_for] == [{"in"}]


def test_a_scope_that_names_nothing_in_the_library_is_a_wrong_use() -> None:
    kept = scripted.library(gates("a"))
    for scope in (Scope(articles=("b",)), Scope(outlets=("The Drum",))):
        with pytest.raises(UsageError):
            brought(kept, scope=scope)


def test_dates_that_leave_nothing_bring_nothing() -> None:
    found, reader = brought(scripted.library(gates("sep", SEPTEMBER)), scope=Scope(since=DECEMBER))
    assert (found.evidence, reader.seen) == ((), [])


# --- small libraries --------------------------------------------------------------------------


def test_an_empty_library_brings_nothing() -> None:
    for question in (WHO, "Who locked the gates in December 2016?"):
        found, reader = brought(scripted.library(), question)
        assert (found.evidence, found.considered, reader.seen) == ((), (), [])


def test_one_article_is_enough() -> None:
    found, _ = brought(scripted.library(gates("only")), dockers=2.0)
    assert [e.sentence.text for e in found.evidence] == ["The dockers locked the harbour gates."]


def test_without_searches_every_sentence_is_read() -> None:
    kept = scripted.library(*(scripted.article(f"d{n}", *(f"Line {k} of {n}." for k in range(30))) for n in range(5)))
    _, reader = brought(kept, closed=True)
    assert sorted(reader.seen) == sorted(f"Line {k} of {n}." for n in range(5) for k in range(30))


def test_a_search_that_knows_nothing_does_not_hide_what_another_finds() -> None:
    kept = scripted.library(gates("a"), gates("b"))

    def blind(text: str, limit: int, articles: Collection[str] | None) -> list[tuple[str, float]]:
        return []

    found = retrieve(understand(WHO), Scope(), kept, (blind, kept.search_words), scripted.ScriptedReader({}))
    assert articles_of(found) == {"a", "b"}


def test_what_comes_nearest_is_told_as_soon_as_a_few_sentences_are_read_and_nothing_else_changes() -> None:
    told = [f"Guard {n} turned the key of the harbour gates." for n in range(40)]
    kept, reader = scripted.library(scripted.article("watch", *told)), scripted.ScriptedReader({"Guard 3": 3.0})
    steps = retrieving(understand(WHO), Scope(), kept, (kept.search_words,), reader)
    sizes = []
    while True:
        try:
            sizes.append(len(next(steps)))
        except StopIteration as done:
            found = done.value
            break
    assert sizes[0] == FIRST
    assert sizes == sorted(sizes)
    whole, _ = brought(kept, **{"Guard_3": 3.0})
    assert found.evidence == whole.evidence
    assert len(found.evidence) > sizes[-1]
