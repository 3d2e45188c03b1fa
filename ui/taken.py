"""What is taken away: an answer as text with footnotes, and an answer or a conversation as a file. Pure."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Sequence

from rag import conversation_export as conversation
from rag.contract import to_json
from rag.conversation_page import to_html
from rag.references import to_bibtex, to_csl_json
from rag.render import ContextOf, NameOf, to_markdown
from rag.types import Answer

COPY = "copy"
FILES = {  # form → the file's ending and media type
    "markdown": ("md", "text/markdown"),
    "html": ("html", "text/html"),
    "json": ("json", "application/json"),
    "bibtex": ("bib", "application/x-bibtex"),
    "csl": ("csl.json", "application/vnd.citationstyles.csl+json"),
}
NAME = 60  # characters of the file's name that the question gives


def taken_html(form: str, answers: Sequence[Answer], whole: bool, context_of: ContextOf, name_of: NameOf) -> str:
    """What the page's script copies or saves: the text in an element that is not shown, its file's name beside it.

    `whole`: the answers are a conversation, and not one answer alone. Empty for a form that there is not.
    """
    if not answers:
        return ""
    if form == COPY:
        text = "\n\n".join(map(conversation.copy_with_footnotes, answers))
        return f"<div hidden>{html.escape(text)}</div>"
    if form not in FILES:
        return ""
    ending, media = FILES[form]
    text = html.escape(_text(form, answers, whole, context_of, name_of))
    return f'<div hidden data-file="{_name(answers[0])}.{ending}" data-media="{media}">{text}</div>'


def _text(form: str, answers: Sequence[Answer], whole: bool, context_of: ContextOf, name_of: NameOf) -> str:
    match form:
        case "markdown":
            if whole:
                return conversation.to_markdown(answers, context_of, name_of)
            return to_markdown(answers[0], context_of, name_of)
        case "html":
            return to_html(tuple(answers), context_of, name_of, made=dt.date.today())
        case "bibtex":
            return to_bibtex(answers)
        case "csl":
            return to_csl_json(answers)
        case _:
            return conversation.to_json(answers) if whole else to_json(answers[0])


def _name(answer: Answer) -> str:
    """The question in letters and digits of any script, so that ten files in one folder can be told apart."""
    words = re.findall(r"[^\W_]+", answer.standalone.casefold())
    return "-".join(["whosays", *words])[:NAME].rstrip("-")
