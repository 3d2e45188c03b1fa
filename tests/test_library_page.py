"""The library's page: finding an article, adding and removing, and choosing what the next question keeps to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import DESKTOP, LEFT_BY_GRADIO, PHONE, Open, in_browser, put
from storm import PAYLOAD

from rag.changing import Changes
from rag.connect import anywhere
from rag.library import Library
from rag.library_rows import Summary
from rag.near_copies import Near
from ui import filters
from ui.app import build, serving
from ui.library_html import PAGE, Listed, View, bar_html, changed_html, doing_html, list_html, listed

ROOT = Path(__file__).parent.parent
pytestmark = LEFT_BY_GRADIO


def summary(id_: str, title: str, outlet: str | None = None, day: str | None = None, words: int = 100) -> Summary:
    published = dt.date.fromisoformat(day) if day else None
    return Summary(id_, title, outlet, published, words, None, f"/far/away/{id_}.txt", None)


MILL = [
    summary("dawn", "The mill at dawn", "Sluice Post", "2021-05-04", 300),
    summary("dusk", "the mill at dusk", None, "2021-05-03", 20),
    summary("weir", "A weir breaks", "Bank Voice", None, 4000),
]


def order(view: View, within: Any = (), copies: Any = None) -> list[str]:
    return [a.id for a in listed(MILL, copies or {}, view, within).rows]


# --- the list ---------------------------------------------------------------------------------


def test_a_search_finds_titles_outlets_days_and_files_and_what_the_texts_hold() -> None:
    assert order(View(search="MILL")) == ["dawn", "dusk"]
    assert order(View(search="mill sluice")) == ["dawn"]
    assert order(View(search="3 may")) == ["dusk"]
    assert order(View(search="2021-05-04")) == ["dawn"]
    assert order(View(search="weir.txt")) == ["weir"]
    assert order(View(search="council"), within={"weir"}) == ["weir"]
    assert order(View(search="nowhere")) == []
    assert order(View(search="far/away")) == [], "where the files lie on the server is no part of it"


def test_it_is_sorted_either_way_and_what_is_not_known_comes_last() -> None:
    assert order(View()) == ["dawn", "dusk", "weir"]
    assert order(View(by="title")) == ["weir", "dawn", "dusk"]
    assert order(View(by="published")) == ["dusk", "dawn", "weir"]
    assert order(View(by="published", down=True)) == ["dawn", "dusk", "weir"]
    assert order(View(by="outlet", down=True)) == ["dawn", "weir", "dusk"]
    assert order(View(by="words", down=True)) == ["weir", "dawn", "dusk"]
    assert order(View(by="copies", down=True), copies={"dusk": (Near("dawn", 0.9),)})[0] == "dusk"


def test_a_row_says_what_shares_its_words_and_where_nothing_does_there_is_no_column() -> None:
    copies = {"dusk": (Near("dawn", 0.916), Near("weir", 1.0), Near("x", 0.6))}
    shown = list_html(listed(MILL, copies, View(), ()), View())
    assert "92% in Sluice Post, 4 May 2021" in shown
    assert "all in Bank Voice" in shown
    assert "and 1 more" in shown
    assert "Same words" not in list_html(listed(MILL, {}, View(), ()), View())


def test_a_long_list_comes_in_pages_and_a_page_that_is_not_there_is_the_last() -> None:
    many = [summary(str(n), f"Tide {n}") for n in range(PAGE + 1)]
    found = listed(many, {}, View(), ())
    first, last = list_html(found, View()), list_html(found, View(page=99))
    assert first.count('<th scope="row"') == PAGE
    assert last.count('<th scope="row"') == 1
    assert "1 of 2" in first
    assert "2 of 2" in last


def test_what_can_be_done_stands_with_what_is_chosen() -> None:
    found = Listed(tuple(MILL), 3, {}, {})
    chosen = View(chosen=frozenset({"dawn", "weir"}))
    assert "Ask about these" in bar_html(found, chosen, may_change=False)
    assert "Remove" not in bar_html(found, chosen, may_change=False)
    asked = bar_html(found, View(chosen=chosen.chosen, removing=True), may_change=True)
    assert "Remove 2 articles from the library?" in asked
    assert "2 of 3 articles" in bar_html(Listed(tuple(MILL[:2]), 3, {}, {}), View(search="mill"), True)


def test_what_articles_and_reports_hold_is_shown_as_text() -> None:
    trap = [summary(PAYLOAD, PAYLOAD, PAYLOAD)]
    pages = (
        list_html(listed(trap, {PAYLOAD: (Near(PAYLOAD, 1.0),)}, View(), ()), View()),
        changed_html(PAYLOAD, [PAYLOAD], [PAYLOAD]),
        doing_html(PAYLOAD, 1, 2),
    )
    for page in pages:
        assert "<img" not in page
        assert "<script" not in page


# --- the filters ------------------------------------------------------------------------------


def test_the_filters_tell_in_a_line_what_is_set_also_while_a_day_is_half_typed() -> None:
    assert filters.label(([], "", "", [], "auto")) == "Filters"
    told = filters.label((["Sluice Post"], "2021-05-04", "2021-", ["dawn"], "extractive"))
    assert told == "Filters: Sluice Post; from 4 May 2021; up to 2021-; 1 chosen article; without a language model"


# --- in a browser -----------------------------------------------------------------------------


@pytest.fixture
def url(own_tools: Any) -> Iterator[str]:
    """The page over articles that may be changed, addresses of this machine among them."""
    with serving(build(own_tools, changes=Changes(own_tools.index.folder, own_tools.embedder, anywhere))) as (
        _,
        address,
    ):
        yield address


@pytest.fixture
def library(own_tools: Any) -> Library:
    return own_tools.index.library


@pytest.fixture
def shelf(visit: Open, url: str) -> Any:
    return visit(f"{url}library", ready="#listing table")


def titles(page: Any) -> list[str]:
    return page.locator("#listing th.title button[data-open]").all_inner_texts()


def told(page: Any, words: str) -> str:
    """The report of a change, once it has these words."""
    page.locator("#change", has_text=re.compile(words)).wait_for()
    return page.locator("#change").inner_text()


def write(folder: Path, **texts: str) -> list[str]:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return [str(folder / name.replace("_", ".")) for name in texts]


NOTE = """Quay strike at Selmouth

The port authority said on Monday that striking dockers closed the quay at Selmouth. It had lost eleven ships to other
harbours within a week, a spokesman added, and would ask the court for help.

The dockers' union said on Tuesday that the port authority itself closed the quay at Selmouth, to keep the dockers out
while their contracts were changed. Nobody had been asked, it said, and nobody had agreed."""


@pytest.mark.slow
@in_browser
def test_an_article_is_found_sorted_and_read(shelf: Any) -> None:
    assert len(titles(shelf)) == 20
    shelf.get_by_placeholder("Search titles").press_sequentially("pump")
    shelf.locator("#bar", has_text=re.compile(r"^\s*\d of 20 articles")).wait_for()
    shelf.wait_for_function("document.querySelectorAll('#listing tbody tr').length < 10")
    assert titles(shelf)
    shelf.get_by_placeholder("Search titles").clear()
    shelf.get_by_placeholder("Search titles").press("Enter")
    shelf.locator("#bar", has_text=re.compile(r"^\s*20 articles")).wait_for()
    shelf.get_by_role("button", name="Article", exact=True).click()
    shelf.locator("[aria-sort=ascending]", has_text="Article").wait_for()
    shelf.wait_for_function("document.querySelectorAll('#listing tbody tr').length === 20")
    assert titles(shelf) == sorted(titles(shelf), key=str.casefold)
    assert shelf.evaluate("document.activeElement.dataset.sort") == "title", "the keyboard stays where it was"
    title = titles(shelf)[3]
    shelf.get_by_role("button", name=title).click()
    shelf.locator("#article h2", has_text=title).wait_for()


@pytest.mark.slow
@in_browser
def test_good_and_bad_files_are_added_together_and_each_refused_one_has_a_line(
    shelf: Any, library: Library, tmp_path: Path
) -> None:
    files = write(tmp_path / "desk", quay_txt=NOTE, picture_pdf="%PDF", empty_txt="")
    shelf.locator("#add-files input[type=file], input[type=file]").first.set_input_files(files)
    report = told(shelf, "library holds 21 articles")
    assert "1 added, 2 failed" in report
    assert len(shelf.locator("#change .failed li").all()) == 2
    shelf.locator("#head", has_text="21 articles").wait_for()
    shelf.get_by_role("button", name="Quay strike at Selmouth").wait_for()
    assert "quay" in library.paths()


@pytest.mark.slow
@in_browser
def test_a_folder_with_its_manifest_is_added_and_answers_the_next_question(
    shelf: Any, url: str, tmp_path: Path
) -> None:
    write(tmp_path / "desk", quay_txt=NOTE, manifest_csv="file,outlet,published\nquay.txt,Harbour Sheet,2022-03-01\n")
    shelf.locator("input[webkitdirectory]").set_input_files(str(tmp_path / "desk"))
    told(shelf, "1 added; the library holds 21 articles")
    shelf.get_by_role("link", name="Ask").click()
    shelf.wait_for_selector("#question")
    put(shelf, "Who closed the quay at Selmouth?")
    shelf.locator(".answer:not(.meanwhile)", has_text="Harbour Sheet").wait_for()


@pytest.mark.slow
@in_browser
def test_an_address_is_added_and_one_that_is_not_there_is_said(shelf: Any, library: Library, httpserver: Any) -> None:
    paragraphs = "".join(f"<p>{part}</p>" for part in NOTE.split("\n\n")[1:])
    page = f"<title>Quay</title><article><h1>Quay strike</h1>{paragraphs}</article>"
    httpserver.expect_request("/quay").respond_with_data(page, content_type="text/html")
    httpserver.expect_request("/none").respond_with_data("", status=404)
    box = shelf.locator("#address textarea, #address input")
    box.fill(httpserver.url_for("/quay"))
    box.press("Enter")
    told(shelf, "1 added; the library holds 21 articles")
    assert box.input_value() == ""
    box.fill(httpserver.url_for("/none"))
    box.press("Enter")
    assert "404" in told(shelf, "1 failed")
    assert box.input_value() == httpserver.url_for("/none"), "to be mended"


@pytest.mark.slow
@in_browser
def test_chosen_articles_are_what_the_next_question_keeps_to_and_the_answer_says_so(shelf: Any, url: str) -> None:
    for id_ in ("aleppo-ap", "aleppo-vice"):
        shelf.locator(f"input[data-id={id_}]").check()
    shelf.get_by_role("button", name="Ask about these").click()
    shelf.wait_for_selector("#question")
    shelf.locator("#filters", has_text="Filters: 2 chosen articles").wait_for()
    put(shelf, "Who blocked the buses?")
    shelf.locator(".answer:not(.meanwhile)", has_text="Only articles among aleppo-ap, aleppo-vice.").wait_for()
    cited = set(shelf.locator(".position figcaption").all_inner_texts())
    assert cited
    assert all("AP" in line or "VICE" in line for line in cited)
    shelf.reload()
    shelf.locator("#filters", has_text="Filters: 2 chosen articles").wait_for()
    shelf.get_by_role("button", name=re.compile("^Filters")).click()
    shelf.get_by_role("button", name="Clear the filters").click()
    shelf.locator("#filters .label-wrap", has_text=re.compile(r"^\s*Filters\s*\W?\s*$")).wait_for()


@pytest.mark.slow
@in_browser
def test_removing_asks_first_and_an_old_answer_still_shows_its_quotes(
    shelf: Any, visit: Open, url: str, library: Library
) -> None:
    reader = visit()
    put(reader, "Who blocked the buses?")
    reader.locator(".position .cite").first.wait_for()
    quotes = reader.locator(".position blockquote").all_inner_texts()
    ids = [id_ for id_ in library.paths() if id_.startswith("aleppo")]
    for id_ in ids:
        shelf.locator(f"input[data-id={id_}]").check()
    shelf.get_by_role("button", name="Remove", exact=True).click()
    shelf.get_by_text("Remove 5 articles from the library?").wait_for()
    shelf.get_by_role("button", name="Keep", exact=True).click()
    shelf.get_by_text("Remove 5 articles from the library?").wait_for(state="hidden")
    assert len(library.paths()) == 20
    shelf.get_by_role("button", name="Remove", exact=True).click()
    shelf.get_by_text("Remove 5 articles from the library?").wait_for()
    shelf.get_by_role("button", name="Remove", exact=True).click()
    told(shelf, "5 articles removed; the library holds 15 articles")
    assert not set(ids) & set(library.paths())
    reader.reload()
    reader.locator(".position .cite").first.wait_for()
    assert reader.locator(".position blockquote").all_inner_texts() == quotes
    reader.locator(".position .cite").first.click()
    reader.get_by_text("is no longer in the library").wait_for()
    assert reader.locator("#source #quote").inner_text().strip("“”") in quotes[0]


@pytest.mark.slow
@in_browser
def test_reading_again_says_what_changed(shelf: Any) -> None:
    shelf.get_by_role("button", name="Read all again").click()
    told(shelf, "20 unchanged; the library holds 20 articles")


@pytest.mark.slow
@in_browser
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_with_the_keyboard_alone(visit: Open, url: str, viewport: Any) -> None:
    page = visit(f"{url}library", viewport=viewport, ready="#listing table")
    box = page.locator("#listing input[data-id]").first
    box.focus()
    page.keyboard.press("Space")
    page.get_by_text("1 chosen").wait_for()
    assert box.evaluate("b => b === document.activeElement")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#article h2")
    assert page.locator("#article h2").is_visible()
    page.wait_for_function("document.activeElement.id === 'source-title'")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.matches('#listing button[data-open]')")


@pytest.mark.slow
@in_browser
def test_where_the_library_may_only_be_read_nothing_offers_to_change_it(
    visit: Open, url: str, bundled_tools: Any
) -> None:
    with serving(build(bundled_tools)) as (_, address):
        page = visit(f"{address}library", ready="#listing table")
        page.get_by_text("can only be read here: start it with --auth").wait_for()
        assert not page.get_by_role("button", name="Add files").is_visible()
        page.locator("#listing input[data-id]").first.check()
        page.get_by_text("1 chosen").wait_for()
        assert page.get_by_role("button", name="Remove").count() == 0
        assert page.get_by_role("button", name="Read again").count() == 0
