"""The page in a real browser: opening it as one more person, asking, and what every visit must hold to.

A pytest plug-in (conftest.py names it). On a machine without Chromium these tests are skipped; where
WHOSAYS_NEEDS_BROWSER is set, as in CI, that is a failure.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
NEEDED = bool(os.environ.get("WHOSAYS_NEEDS_BROWSER"))
WITHOUT = "no chromium on this machine: install it to test the page"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PATIENCE = 20_000  # milliseconds
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
Open = Callable[..., Any]

in_browser = pytest.mark.skipif(CHROMIUM is None and not NEEDED, reason=WITHOUT)
# Not ours to mend, and each named narrowly: Gradio keeps statistics of its queue with words that pandas gives up,
# makes event loops that it leaves to the garbage collector, and drops the socket with which it tried a taken port.
LEFT_BY_GRADIO = [
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"),
    pytest.mark.usefixtures("swept"),
]


@pytest.fixture(scope="module")
def swept() -> Iterator[None]:
    """What Gradio leaves behind is collected here, under the filters above, and not in a later test."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One for each file: while it runs, its event loop is this thread's, and tests of other files run loops here."""
    if CHROMIUM is None:
        pytest.fail(f"{WITHOUT} (WHOSAYS_NEEDS_BROWSER is set)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Any, url: str) -> Iterator[Open]:
    """Opens the page at `url`, a fixture of the test's own file, as one more person.

    At the end no script of any page may have failed, and no request may have gone to another host.
    """
    contexts, faults, homes, asked = [], [], set(), set()

    def opened(address: str = url, viewport: Mapping[str, int] = DESKTOP, ready: str = "", **person: Any) -> Any:
        homes.add(host_of(address))
        context = browser.new_context(viewport=viewport, **person)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked.add(host_of(request.url)))
        page.goto(address)
        if ready:
            page.wait_for_selector(ready)
        else:  # the chat: the list of conversations comes last, from the server
            page.wait_for_selector("#earlier [data-new]", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults
    assert asked <= {"", *homes}, "a request left for another host"


def page_of(tools: Any, ask: Any, steps: Any) -> Any:
    """The page over tools, not yet served: as `ui.app.build` makes it, but with steps of the test's own."""
    os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}  # read when gradio is imported
    from ui.page import build

    return build(tools, ask, steps)


def host_of(address: str) -> str:
    """Host and port; empty for what never leaves the page, such as data: and blob:."""
    return urlsplit(address).netloc


# --- what a person does -----------------------------------------------------------------------


def put(page: Any, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def ask(page: Any, question: str) -> Any:
    """Put a question and wait for what becomes of it; gives its turn."""
    turns = page.locator(".turn").count()
    put(page, question)
    return settled(page, turns)


@contextmanager
def kept(page: Any) -> Iterator[None]:
    """What is done within is waited for until the browser has written the conversation down."""
    written = "localStorage.getItem('whosays-conversations')"
    before = page.evaluate(written)
    yield
    page.wait_for_function(f"(before) => {written} !== before", arg=before)


def settled(page: Any, at: int) -> Any:
    """The turn at `at` (from 0), the last, once it is read to the end."""
    turn = page.locator(".turn").nth(at)
    turn.locator("[data-act=retry]").wait_for()
    return turn


def open_quote(page: Any, cite: Any) -> str:
    """Choose a number and wait until its quote has the focus; gives the words that are marked."""
    n, turn = cite.get_attribute("data-n"), cite.get_attribute("data-turn")
    cite.click()
    return quote_of(page, n, turn)


def quote_of(page: Any, n: object, turn: object = 0) -> str:
    page.wait_for_selector(f"#source .source[data-turn='{turn}'][data-n='{n}'] #quote")
    page.wait_for_function("document.activeElement.id === 'quote'")
    return " ".join(page.locator("#source mark.current, #source blockquote#quote").all_inner_texts())


def in_sight(page: Any, selector: str = "#quote") -> bool:
    """Whether all of an element is inside the window and inside the pane that scrolls it."""
    return bool(
        page.evaluate(
            """(selector) => {
              const [box, pane] = [selector, "#source"].map((s) => document.querySelector(s).getBoundingClientRect());
              return box.height > 0 && box.top >= Math.max(0, pane.top) &&
                box.bottom <= Math.min(innerHeight, pane.bottom) && box.left >= 0 && box.right <= innerWidth;
            }""",
            selector,
        )
    )


def faults(page: Any) -> list[str]:
    """What axe finds wrong, for those who see badly or use no mouse: the rule, where, and what would mend it."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    return [
        f"{rule['id']} ({rule['impact']}) {node['target']} {node['html'][:160]}\n    {node['failureSummary']}"
        for rule in Axe().run(page, options=options).response["violations"]
        for node in rule["nodes"]
    ]
