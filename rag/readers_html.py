"""An HTML page → text made of its blocks, and what its metadata says.

trafilatura says which blocks are the article; their words are taken from the page itself, because trafilatura drops
characters and white space. White space collapses as in a browser; <br> is a line end, two of them end the block.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import Any, Final

from rag.dates import parse_day
from rag.errors import ReadError
from rag.readers_blocks import Span
from rag.readers_data import Facts, one_line, storable, web_address

_UNSEEN: Final = frozenset(
    "script style noscript template svg math iframe object embed head title meta link select option textarea input "
    "datalist canvas audio video picture map audio progress meter".split()
)
_INLINE: Final = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q s samp small span strike "
    "strong sub sup time tt u var wbr nobr bdi ruby rb rt rp".split()
)
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_CHROME: Final = frozenset(("nav", "footer", "aside", "figcaption", "form", "button", "dialog", "menu"))
_CHROME_ROLES: Final = frozenset(
    "navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar".split()
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEAD: Final = frozenset(("", "base", "link", "meta", "noscript", "script", "style", "template", "title"))
_SPACE = re.compile(r"[ \t\n\r\f]+")
_SAME: Final = 25  # letters that a block and a chosen line must share before "contains" means "is"
_PROSE_WORDS: Final = 12
_BETWEEN: Final = "\n\n"


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page, its blocks in order, and the facts of its metadata."""

    text: str
    spans: tuple[Span, ...]
    facts: Facts
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Piece:
    """One block of the page while it is being collected."""

    tag: str
    parent: Any
    chrome: bool
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        lines = (line.strip(" ") for line in re.sub(r" {2,}", " ", "".join(self.words)).split("\n"))
        return "\n".join(lines).strip(" \n")


def read_page(source: str, name: str) -> Page | None:
    """The page's article; None where the page shows no words. Raises ReadError where the parser gave up on it."""
    from lxml import etree, html

    # Bytes and not str: lxml refuses a str that declares an encoding, and the source is decoded already.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        tree = html.document_fromstring(source.encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ReadError(f"{name}: nested too deeply: the page cannot be read whole")
    _free_from_head(tree)
    pieces = [piece for piece in _pieces(tree) if piece.text]
    if not pieces:
        return None
    facts = page_facts(tree)
    chosen, notes = _choose(pieces, source, name)
    text, spans = _join(_keep(pieces, chosen, facts.title))
    return Page(text, spans, facts, notes)


def _free_from_head(tree: Any) -> None:
    """A page need not write <body> (HTML 5, 13.1.2.4), and libxml2 then leaves what it does not know, such as
    <article>, in the head, where nothing is shown."""
    head, body = tree.find("head"), tree.find("body")
    if head is None:
        return
    strays = [*dropwhile(lambda node: _tag(node) in _HEAD, head)]
    if strays and body is None:
        body = tree.makeelement("body")
        tree.append(body)
    for at, node in enumerate(strays):
        body.insert(at, node)


# --- the page's blocks ------------------------------------------------------------------------


def _pieces(tree: Any) -> list[_Piece]:
    """The page's blocks in reading order. Walks without recursion: pages nest deeper than Python's stack."""
    bodies = tree.xpath("//body")
    root = bodies[0] if bodies else tree
    pieces = [_Piece("body", root, False)]
    todo: list[tuple[str, Any, bool]] = [("open", root, False)]
    while todo:
        step, node, chrome = todo.pop()
        if step == "tail":
            _add(pieces, node.tail, node.getparent(), chrome)
        elif step == "close":
            pieces.append(_Piece(_tag(node.getparent()), node.getparent(), chrome))
        elif _shown(node) or node is root:
            _open(node, chrome, pieces, todo)
    return pieces


def _open(node: Any, chrome: bool, pieces: list[_Piece], todo: list[tuple[str, Any, bool]]) -> None:
    tag = _tag(node)
    inside = chrome or _is_chrome(node, tag)
    if tag == "br":
        _break(pieces, node, chrome)
        return
    if tag == "hr" or tag not in _INLINE:
        pieces.append(_Piece(tag, node.getparent(), inside))
        todo.append(("close", node, chrome))
    _add(pieces, node.text, node, inside)
    for child in reversed(node):
        todo.append(("tail", child, inside))
        todo.append(("open", child, inside))


def _break(pieces: list[_Piece], node: Any, chrome: bool) -> None:
    last = pieces[-1]
    if last.words and "".join(last.words).rstrip(" ").endswith("\n"):
        pieces.append(_Piece(last.tag, last.parent, chrome))
    else:
        last.words.append("\n")


def _add(pieces: list[_Piece], words: str | None, node: Any, chrome: bool) -> None:
    if not words:
        return
    raw = _tag(node) == "pre" or any(_tag(up) == "pre" for up in node.iterancestors())
    pieces[-1].words.append(words.replace("\r", "\n") if raw else _SPACE.sub(" ", words))
    pieces[-1].chrome = pieces[-1].chrome or (chrome and _tag(node) not in _INLINE)


def _tag(node: Any) -> str:
    return node.tag.lower() if node is not None and isinstance(node.tag, str) else ""


def _shown(node: Any) -> bool:
    tag = _tag(node)
    return bool(tag) and tag not in _UNSEEN and node.get("hidden") is None and not _HIDDEN.search(node.get("style", ""))


def _is_chrome(node: Any, tag: str) -> bool:
    if tag == "footer" and any(_tag(up) == "blockquote" for up in node.iterancestors()):
        return False  # there it names who is quoted
    if tag == "header" and not any(_tag(up) in ("article", "main") for up in node.iterancestors()):
        return not node.xpath(".//h1")
    return tag in _CHROME or node.get("role", "").strip().lower() in _CHROME_ROLES


# --- which of them are the article ------------------------------------------------------------


def _choose(pieces: Sequence[_Piece], source: str, name: str) -> tuple[set[int], tuple[str, ...]]:
    lines = [flat for line in _main_text(source).split("\n") if (flat := _letters(line))]
    among = _Lines(frozenset(lines), "\n".join(lines), tuple(line for line in lines if len(line) >= _SAME))
    chosen = {i for i, piece in enumerate(pieces) if not piece.chrome and _among(_letters(piece.text), among)}
    chosen |= _beside(pieces, chosen)
    if chosen:
        return chosen, ()
    rest = {i for i, piece in enumerate(pieces) if not piece.chrome} or set(range(len(pieces)))
    return rest, (f"{name}: the article could not be told from the rest of the page, all of it was read",)


def _main_text(source: str) -> str:
    """What trafilatura takes for the article, a line a block; "" where it finds none."""
    from trafilatura import bare_extraction

    found = bare_extraction(source, include_comments=False, include_tables=True, favor_recall=True)
    return (getattr(found, "text", None) or "") if found is not None else ""


@dataclass(frozen=True, slots=True)
class _Lines:
    """trafilatura's lines as letters: all, joined, and the long ones."""

    all: frozenset[str]
    joined: str
    long: tuple[str, ...]


def _among(letters: str, lines: _Lines) -> bool:
    """Whether a block is one of the chosen lines, part of one, or holds one (a link may have been left out of it)."""
    if letters in lines.all or len(letters) < _SAME:
        return letters in lines.all
    return letters in lines.joined or any(len(line) * 2 >= len(letters) and line in letters for line in lines.long)


def _beside(pieces: Sequence[_Piece], chosen: set[int]) -> set[int]:
    """Paragraphs that stand in one element with a chosen one: what looks alike there is the article too."""
    parents = {id(pieces[i].parent) for i in chosen if pieces[i].tag == "p"}
    return {
        i
        for i, piece in enumerate(pieces)
        if piece.tag == "p"
        and not piece.chrome
        and id(piece.parent) in parents
        and len(piece.text.split()) >= _PROSE_WORDS
    }


def _keep(pieces: Sequence[_Piece], chosen: set[int], title: str | None) -> Iterator[tuple[str, Span]]:
    """The headline, and from the first chosen block to the last all blocks: what was not chosen as furniture."""
    headline = _headline(pieces, min(chosen), title)
    for i, piece in enumerate(pieces):
        if i in chosen or i == headline:
            yield piece.text, Span(0, 1, heading=piece.tag in _HEADINGS)
        elif min(chosen) < i < max(chosen) or (piece.tag == "figcaption" and i > (headline or 0)):
            yield piece.text, Span(0, 1, kind="furniture")


def _headline(pieces: Sequence[_Piece], before: int, title: str | None) -> int | None:
    """The heading above the article that is its title: the one the metadata names, else the last h1."""
    above = [i for i in range(before + 1) if pieces[i].tag in _HEADINGS and not pieces[i].chrome]
    named = [i for i in above if title and _letters(pieces[i].text) == _letters(title)]
    first = [i for i in above if pieces[i].tag == "h1"]
    if found := named or first:
        return found[-1]
    line = before - 1  # old pages set the headline in bold: the line above, in the same element
    return line if line >= 0 and not pieces[line].chrome and pieces[line].parent is pieces[before].parent else None


def _join(kept: Iterable[tuple[str, Span]]) -> tuple[str, tuple[Span, ...]]:
    """The text, blocks joined by a blank line, and the spans with their places in it."""
    parts: list[str] = []
    spans: list[Span] = []
    at = 0
    for words, span in kept:
        parts.append(words)
        spans.append(Span(at, at + len(words), span.kind, span.heading))
        at += len(words) + len(_BETWEEN)
    return _BETWEEN.join(parts), tuple(spans)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


# --- metadata ---------------------------------------------------------------------------------

_DAY_METAS: Final = (
    "article:published_time og:article:published_time datepublished parsely-pub-date pubdate publish-date publishdate "
    "publication_date dc.date.issued dcterms.issued citation_publication_date"
).split()
_NOT_PUBLISHED = re.compile(r"updat|modif|view|access|now|current|today|edit|event|comment", re.IGNORECASE)
_ARTICLE_TYPE = re.compile(r"Article|BlogPosting|Report\b|LiveBlog", re.IGNORECASE)


def page_facts(tree: Any) -> Facts:
    """Title, outlet, day and address as the page's metadata state them; None rather than a guess."""
    metas = _metas(tree)
    linked = [item for script in _linked_data(tree) for item in _articles(script)]
    outlet = one_line(metas.get("og:site_name")) or next((o for item in linked if (o := _publisher(item))), None)
    title = one_line(metas.get("og:title")) or next(
        (t for item in linked if (t := one_line(item.get("headline")))), None
    )
    return Facts(
        title=_without_site(title, outlet) or _from_headings(tree, outlet),
        outlet=outlet,
        published=next((day for text in _days(tree, metas, linked) if (day := parse_day(text))), None),
        url=_address(tree, metas),
    )


def _metas(tree: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        for key in (meta.get("property"), meta.get("name"), meta.get("itemprop")):
            if key and meta.get("content"):
                found.setdefault(key.strip().lower(), meta.get("content"))
    return found


def _linked_data(tree: Any) -> Iterator[Any]:
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        try:
            yield json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):  # a broken script says nothing; the page is read all the same
            continue


def _articles(data: Any) -> list[dict[str, Any]]:
    """The objects of JSON-LD that are articles, in order."""
    found, todo = [], [data]
    while todo:
        item = todo.pop(0)
        if isinstance(item, list):
            todo = item + todo
        elif isinstance(item, dict):
            if _ARTICLE_TYPE.search(str(item.get("@type", ""))):
                found.append(item)
            todo = [value for key, value in item.items() if key in ("@graph", "mainEntity")] + todo
    return found


def _publisher(item: dict[str, Any]) -> str | None:
    publisher = item.get("publisher")
    if isinstance(publisher, list) and publisher:
        publisher = publisher[0]
    return one_line(publisher.get("name")) if isinstance(publisher, dict) else one_line(publisher)


def _days(tree: Any, metas: dict[str, str], linked: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield from (metas[key] for key in _DAY_METAS if key in metas)
    yield from (text for item in linked if (text := one_line(item.get("datePublished"))))
    times = [time for time in tree.iter("time") if time.get("datetime") and not _elsewhere(time)]
    sure = [t for t in times if t.get("pubdate") is not None or "publish" in _named(t) or "dateposted" in _named(t)]
    stated = {parse_day(time.get("datetime")) for time in sure or times}
    if len(stated) == 1:  # several days: which one is the article's cannot be told
        yield (sure or times)[0].get("datetime")


def _elsewhere(time: Any) -> bool:
    """Whether a <time> stands in the page's furniture or says that it is another day than that of publication."""
    around = [time, *time.iterancestors()]
    said = f"{_named(time)} {_named(around[1]) if len(around) > 1 else ''} {_before(time)} {time.text or ''}"
    return any(_is_chrome(up, _tag(up)) for up in around) or bool(_NOT_PUBLISHED.search(said))


def _named(node: Any) -> str:
    return f"{node.get('itemprop', '')} {node.get('class', '')} {node.get('id', '')}".lower()


def _before(time: Any) -> str:
    previous, parent = time.getprevious(), time.getparent()
    if previous is not None:
        return f"{previous.text or ''} {previous.tail or ''}"
    return (parent.text or "") if parent is not None else ""


def _address(tree: Any, metas: dict[str, str]) -> str | None:
    links = (link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
    return next((url for href in (*links, metas.get("og:url")) if (url := web_address(href))), None)


def _from_headings(tree: Any, outlet: str | None) -> str | None:
    """The page's only h1, else its <title> without the site's name."""
    headings = [words for h1 in tree.iter("h1") if (words := one_line("".join(h1.itertext()))) and _shown(h1)]
    if len(headings) == 1:
        return headings[0]
    titles = [words for node in tree.iter("title") if (words := one_line("".join(node.itertext())))]
    return _without_site(titles[0], outlet) if titles else None


def _without_site(title: str | None, outlet: str | None) -> str | None:
    if not title or not outlet or not storable(title):
        return title
    return re.sub(rf"\s+[|–—:-]\s+{re.escape(outlet)}\Z", "", title, flags=re.IGNORECASE) or title
