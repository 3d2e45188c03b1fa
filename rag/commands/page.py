"""serve: the chat page."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.commands import DONE
from rag.commands.opening import settings_of
from rag.errors import UsageError


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 lets others in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=0, max=65535)] = 7860,
    auth: Annotated[str | None, typer.Option(help="Ask for this name and password.", metavar="USER:PASSWORD")] = None,
    root_path: Annotated[str, typer.Option(help="The path that a proxy serves it under.", metavar="PATH")] = "",
    share: Annotated[bool, typer.Option("--share", help="Make a public address through Gradio's servers.")] = False,
) -> int:
    """Serve the chat page."""
    login = _login(auth)
    settings = settings_of(ctx)
    from ui.app import serve as serve_page

    serve_page(settings, host=host, port=port, auth=login, root_path=root_path, share=share)
    return DONE


def _login(auth: str | None) -> tuple[str, str] | None:
    if auth is None:
        return None
    user, colon, password = auth.partition(":")
    if not (user and colon and password):
        raise UsageError("--auth: give a name and a password with a colon between them")
    return user, password
