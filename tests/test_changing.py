"""The library is changed while others ask: files that are handed over, addresses, removals, and reading again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted import FakeEmbedder, FakeParser

from rag.additions import ADDED, let_go, take_in
from rag.changing import Changed, Changes, Doing, Step
from rag.connect import anywhere
from rag.errors import LibraryError, LockedError, ReadError
from rag.index import Index
from rag.library import Library

MORNING = "The mill at dawn\n\nThe miller said on Monday that the sluice was shut by the council."
EVENING = "The mill at dusk\n\nThe council said on Monday that the miller shut the sluice himself."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "library"


def changes(home: Path, **more: Any) -> Changes:
    return Changes(home, FakeEmbedder(), parser=FakeParser, **more)


def handed(folder: Path, **texts: str) -> list[Path]:
    """Files as a browser hands them over: each in a folder of its own."""
    made = []
    for n, (name, text) in enumerate(texts.items()):
        path = folder / f"upload-{n}-{len(list(folder.glob('*')))}" / name.replace("_", ".")
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        made.append(path)
    return made


def done(steps: Iterator[Step]) -> Changed:
    last = list(steps)[-1]
    assert isinstance(last, Changed)
    return last


def held(home: Path) -> dict[str, str]:
    with Library.open(home) as library:
        return library.paths()


def kept_files(home: Path) -> list[str]:
    folder = home / ADDED
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


# --- files ------------------------------------------------------------------------------------


def test_files_that_are_handed_over_stay_with_the_library_when_the_hand_lets_go(home: Path, tmp_path: Path) -> None:
    files = handed(tmp_path, morning_txt=MORNING, evening_txt=EVENING)
    told = done(changes(home).add(files))
    assert told.tally == "2 added; the library holds 2 articles"
    for file in files:
        file.unlink()
    again = done(changes(home).read_again(()))
    assert again.tally == "2 unchanged; the library holds 2 articles"


def test_each_file_that_is_refused_has_a_line_with_its_name_and_none_of_the_server(home: Path, tmp_path: Path) -> None:
    files = handed(tmp_path, morning_txt=MORNING, picture_pdf="%PDF", empty_txt="", broken_html="<html><body>")
    told = done(changes(home).add(files))
    assert told.tally == "1 added, 3 failed; the library holds 1 article"
    assert [line.split(":")[0] for line in told.failures] == ["picture.pdf", "empty.txt", "broken.html"]
    assert str(home) not in "".join((*told.failures, *told.remarks))
    assert kept_files(home) == ["morning.txt"], "what is refused is not kept"


def test_the_same_file_twice_is_one_article_and_another_of_its_name_is_another(home: Path, tmp_path: Path) -> None:
    done(changes(home).add(handed(tmp_path, mill_txt=MORNING)))
    assert "1 unchanged" in done(changes(home).add(handed(tmp_path, mill_txt=MORNING))).tally
    assert "1 added" in done(changes(home).add(handed(tmp_path, mill_txt=EVENING))).tally
    assert sorted(held(home)) == ["mill", "mill-2"]


def test_a_manifest_that_comes_along_gives_its_articles_their_outlets(home: Path, tmp_path: Path) -> None:
    manifest = "file,outlet,published\nmorning.txt,The Sluice,2021-05-04\n"
    files = handed(tmp_path, morning_txt=MORNING, manifest_csv=manifest)
    for _ in range(2):
        done(changes(home).add(files))
        with Library.open(home) as library:
            (only,) = library.summaries()
        assert (only.outlet, str(only.published)) == ("The Sluice", "2021-05-04")


def test_two_manifests_at_once_are_refused_and_nothing_is_added(home: Path, tmp_path: Path) -> None:
    files = handed(tmp_path / "a", manifest_csv="file\n", m_txt=MORNING) + handed(tmp_path / "b", manifest_csv="file\n")
    with pytest.raises(ReadError, match=r"manifest\.csv comes 2 times: add one folder at a time"):
        take_in(files, home)
    assert not (home / ADDED).exists()


# --- out, and in again ------------------------------------------------------------------------


def test_what_is_removed_takes_along_the_file_that_only_the_library_had(home: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text(EVENING)
    with Index.open(home, FakeEmbedder(), create=True) as index:
        index.ingest([mine], None, FakeParser)
    done(changes(home).add(handed(tmp_path, morning_txt=MORNING)))
    told = changes(home).remove(["morning", "mine"])
    assert told.tally == "2 articles removed; the library holds 0 articles"
    assert kept_files(home) == []
    assert mine.exists(), "a file of the user's own is never touched"


def test_a_file_of_many_articles_goes_with_the_last_of_them(home: Path, tmp_path: Path) -> None:
    rows = f'title,text\nDawn,"{MORNING}"\nDusk,"{EVENING}"\n'
    done(changes(home).add(handed(tmp_path, mill_csv=rows)))
    first, second = sorted(held(home))
    changes(home).remove([first])
    assert kept_files(home) == ["mill.csv"]
    changes(home).remove([second])
    assert kept_files(home) == []


def test_nothing_outside_the_library_is_let_go(home: Path, tmp_path: Path) -> None:
    done(changes(home).add(handed(tmp_path, morning_txt=MORNING)))
    near = tmp_path / "near.txt"
    near.write_text("x")
    own = home / ADDED / "morning.txt"
    let_go([str(near), str(home / "library.db"), str(own)], [], home)
    assert near.exists()
    assert (home / "library.db").exists()
    assert not own.exists()


def test_an_article_that_is_gone_is_neither_removed_nor_read_again(home: Path, tmp_path: Path) -> None:
    done(changes(home).add(handed(tmp_path, morning_txt=MORNING)))
    for attempt in (lambda: changes(home).remove(["morning", "x"]), lambda: done(changes(home).read_again(["x"]))):
        with pytest.raises(LibraryError, match="'x'"):
            attempt()
    assert list(held(home)) == ["morning"]


def test_what_changed_in_a_file_is_read_again(home: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text(MORNING)
    with Index.open(home, FakeEmbedder(), create=True) as index:
        index.ingest([mine], None, FakeParser)
    mine.write_text(EVENING)
    assert done(changes(home).read_again(["mine"])).tally == "1 replaced; the library holds 1 article"
    mine.unlink()
    told = done(changes(home).read_again(["mine"]))
    assert "1 failed" in told.tally
    assert list(held(home)) == ["mine"], "the article stays until it is removed"


# --- addresses --------------------------------------------------------------------------------


def test_an_address_becomes_an_article_and_one_that_fails_a_line(home: Path, httpserver: Any) -> None:
    page = f"<html><body><article><h1>The mill</h1><p>{MORNING}</p></article></body></html>"
    httpserver.expect_request("/mill").respond_with_data(page, content_type="text/html; charset=utf-8")
    httpserver.expect_request("/gone").respond_with_data("", status=404)
    addresses = [httpserver.url_for("/mill"), httpserver.url_for("/gone")]
    steps = list(changes(home, may_connect=anywhere).add((), addresses))
    assert Doing("fetching", 0, 2) in steps
    told = steps[-1]
    assert isinstance(told, Changed)
    assert told.tally == "1 added, 1 failed; the library holds 1 article"
    (failed,) = told.failures
    assert failed.startswith(f"{addresses[1]}: ")
    with Library.open(home) as library:
        (only,) = library.paths()
        assert library.article(only).url == addresses[0]


def test_a_machine_that_the_web_cannot_reach_is_not_asked_for_somebody_else(home: Path, httpserver: Any) -> None:
    told = done(changes(home).add((), [httpserver.url_for("/secret")]))
    assert len(told.failures) == 1
    assert not httpserver.log


# --- meanwhile --------------------------------------------------------------------------------


def test_how_far_it_is_can_be_followed(home: Path, tmp_path: Path) -> None:
    steps = list(changes(home).add(handed(tmp_path, morning_txt=MORNING, evening_txt=EVENING)))
    told = [s for s in steps if isinstance(s, Doing)]
    assert {s.what for s in told} == {"reading", "adding", "embedding"}
    assert all(0 < s.done <= s.total for s in told)


def test_whoever_comes_second_is_told_so_and_the_first_goes_on(home: Path, tmp_path: Path) -> None:
    going, go_on = threading.Event(), threading.Event()

    class Slow(FakeParser):
        def parse(self, texts: Any) -> Any:
            going.set()
            assert go_on.wait(20)
            return super().parse(texts)

    first = Changes(home, FakeEmbedder(), parser=Slow).add(handed(tmp_path, morning_txt=MORNING))
    next(first)
    assert going.wait(20)
    with pytest.raises(LockedError, match="is being written"):
        done(changes(home).add(handed(tmp_path, evening_txt=EVENING)))
    go_on.set()
    assert done(first).tally == "1 added; the library holds 1 article"


def test_an_article_that_was_asked_for_is_added_though_nobody_waits(home: Path, tmp_path: Path) -> None:
    steps = changes(home).add(handed(tmp_path, morning_txt=MORNING))
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    for thread in threading.enumerate():
        if thread.name == "whosays-changing":
            thread.join(20)
    assert list(held(home)) == ["morning"]
