"""The index: library and vectors stay equal through ingest, change, kill and damage."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from scripted import FakeEmbedder, FakeParser

from rag.errors import LibraryError, LockedError
from rag.index import Index
from rag.ingest import BATCH, Entry, IngestReport
from rag.readers import parse_map
from rag.vectors import Vectors

ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"


def no_parser() -> FakeParser:
    raise AssertionError("nothing needed to be parsed")


def write(folder: Path, **texts: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def story(n: int, paragraphs: int = 6) -> str:
    """An article of its own words: enough of them for a passage a paragraph or two."""
    things = ("ferry", "bridge", "market", "school", "harbour", "mill", "tunnel", "orchard", "station", "theatre")
    lines = [f"The {things[n % 10]} number {n} was discussed again"]
    for k in range(paragraphs):
        thing = things[(n + k) % 10]
        lines.append(
            " ".join(f"On round {k} the {thing} of town {n} had visitor {k * 10 + j} at gate {j}." for j in range(8))
        )
    return "\n\n".join(lines)


def ingest(
    library: Path, *paths: Path, embedder: FakeEmbedder | None = None, parser: Callable[[], FakeParser] = FakeParser
) -> IngestReport:
    with Index.open(library, embedder or FakeEmbedder(), create=True) as index:
        return index.ingest(paths, None, parser)


def ids(entries: Sequence[Entry]) -> list[str]:
    return [entry.id for entry in entries]


def state(library: Path) -> dict[str, object]:
    """What two libraries must share to be equal: articles, passages and what a search with each passage finds."""
    embedder = FakeEmbedder()
    with Index.open(library, embedder) as index:
        report = index.doctor(probe=False)  # a process of its own for each would make the tests slow
        found = {}
        for passage, _, title, text in index.library.to_embed():
            found[passage] = index.search_vectors(embedder.embed_passage(f"{title}\n{text}"), 1)[0][0]
        return {
            "equal": (report.equal, report.lines()),
            "fingerprint": index.library.fingerprint(),
            "articles": [s.id for s in index.library.summaries()],
            "found": found,
        }


@pytest.fixture(autouse=True)
def chroma(monkeypatch: pytest.MonkeyPatch) -> None:
    """These libraries are small; what is tested is how they are searched when they are not."""
    monkeypatch.setattr("rag.index.EXACT_UP_TO", 0)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write(tmp_path / "news", **{f"town{n}": story(n) for n in range(4)})
    return tmp_path / "news"


@pytest.fixture
def library(tmp_path: Path, corpus: Path) -> Path:
    ingest(tmp_path / "lib", corpus)
    return tmp_path / "lib"


# --- ingest -----------------------------------------------------------------------------------


def test_what_is_ingested_is_found_by_words_and_by_vectors(library: Path) -> None:
    embedder = FakeEmbedder()
    with Index.open(library, embedder) as index:
        assert [s.id for s in index.library.summaries()] == ["town0", "town1", "town2", "town3"]
        passage = index.library.passages("town2")[1]
        title = index.library.article("town2").title
        hits = index.search_vectors(embedder.embed_passage(f"{title}\n{passage.text}"), 3)
        assert (hits[0][0], round(hits[0][1], 4), len(hits)) == (passage.id, 1.0, 3)
        assert {i.split("#")[0] for i, _ in index.search_words("town 3", 3, ["town3"])} == {"town3"}
        assert len(index.library.tokens("town1")) == len(index.library.sentences("town1"))


def test_a_second_ingest_embeds_and_parses_only_what_changed(library: Path, corpus: Path) -> None:
    write(corpus, town1=story(1) + "\n\nA last word was added.", town9=story(9, 1))
    embedder = FakeEmbedder()
    report = ingest(library, corpus, embedder=embedder)
    assert (ids(report.added), ids(report.replaced)) == (["town9"], ["town1"])
    assert (ids(report.same), report.problems) == (["town0", "town2", "town3"], ())
    assert not [text for text in embedder.texts if "town 2 " in text or "town 0 " in text]
    again = FakeEmbedder()
    assert ids(ingest(library, corpus, embedder=again, parser=no_parser).same) == [f"town{n}" for n in (0, 1, 2, 3, 9)]
    assert again.texts == []
    assert state(library)["equal"] == (True, ())


def test_a_shorter_text_leaves_nothing_of_the_longer_one_behind(library: Path, corpus: Path) -> None:
    write(corpus, town1="One line is all that stays of this.")
    ingest(library, corpus)
    embedder = FakeEmbedder()
    with Index.open(library, embedder) as index:
        count = len(index.library.to_embed())
        hits = index.search_vectors(embedder.embed_passage("x"), 1000)
        assert len(hits) == len({id_ for id_, _ in hits}) == count
        assert [id_ for id_, _ in hits if id_.startswith("town1#")] == ["town1#0"]


def test_a_bad_file_does_not_stop_the_others(tmp_path: Path, corpus: Path) -> None:
    (corpus / "bad.csv").write_bytes(b"\x00\xff\x00\xfe" * 30)
    (corpus / "empty.txt").write_text("")
    report = ingest(tmp_path / "lib", corpus)
    assert ids(report.added) == ["town0", "town1", "town2", "town3"]
    assert {Path(p.path).name for p in report.problems} >= {"bad.csv", "empty.txt"}
    assert all(p.reason and "\n" not in p.reason and p.path not in p.reason for p in report.problems)


def test_a_vanished_file_is_reported_and_its_article_kept(library: Path, corpus: Path, tmp_path: Path) -> None:
    (corpus / "town2.txt").unlink()
    write(tmp_path / "else", other=story(20, 1))
    assert ids(ingest(library, tmp_path / "else").vanished) == []
    report = ingest(library, corpus)
    assert [entry.line() for entry in report.vanished] == [
        f"town2: its file is gone; the article is kept ({corpus.resolve() / 'town2.txt'})"
    ]
    with Index.open(library, FakeEmbedder()) as index:
        assert index.library.article("town2").text == story(2)


def test_the_same_text_elsewhere_is_kept_as_a_copy(library: Path, tmp_path: Path) -> None:
    write(tmp_path / "mirror", town2=story(2), unlike=story(30, 1))
    report = ingest(library, tmp_path / "mirror")
    assert [(e.id, e.detail) for e in report.copies] == [("town2-2", "the same text as town2")]
    assert [(e.id, e.detail) for e in report.added] == [
        ("town2-2", "added; the id town2 belongs to another source"),
        ("unlike", "added"),
    ]
    assert state(library)["equal"] == (True, ())


def test_rows_are_mapped_repeated_and_mapped_again_from_memory(tmp_path: Path) -> None:
    rows = [("k1", story(1, 1)), ("k2", story(2, 1)), ("k1", story(1, 1)), ("k1", story(3, 1))]
    table = tmp_path / "all.jsonl"
    table.write_text("".join(json.dumps({"key": k, "head": f"Head {k}", "body": t}) + "\n" for k, t in rows))
    columns = parse_map("id=key,title=head,text=body")
    with Index.open(tmp_path / "lib", FakeEmbedder(), create=True) as index:
        first = index.ingest([table], columns, FakeParser)
        second = index.ingest([table], None, no_parser)
    assert (ids(first.added), ids(first.duplicates)) == (["k1", "k2", "k1-2"], ["k1"])
    assert (ids(second.same), ids(second.duplicates), second.added) == (["k1", "k2", "k1-2"], ["k1"], ())
    assert any("read with the columns given before" in note for note in second.notes)


def test_unicode_in_names_and_texts(tmp_path: Path) -> None:
    write(tmp_path / "новости", **{"水-köln": "Die Brücke 😀 in Köln. " * 30, "e\u0301té": "L’été “chaud”. " * 40})
    ingest(tmp_path / "lib", tmp_path / "новости")
    shown = state(tmp_path / "lib")
    assert (shown["equal"], shown["articles"]) == ((True, ()), ["e\u0301té", "水-köln"])


def test_progress_ends_at_its_total(tmp_path: Path, corpus: Path) -> None:
    told: list[tuple[str, int, int]] = []
    with Index.open(tmp_path / "lib", FakeEmbedder(), create=True) as index:
        files = [corpus / "town0.txt", corpus / "town1.txt"]
        index.ingest(files, None, FakeParser, lambda *what: told.append(what))
        count = len(index.library.to_embed())
    assert count < BATCH  # more are embedded, a batch at a time, while articles are added
    for stage, total in (("reading", 2), ("adding", 2), ("embedding", count)):
        assert [t for t in told if t[0] == stage] == [(stage, n, total) for n in range(1, total + 1)]


def test_another_parser_is_said(library: Path, corpus: Path) -> None:
    class Newer(FakeParser):
        name = "fake-parser-2"

    write(corpus, extra=story(40, 1))
    assert (
        "parsed with fake-parser-2; earlier articles with fake-parser-1" in ingest(library, corpus, parser=Newer).notes
    )


def test_what_is_removed_is_not_found(library: Path) -> None:
    embedder = FakeEmbedder()
    with Index.open(library, embedder, write=True) as index:
        with pytest.raises(LibraryError, match="no article 'nobody'"):
            index.remove(["town1", "nobody"])
        index.remove(["town1"])
        found = {i.split("#")[0] for i, _ in index.search_vectors(embedder.embed_passage("x"), 1000)}
        assert found == {"town0", "town2", "town3"}
    assert state(library)["equal"] == (True, ())


# --- opening ----------------------------------------------------------------------------------


def test_another_embedder_is_refused_by_name(library: Path) -> None:
    class Other(FakeEmbedder):
        name = "other-2"

    for write_ in (False, True):
        with pytest.raises(LibraryError, match="was made with embedder fake-1, this is other-2"):
            Index.open(library, Other(), write=write_)
    with Index.open(library, FakeEmbedder(), write=True) as index:  # the lock was let go
        assert index.library.get("embedder") == "fake-1"


def test_a_missing_library_is_not_made_by_opening_it(tmp_path: Path) -> None:
    for write_ in (False, True):
        with pytest.raises(LibraryError, match="make one with: whosays ingest"):
            Index.open(tmp_path / "none", FakeEmbedder(), write=write_)
    assert not (tmp_path / "none").exists()


def test_a_reader_may_not_write(library: Path, corpus: Path) -> None:
    with Index.open(library, FakeEmbedder()) as index:
        with pytest.raises(LibraryError, match="opened for reading"):
            index.ingest([corpus], None, no_parser)
        with pytest.raises(LibraryError, match="opened for reading"):
            index.remove(["town1"])


# --- searching --------------------------------------------------------------------------------


def test_the_scope_holds_with_any_number_of_articles(library: Path) -> None:
    embedder = FakeEmbedder()
    query = embedder.embed_passage("anything")
    with Index.open(library, embedder) as index:
        every = index.search_vectors(query, 1000)
        assert len(every) == len(index.library.to_embed())
        inside = [hit for hit in every if hit[0].startswith("town2#")]
        absent = [f"nobody{n}" for n in range(40_000)]
        scoped = index.search_vectors(query, 1000, ["town2", *absent])
        assert [i for i, _ in scoped] == [i for i, _ in inside]
        assert [s for _, s in scoped] == pytest.approx([s for _, s in inside], abs=1e-5)
        assert index.search_vectors(query, 1, ["town2"])[0][0] == inside[0][0]
        assert index.search_vectors(query, 5, []) == index.search_vectors(query, 0) == []


def test_an_empty_library_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    ingest(tmp_path / "lib", tmp_path / "news", parser=no_parser)
    with Index.open(tmp_path / "lib", FakeEmbedder()) as index:
        assert index.search_vectors(FakeEmbedder().embed_passage("x"), 5) == []
        assert index.doctor().equal


def test_an_open_reader_sees_what_another_writer_adds_and_is_answered_meanwhile(library: Path, corpus: Path) -> None:
    embedder = FakeEmbedder()
    with Index.open(library, embedder) as reader:
        before = reader.search_vectors(embedder.embed_passage("x"), 1000)
        write(corpus, town5=story(5))
        with Index.open(library, FakeEmbedder(), write=True) as writer:
            writer.ingest([corpus], None, FakeParser)
            during = reader.search_vectors(embedder.embed_passage("x"), 1000)
        after = reader.search_vectors(embedder.embed_passage("x"), 1000)
    assert len(before) < len(during) == len(after)
    assert [i for i, _ in during] == [i for i, _ in after]


# --- one writer at a time ---------------------------------------------------------------------


SCRIPT = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    sys.path[:0] = sys.argv[1].split("|")
    from scripted import FakeEmbedder, FakeParser
    from rag.index import Index
    _, _, library, corpus, delay = sys.argv
    with Index.open(Path(library), FakeEmbedder(float(delay)), create=True) as index:
        print("open", flush=True)
        index.ingest([Path(corpus)], None, FakeParser, lambda *what: print(*what, flush=True))
    print("closed", flush=True)
    """
)


def start(library: Path, corpus: Path, delay: float) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", SCRIPT, f"{ROOT}|{ROOT / 'tests'}", str(library), str(corpus), str(delay)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout
    for said in process.stdout:
        if said.startswith(line):
            return
    raise AssertionError(f"the process ended without saying {line!r}")


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout
    process.stdout.close()


def test_a_second_writer_is_told_who_the_first_is_and_a_dead_one_does_not_block(library: Path, corpus: Path) -> None:
    write(corpus, town6=story(6))
    process = start(library, corpus, 0.5)
    try:
        wait_for(process, "open")
        began = time.monotonic()
        with pytest.raises(
            LockedError, match=rf"is being written by process {process.pid} on .+ since 20\d\d-"
        ) as caught:
            Index.open(library, FakeEmbedder(), write=True)
        assert time.monotonic() - began < 5
        assert "\n" not in str(caught.value)
        with Index.open(library, FakeEmbedder()) as reader:  # readers need no lock
            assert reader.search_vectors(FakeEmbedder().embed_passage("x"), 3)
    finally:
        kill(process)
    Index.open(library, FakeEmbedder(), write=True).close()


def test_two_writers_in_one_process_exclude_each_other(library: Path) -> None:
    first = Index.open(library, FakeEmbedder(), write=True)
    with pytest.raises(LockedError, match=f"process {os.getpid()}"):
        Index.open(library, FakeEmbedder(), write=True)
    first.close()
    Index.open(library, FakeEmbedder(), write=True).close()


# --- killed -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_killed_at_any_moment_the_next_ingest_ends_equal(tmp_path: Path) -> None:
    corpus = tmp_path / "news"
    write(corpus, **{f"town{n}": story(n) for n in range(40)}, zone=story(40, 1))  # the last leaves less than a batch
    ingest(tmp_path / "whole", corpus)
    whole = state(tmp_path / "whole")
    assert whole["equal"] == (True, ())
    for n, moment in enumerate(["reading 1 ", "adding 9 ", "adding 41 ", "embedding 1 "]):
        library = tmp_path / f"killed{n}"
        process = start(library, corpus, 0.001)
        wait_for(process, moment)
        time.sleep(0.013 * n)
        kill(process)
        with Index.open(library, FakeEmbedder()) as reader:  # a question in between is answered, if with less
            expected = min(5, len(reader.library.vectors()))
            assert len(reader.search_vectors(FakeEmbedder().embed_passage("x"), 5)) == expected
        ingest(library, corpus)
        assert state(library) == whole, moment


@pytest.mark.slow
def test_killed_while_replacing_and_again_while_mending(tmp_path: Path) -> None:
    corpus, library = tmp_path / "news", tmp_path / "lib"
    write(corpus, **{f"town{n}": story(n) for n in range(20)})
    ingest(library, corpus)
    write(corpus, **{f"town{n}": story(n + 100, 2 + n % 5) for n in range(20)})
    for moment in ("adding 5 ", "adding 12 ", "adding 20 "):
        process = start(library, corpus, 0.001)
        wait_for(process, moment)
        kill(process)
    ingest(library, corpus)
    ingest(tmp_path / "fresh", corpus)
    assert state(library) == state(tmp_path / "fresh")


def test_vectors_that_were_cut_off_are_made_again_without_embedding(library: Path, corpus: Path) -> None:
    with Index.open(library, FakeEmbedder(), write=True) as index:
        index.library.set("writing", "1")  # what a kill leaves
    with Index.open(library, FakeEmbedder()) as index:
        assert index.search_vectors(FakeEmbedder().embed_passage("x"), 2)
        assert index.doctor().lines() == ("the vectors were being written when that was cut off",)
    embedder = FakeEmbedder()
    report = ingest(library, corpus, embedder=embedder, parser=no_parser)
    assert report.notes == ("the last run was cut off: the vectors are made again from the library",)
    assert embedder.texts == []
    assert state(library)["equal"] == (True, ())


# --- the doctor -------------------------------------------------------------------------------


def doctored(library: Path, probe: bool = False) -> tuple[str, ...]:
    """Repair, and return what had been wrong."""
    embedder = FakeEmbedder()
    with Index.open(library, embedder, write=True) as index:
        report = index.doctor(repair=True, probe=probe)
    assert report.equal
    assert embedder.texts == []  # the library keeps the vectors
    assert state(library)["equal"] == (True, ())
    return report.repaired


def planted(library: Path) -> Vectors:
    return Vectors(library / "vectors" / "1")


def test_a_sound_library_is_equal_and_every_passage_was_searched_for(library: Path) -> None:
    with Index.open(library, FakeEmbedder()) as index:
        report = index.doctor()
        assert (report.equal, report.lines(), report.articles) == (True, (), 4)
        assert report.searched == report.passages == len(index.library.to_embed()) > 10


def test_a_missing_vector_is_found_and_mended(library: Path) -> None:
    vectors = planted(library)
    vectors.delete(["town1#2", "town3#0"])
    vectors.close()
    with Index.open(library, FakeEmbedder()) as index:
        assert index.doctor(probe=False).missing == ("town1#2", "town3#0")
    assert doctored(library) == ("2 with no vector: town1#2, town3#0",)


def test_an_extra_vector_is_found_and_mended(library: Path) -> None:
    vectors = planted(library)
    vectors.upsert(["ghost#0"], FakeEmbedder().embed_passage("boo").reshape(1, -1), ["ghost"], ["0" * 16])
    vectors.close()
    with Index.open(library, FakeEmbedder()) as index:
        assert index.doctor(probe=False).extra == ("ghost#0",)
        assert "ghost#0" not in dict(index.search_vectors(FakeEmbedder().embed_passage("boo"), 3))
    assert doctored(library) == ("1 with a vector but no passage: ghost#0",)


@pytest.mark.parametrize("honest", [True, False])
def test_a_stale_vector_is_found_and_mended_whatever_its_digest_says(library: Path, honest: bool) -> None:
    vectors = planted(library)
    digest = "0" * 16 if honest else vectors.entries()["town1#1"][1]
    vectors.upsert(["town1#1"], FakeEmbedder().embed_passage("an older text").reshape(1, -1), ["town1"], [digest])
    vectors.close()
    with Index.open(library, FakeEmbedder()) as index:
        assert index.doctor(probe=False).stale == ("town1#1",)
    assert doctored(library) == ("1 with a stale vector: town1#1",)


def test_copies_with_one_vector_are_no_damage(library: Path, tmp_path: Path) -> None:
    for n in range(12):
        write(tmp_path / f"mirror{n}", town2=story(2))
    ingest(library, *(tmp_path / f"mirror{n}" for n in range(12)))
    assert state(library)["equal"] == (True, ())


def remove_folder(vectors: Path) -> None:
    for path in sorted(vectors.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    vectors.rmdir()


def spoil(vectors: Path) -> None:
    (vectors / "chroma.sqlite3").write_bytes(b"spoiled" * 4000)


@pytest.mark.parametrize(("damage", "said"), [(remove_folder, "are missing"), (spoil, "cannot be used")])
def test_vectors_that_cannot_be_read_are_said_and_made_again(
    library: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(library / "vectors" / "1")
    with Index.open(library, FakeEmbedder()) as index:
        with pytest.raises(LibraryError, match=rf"{said}.*run whosays doctor --repair") as caught:
            index.search_vectors(FakeEmbedder().embed_passage("x"), 3)
        assert "\n" not in str(caught.value)
    assert said in doctored(library)[0]


@pytest.mark.slow
def test_torn_files_that_end_the_process_do_not_end_the_doctor(tmp_path: Path) -> None:
    rows = [
        {"id": f"r{n}", "title": f"Head {n}", "text": f"The ferry {n} sailed at {n} past noon."} for n in range(1100)
    ]
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    library = tmp_path / "lib"
    ingest(library, tmp_path / "all.jsonl")
    (header,) = (library / "vectors" / "1").glob("*/header.bin")
    header.write_bytes(header.read_bytes()[:50])
    assert "exit code -11" in doctored(library, probe=True)[0]


def test_a_word_index_that_does_not_fit_is_made_again(library: Path) -> None:
    with Index.open(library, FakeEmbedder(), write=True) as index:
        index.library._rows("UPDATE passages SET text = 'A zeppelin.' WHERE id = 'town0#0'")
        assert index.doctor(probe=False).words
        report = index.doctor(repair=True, probe=False)
        assert (report.equal, [i for i, _ in index.search_words("zeppelin", 3)]) == (True, ["town0#0"])


# --- at size ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real articles are not beside the project")
def test_a_real_table_gives_every_article_once(tmp_path: Path) -> None:
    table = CORPUS / "syria" / "fa-kes.csv"
    columns = parse_map("id=unit_id,title=article_title,text=article_content,outlet=source,published=date:%m/%d/%Y")
    with Index.open(tmp_path / "lib", FakeEmbedder(), create=True) as index:
        report = index.ingest([table], columns, FakeParser)
        assert (len(report.added), len(report.duplicates)) == (793, 11)
        assert len([e for e in report.added if e.id.endswith("-2")]) == 1
        assert len(index.library.summaries()) == 793
        again = index.ingest([table], columns, no_parser)
        assert (len(again.same), len(again.duplicates), again.added, again.replaced) == (793, 11, (), ())
        assert index.doctor().equal


def test_a_small_library_is_searched_exactly_and_without_chroma(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = FakeEmbedder().embed_passage("gates")
    with Index.open(library, FakeEmbedder()) as index:
        by_chroma = index.search_vectors(asked, 5)
    monkeypatch.setattr("rag.index.EXACT_UP_TO", 1_000)
    monkeypatch.setattr(Vectors, "search", lambda *_: pytest.fail("Chroma was opened"))
    with Index.open(library, FakeEmbedder()) as index:
        exactly = index.search_vectors(asked, 5)
    assert [id_ for id_, _ in exactly] == [id_ for id_, _ in by_chroma]
    assert [score for _, score in exactly] == pytest.approx([score for _, score in by_chroma], abs=1e-5)
