"""An answer to take away: as text with footnotes, Markdown, a page that stands alone, or the contract's JSON. Pure."""

from __future__ import annotations

import datetime as dt
import html

from rag.contract import to_json
from rag.conversation_export import copy_with_footnotes
from rag.conversation_page import to_html
from rag.references import to_bibtex
from rag.render import ContextOf, NameOf, to_markdown
from rag.types import Answer

COPY = "copy"
FILES = {  # form → the file's ending and media type
    "markdown": ("md", "text/markdown"),
    "html": ("html", "text/html"),
    "json": ("json", "application/json"),
    "bibtex": ("bib", "application/x-bibtex"),
}


def taken_html(form: str, answer: Answer, context_of: ContextOf, name_of: NameOf) -> str:
    """What the page's script copies or saves: the text in an element that is not shown, its file's name beside it.

    Empty for a form that there is not."""
    if form == COPY:
        return f"<div hidden>{html.escape(copy_with_footnotes(answer))}</div>"
    if form not in FILES:
        return ""
    ending, media = FILES[form]
    text = html.escape(_text(form, answer, context_of, name_of))
    return f'<div hidden data-file="whosays.{ending}" data-media="{media}">{text}</div>'


def _text(form: str, answer: Answer, context_of: ContextOf, name_of: NameOf) -> str:
    match form:
        case "markdown":
            return to_markdown(answer, context_of, name_of)
        case "html":
            return to_html((answer,), context_of, name_of, made=dt.date.today())
        case "bibtex":
            return to_bibtex((answer,))
        case _:
            return to_json(answer)
