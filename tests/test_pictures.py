"""Pictures of the page over the sample articles: for the README, and for whoever wants to see what a change did.

They are written to the folder that WHOSAYS_SCREENSHOTS names; `make pictures` refreshes those in docs.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import DESKTOP, LEFT_BY_GRADIO, PHONE, Open, ask, in_browser, in_sight, open_quote

from rag.changing import Changes
from ui.app import build, serving
from ui.welcome import QUESTIONS

pytestmark = [pytest.mark.slow, in_browser, *LEFT_BY_GRADIO]

MOST = 300_000  # bytes, for a README is read over slow lines too


@pytest.fixture(scope="module")
def url(bundled_tools: Any) -> Iterator[str]:
    changes = Changes(bundled_tools.index.folder, bundled_tools.embedder)
    with serving(build(bundled_tools, changes=changes)) as (_, address):
        yield address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    named = Path(os.environ.get("WHOSAYS_SCREENSHOTS") or tmp_path)
    named.mkdir(parents=True, exist_ok=True)
    return named


def test_pictures_of_an_answer_its_source_table_and_timeline(visit: Open, folder: Path) -> None:
    page = disputed(visit)
    assert in_sight(page)
    assert taken(page, folder / "chat.png") == (1280, 800)
    for name in ("Table", "Timeline"):
        page.get_by_role("tab", name=name).click()
        taken(page, folder / f"{name.lower()}.png")


def test_a_picture_in_the_dark(visit: Open, folder: Path) -> None:
    page = disputed(visit, color_scheme="dark")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert max(light) < 64
    taken(page, folder / "dark.png")


def test_a_picture_on_a_phone(visit: Open, folder: Path) -> None:
    page = disputed(visit, viewport=PHONE)
    page.get_by_label("Close the source").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert taken(page, folder / "phone.png") == (390, 844)


def test_a_picture_of_the_library(visit: Open, url: str, folder: Path) -> None:
    page = visit(f"{url}library", viewport=DESKTOP, ready="#listing table")
    page.locator("[data-sort=published]").click()
    page.locator("[aria-sort=descending]").wait_for()
    for at in (0, 2):
        page.locator("#listing input[data-id]").nth(at).check()
    page.get_by_text("2 chosen").wait_for()
    page.locator("#listing th button[data-open]").nth(2).click()
    page.locator("#article h2").wait_for()
    assert taken(page, folder / "library.png") == (1280, 800)


def disputed(visit: Open, **person: Any) -> Any:
    page = visit(**{"viewport": DESKTOP, **person})
    ask(page, QUESTIONS[0])
    open_quote(page, page.locator(".position .cite").first)
    return page


def taken(page: Any, path: Path) -> tuple[int, int]:
    """Width and height of what was written, once the page has come to rest: the same picture comes twice."""
    page.mouse.move(0, 0)
    before = b""
    for _ in range(20):
        picture = page.screenshot(animations="disabled", caret="hide")
        if picture == before:
            break
        before = picture
        page.wait_for_timeout(100)
    else:
        raise AssertionError(f"{path.name}: the page never comes to rest")
    assert len(picture) < MOST
    path.write_bytes(picture)
    width, height = struct.unpack(">II", picture[16:24])
    return width, height
