"""The chat page as axe sees it: nothing on it bars those who see it badly, hear it read out, or have no mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser import DESKTOP, LEFT_BY_GRADIO, PHONE, Open, ask, faults, in_browser, open_quote, put

from rag.changing import Changes
from ui.app import build, serving
from ui.welcome import QUESTIONS

pytestmark = [pytest.mark.slow, in_browser, *LEFT_BY_GRADIO]


@pytest.fixture(scope="module")
def url(bundled_tools: Any) -> Iterator[str]:
    changes = Changes(bundled_tools.index.folder, bundled_tools.embedder)
    with serving(build(bundled_tools, changes=changes)) as (_, address):
        yield address


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_no_fault_on_the_page_light_or_dark(visit: Open, viewport: dict[str, int]) -> None:
    page = visit(viewport=viewport)
    told = [f"{state}, {fault}" for state in states(page) for fault in light_and_dark(page)]
    assert not told, "\n".join(["", *told])


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_no_fault_on_the_librarys_page_light_or_dark(visit: Open, url: str, viewport: dict[str, int]) -> None:
    page = visit(f"{url}library", viewport=viewport, ready="#listing table")
    told = [f"{state}, {fault}" for state in states_of_the_library(page) for fault in light_and_dark(page)]
    assert not told, "\n".join(["", *told])


def light_and_dark(page: Any) -> list[str]:
    found = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(250)  # colours change over a moment
        assert page.evaluate("document.body.classList.contains('dark')") is (scheme == "dark")
        found += [f"{scheme}: {fault}" for fault in faults(page)]
    return found


def states(page: Any) -> Iterator[str]:
    """What the page can show, one thing after another."""
    page.locator("[data-ask]").first.wait_for()
    yield "empty"
    ask(page, QUESTIONS[0])
    open_quote(page, page.locator(".position .cite").first)
    yield "a disputed answer and a source"
    close(page, "#source")
    page.locator("[data-act=table]").click()
    page.locator("#ledger table").wait_for()
    yield "the table"
    page.get_by_role("tab", name="Timeline").click()
    page.locator("#timeline .cite").first.wait_for()
    yield "the timeline"
    close(page, "#timeline")
    page.locator(".turn .menu summary").click()
    page.locator(".turn .silent summary").click()
    yield "what is folded away under an answer"
    ask(page, "What did the ferry cost?").locator(".nearest").wait_for()
    yield "a question without an answer"
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("From this day on").fill("soon")
    page.get_by_label("Only these outlets").click()
    page.get_by_role("option").first.wait_for()
    yield "filters"
    page.keyboard.press("Escape")
    put(page, QUESTIONS[0])
    page.locator(".error").wait_for()
    yield "an error"
    page.get_by_role("button", name="New conversation").click()
    page.locator(".welcome").wait_for()
    page.get_by_text("Earlier conversations").click()
    yield "earlier conversations"


def states_of_the_library(page: Any) -> Iterator[str]:
    yield "the list"
    page.locator("#listing input[data-id]").first.check()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("Remove 1 article from the library?").wait_for()
    yield "one chosen, and asked whether to remove it"
    page.get_by_role("button", name="Columns of a table").click()
    page.locator("#address").get_by_role("textbox").fill("nowhere")
    page.locator("#address").get_by_role("textbox").press("Enter")
    page.locator("#change .failed").wait_for()
    yield "an address that cannot be fetched"
    page.get_by_placeholder("Search titles").press_sequentially("no such words")
    page.get_by_text("No article has these words.").wait_for()
    yield "nothing found"
    page.get_by_placeholder("Search titles").clear()
    page.get_by_placeholder("Search titles").press("Enter")
    page.locator("#listing th button[data-open]").first.click()
    page.locator("#article h2").wait_for()
    yield "an article"


def close(page: Any, pane: str) -> None:
    """On a phone what is opened lies over the chat; elsewhere there is nothing to close."""
    button = page.locator(f"{pane} [data-close]")
    if button.is_visible():
        button.click()


def test_axe_finds_a_fault_where_there_is_one(visit: Open) -> None:
    page = visit()
    page.evaluate("document.querySelector('.welcome h2').style.color = '#eee'")
    (fault,) = faults(page)
    assert fault.startswith("color-contrast (serious) ['h2']")
