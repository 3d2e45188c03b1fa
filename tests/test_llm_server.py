"""The way to a language model, over HTTP to a real server: whatever a small model says, what comes out is exact.

The model is one of the smallest there are, and knows nothing. So nothing here asks whether it is right: only that each
quote stands in its article, that the form is kept, and that whoever waits, stops or fails is told so."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import conftest
import pytest
from llama_server import KEY, ROUNDED, LlamaServer, serving

from rag.ask import Tools, ask, steps
from rag.errors import ModelError
from rag.events import Done, Positions, Quotes, Understood, Waiting
from rag.llm import Model, open_model
from rag.llm_reader import room
from rag.llm_reply import Form, parse
from rag.numbered import numbered, tokens
from rag.prompts import Message, fence, fill, load
from rag.render import from_dict, to_dict
from rag.settings import Settings, read_settings
from rag.types import Answer, Citation, Evidence, Reading, Scope

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
WHO = "Who locked the harbour gates?"
PATIENCE = 240  # seconds: only so that a test that hangs ends
REPLY = 96  # tokens: the replies that the server is taught take two thirds of it
ROOMY = 8192  # tokens: all that this model takes
SOON = 15.0  # seconds: a few batches; the rest of the long log would take more than twice as long
POST = """Harbour gates found locked

The ferry to Norsund could not leave on Tuesday because the harbour gates were locked.

The port authority accused striking dockers of locking the gates during the night. Its chairwoman, Berit Lund, said that
a guard had seen four men in yellow coats at the winch shortly after two in the morning. The winch was later found
without its handle, and the padlock was of a kind that the port does not buy. Twelve passengers were hurt in the crush
on the quay, the port authority said, and two of them were taken to the hospital in Norsund.

Passengers waited for nine hours. Some slept in the terminal, where the heating had failed; others went home on foot,
because the buses had stopped at midnight. A baker from Mill Street brought rolls and coffee, and took no money for
them.

The gates were opened shortly before noon, when a smith from the shipyard cut the chain. The ferry left an hour later
with half of its passengers, and came back in the evening without any of the lorries that it should have carried.

The harbour master has ordered new padlocks, with a number on each key. Until they come, two of his own men sleep in the
winch house. One of them said that the wind had kept him awake, and that he had heard nothing but the halyards.
"""
COURIER = """Dockers deny locking the gates

The dockers' union denied that its members had locked the harbour gates. Union leader Ida Moen accused private guards
of locking them to break the strike.

She told the Courier that the dockers had held their meeting in the old customs house until four in the morning, and
that more than sixty of them could say so. The guards, she said, had been hired a week ago, without a word to the union,
and carried keys to every door of the port. At least thirty passengers were hurt, she said, and not twelve as the port
authority claims.

The company that sends the guards, Holm and Daughters, called this nonsense. Its men had been at the northern pier all
night, a spokesman said, where a barge had broken loose in the wind.

The strike began on the first of March, over the hours of the night shift. The union wants two men on each winch after
dark; the port authority says that one is enough, since the new winches stop by themselves. A mediator from the capital
is expected on Friday. Until then the ferries will sail by day only.

In the town people are of two minds. The owner of the fish hall said that each day of the strike costs her a third of
what she sells. A retired pilot remembered that in his time the gates had no lock at all.
"""
MANIFEST = """file,title,outlet,published
post.txt,Harbour gates found locked,Harbour Post,2021-03-10
courier.txt,Dockers deny locking the gates,Evening Courier,2021-03-11
log.txt,Log of the pilot station,,
"""


class Box(Form):
    colour: Literal["vermilion", "ultramarine"]
    heavy: bool


def long_log() -> str:
    """Some four thousand tokens."""
    days = range(1, 116)
    said = (f"On day {n} boat {n + 7} passed the harbour gates at low water, and its pilot saw nobody." for n in days)
    return "Log of the pilot station\n\n" + "\n\n".join(said) + "\n"


# --- servers, and a library -------------------------------------------------------------------


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory, parser: Any) -> Iterator[Tools]:
    """The tools without a model, over two articles that contradict each other, and one that is long."""
    home = tmp_path_factory.mktemp("llm-server")
    (home / "articles").mkdir()
    texts = {"post.txt": POST, "courier.txt": COURIER, "log.txt": long_log(), "manifest.csv": MANIFEST}
    for name, text in texts.items():
        (home / "articles" / name).write_text(text, encoding="utf-8")
    with conftest.build_library(home, home / "articles", parser) as index:
        yield conftest.with_reader(index)


@pytest.fixture(scope="session")
def roomy() -> Iterator[LlamaServer]:
    with serving(ROOMY) as server:
        yield server


@pytest.fixture(scope="session")
def narrow(roomy: LlamaServer, plain: Tools) -> Iterator[LlamaServer]:
    """Takes one of the two articles with its reply, and refuses both."""
    one, two, both = (roomy.tokens(reading(plain, *of)) for of in (("post",), ("courier",), ("post", "courier")))
    assert both >= max(one, two) + REPLY + ROUNDED, "both articles may fit: make them longer"
    with serving(max(one, two) + REPLY) as server:
        yield server


def sentences(plain: Tools, *articles: str) -> list[Evidence]:
    library, found = plain.index.library, []
    for article in (library.article(a) for a in articles):
        body = [s for s in library.sentences(article.id) if article.blocks[s.block].kind == "body"]
        found += [Evidence(0, article, s, None, (), 0.0, Reading(0.0, 0.0, ())) for s in body]
    return [dataclasses.replace(e, n=n) for n, e in enumerate(found, 1)]


def reading(plain: Tools, *articles: str) -> Sequence[Message]:
    """The prompt that asks who says what in these articles."""
    lines = numbered(sentences(plain, *articles))
    return fill(load("read"), fence=fence(lines, WHO), evidence=lines, question=WHO)


def environment(server: LlamaServer, **changes: object) -> dict[str, str]:
    """The settings as a user gives them; `changes` by the names in the program, such as kept="off"."""
    given = {"WHOSAYS_MODEL": "smollm2", "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY}
    own: dict[str, object] = {"kept": "off", "context": ROOMY, "patience": PATIENCE}
    return given | {f"WHOSAYS_{name.upper()}": str(value) for name, value in (own | changes).items()}


def settings_of(plain: Tools, env: Mapping[str, str]) -> Settings:
    return dataclasses.replace(read_settings(env), library=plain.index.folder)


@contextmanager
def opened(settings: Settings) -> Iterator[Model]:
    model = open_model(settings)
    assert model is not None
    with closing(model):
        yield model


@contextmanager
def tools(plain: Tools, env: Mapping[str, str]) -> Iterator[Tools]:
    settings = settings_of(plain, env)
    with opened(settings) as model:
        yield dataclasses.replace(plain, settings=settings, model=model)


def asked(plain: Tools, env: Mapping[str, str], *articles: str, engine: Literal["auto", "llm"] = "llm") -> Answer:
    with tools(plain, env) as opened_tools:
        return ask(WHO, opened_tools, Scope(articles=articles), engine)


def is_exact(citation: Citation, plain: Tools) -> bool:
    quote = citation.quote
    return quote.text == plain.index.library.article(quote.article).text[quote.start : quote.end]


def holds(answer: Answer, plain: Tools, model: str = "smollm2") -> None:
    """What is true of every answer that a model was asked for, whatever it said."""
    assert answer.citations
    assert all(is_exact(c, plain) for c in answer.citations)
    assert from_dict(to_dict(answer)) == answer
    if answer.engine == "llm":
        assert (answer.model, answer.prompt) == (model, load("read").sha256)
    else:
        assert [note for note in answer.notes if model in note], "nothing says why the model did not read"


# --- an answer --------------------------------------------------------------------------------


def test_whatever_the_model_says_every_quote_is_exact_and_what_it_took_is_told(
    plain: Tools, narrow: LlamaServer
) -> None:
    answer = asked(plain, environment(narrow, price="1,2"), "post")
    holds(answer, plain)
    usage = answer.usage
    assert usage is not None
    assert usage.calls >= 1
    assert usage.prompt_tokens >= narrow.tokens(reading(plain, "post"))
    assert usage.completion_tokens > 0
    assert usage.cost == pytest.approx((usage.prompt_tokens + 2 * usage.completion_tokens) / 1e6)


def test_while_it_is_read_the_steps_come_in_order(plain: Tools, narrow: LlamaServer) -> None:
    with tools(plain, environment(narrow)) as opened_tools:
        events = list(steps(WHO, opened_tools, Scope(articles=("post",)), "llm", live=True))
    initials = {Understood: "U", Quotes: "Q", Waiting: "W", Positions: "P", Done: "D"}
    assert re.fullmatch("UQ+W+(PW*)?D", "".join(initials[type(e)] for e in events))
    waits = [e for e in events if isinstance(e, Waiting)]
    assert {e.host for e in waits} == {narrow.host}
    assert [e.seconds for e in waits] == sorted(e.seconds for e in waits)
    last = events[-1]
    assert isinstance(last, Done)
    holds(last.answer, plain)
    told = [c for e in events if isinstance(e, Positions) for p in e.positions for c in p.citations]
    assert all(is_exact(c, plain) for c in told)


def test_the_command_line_asks_the_server_and_names_its_host_first(plain: Tools, narrow: LlamaServer) -> None:
    others = {k: v for k, v in os.environ.items() if not k.startswith(("WHOSAYS_", "OPENAI_"))}
    command = ["ask", WHO, "--engine", "llm", "--json", "--article", "post", "--library", str(plain.index.folder)]
    done = subprocess.run(
        [sys.executable, "-m", "rag.cli", *command],
        cwd=ROOT,
        env=others | environment(narrow),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"The question and excerpts of articles go to {narrow.host} (model smollm2).\n")
    answer = from_dict(json.loads(done.stdout))
    holds(answer, plain)
    assert answer.usage is not None


# --- one call ---------------------------------------------------------------------------------


@pytest.mark.parametrize("in_pieces", [False, True], ids=["whole", "in pieces"])
def test_a_reply_has_the_form_that_the_schema_asks_for(plain: Tools, roomy: LlamaServer, in_pieces: bool) -> None:
    pieces: list[str] = []
    message = Message("user", 'The box is red. Describe it as {"colour": "", "heavy": true}.')
    with opened(settings_of(plain, environment(roomy))) as model:
        call = model.call([message], Box, "box", pieces.append if in_pieces else None)
        reply = model.start(call).result()
    box = parse(reply.text, Box)
    assert not box.model_extra
    assert (reply.prompt_tokens, reply.cut, reply.kept) == (roomy.tokens([message]), False, False)
    assert reply.completion_tokens > 0
    if in_pieces:
        assert len(pieces) > 1
        assert all(later.startswith(sooner) for sooner, later in pairwise(pieces))
        assert pieces[-1] == reply.text


@pytest.mark.parametrize("live", [False, True], ids=["whole", "in pieces"])
def test_whoever_stops_listening_stops_the_server(plain: Tools, roomy: LlamaServer, live: bool) -> None:
    started: list[Future[Any]] = []
    with tools(plain, environment(roomy)) as opened_tools:
        model = opened_tools.model
        assert model is not None
        begin = model.start

        def start(work: Coroutine[Any, Any, Any]) -> Future[Any]:
            started.append(begin(work))
            return started[-1]

        model.start = start  # type: ignore[method-assign]
        with closing(steps(WHO, opened_tools, Scope(articles=("log",)), "llm", live=live)) as events:
            next(e for e in events if isinstance(e, Waiting) and roomy.works())
        assert [future.cancelled() for future in started] == [True]
        is_free(roomy, model)


def is_free(server: LlamaServer, model: Model) -> None:
    """A small call is answered soon. (To ask again and again what the server does would keep it from noticing that
    nobody listens.)"""
    began = time.monotonic()
    small = model.start(model.call([Message("user", "Say red.")], Box, "box")).result()
    assert time.monotonic() - began < SOON
    parse(small.text, Box)
    assert not server.works()


# --- what goes wrong --------------------------------------------------------------------------


def one_line(err: pytest.ExceptionInfo[ModelError]) -> str:
    assert "\n" not in str(err.value)
    return str(err.value)


def test_a_wrong_key_is_one_line_that_names_the_variable(plain: Tools, roomy: LlamaServer) -> None:
    env = environment(roomy) | {"OPENAI_API_KEY": "guessed"}
    with pytest.raises(ModelError) as err:
        asked(plain, env, "post")
    assert one_line(err) == f"{roomy.host} refused the key (401): check OPENAI_API_KEY"
    answer = asked(plain, env, "post", engine="auto")
    holds(answer, plain)
    assert (answer.engine, answer.usage) == ("extractive", None)


def test_where_no_server_listens_it_cannot_be_reached(plain: Tools) -> None:
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        nobody = LlamaServer(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(ModelError) as err:
            asked(plain, environment(nobody), "post")
    assert one_line(err).startswith(f"{nobody.host} cannot be reached: check OPENAI_BASE_URL")


def test_a_server_that_takes_less_than_the_instructions_is_no_help_and_that_is_said(plain: Tools) -> None:
    with serving(ROUNDED) as server:
        with pytest.raises(ModelError, match="takes less at once") as err:
            asked(plain, environment(server), "post")
        answer = asked(plain, environment(server), "post", engine="auto")
    assert one_line(err).startswith("smollm2")
    holds(answer, plain)
    assert (answer.engine, answer.usage) == ("extractive", None)


def test_the_patience_that_is_set_ends_the_wait_and_the_work(plain: Tools, roomy: LlamaServer) -> None:
    began = time.monotonic()
    with pytest.raises(ModelError) as err:
        asked(plain, environment(roomy, patience=2), "log")
    assert time.monotonic() - began < SOON
    assert one_line(err).startswith(f"{roomy.host} gave no whole answer within 2 s")
    with opened(settings_of(plain, environment(roomy))) as model:
        is_free(roomy, model)


# --- kept replies -----------------------------------------------------------------------------


def test_a_kept_reply_is_not_asked_for_again_and_without_keeping_it_is(
    plain: Tools, narrow: LlamaServer, tmp_path: Path
) -> None:
    def told(kept: object) -> tuple[Answer, bool]:
        before = narrow.last_task()
        answer = asked(plain, environment(narrow, kept=kept), "post")
        return answer, narrow.last_task() != before

    first, went = told(tmp_path / "replies")
    assert went
    second, went = told(tmp_path / "replies")
    assert not went
    assert [n for n in second.notes if "kept from an earlier run" in n]
    assert second.positions == first.positions
    assert second.usage == first.usage
    third, went = told("off")
    assert went
    assert not [n for n in third.notes if "kept" in n]


# --- more than fits ---------------------------------------------------------------------------


def halving(plain: Tools) -> int:
    """A context at which the program asks about one of the articles in two parts, also where WHOSAYS_CONTEXT may not be
    so small."""
    whole = tokens(numbered(sentences(plain, "post")))
    with opened(Settings(model="any", base_url="http://127.0.0.1:1", kept="off")) as model:
        for model.context in range(ROUNDED, ROOMY, 25):
            if room(model, WHO) > 0.7 * whole:
                return model.context
    raise AssertionError("no context takes most of an article")


def test_articles_that_the_server_finds_too_long_are_read_each_in_its_call(plain: Tools, narrow: LlamaServer) -> None:
    answer = asked(plain, environment(narrow), "post", "courier")
    holds(answer, plain)
    assert answer.usage is not None
    assert answer.usage.calls > 1


def test_what_is_more_than_the_model_takes_is_read_in_several_calls(plain: Tools, narrow: LlamaServer) -> None:
    settings = dataclasses.replace(settings_of(plain, environment(narrow)), context=halving(plain))
    with opened(settings) as model:
        opened_tools = dataclasses.replace(plain, settings=settings, model=model)
        answer = ask(WHO, opened_tools, Scope(articles=("post",)), "llm")
    holds(answer, plain)
    assert answer.usage is not None
    assert answer.usage.calls > 1
