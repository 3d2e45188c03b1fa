"""Near-copies: the same story printed again is found, what articles only have in common is not."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence

import pytest
import scripted
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LibraryError
from rag.library import Library
from rag.near_copies import MANY, MOST, Near, body, near_copies, near_copies_of
from rag.types import Article, Block

STORY = [
    "The ferry to Norsund could not leave on Tuesday because the harbour gates were found locked at dawn.",
    "The port authority accused striking dockers of locking the gates, and said that twelve passengers were hurt.",
    "Union leader Ida Moen denied this and accused private guards, whom the owners of the quay had hired in spring.",
    "Passengers waited for nine hours on the quay before a locksmith from the next village was rowed across.",
    "A second ferry is to sail on Friday if the wind allows, the captain told those who were still waiting.",
]
OTHER = [
    "The bakery in Mill Street has baked the same rye loaf for a hundred years, in an oven built by hand.",
    "Its present owner means to retire next winter and has no children who would carry on the trade after him.",
    "Neighbours have begun to collect money so that the oven at least can be moved to the museum of the town.",
]
PLACES = "Norsund Aaby Fjelde Harvik Kolby Lundmark Mosholt Nesvik Odde Ravnsø Skarbak Tornby Ulvik Vestnes".split()


def drawn(seed: str, words: int) -> str:
    """A text that shares runs of words with no other."""
    rng = random.Random(seed)
    return " ".join(f"{rng.choice('bdfgklmnprstv')}{rng.choice('aeiou')}{rng.randrange(5000)}" for _ in range(words))


def edited(text: str, seed: str, edits: int) -> str:
    """With other words in some places, as a desk changes them."""
    rng = random.Random(seed)
    words = text.split()
    for at in rng.sample(range(len(words)), edits):
        words[at] = f"other{seed}{at}"
    return " ".join(words)


def found(*texts: str | Sequence[str]) -> dict[str, dict[str, float]]:
    """Shares by id; texts are named a, b, c ..."""
    pairs = [(chr(97 + n), text if isinstance(text, str) else "\n".join(text)) for n, text in enumerate(texts)]
    return {id_: {near.article: near.share for near in nears} for id_, nears in near_copies(pairs).items()}


# --- laws -------------------------------------------------------------------------------------

texts = st.lists(
    st.one_of(
        st.text(max_size=80),
        st.lists(
            st.sampled_from([*STORY, *OTHER, "Read more", "北港的渡轮周二未能离开", "ﷺ", "ﬁ", "\ud800"]), max_size=6
        ).map(" ".join),
    ),
    max_size=7,
)


@given(texts, st.randoms(use_true_random=False))
def test_the_order_of_the_texts_does_not_matter(some: list[str], rng: random.Random) -> None:
    pairs = [(f"a{n}", text) for n, text in enumerate(some)]
    shuffled = rng.sample(pairs, len(pairs))
    assert near_copies(pairs) == near_copies(shuffled)


@given(texts)
def test_shares_are_from_a_half_to_one_best_first_and_of_others(some: list[str]) -> None:
    result = near_copies((f"a{n}", text) for n, text in enumerate(some))
    for id_, nears in result.items():
        shares = [near.share for near in nears]
        assert shares
        assert all(0.5 <= share <= 1 for share in shares)
        assert shares == sorted(shares, reverse=True)
        assert id_ not in {near.article for near in nears}
        assert len({near.article for near in nears}) == len(nears)


@given(st.text(max_size=200), texts)
def test_identical_texts_are_wholly_in_each_other_whatever_stands_beside_them(text: str, others: list[str]) -> None:
    result = near_copies([("one", text), *((f"a{n}", other) for n, other in enumerate(others)), ("two", text)])
    wordless = not any(char.isalnum() for char in text)
    assert (Near("two", 1.0) in result.get("one", ())) != wordless
    assert (Near("one", 1.0) in result.get("two", ())) != wordless


@given(st.integers(0, 10**6), st.integers(5, 200), st.integers(5, 200))
def test_unrelated_texts_have_none(seed: int, one: int, other: int) -> None:
    assert found(drawn(f"{seed}", one), drawn(f"other {seed}", other)) == {}


@given(st.integers(0, 10**6), st.integers(60, 300))
def test_a_few_edits_leave_near_copies_both_ways(seed: int, words: int) -> None:
    text = drawn(f"{seed}", words)
    shares = found(text, edited(text, f"{seed}", words // 30))
    assert shares["a"]["b"] > 0.6
    assert shares["b"]["a"] > 0.6


# --- what desks do ----------------------------------------------------------------------------


def test_case_accents_and_punctuation_do_not_count() -> None:
    plain = "Doga Erdogan said that the gates of Norsund were locked, and that nobody had the key."
    dressed = "DOĞA ERDOĞAN said — that the “gates” of Nórsund were locked and that nobody\u00ad had the key…"
    assert found(plain, dressed) == {"a": {"b": 1.0}, "b": {"a": 1.0}}


def test_a_changed_lead_leaves_most_of_the_words() -> None:
    lead = "Locked gates have kept hundreds from the islands, and nobody wants to have turned the key."
    shares = found(STORY, [lead, *STORY[1:]])
    assert shares["a"]["b"] == pytest.approx(72 / 90, abs=0.03)
    assert shares["b"]["a"] == pytest.approx(72 / 88, abs=0.03)


def test_a_story_printed_by_a_third_is_in_the_whole_and_the_whole_is_no_copy_of_it() -> None:
    assert found(STORY, STORY[:2]) == {"b": {"a": 1.0}}


def test_paragraphs_in_another_order_change_little() -> None:
    shares = found(STORY, [STORY[n] for n in (3, 0, 4, 2, 1)])
    assert shares["a"]["b"] > 0.95
    assert shares["b"]["a"] > 0.95


def test_a_quote_that_two_articles_share_makes_no_near_copy() -> None:
    assert found([*OTHER, STORY[2]], STORY) == {}


def test_the_nearest_stands_first() -> None:
    shares = found(STORY, [*STORY[:3], *OTHER[:1]], [*STORY[:4], "The end."], STORY[:1])
    assert list(shares["b"]) == ["a", "c"]
    assert list(shares["d"]) == ["a", "b", "c"]  # by name where they are equal


def test_one_sentence_notes_are_compared_too() -> None:
    one = "Twelve passengers were hurt on Tuesday when the gates of the harbour were found locked."
    other = "Twelve passengers were hurt on Monday when the gates of the harbour were found locked."
    assert found(one, other) == {"a": {"b": 1.0 - 1 / 15}, "b": {"a": 1.0 - 1 / 15}}
    assert found(one, "Twelve passengers were hurt on Tuesday, and the bakery in Mill Street has closed.") == {}
    assert found("Read more", "Read more", "Read") == {"a": {"b": 1.0}, "b": {"a": 1.0}}
    assert found("", "", "...", "...") == {}


def test_words_that_stand_in_different_order_are_not_shared() -> None:
    words = " ".join(STORY).split()
    assert found(" ".join(words), " ".join(reversed(words))) == {}


# --- other scripts ----------------------------------------------------------------------------


def test_arabic_is_compared_by_words_without_its_vowel_signs() -> None:
    plain = "لم تتمكن العبارة من مغادرة الميناء يوم الثلاثاء لأن البوابات كانت مغلقة وانتظر الركاب تسع ساعات على الرصيف"
    marked = plain.replace("العبارة", "العَبَّارَة").replace("الميناء", "المينـاء".replace("ـ", ""))
    shares = found(plain, marked + " حتى المساء", "خبز المخبز القديم الرغيف نفسه منذ مئة عام في فرن بناه الجد بيديه")
    assert shares["a"] == {"b": 1.0}
    assert shares["b"]["a"] > 0.85
    assert "c" not in shares


def test_chinese_and_thai_are_compared_by_characters() -> None:
    chinese = "北港的渡轮周二未能离开，因为港口的大门在黎明时被发现锁上了。乘客在码头上等了九个小时，才有锁匠划船过来。"
    longer = chinese.replace("九个小时", "整整一夜") + "面包店。"
    thai = "เรือข้ามฟากไม่สามารถออกจากท่าได้ในวันอังคารเพราะประตูท่าเรือถูกล็อกผู้โดยสารรออยู่เก้าชั่วโมง"
    unlike = "磨坊街的面包店一百年来一直烤同样的黑麦面包，烤炉是现任店主的祖父亲手建造的，他打算明年冬天退休。"
    shares = found(chinese, longer, unlike, thai, thai + "ที่ท่าเรือ")
    assert set(shares) == {"a", "b", "d", "e"}
    assert 0.6 < shares["a"]["b"] < 1
    assert 0.6 < shares["b"]["a"] < 1
    assert shares["d"]["e"] == 1


# --- what articles only have in common --------------------------------------------------------

FOOT = "Follow the Harbour Post on all channels, write to us, and read more of our stories every morning at seven."


def test_the_foot_of_a_page_makes_no_near_copies_of_long_articles() -> None:
    shares = found(*([drawn(f"{n}", 60), FOOT] for n in range(6)))
    assert shares == {}


def test_a_foot_that_is_half_of_a_note_makes_none_where_longer_articles_have_it_too() -> None:
    notes = [[drawn(f"note {n}", 14), FOOT] for n in range(2)]
    assert set(found(*notes)) == {"a", "b"}  # two alone might as well be one story
    assert found(*notes, *([drawn(f"{n}", 90), FOOT] for n in range(3))) == {}


def test_a_note_that_two_long_reports_take_over_is_in_both() -> None:
    shares = found(STORY[:2], [drawn("one", 80), *STORY[:2]], [*STORY[:2], drawn("two", 90)])
    assert shares == {"a": {"b": 1.0, "c": 1.0}}


def test_a_foot_that_many_notes_have_makes_none() -> None:
    assert found(*([drawn(f"{n}", 15), FOOT] for n in range(14))) == {}


def test_what_stands_in_very_many_articles_counts_for_nothing() -> None:
    nav = drawn("navigation", 150)
    pages = [(f"a{n:03}", f"{nav} {drawn(f'{n}', 40)}") for n in range(MANY + 5)]
    story = " ".join(STORY)
    same = [("one", f"{nav} {story}"), ("two", f"{nav} {edited(story, 'x', 2)}")]
    result = near_copies([*pages, *same])
    assert set(result) == {"one", "two"}
    assert result["one"][0].share < 1


def test_a_background_paragraph_makes_none_and_the_story_beside_it_is_found() -> None:
    background = drawn("background", 50)
    reports = [f"{drawn(f'{n}', 40 + 15 * n)} {background}" for n in range(5)]
    story = f"{drawn('story', 45)} {background}"
    shares = found(*reports, story, edited(story, "x", 2))
    assert set(shares) == {"f", "g"}
    assert set(shares["f"]) == {"g"}


@pytest.mark.parametrize("words", [70, 400])
def test_a_story_that_many_print_is_no_foot_of_a_page(words: int) -> None:
    story = drawn("story", words)
    prints = [edited(story, f"{n}", 2) for n in range(24)]
    shares = found(*prints, drawn("another", words))
    assert len(shares) == 24
    assert all(len(others) == 23 for others in shares.values())


def test_a_text_kept_very_often_names_only_some_of_its_copies() -> None:
    result = near_copies((f"a{n:04}", " ".join(STORY)) for n in range(MOST + 50))
    assert {len(nears) for nears in result.values()} == {MOST}
    assert result["a0000"][0] == Near("a0001", 1.0)
    assert result["a0149"][0] == Near("a0000", 1.0)


# --- speed ------------------------------------------------------------------------------------


def test_two_thousand_articles_take_seconds() -> None:
    phrases = [drawn(f"phrase {n}", 7) for n in range(300)]
    rng = random.Random(7)
    pairs = []
    for n in range(1000):
        story = " ".join(f"{drawn(f'{n} {k}', 12)} {rng.choice(phrases)}" for k in range(16))
        pairs += [(f"a{n}", story), (f"b{n}", edited(story, f"{n}", 6) if n % 4 == 0 else drawn(f"b{n}", 300))]
    began = time.perf_counter()
    result = near_copies(pairs)
    assert time.perf_counter() - began < 30
    assert set(result) == {f"{which}{n}" for which in "ab" for n in range(0, 1000, 4)}


def test_one_very_long_text_is_no_trouble() -> None:
    book = drawn("book", 120_000)
    began = time.perf_counter()
    assert found(book, edited(book, "x", 50), " ".join(book.split()[:90]))["c"] == {"a": 1.0, "b": 1.0}
    assert time.perf_counter() - began < 20


# --- of a library -----------------------------------------------------------------------------


def test_title_and_furniture_are_not_part_of_a_body() -> None:
    text = "Gates locked\n\nThe gates were locked.\n\nShare this article"
    blocks = (Block(0, 12, "title"), Block(14, 36), Block(38, 56, "furniture"))
    assert body(Article("a", "Gates locked", text, blocks)) == "The gates were locked."


class Counting:
    """A library that counts how often an article is read."""

    def __init__(self, library: Library) -> None:
        self.library, self.reads = library, 0
        self.summaries, self.fingerprint = library.summaries, library.fingerprint

    def article(self, article_id: str) -> Article:
        self.reads += 1
        return self.library.article(article_id)


def test_a_library_is_read_once_for_each_of_its_states() -> None:
    story, extra = scripted.article("a", *STORY), scripted.article("c", *STORY[:3])
    with scripted.library(story, scripted.article("b", *STORY, "The end.")) as library:
        counting = Counting(library)
        first = near_copies_of(counting)
        assert (set(first), counting.reads) == ({"a", "b"}, 2)
        assert (near_copies_of(counting), near_copies_of(library), counting.reads) == (first, first, 2)
        put(library, extra)
        assert set(near_copies_of(counting)) == {"a", "b", "c"}
        assert counting.reads == 5
        library.remove(["c"])
        assert (near_copies_of(counting), counting.reads) == (first, 5)


def put(library: Library, article: Article) -> None:
    from rag.split import split

    sentences, passages = split(article)
    library.put(article, sentences, passages, [() for _ in sentences])


def test_only_the_last_few_libraries_are_remembered() -> None:
    libraries = [scripted.library(scripted.article("a", f"{place} has a harbour of its own.")) for place in PLACES]
    counted = [Counting(library) for library in libraries]
    for each in (*counted, counted[0], counted[-1]):
        near_copies_of(each)
    assert [each.reads for each in counted] == [2, *([1] * (len(counted) - 1))]
    for library in libraries:
        library.close()


def test_threads_that_ask_together_let_one_of_them_read() -> None:
    with scripted.library(*(scripted.article(place, *OTHER, place) for place in PLACES)) as library:
        counting = Counting(library)
        results: list[object] = []
        threads = [threading.Thread(target=lambda: results.append(near_copies_of(counting))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert counting.reads == len(PLACES)
        assert len(results) == 8
        assert all(result is results[0] for result in results)


class Changing(Counting):
    """A library from which another removes an article while it is read."""

    def article(self, article_id: str) -> Article:
        if not self.reads:
            self.library.remove(["b"])
        return super().article(article_id)


def test_an_article_that_is_removed_meanwhile_is_left_out_and_nothing_is_remembered() -> None:
    articles = [scripted.article(id_, *STORY, f"{id_} was here.") for id_ in "abc"]
    with scripted.library(*articles) as library:
        assert set(near_copies_of(Changing(library))) == {"a", "c"}
        put(library, articles[1])
        assert set(near_copies_of(library)) == {"a", "b", "c"}


class Broken(Counting):
    def article(self, article_id: str) -> Article:
        raise LibraryError("library in memory cannot be used (disk I/O error): run whosays doctor")


def test_a_library_that_cannot_be_read_is_an_error() -> None:
    with (
        scripted.library(scripted.article("a", "Nobody can read this.")) as library,
        pytest.raises(LibraryError, match="disk"),
    ):
        near_copies_of(Broken(library))
