"""Serving the page: behind a proxy, with a password, to this machine alone or to others."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import scripted
from browser import LEFT_BY_GRADIO, Open, ask, in_browser
from storm import STORM, fake_tools, scripted_ask

from rag.settings import Settings
from ui.app import build, serve, serving

pytestmark = LEFT_BY_GRADIO
PREFIX = "/newsroom"


def page() -> Any:
    return build(fake_tools(scripted.library(STORM)), scripted_ask)


@contextmanager
def proxied(port: int) -> Iterator[str]:
    """The address of a proxy that serves what is at `port` under PREFIX, and nothing else."""

    class Proxy(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            if not self.path.startswith(PREFIX):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                server.request(self.command, self.path.removeprefix(PREFIX) or "/", body, dict(self.headers))
                answer = server.getresponse()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.end_headers()
                while part := answer.read1(65536):
                    self.wfile.write(part)
                    self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the browser went on to another page
            finally:
                server.close()

        do_GET = do_POST = do_HEAD = pass_on  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Quietly."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}/"
        server.shutdown()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(page(), root_path=PREFIX) as (_, address), proxied(urlsplit(address).port or 0) as outside:
        yield outside


@pytest.mark.slow
@in_browser
def test_behind_a_proxy_under_a_path_of_its_own_both_pages_work(visit: Open) -> None:
    here = visit()
    ask(here, "When was the tide highest?")
    here.get_by_role("link", name="Library").click()
    here.wait_for_selector("#listing table")
    assert urlsplit(here.url).path == f"{PREFIX}/library"
    here.get_by_role("link", name="Ask").click()
    here.locator(".position").nth(1).wait_for()


def test_with_a_password_nothing_is_told_without_it() -> None:
    with (
        serving(page(), auth=("desk", "tides-of-the-storm")) as (_, address),
        httpx.Client(base_url=address) as visitor,
    ):
        for path in ("config", "gradio_api/info", "gradio_api/mcp/"):
            assert visitor.get(path).status_code in (401, 404), path
        asked = {"data": ["When was the tide highest?", "", "", None, None, None]}
        assert visitor.post("gradio_api/call/ask", json=asked).status_code == 401
        assert visitor.post("login", data={"username": "desk", "password": "wrong"}).status_code == 400
        assert visitor.post("login", data={"username": "desk", "password": "tides-of-the-storm"}).status_code == 200
        assert visitor.get("config").status_code == 200


@pytest.mark.parametrize(("name", "known"), [("127.0.0.1", True), ("localhost", True), ("news.example", False)])
def test_a_name_that_somebody_gave_this_machine_opens_nothing(name: str, known: bool) -> None:
    with serving(page()) as (_, address):
        told = httpx.get(address, headers={"Host": f"{name}:{urlsplit(address).port}"})
    assert told.status_code == (200 if known else 400)


@pytest.mark.parametrize(
    ("host", "password", "changed"),
    [("127.0.0.1", None, True), ("0.0.0.0", None, False), ("0.0.0.0", ("desk", "tides"), True)],
)
def test_others_change_the_library_only_with_a_password(
    bundled_tools: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    host: str,
    password: tuple[str, str] | None,
    changed: bool,
) -> None:
    made: dict[str, Any] = {}

    @contextmanager
    def noted(page: Any, *given: Any) -> Iterator[tuple[Any, str]]:
        yield type("Served", (), {"block_thread": lambda self: None})(), "http://here/"

    monkeypatch.setattr("ui.app.engine.open_tools", lambda settings: bundled_tools)
    monkeypatch.setattr("ui.app.closing", lambda index: noted(index))
    monkeypatch.setattr("ui.app.build", lambda tools, changes: made.update(changes=changes))
    monkeypatch.setattr("ui.app.serving", noted)
    serve(Settings(library=bundled_tools.index.folder), host=host, auth=password)
    assert (made["changes"] is not None) == changed
    told = capsys.readouterr().out
    assert "http://here/" in told
    assert ("without a password" in told) == (not changed)
    assert ("gradio_api/mcp/" in told) == (password is None)
