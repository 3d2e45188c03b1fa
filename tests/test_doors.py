"""The doors for other programs: what they find there, over the page's API and as MCP tools of a page that is served."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import gc
import json
import os
import re
import runpy
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
import scripted

from rag.errors import LibraryError, UsageError
from rag.render import to_dict
from rag.reports import article_data
from rag.settings import Settings
from rag.types import Answer, Article, Attribution, Block, Citation, Position, Quote, Scope
from ui.app import build, serving
from ui.doors import AT_ONCE, MCP

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "ask_from_python.py"
# Not ours to mend, and each named narrowly: Gradio keeps statistics of its queue with words that pandas gives up, and
# it and the clients make event loops that they leave to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"),
]

# --- articles, answers and a page -------------------------------------------------------------

BOATS = scripted.article(
    "boats",
    "The café owner said “no boat” sailed 🚢 on Monday.",
    outlet="Quay Gazette",
    published=dt.date(2022, 5, 3),
)
# Gradio's own way to show a result would make a picture of this one, and write it to the server's disk.
PICTURE = Article(
    "picture", "A drawn map", "The map shows no harbour.", (Block(0, 25),), url="data:image/svg+xml;base64,PHN2Zy8+"
)
SOURCES = [
    {"id": "boats", "title": "BOATS", "outlet": "Quay Gazette", "published": "2022-05-03", "words": 10, "copy_of": None}
    | {"url": None},
    {"id": "picture", "title": "A drawn map", "outlet": None, "published": None, "words": 5, "copy_of": None}
    | {"url": PICTURE.url},
]


def told(question: str, scope: Scope = Scope(), earlier: Sequence[str] = ()) -> Answer:
    words = "no boat"
    start = BOATS.text.index(words)
    quote = Quote("boats", start, start + len(words), words)
    said = Attribution("the café owner", (), "asserts")
    cited = Citation(1, quote, BOATS.title, BOATS.outlet, BOATS.published, None, None, said)
    standalone = " / ".join((*earlier, question))
    return Answer(
        question,
        standalone,
        "answered",
        "None [1].",
        scope=scope,
        positions=(Position("none", "agrees", (), (cited,)),),
    )


class Engine:
    """Stands for the engine. A question that begins with "wait" waits until as many are there as `together` counts."""

    def __init__(self) -> None:
        self.together, self.peak = threading.Barrier(2), 0
        self._now, self._lock = 0, threading.Lock()

    def __call__(self, question: str, tools: object, scope: Scope = Scope(), earlier: Sequence[str] = ()) -> Answer:
        if not question.strip():
            raise UsageError("the question is empty: ask something")
        if "broken" in question:
            raise LibraryError("/there: the library's file is gone: make it again")
        if "bug" in question:
            raise ZeroDivisionError("a fault of ours")
        with self._lock:
            self._now += 1
            self.peak = max(self.peak, self._now)
        if question.startswith("wait"):
            self.together.wait(60)
        with self._lock:
            self._now -= 1
        return told(question, scope, earlier)


def opened(engine: Callable[..., Answer]) -> Any:
    library = scripted.library(BOATS, PICTURE)
    return build(SimpleNamespace(index=SimpleNamespace(library=library), settings=Settings()), engine)  # type: ignore[arg-type]


@pytest.fixture(scope="module", autouse=True)
def swept() -> Iterator[None]:
    """What Gradio leaves behind is collected here, under the filters above, and not in a later test."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """As HF_HUB_OFFLINE=1 would, had it been set before everything was imported."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # as it was, after the example has set it


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="module")
def url(engine: Engine) -> Iterator[str]:
    with serving(opened(engine)) as (_, address):
        yield address


# --- clients ----------------------------------------------------------------------------------


async def visit(address: str, doing: Callable[[Any], Any]) -> Any:
    """What an MCP client gets that connects, does one thing and leaves."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(address + MCP) as (reading, writing, _),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        return await doing(session)


def tool(address: str, name: str, **given: Any) -> Any:
    """The result of an MCP tool, read as JSON. Raises RuntimeError with the text where it is an error."""
    result = asyncio.run(visit(address, lambda session: session.call_tool(name, given)))
    (text,) = result.content
    if result.isError:
        raise RuntimeError(text.text)
    return json.loads(text.text)


def api(address: str, name: str, **given: Any) -> Any:
    """The result over the page's API. Raises gradio_client's AppError."""
    from gradio_client import Client

    with closing(Client(address, verbose=False)) as client:
        return client.predict(**given, api_name=f"/{name}")


both = pytest.mark.parametrize("call", [tool, api])
Call = Callable[..., Any]

# --- what is offered --------------------------------------------------------------------------


def test_an_mcp_client_finds_three_tools_and_is_told_what_each_takes(url: str) -> None:
    tools = {t.name: t for t in asyncio.run(visit(url, lambda session: session.list_tools())).tools}
    assert set(tools) == {"ask", "sources", "article"}
    takes = {name: list(t.inputSchema["properties"]) for name, t in tools.items()}
    assert takes["ask"] == ["question", "since", "until", "outlets", "articles", "earlier"]
    assert (takes["sources"], takes["article"]) == (["search"], ["id"])
    assert {name: t.inputSchema.get("required", []) for name, t in tools.items()} == {
        "ask": ["question"],
        "sources": [],
        "article": ["id"],
    }
    for each in tools.values():
        assert each.description.endswith(".")
        assert all(p["description"].endswith((".", "?")) for p in each.inputSchema["properties"].values())


def test_the_api_offers_the_same_three_and_none_of_the_page_s_own(url: str) -> None:
    from gradio_client import Client

    with closing(Client(url, verbose=False)) as client:
        offered = client.view_api(return_format="dict")
    assert set(offered["named_endpoints"]) == {"/ask", "/sources", "/article"}
    assert not offered["unnamed_endpoints"]
    assert offered["named_endpoints"]["/ask"]["parameters"][0]["parameter_name"] == "question"


def test_nothing_is_printed_when_the_page_begins_to_be_served(capfd: pytest.CaptureFixture[str]) -> None:
    with serving(opened(Engine())):
        assert capfd.readouterr() == ("", "")


# --- what each gives --------------------------------------------------------------------------


def test_one_argument_is_enough_and_need_not_be_named(url: str) -> None:
    from gradio_client import Client

    with closing(Client(url, verbose=False)) as client:
        assert client.predict("What sailed?", api_name="/ask") == to_dict(told("What sailed?"))


@both
def test_ask_gives_the_answer_of_the_contract(url: str, call: Call) -> None:
    assert call(url, "ask", question="What “sailed” 🚢?") == to_dict(told("What “sailed” 🚢?"))


@both
def test_filters_and_earlier_questions_reach_the_engine(url: str, call: Call) -> None:
    days = {"since": "2022-05-01", "until": "2022-05-31"}
    names = {"outlets": ["Quay Gazette"], "articles": ["boats"]}
    answer = call(url, "ask", question="And who saw it?", **days, **names, earlier=["What sailed?", "When?"])
    assert answer["scope"] == days | names
    assert answer["standalone"] == "What sailed? / When? / And who saw it?"


@both
def test_articles_are_listed_with_what_is_known_of_them_and_not_where_their_files_lie(url: str, call: Call) -> None:
    assert call(url, "sources") == SOURCES


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("boat", ["boats"]),  # another form of the text's word, or a part of the title's
        ("GAZETTE", ["boats"]),
        ("2022-05", ["boats"]),
        ("drawn harbour", ["picture"]),  # one in the title, one in the text
        ("drawn sailed", []),
        (" ", ["boats", "picture"]),
        ("the", ["boats", "picture"]),
        ('" OR *', []),
    ],
)
def test_a_search_finds_the_articles_that_hold_each_word(url: str, search: str, found: list[str]) -> None:
    assert [s["id"] for s in tool(url, "sources", search=search)] == found


@both
@pytest.mark.parametrize("article", [BOATS, PICTURE], ids=["words", "picture"])
def test_an_article_comes_whole_whatever_its_address_looks_like(url: str, call: Call, article: Article) -> None:
    known = {key: value for key, value in article_data(article).items() if key not in ("path", "row")}
    assert call(url, "article", id=article.id) == known


def test_each_quote_of_a_real_answer_stands_in_the_article_that_is_given(harbour_tools: Any) -> None:
    schema = json.loads((ROOT / "rag" / "answer.schema.json").read_text(encoding="utf-8"))
    with serving(build(harbour_tools)) as (_, address):
        answer = tool(address, "ask", question="Who locked the harbour gates?")
        jsonschema.validate(answer, schema, format_checker=jsonschema.FormatChecker())
        citations = [c for position in answer["positions"] for c in position["citations"]]
        assert {c["article"] for c in citations} >= {"post", "courier"}
        for c in citations:
            article = tool(address, "article", id=c["article"])
            assert article["text"][c["start"] : c["end"]] == c["quote"]
        over_api = api(address, "ask", question="Who locked the harbour gates?")
        assert over_api | {"timings_ms": None} == answer | {"timings_ms": None}
        narrow = tool(address, "ask", question="Who locked the harbour gates?", outlets=["evening courier"])
        assert {c["article"] for p in narrow["positions"] for c in p["citations"]} == {"courier"}
        with pytest.raises(RuntimeError, match="no outlet 'Bell' in the library: it has"):
            tool(address, "ask", question="Who locked the harbour gates?", outlets=["Bell"])


# --- what fails -------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("name", "given", "line"),
    [
        ("article", {"id": "no'pe \"x"}, "no article 'no\\'pe \"x' in the library: `sources` lists the ids"),
        ("ask", {"question": " "}, "the question is empty: ask something"),
        ("ask", {"question": "broken?"}, "/there: the library's file is gone: make it again"),
        ("ask", {"question": "bug?"}, "unexpected ZeroDivisionError: a fault of ours (the server's log has the rest)"),
        ("ask", {"question": "?", "since": "May"}, "since is 'May': give a day as YYYY-MM-DD"),
        ("ask", {"question": "?", "until": "20220501"}, "until is '20220501': give a day as YYYY-MM-DD"),
        (
            "ask",
            {"question": "?", "since": "2022-05-02", "until": "2022-05-01"},
            "since 2022-05-02 is after until 2022-05-01: give the earlier day as since",
        ),
    ],
)
def test_what_fails_is_told_in_one_plain_line(url: str, call: Call, name: str, given: Any, line: str) -> None:
    with pytest.raises(Exception, match=f"^{re.escape(line)}$"):
        call(url, name, **given)


@pytest.mark.parametrize(
    ("name", "given", "line"),
    [
        ("ask", {"question": 5}, "question is 5: give a text"),
        ("ask", {"question": "?", "outlets": "Quay Gazette"}, "outlets is 'Quay Gazette': give a list"),
        ("ask", {"question": "?", "earlier": ["What?", 5]}, "an item of earlier is 5: give a text"),
        ("article", {"id": None}, "id is None: give a text"),
        ("sources", {"search": ["boat"]}, "search is ['boat']: give a text"),
    ],
)
def test_what_is_of_another_kind_is_told_too(url: str, name: str, given: Any, line: str) -> None:
    with pytest.raises(Exception, match=f"^{re.escape(line)}$"):
        api(url, name, **given)
    with pytest.raises(RuntimeError, match=r"^Input validation error: [^\n]*$"):  # MCP looks at the kinds by itself
        tool(url, name, **given)


def test_a_fault_of_ours_is_in_the_log_and_a_slip_of_the_caller_is_not(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for question in (" ", "bug?"):
        with pytest.raises(RuntimeError):
            tool(url, "ask", question=question)
    (record,) = [r for r in caplog.records if r.name == "ui.doors"]
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


# --- several at once --------------------------------------------------------------------------


@pytest.mark.parametrize("calls", [(tool, tool), (api, api), (tool, api)])
def test_two_clients_at_once_do_not_see_one_another(url: str, engine: Engine, calls: tuple[Call, Call]) -> None:
    engine.together = threading.Barrier(2)  # neither is answered before both have asked
    asked = [("wait for one", ["Before one?"]), ("wait for two", ["Before two?"])]
    with ThreadPoolExecutor(2) as pool:
        running = [
            pool.submit(call, url, "ask", question=question, earlier=earlier)
            for call, (question, earlier) in zip(calls, asked, strict=True)
        ]
        answers = [each.result() for each in running]
    assert answers == [to_dict(told(question, earlier=earlier)) for question, earlier in asked]


def test_more_questions_than_are_read_at_once_wait_and_the_articles_are_given_meanwhile(
    url: str, engine: Engine
) -> None:
    engine.together, engine.peak = threading.Barrier(AT_ONCE + 1), 0
    asked = [f"wait {n}" for n in range(2 * AT_ONCE)]
    with ThreadPoolExecutor(len(asked)) as pool:
        running = [pool.submit(tool if n % 2 else api, url, "ask", question=q) for n, q in enumerate(asked)]
        for _ in range(2):  # the last who is waited for is this test
            assert tool(url, "sources") == SOURCES
            engine.together.wait(60)
        assert [each.result()["question"] for each in running] == asked
    assert engine.peak == AT_ONCE


# --- who may ask ------------------------------------------------------------------------------


def status(address: str, data: bytes | None = None) -> int:
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data, headers)) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as err:
        with err:
            return err.code


def test_with_a_password_there_are_no_tools_and_the_api_asks_for_it() -> None:
    from gradio_client import Client

    call = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "sources"}}).encode()
    with serving(opened(Engine())) as (_, address):
        assert status(address + MCP, call) == 200
    with serving(opened(Engine()), auth=("me", "secret")) as (_, address):
        assert {status(address + MCP + path, call) for path in ("", "http")} == {404}
        assert {status(address + MCP + path) for path in ("", "sse", "schema")} == {404}
        assert status(address + "gradio_api/run/sources", b'{"data": [""]}') == 401
        with closing(Client(address, verbose=False, auth=("me", "secret"))) as client:
            assert client.predict(api_name="/sources") == SOURCES


# --- what the guide shows ---------------------------------------------------------------------


def shown(language: str) -> str:
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.M | re.S)
    return str(block)


def test_the_python_of_the_guide_runs(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    before: dict[str, Any] = {}
    try:
        exec(shown("python").replace("http://127.0.0.1:7860/", url), before)
    finally:
        before["whosays"].close()
    assert capsys.readouterr().out.splitlines()[-1] == "1 the café owner says: no boat"


def test_the_two_calls_of_the_guide_for_other_languages_ask_and_fetch(url: str) -> None:
    first, body, second = re.findall(r"(http://\S+|{.*})", shown("sh"))
    kind = {"Content-Type": "application/json"}
    here = [each.replace("http://127.0.0.1:7860/", url) for each in (first, second)]
    with urllib.request.urlopen(urllib.request.Request(here[0], body.encode(), kind)) as reply:
        event = json.load(reply)["event_id"]
    with urllib.request.urlopen(here[1].replace("EVENT_ID", event)) as reply:
        *_, name, data = reply.read().decode().strip().split("\n")
    assert name == "event: complete"
    assert json.loads(data.removeprefix("data: ")) == [to_dict(told("Who blocked the buses?"))]


def test_the_address_for_mcp_clients_in_the_guide_is_where_the_tools_are(url: str) -> None:
    server = json.loads(shown("json"))["mcpServers"]["whosays"]
    assert server["url"] == "http://127.0.0.1:7860/" + MCP
    assert status(server["url"].replace("http://127.0.0.1:7860/", url)) == 200  # what a browser sees there


def test_the_guide_names_every_parameter_and_what_is_left_out_of_an_article(url: str) -> None:
    for each in asyncio.run(visit(url, lambda session: session.list_tools())).tools:
        row = next(line for line in GUIDE.splitlines() if line.startswith(f"| `{each.name}`"))
        assert all(f"`{name}`" in row for name in each.inputSchema["properties"])
    row = next(line for line in GUIDE.splitlines() if line.startswith("| `article`"))
    assert re.findall(r"`(\w+)`", row.split("|")[3]) == list(tool(url, "article", id="boats"))
    row = next(line for line in GUIDE.splitlines() if line.startswith("| `sources`"))
    assert re.findall(r"`(\w+)`", row.split("|")[3]) == list(SOURCES[0])


# Runs a program that may reach this machine alone.
KEPT_HERE = """
import runpy, socket, sys
real = socket.getaddrinfo
def lookup(host, *given, **named):
    if host not in ("127.0.0.1", "localhost", None):
        sys.exit(f"it would reach {host}")
    return real(host, *given, **named)
socket.getaddrinfo = lookup
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def example(*given: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    command = [sys.executable, "-X", "utf8", "-c", KEPT_HERE, str(EXAMPLE), *given]
    return subprocess.run(command, env=environ, capture_output=True, encoding="utf-8", timeout=200)


def test_the_example_asks_and_finds_each_quote_in_its_article_and_reaches_nobody_else(url: str) -> None:
    ran = example("What sailed?", url)
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [line.strip() for line in ran.stdout.splitlines() if line]
    assert lines == ["answered: None [1].", "none", "[1] “no boat”", "the café owner, in BOATS"]
    assert "give a question" in example().stderr


def test_the_example_stops_where_an_article_is_not_what_was_quoted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def moved(question: str, tools: object) -> Answer:
        answer = told(question)
        (position,), (cited,) = answer.positions, answer.citations
        away = dataclasses.replace(cited, quote=dataclasses.replace(cited.quote, start=1, end=8))
        return dataclasses.replace(answer, positions=(dataclasses.replace(position, citations=(away,)),))

    with serving(opened(moved)) as (_, address):
        monkeypatch.setattr(sys, "argv", [str(EXAMPLE), "What sailed?", address])
        with pytest.raises(SystemExit, match="boats changed"):
            runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert "no boat" not in capsys.readouterr().out
