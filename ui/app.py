"""Serving the chat page. Gradio is imported late: a library that is not there is said at once, not seconds after."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from rag import ask as engine
from rag.changing import Changes
from rag.errors import WhosaysError
from rag.settings import Settings

if TYPE_CHECKING:
    import gradio as gr

    from rag.ask import Tools
    from ui.page import Ask


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 7860,
    auth: tuple[str, str] | None = None,
    root_path: str | None = None,
    share: bool = False,
    open_browser: bool = False,
) -> None:
    """Serve the page until interrupted; port 0 takes a free one. `share` alone makes an address at Gradio's servers.

    Raises LibraryError or ModelError before anything is served, and WhosaysError where the port is taken.
    """
    tools = engine.open_tools(settings)
    private = auth is not None or (_stays_here(host) and not share)
    page = build(tools, changes=Changes(settings.library, tools.embedder) if private else None)
    with closing(tools.index), serving(page, host, port, auth, root_path, share, open_browser) as (served, url):
        sys.stdout.write(f"Whosays is at {url}  (Ctrl-C ends it)\n{_told(url, auth is not None, private)}")
        sys.stdout.flush()
        served.block_thread()


def _told(url: str, password: bool, private: bool) -> str:
    """What whoever serves the page should know besides its address."""
    from ui.doors import MCP

    lines = [] if password else [f"Programs ask at {url}{MCP} (MCP) and over its API: docs/api.md"]
    lines += (
        [] if private else ["Others reach it without a password, so articles are added from the terminal: or --auth"]
    )
    return "".join(f"{line}\n" for line in lines)


def _stays_here(host: str) -> bool:
    """Whether only this machine can reach a server there."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def serving(
    page: gr.Blocks,
    host: str = "127.0.0.1",
    port: int = 0,
    auth: tuple[str, str] | None = None,
    root_path: str | None = None,
    share: bool = False,
    open_browser: bool = False,
) -> Iterator[tuple[gr.Blocks, str]]:
    """The page and its address while it is served in the background; port 0 takes a free one."""
    from ui.doors import speaking_json
    from ui.page import look

    try:
        _, local, public = page.launch(
            server_name=host,
            server_port=port or _free_port(host),
            auth=auth,
            root_path=root_path or None,
            share=share,
            inbrowser=open_browser,
            prevent_thread_lock=True,
            quiet=True,
            ssr_mode=False,
            mcp_server=auth is None,  # Gradio asks nobody there for a password: with one, there are no tools
            app_kwargs={"lifespan": speaking_json(page), "middleware": _known_hosts(host, auth, root_path, share)},
            **look(),
        )
    except OSError as err:
        where = f"{host}:{port}" if port else host
        raise WhosaysError(f"cannot serve on {where}: it is taken or not this machine's: give another --port") from err
    try:
        yield page, public or local
    finally:
        page.close(verbose=False)


def _free_port(host: str) -> int:
    """Gradio itself would try one after another from 7860 on, and two that start at once take the same."""
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as free:
        free.bind((host, 0))
        return int(free.getsockname()[1])


def _known_hosts(host: str, auth: object, root_path: str | None, share: bool) -> list[Any]:
    """Where nobody is asked for a password because only this machine can come, a page of the web must not come either
    by giving its own name this machine's address (DNS rebinding): other names than this machine's are refused."""
    if auth or root_path or share or not _stays_here(host):
        return []
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    return [Middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1", "[::1]", host])]


def build(tools: Tools, ask: Ask = engine.ask, changes: Changes | None = None) -> gr.Blocks:
    """The pages over opened tools, not yet served. Neither Gradio nor what it brings along reports anything."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # both are read when gradio is imported
    os.environ["HF_HUB_OFFLINE"] = "1"
    from ui.page import build as build_page

    return build_page(tools, ask, engine.steps if ask is engine.ask else None, changes)
