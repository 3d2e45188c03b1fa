"""The articles that answers cite, each once, as references for programs that keep them: BibTeX and CSL-JSON. Pure.

What an article says of itself is data: in BibTeX nothing of it opens a brace, a command or a formula.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rag.render import day_words, safe_url, visible
from rag.types import Answer, Citation

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TEX = str.maketrans(
    {c: f"\\{c}" for c in "%&$#_"}
    | {
        "\\": r"{\textbackslash}",
        "~": r"{\textasciitilde}",
        "^": r"{\textasciicircum}",
        "<": r"{\textless}",  # plain, the oldest fonts of TeX print ¡ and ¿ for these two
        ">": r"{\textgreater}",
    }
)
_BRACES = str.maketrans({"{": r"\{", "}": r"\}"})
_LONE_BRACES = str.maketrans({"{": r"{\textbraceleft}", "}": r"{\textbraceright}"})
_PLAIN_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_HASHED_ID = re.compile(r".*-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A cited article, each text of it on one line. `cited` says where: (question, quote), both numbered from 1."""

    article: str
    title: str
    outlet: str | None
    published: dt.date | None
    url: str | None  # a web address fit for a link
    cited: tuple[tuple[int, int], ...]

    @property
    def key(self) -> str:
        """The name to cite it by."""
        return key_of(self.article)

    @property
    def told(self) -> tuple[str, ...]:
        """Outlet and day in words, as far as they are known."""
        day = day_words(self.published) if self.published else ""
        return tuple(part for part in (self.outlet, day) if part)

    @property
    def places(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """The questions under which it is quoted, each with the numbers of the quotes."""
        asked = groupby(self.cited, key=lambda place: place[0])
        return tuple((question, tuple(n for _, n in found)) for question, found in asked)


def references(answers: Iterable[Answer]) -> tuple[Reference, ...]:
    """The articles quoted in the answers, in the order of their first quote, and what the latest answer tells of each.

    An article's id is never given to another, so one id is one article, whatever became of its title since.
    """
    found: dict[str, list[tuple[int, Citation]]] = {}
    for question, answer in enumerate(answers, 1):
        for citation in answer.citations:
            found.setdefault(citation.quote.article, []).append((question, citation))
    return tuple(_reference(article, cited) for article, cited in found.items())


def _reference(article: str, cited: list[tuple[int, Citation]]) -> Reference:
    latest = cited[-1][1]
    return Reference(
        article=article,
        title=visible(latest.title) or visible(article),
        outlet=visible(latest.outlet or "") or None,
        published=latest.published,
        url=safe_url(latest.url),
        cited=tuple((question, citation.n) for question, citation in cited),
    )


def key_of(article: str) -> str:
    """The name to cite an article by: small letters of ASCII, digits and . _ - alone, the same in every export.

    An id that is such a name already is its own key. Any other is brought near one and ends in eight digits of its
    SHA-256, so that two ids share no key, also where keys are compared without case, as BibTeX does.
    """
    if _PLAIN_ID.fullmatch(article) and not _HASHED_ID.fullmatch(article):
        return article
    letters = unicodedata.normalize("NFKD", article).encode("ascii", "ignore").decode().lower()
    near = re.sub(r"[^a-z0-9._-]+", "-", letters).strip("-._")[:48] or "article"
    return f"{near}-{hashlib.sha256(article.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


# --- BibTeX -----------------------------------------------------------------------------------


def to_bibtex(answers: Iterable[Answer]) -> str:
    """The cited articles as BibTeX in UTF-8, an entry each; empty where nothing is cited.

    @online where there is a web address, else @article with the outlet as its journal, else @misc. The day stands
    twice, because biblatex reads `date`, and the older styles and most programs `year` and `month`.
    """
    return "\n".join(map(_entry, references(answers)))


def _entry(reference: Reference) -> str:
    kind, holder = ("online", "organization") if reference.url else ("article", "journal")
    if not reference.url and not reference.outlet:
        kind = "misc"
    # A second pair of braces: styles keep the capitals of a title, and "and" in an outlet's name joins no two outlets.
    rows = [("title", f"{{{{{_tex(reference.title)}}}}}")]
    if reference.outlet:
        rows.append((holder, f"{{{{{_tex(reference.outlet)}}}}}"))
    if day := reference.published:
        rows += [("date", f"{{{day.isoformat()}}}"), ("year", f"{{{day.year:04}}}")]
        rows += [("month", _MONTHS[day.month - 1]), ("day", f"{{{day.day}}}")]
    if reference.url:
        rows.append(("url", f"{{{reference.url}}}"))  # read letter for letter; `safe_url` leaves no brace in it
    fields = "".join(f"  {name} = {value},\n" for name, value in rows)
    return f"@{kind}{{{reference.key},\n{fields}}}\n"


def _tex(text: str) -> str:
    """`text` as TeX prints it. BibTeX counts a brace behind a backslash too, so one without its partner would swallow
    the entries after it and stands by its name; those in pairs do not, because some programs know no such name."""
    return text.translate(_TEX | (_BRACES if _in_pairs(text) else _LONE_BRACES))


def _in_pairs(text: str) -> bool:
    """Whether each brace of the text that opens is closed after it, and none else closes."""
    depth = 0
    for c in text:
        depth += (c == "{") - (c == "}")
        if depth < 0:
            return False
    return depth == 0


# --- CSL-JSON ---------------------------------------------------------------------------------


def to_csl_json(answers: Iterable[Answer]) -> str:
    """The cited articles as CSL-JSON, a list of items under the same keys as in BibTeX; what is unknown is left out."""
    return json.dumps([_item(r) for r in references(answers)], ensure_ascii=False, indent=2)


def _item(reference: Reference) -> dict[str, Any]:
    item: dict[str, Any] = {"id": reference.key, "type": "article-newspaper", "title": reference.title}
    if reference.outlet:
        item["container-title"] = reference.outlet
    if day := reference.published:
        item["issued"] = {"date-parts": [[day.year, day.month, day.day]]}
    if reference.url:
        item["URL"] = reference.url
    return item
