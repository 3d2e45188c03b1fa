"""What a reader does with an answer: says what it was worth, and takes it away, alone or with the conversation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fakes
import pytest
from browser import LEFT_BY_GRADIO, Open, ask, in_browser

from rag import cli
from rag.changing import Changes
from rag.conversation_export import from_json
from rag.errors import UsageError
from rag.judged import key_of
from rag.library import Library
from ui.app import build, serving
from ui.conversations import keep, reopened
from ui.judging import noted, pressed
from ui.taken import FILES, taken_html
from ui.turns import Turn, Verdict, turns_html
from ui.welcome import QUESTIONS

pytestmark = LEFT_BY_GRADIO

# --- a verdict --------------------------------------------------------------------------------


@pytest.fixture
def library() -> Iterator[Library]:
    with Library.memory() as made:
        yield made


def turns() -> tuple[Turn, ...]:
    return (Turn("Who?", "shown", fakes.disputed()), Turn("And why?", "shown", fakes.unanswered()))


def test_a_thumb_keeps_the_answer_with_the_questions_before_it(library: Library) -> None:
    now = pressed(turns(), 1, True, library)
    assert now[1].verdict == Verdict(True)
    assert now[0].verdict is None
    kept = library.judged(key_of(fakes.unanswered()))
    assert kept is not None
    assert (kept.helpful, kept.earlier) == (True, (fakes.disputed().standalone,))
    assert kept.answer == fakes.unanswered()


def test_the_other_thumb_keeps_the_note_and_the_same_one_takes_all_back(library: Library) -> None:
    now = noted(pressed(turns(), 0, False, library), 0, " The guards are missing. ", library)
    now = pressed(now, 0, True, library)
    assert now[0].verdict == Verdict(True, "The guards are missing.")
    (kept,) = library.all_judged()[0]
    assert (kept.helpful, kept.note) == (True, "The guards are missing.")
    now = pressed(now, 0, True, library)
    assert now[0].verdict is None
    assert library.all_judged() == ([], [])


def test_a_note_that_is_too_long_is_refused_and_what_was_kept_stays(library: Library) -> None:
    now = noted(pressed(turns(), 0, False, library), 0, "short", library)
    with pytest.raises(UsageError, match="keep it to 2,000"):
        noted(now, 0, "x" * 2001, library)
    assert library.all_judged()[0][0].note == "short"


@pytest.mark.parametrize("at", [-1, 2, 7])
def test_an_answer_that_is_not_there_is_judged_by_nobody(library: Library, at: int) -> None:
    assert pressed(turns(), at, True, library) == turns()
    assert noted(turns(), at, "x", library) == turns()
    assert library.all_judged() == ([], [])


def test_a_verdict_comes_back_with_its_conversation(library: Library) -> None:
    now = noted(pressed(turns(), 0, False, library), 0, "<b>wrong</b>", library)
    back = reopened(keep([], "one", now)[0], lambda answer, at: "shown")
    assert [t.verdict for t in back] == [Verdict(False, "<b>wrong</b>"), None]
    page = turns_html(back, judged=True)
    assert "&lt;b&gt;wrong" in page
    assert page.count('aria-pressed="true"') == 1
    assert 'data-act="helpful"' not in turns_html(back), "where nothing may be kept, nobody is asked"


# --- taken away -------------------------------------------------------------------------------


def held(form: str, whole: bool) -> str:
    answers = (fakes.disputed(), fakes.unanswered()) if whole else (fakes.disputed(),)
    return taken_html(form, answers, whole, fakes.context_of, str)


@pytest.mark.parametrize("form", FILES)
def test_a_conversation_is_more_than_its_first_answer(form: str) -> None:
    one, both = held(form, whole=False), held(form, whole=True)
    assert fakes.disputed().citations[0].title.split()[0].casefold() in one.casefold()
    if form not in ("bibtex", "csl"):  # what is nearest to an unanswered question is not cited
        assert fakes.unanswered().question not in one
        assert fakes.unanswered().question in both


def test_the_files_name_is_made_of_the_question() -> None:
    assert 'data-file="whosays-who-or-what-kept-the-ferry-in-port-on-tuesday.csl.json"' in held("csl", whole=False)


def test_a_form_that_there_is_not_gives_nothing() -> None:
    assert held("pdf", whole=False) == ""
    assert taken_html("json", (), True, fakes.context_of, str) == ""


# --- in a browser -----------------------------------------------------------------------------


@pytest.fixture
def url(own_tools: Any) -> Iterator[str]:
    with serving(build(own_tools, changes=Changes(own_tools.index.folder, own_tools.embedder))) as (_, address):
        yield address


def saved(page: Any, menu: Any, name: str, folder: Path) -> Path:
    menu.locator("summary").click()
    with page.expect_download() as coming:
        menu.get_by_role("button", name=name, exact=True).click()
    assert not menu.get_by_role("button", name=name, exact=True).is_visible(), "the menu folds itself up again"
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


@pytest.mark.slow
@in_browser
def test_a_thumb_and_a_note_become_a_reference_question(
    visit: Open, own_tools: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = visit()
    turn = ask(page, QUESTIONS[0])
    turn.get_by_role("button", name="Not helpful", exact=True).click()
    turn.get_by_label("A note").fill("Who are the militias?")
    turn.get_by_role("button", name="Keep the note").click()
    turn.get_by_text("Kept with your note.").wait_for()
    page.reload()
    turn = page.locator(".turn").first
    turn.get_by_role("button", name="Not helpful", pressed=True, exact=True).wait_for()
    assert turn.get_by_label("A note").input_value() == "Who are the militias?"
    turn.get_by_role("button", name="Helpful", exact=True).click()
    turn.get_by_role("button", name="Helpful", pressed=True, exact=True).wait_for()
    cases = tmp_path / "cases.yaml"
    assert cli.main(["--library", str(own_tools.index.folder), "cases", str(cases)]) == 0
    text = cases.read_text(encoding="utf-8")
    assert QUESTIONS[0] in text
    assert "Who are the militias?" in text
    assert "kind: contested" in text
    capsys.readouterr()
    assert cli.main(["--library", str(own_tools.index.folder), "eval", str(cases)]) == 0
    assert "1.00" in capsys.readouterr().out


@pytest.mark.slow
@in_browser
def test_a_conversation_is_saved_whole_and_its_references_apart(visit: Open, tmp_path: Path) -> None:
    page = visit()
    for question in QUESTIONS[:2]:
        turn = ask(page, question)
    whole = saved(page, page.locator("#earlier .menu"), "JSON", tmp_path)
    answers = from_json(whole.read_text(encoding="utf-8"))
    assert [a.question for a in answers] == list(QUESTIONS[:2])
    references = saved(page, turn.locator(".menu"), "References, CSL-JSON", tmp_path)
    titles = {item["title"] for item in json.loads(references.read_text(encoding="utf-8"))}
    assert titles == {c.title for c in answers[1].citations}
    again = saved(page, turn.locator(".menu"), "References, CSL-JSON", tmp_path)
    assert again == references, "the same can be saved twice"
