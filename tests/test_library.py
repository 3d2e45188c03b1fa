"""The library: ids, sources, copies, scope, words, and what happens to a file that is no library."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import LibraryError, UsageError
from rag.library import Library
from rag.library_file import FILE
from rag.library_ids import Outcome
from rag.types import Article, Block, Passage, Scope, Sentence, Token, Tokens

RIVER = "The river rose on Monday. Two bridges were closed."
HARBOUR = "The harbour stayed open. Ferries sailed on time."


def article(id_: str, text: str = RIVER, **fields: object) -> Article:
    made = Article(id_, id_.title(), text, (Block(0, len(text)),), path=f"/news/{id_}.txt")
    return replace(made, **fields)  # type: ignore[arg-type]


def parts(a: Article) -> tuple[list[Sentence], list[Passage], list[Tokens]]:
    """Each sentence (". " ends one) is a passage and has its words as tokens."""
    sentences, at = [], 0
    for n, text in enumerate(a.text.replace(". ", ".\0").split("\0")):
        sentences.append(Sentence(a.id, n, at, at + len(text), text, 0))
        at += len(text) + 1
    passages = [Passage(a.id, s.n, s.start, s.end, s.text, s.n, s.n) for s in sentences]
    return sentences, passages, [words(s.text) for s in sentences]


def words(text: str) -> Tokens:
    made, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        made.append(Token(start, at, word, word.lower(), "NOUN", "NN", "dep", 0, "GPE" if word.istitle() else ""))
    return tuple(made)


def put(library: Library, a: Article, columns: str | None = None) -> tuple[Article, Outcome]:
    return library.put(a, *parts(a), columns)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "lib") as made:
        yield made


# --- what is kept comes back ------------------------------------------------------------------


def test_everything_that_is_put_comes_back_after_reopening(tmp_path: Path) -> None:
    text = "Überschwemmung in Köln: 日本 😀 e\u0301. Zwei Brücken zu."
    whole = article(
        "köln-水",
        text,
        title="Hochwasser “jetzt”",
        outlet="Der Bote",
        published=dt.date(2020, 2, 29),
        url="https://example.org/a?b=c",
        row="7",
        blocks=(Block(0, 4, "title"), Block(5, len(text))),
    )
    with Library.create(tmp_path) as library:
        kept, outcome = put(library, whole)
    with Library.open(tmp_path) as library:
        assert (kept, outcome) == (whole, "added")
        assert library.article("köln-水") == whole
        assert (library.sentences(whole.id), library.passages(whole.id), library.tokens(whole.id)) == parts(whole)
        (summary,) = library.summaries()
        assert (summary.id, summary.published, summary.words, summary.row) == (whole.id, dt.date(2020, 2, 29), 9, "7")


def test_a_sentence_that_is_not_in_the_text_is_refused_and_nothing_is_kept(library: Library) -> None:
    a = article("river")
    sentences, passages, tokens = parts(a)
    moved = [replace(sentences[0], start=1, end=1 + len(sentences[0].text)), *sentences[1:]]
    with pytest.raises(ValueError, match="is not the one given"):
        library.put(a, moved, passages, tokens)
    with pytest.raises(ValueError, match="2 sentences, but tokens for 1"):
        library.put(a, sentences, passages, tokens[:1])
    assert library.summaries() == []


def test_passages_by_id_keep_the_order_and_leave_out_what_is_gone(library: Library) -> None:
    put(library, article("river"))
    put(library, article("harbour", HARBOUR))
    found = library.passages_by_id(["harbour#1", "gone#0", "river#0"])
    assert [p.id for p in found] == ["harbour#1", "river#0"]


# --- sources and ids --------------------------------------------------------------------------


def test_a_source_that_is_unchanged_is_the_same(library: Library) -> None:
    put(library, article("river"))
    assert put(library, article("river"))[1] == "same"
    assert len(library.summaries()) == 1


def test_changed_text_replaces_under_the_same_id(library: Library) -> None:
    put(library, article("river"))
    kept, outcome = put(library, article("river", "The river fell."))
    assert (kept.id, kept.text, outcome) == ("river", "The river fell.", "replaced")
    assert [p.id for p in library.passages("river")] == ["river#0"]
    assert library.search_words("bridges", 5) == []
    assert library.dropped() == ["river#1"]


def test_new_metadata_is_kept_without_embedding_again_unless_it_is_the_title(library: Library) -> None:
    put(library, article("river"))
    library.mark_indexed([("river#0", b"\0" * 8), ("river#1", b"\0" * 8)])
    later = article("river", outlet="The Post", published=dt.date(2021, 5, 1), url="https://example.org")
    assert library.put(later, (), (), ()) == (later, "replaced")
    assert (library.pending_count(), len(library.sentences("river"))) == (0, 2)
    library.put(replace(later, title="Another"), (), (), ())
    assert [(p.id, p.title, p.vector) for p in library.pending(9)] == [
        ("river#0", "Another", None),
        ("river#1", "Another", None),
    ]


def test_a_taken_id_gets_a_number_and_is_never_given_to_another_source(library: Library) -> None:
    put(library, article("river"))
    second, _ = put(library, article("river", HARBOUR, path="/other/river.txt"))
    assert second.id == "river-2"
    library.remove(["river", "river-2"])
    third, _ = put(library, article("river", "A third text.", path="/third/river.txt"))
    assert third.id == "river-3"
    again, outcome = put(library, article("river"))
    assert (again.id, outcome) == ("river", "added")


def test_an_id_that_looks_numbered_is_stepped_over(library: Library) -> None:
    put(library, article("river-2"))
    put(library, article("river", HARBOUR))
    assert put(library, article("river", "A third.", path="/x/river.txt"))[0].id == "river-3"


def test_the_same_text_elsewhere_is_a_copy_of_the_first_also_when_the_first_goes(library: Library) -> None:
    for id_ in ("a", "b", "c"):
        put(library, article(id_))
    assert [(s.id, s.copy_of) for s in library.summaries()] == [("a", None), ("b", "a"), ("c", "a")]
    library.remove(["a"])
    assert [(s.id, s.copy_of) for s in library.summaries()] == [("b", None), ("c", "b")]
    assert library.article("c").copy_of == "b"
    put(library, article("b", HARBOUR))
    assert library.article("c").copy_of is None


def test_a_repeated_row_of_one_file_is_a_duplicate_and_another_text_gets_a_number(library: Library) -> None:
    def row(n: str, id_: str, text: str) -> tuple[str, Outcome]:
        kept, outcome = put(library, article(id_, text, path="/news/all.csv", row=n))
        return kept.id, outcome

    for expected in ("added", "same"):
        assert row("1", "x", RIVER) == ("x", expected)
        assert row("2", "y", RIVER) == ("y", expected)  # another id: a copy, not a repeated row
        assert row("3", "x", RIVER) == ("x", "duplicate")
        assert row("4", "x", HARBOUR) == ("x-2", expected)
        assert row("5", "x", HARBOUR) == ("x-2", "duplicate")
    assert [s.id for s in library.summaries()] == ["x", "y", "x-2"]


def test_rows_that_move_are_found_again(library: Library) -> None:
    texts = {"x": RIVER, "y": HARBOUR, "z": "The road is dry."}

    def rows(*ids: str) -> list[Article]:
        return [article(i, texts[i], path="/news/all.csv", row=str(n)) for n, i in enumerate(ids, start=1)]

    for a in rows("x", "y", "z"):
        put(library, a)
    moved = rows("y", "z", "y")  # the first row is gone, and one is repeated at the end
    assert library.settle_rows("/news/all.csv", moved) == ["x"]
    assert [put(library, a)[1] for a in moved] == ["same", "same", "duplicate"]
    assert {s.id: s.row for s in library.summaries()} == {"x": "1", "y": "1", "z": "2"}
    texts["y"] = "The harbour closed."
    changed = rows("x", "y", "z")
    assert library.settle_rows("/news/all.csv", changed) == []
    assert [put(library, a)[1] for a in changed] == ["same", "replaced", "same"]
    assert [s.id for s in library.summaries()] == ["x", "y", "z"]


def test_two_articles_under_one_wanted_id_keep_their_own_ids_when_rows_move(library: Library) -> None:
    first = [article("x", t, path="/f.csv", row=str(n)) for n, t in enumerate((RIVER, HARBOUR), start=1)]
    for a in first:
        put(library, a)
    moved = [replace(a, row=str(int(a.row or 0) + 1)) for a in first]
    assert library.settle_rows("/f.csv", moved) == []
    assert [(put(library, a)[0].id, put(library, a)[1]) for a in moved] == [("x", "same"), ("x-2", "same")]


def test_the_column_map_is_kept_with_the_source(library: Library) -> None:
    put(library, article("x", path="/f.csv", row="1"), "id=key,text=body")
    assert library.columns("/f.csv") == "id=key,text=body"
    assert library.columns("/other.csv") is None


def test_removing_an_unknown_id_names_it_and_removes_nothing(library: Library) -> None:
    put(library, article("river"))
    with pytest.raises(LibraryError, match="no article 'brook'"):
        library.remove(["river", "brook"])
    assert [s.id for s in library.summaries()] == ["river"]
    library.remove(["river"])
    assert (library.summaries(), library.dropped()) == ([], ["river#0", "river#1"])
    with pytest.raises(LibraryError, match="no article 'river'"):
        library.article("river")


def test_the_fingerprint_follows_ids_and_texts_alone(tmp_path: Path) -> None:
    with Library.create(tmp_path / "1") as one, Library.memory() as two:
        put(one, article("a"))
        put(one, article("b", HARBOUR))
        put(two, article("b", HARBOUR, title="Else", path="/elsewhere"))
        put(two, article("a"))
        assert one.fingerprint() == two.fingerprint()
        put(two, article("a", "Changed."))
        assert one.fingerprint() != two.fingerprint()


# --- scope ------------------------------------------------------------------------------------


@pytest.fixture
def dated(library: Library) -> Library:
    put(library, article("old", "One.", outlet="The Post", published=dt.date(2019, 1, 1)))
    put(library, article("new", "Two.", outlet="ÉCHO", published=dt.date(2020, 1, 1)))
    put(library, article("undated", "Three.", outlet="The Post"))
    return library


@pytest.mark.parametrize(
    ("scope", "ids", "undated"),
    [
        (Scope(), ("old", "new", "undated"), 0),
        (Scope(since=dt.date(2020, 1, 1)), ("new",), 1),
        (Scope(until=dt.date(2019, 1, 1)), ("old",), 1),
        (Scope(outlets=("the post",)), ("old", "undated"), 0),
        (Scope(outlets=("Écho",), until=dt.date(2021, 1, 1)), ("new",), 0),
        (Scope(articles=("undated", "old")), ("old", "undated"), 0),
        (Scope(articles=("undated",), since=dt.date(2000, 1, 1)), (), 1),
        (Scope(outlets=("the post",), articles=("new",)), (), 0),
    ],
)
def test_scope(dated: Library, scope: Scope, ids: tuple[str, ...], undated: int) -> None:
    assert dated.in_scope(scope) == (ids, undated)


def test_an_unknown_outlet_or_article_is_named_with_what_there_is(dated: Library) -> None:
    with pytest.raises(UsageError, match=r"no outlet 'Post' in the library: it has The Post, ÉCHO"):
        dated.in_scope(Scope(outlets=("Post",)))
    with pytest.raises(UsageError, match=r"no article 'nex' in the library: it has new, old, undated"):
        dated.in_scope(Scope(articles=("nex",)))


# --- words ------------------------------------------------------------------------------------


def test_words_are_found_in_any_form_and_without_accents(library: Library) -> None:
    put(library, article("river", "The bridges in Köln were closing. Nobody swam."))
    for query in ("bridge", "KOLN", "closed", "who closes the bridge?", "köln"):
        assert [id_ for id_, _ in library.search_words(query, 5)] == ["river#0"], query


def test_the_best_come_first_and_the_limit_holds_inside_the_scope(library: Library) -> None:
    for n in range(30):
        put(library, article(f"a{n}", f"Ferry ferry ferry {n}."))
    put(library, article("z", "A long line about other things that names one ferry among much else."))
    hits = library.search_words("ferry", 100)
    assert (len(hits), hits[-1][0]) == (31, "z#0")
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    many = [f"nobody{n}" for n in range(40_000)]
    assert [id_ for id_, _ in library.search_words("ferry", 1, ["z", *many])] == ["z#0"]
    assert library.search_words("ferry", 5, []) == []


def test_a_question_of_common_words_alone_still_searches(library: Library) -> None:
    put(library, article("who", "The Who were there."))
    assert [id_ for id_, _ in library.search_words("who were the", 5)] == ["who#0"]


ODD = st.text(alphabet=st.sampled_from("aé\"'*()^:+-{}[]\\;,.<>=!?_ \n\0\ud800ANDORTNE日😀"), max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(query=st.one_of(st.text(), ODD))
def test_no_query_is_a_syntax_error(library: Library, query: str) -> None:
    if not library.summaries():
        put(library, article("river"))
    assert isinstance(library.search_words(query, 3), list)


def test_a_very_long_question_is_no_error(library: Library) -> None:
    put(library, article("river"))
    assert library.search_words("river " + " ".join(f"word{n}" for n in range(20_000)), 3)[0][0] == "river#0"


# --- files and threads ------------------------------------------------------------------------


def test_a_missing_library_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="make one with: whosays ingest PATH"):
        Library.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def other_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE meta (key TEXT, value TEXT)")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("make", [lambda p: p.write_bytes(b"not a database, but long enough" * 40), other_database])
def test_a_file_that_is_no_library_is_named_in_one_line(tmp_path: Path, make: object) -> None:
    make(tmp_path / FILE)  # type: ignore[operator]
    for opened in (Library.open, Library.create):
        with pytest.raises(LibraryError, match="is not a Whosays library") as caught:
            opened(tmp_path)
        assert "\n" not in str(caught.value)
        assert str(tmp_path) in str(caught.value)


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    with Library.create(tmp_path) as library:
        library.set("schema", "99")
    with pytest.raises(LibraryError, match="schema 99, this program knows 1: update whosays"):
        Library.open(tmp_path)


def test_create_finishes_what_was_cut_off_and_keeps_what_is_there(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()  # what a kill before the first commit leaves
    with Library.create(tmp_path) as library:
        put(library, article("river"))
    with Library.create(tmp_path) as library:
        assert [s.id for s in library.summaries()] == ["river"]


def test_damage_inside_the_file_is_found(tmp_path: Path) -> None:
    with Library.create(tmp_path) as library:
        put(library, article("river"))
        assert (library.check(), library.words_fit()) == ([], True)
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("UPDATE passages SET text = 'Something else.' WHERE n = 0")
    connection.execute("UPDATE articles SET text = 'x' || substr(text, 2)")
    connection.commit()
    connection.close()
    with Library.open(tmp_path) as library:
        assert library.check() == ["article river: the text is not the one that was kept"]
        assert not library.words_fit()
        library.repair()
        assert library.words_fit()
        assert library.search_words("something", 1)[0][0] == "river#0"


@pytest.mark.parametrize("where", ["file", "memory"])
def test_threads_may_share_a_library(tmp_path: Path, where: str) -> None:
    library = Library.create(tmp_path) if where == "file" else Library.memory()
    errors: list[BaseException] = []

    def work(n: int) -> None:
        try:
            for k in range(10):
                put(library, article(f"t{n}-{k}", f"Text {n} of {k}. Ferry."))
                assert library.search_words("ferry", 500)
                assert len(library.sentences(f"t{n}-{k}")) == 2
        except BaseException as error:  # noqa: BLE001 - carried to the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(library.search_words("ferry", 500)) == len(library.summaries()) == 80
    library.close()


def test_another_connection_reads_while_one_writes(tmp_path: Path) -> None:
    with Library.create(tmp_path) as writer, Library.open(tmp_path) as reader:
        put(writer, article("river"))
        assert [s.id for s in reader.summaries()] == ["river"]
