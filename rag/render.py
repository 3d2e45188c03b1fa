"""An Answer as Markdown, as an HTML fragment, and in the words that every surface shares. Pure.

Article text is data: whatever Markdown, HTML or control characters it holds is shown as text and never obeyed.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote as percent
from urllib.parse import urlsplit

from rag.contract import from_dict, to_dict, to_json
from rag.types import Answer, Article, Citation, Position, Relation, Scope

__all__ = [
    "UNSEEN",
    "ContextOf",
    "NameOf",
    "article_name",
    "attribution_line",
    "day_words",
    "escape_markdown",
    "from_dict",
    "headline",
    "no_context",
    "notes_of",
    "reader_line",
    "relation_words",
    "safe_url",
    "scope_line",
    "to_dict",
    "to_html",
    "to_json",
    "to_markdown",
    "visible",
]

ContextOf = Callable[[Citation], str | None]
"""Gives the sentence at `citation.context`, or None. A citation carries only offsets, so whoever holds the library
passes this in; without it the quotes stand alone."""

NameOf = Callable[[str], str]
"""Gives an article's name for people, from its id; `str` where no library is at hand."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NAMED = 5  # chosen articles named in a line, past which they are counted
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_RELATIONS: dict[Relation, str] = {
    "disputes": "disputes the first position",
    "agrees": "does not contradict the first position",
    "updates": "updates the first position",
}
# Control characters drive a terminal; bidirectional overrides can make a quote and its speaker change places.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def no_context(citation: Citation) -> str | None:
    """A ContextOf for those who have no library at hand."""
    return None


# --- words that every surface shares ----------------------------------------------------------


def silent_lines(answer: Answer, name_of: NameOf = str, most: int | None = None) -> list[str]:
    """The silent articles, those of one reason together: "a; b: why". With `most`, only so many are named of each."""
    by_reason: dict[str, list[str]] = {}
    for silent in answer.silent:
        by_reason.setdefault(silent.reason, []).append(silent.article)
    return [f"{_names(articles, name_of, most)}: {reason}" for reason, articles in by_reason.items()]


def _names(articles: Sequence[str], name_of: NameOf, most: int | None) -> str:
    more = len(articles) - len(articles[:most])
    return "; ".join(map(name_of, articles[:most])) + (f"; and {more} more" if more else "")


def article_name(article: Article) -> str:
    """How a line of text names an article: its title, outlet and day, as far as they are known."""
    day = day_words(article.published) if article.published else ""
    told = ", ".join(part for part in (visible(article.outlet or ""), day) if part)
    return visible(article.title or article.id) + (f" ({told})" if told else "")


def visible(text: str) -> str:
    """`text` on one line, white space collapsed, with what would act unseen shown as U+FFFD."""
    return " ".join(UNSEEN.sub("\ufffd", text).split())


def day_words(day: dt.date) -> str:
    """14 Dec 2016, in English whatever the locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def quoted(words: str) -> str:
    """The words in quotation marks, none added where they stand in their own."""
    own = words[:1] in '“"' and words[-1:] in '”"' and not any(mark in words[1:-1] for mark in '“”"')
    return words if own and len(words) > 1 else f"“{words}”"


def headline(answer: Answer) -> str:
    """The outcome in one line, without a full stop."""
    if answer.outcome == "unanswered":
        return f"Nothing in {'the library' if answer.scope.empty else 'the chosen articles'} answers this"
    citations = answer.citations
    counts = [_count(len(answer.positions), "position"), _count(len(citations), "quote"), _outlets(citations)]
    origins = {origin for p in answer.positions for origin in p.origins}
    if origins:
        counts.append(_count(len(origins), "origin"))
    return f"{_lead(answer)}: {', '.join(counts)}"


def _lead(answer: Answer) -> str:
    if answer.outcome == "disputed":
        return "Sources disagree"
    if len({c.quote.article for c in answer.citations}) == 1:
        return "One source answers"
    return "Sources agree" if len(answer.positions) == 1 else "Sources answer"


def _outlets(citations: Iterable[Citation]) -> str:
    """Outlets where every article names one, else articles: an unnamed outlet cannot be counted."""
    cited = list(citations)
    outlets = {c.outlet for c in cited}
    if None in outlets:
        return _count(len({c.quote.article for c in cited}), "article")
    return _count(len(outlets), "outlet")


def _count(n: int, noun: str) -> str:
    return f"{_NUMBERS[n] if n < len(_NUMBERS) else n} {noun}{'' if n == 1 else 's'}"


def attribution_line(citation: Citation) -> str:
    """Who says it, through whom, where, when: "Russian Defense Ministry, via USA Today · Inquisitr · 14 Dec 2016"."""
    outlet = visible(citation.outlet or citation.title)
    day = day_words(citation.published) if citation.published else "no date"
    speaker = visible(citation.attribution.speaker or "")
    who = _who(speaker, outlet, citation)
    own_voice = citation.attribution.stance == "denies" and not speaker  # then the outlet is already named
    return " · ".join(part for part in (who, "" if own_voice else outlet, day) if part)


def _who(speaker: str, outlet: str, citation: Citation) -> str:
    said = {
        "asserts": speaker,
        "denies": f"denied by {speaker or outlet}",
        "reports": f"reported, according to {speaker}" if speaker else "reported, unnamed sources",
    }[citation.attribution.stance]
    via = ", ".join(visible(v) for v in citation.attribution.via)
    return ", ".join(part for part in (said, f"via {via}" if via else "") if part)


def goes_back(position: Position) -> str:
    """Whose word it is in the end. Empty where one origin is what the only attribution says already."""
    outlets = {c.outlet or c.quote.article for c in position.citations}
    if len(position.origins) == 1 and len(outlets) > 1:
        return f"{_count(len(outlets), 'outlet').capitalize()}, one origin: {position.origins[0]}"
    return f"Goes back to: {', '.join(position.origins)}" if len(position.origins) > 1 else ""


def relation_words(relation: Relation, index: int) -> str:
    """How the position at `index` (from 0) stands to the first; empty for the first itself."""
    return _RELATIONS[relation] if index else ""


def scope_line(scope: Scope) -> str:
    """The filters that were obeyed, in one line; empty where there are none."""
    parts = [
        f"published since {day_words(scope.since)}" if scope.since else "",
        f"published until {day_words(scope.until)}" if scope.until else "",
        f"from {', '.join(map(visible, scope.outlets))}" if scope.outlets else "",
        _among(scope.articles) if scope.articles else "",
    ]
    kept = [p for p in parts if p]
    return f"Only articles {', '.join(kept)}." if kept else ""


def _among(articles: Sequence[str]) -> str:
    if len(articles) > NAMED:
        return f"among {len(articles):,} chosen ones"
    return f"among {', '.join(map(visible, articles))}"


def notes_of(answer: Answer) -> list[str]:
    """The notes, and last how many quotes failed their check, where any did."""
    n = len(answer.rejected)
    if not n:
        return list(answer.notes)
    what = "its check and is" if n == 1 else "their check and are"
    return [*answer.notes, f"{_count(n, 'quote').capitalize()} failed {what} not shown."]


def reader_line(answer: Answer) -> str:
    """Which reader answered."""
    if answer.engine == "llm":
        return f"Read by {visible(answer.model or 'a language model')}."
    return "Read without a language model."


def safe_url(url: str | None) -> str | None:
    """`url` fit for a link, or None: an article may name only web addresses, and none that ends the link early."""
    try:
        parts = urlsplit(url or "")
        shown = percent(url or "", safe="/:?#@!$&'*+,;=%~-._")
    except ValueError:  # "http://[", or half of a surrogate pair: not an address at all
        return None
    return shown if parts.scheme in ("http", "https") and parts.netloc else None


# --- Markdown ---------------------------------------------------------------------------------


def to_markdown(answer: Answer, context_of: ContextOf = no_context, name_of: NameOf = str) -> str:
    """The answer as CommonMark, with all text from articles escaped."""
    blocks = [f"# {escape_markdown(answer.question)}", f"**{headline(answer)}.**"]
    if answer.standalone != answer.question:
        blocks.append(f"Read as: {escape_markdown(answer.standalone)}")
    if scope := scope_line(answer.scope):
        blocks.append(escape_markdown(scope))
    blocks.append(_md_markers(answer.summary))
    for i, position in enumerate(answer.positions):
        blocks += _md_position(position, i, context_of)
    if answer.nearest:
        blocks.append("## What comes nearest, and is not an answer")
        blocks += [_md_citation(c, context_of) for c in answer.nearest]
    blocks += _md_rest(answer, name_of)
    return "\n\n".join(blocks) + "\n"


def _md_position(position: Position, i: int, context_of: ContextOf) -> list[str]:
    relation = relation_words(position.relation, i)
    line = " · ".join(part for part in (relation, escape_markdown(goes_back(position))) if part)
    head = [f"## {i + 1}. {escape_markdown(position.label)}"]
    if line:
        head.append(f"*{line[0].upper()}{line[1:]}*")
    return head + [_md_citation(c, context_of) for c in position.citations]


def _md_citation(citation: Citation, context_of: ContextOf) -> str:
    context = context_of(citation)
    before = f"*{escape_markdown(context)}*\n\n" if context else ""
    words = escape_markdown(quoted(visible(citation.quote.text)))
    return f"{before}> {words}\n>\n> — {escape_markdown(attribution_line(citation))} [{citation.n}]"


def _md_rest(answer: Answer, name_of: NameOf) -> list[str]:
    blocks = []
    if answer.silent:
        rows = [f"- {escape_markdown(line)}" for line in silent_lines(answer, name_of)]
        blocks += ["## Sources that say nothing on this", "\n".join(rows)]
    if notes := notes_of(answer):
        blocks += ["## Notes", "\n".join(f"- {escape_markdown(note)}" for note in notes)]
    if answer.citations:
        blocks += ["## Where the quotes stand", "\n".join(map(_md_source, answer.citations))]
    return [*blocks, f"*{escape_markdown(reader_line(answer))}*"]


def _md_source(citation: Citation) -> str:
    q = citation.quote
    url = safe_url(citation.url)
    link = f" · [{escape_markdown(urlsplit(url).netloc)}]({url})" if url else ""
    title, article = escape_markdown(citation.title), escape_markdown(q.article)
    return f"- [{citation.n}] {title} · {article}, characters {q.start} to {q.end}{link}"


_MD_SPECIAL = re.compile(r"[\\`*_\[\]|~$#@]")
_MD_START = re.compile(r"^(\d+)([.)])|^([-+=])")
_MD_LINK = re.compile(r"(?i)(https?|ftp)(:)(?=//)|(www)(\.)")


def escape_markdown(text: str) -> str:
    """`text` so that Markdown shows it as it is: one line, nothing in it marks up, links, or opens a tag."""
    line = html.escape(visible(text), quote=False)
    line = _MD_SPECIAL.sub(r"\\\g<0>", line)
    line = _MD_LINK.sub(lambda m: f"{m[1]}\\:" if m[1] else f"{m[3]}\\.", line)
    return _MD_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", line)


def _md_markers(summary: str) -> str:
    """The summary escaped, its [n] markers left readable; none that could become a link or a definition."""
    return re.sub(r"\\\[(\d+)\\\](?![(:])", r"[\1]", escape_markdown(summary))


# --- HTML -------------------------------------------------------------------------------------


def to_html(answer: Answer, context_of: ContextOf = no_context, prefix: str = "quote") -> str:
    """The answer as an HTML fragment, escaped, without style or script. A citation is a `figure.citation` with the id
    `{prefix}-{n}` and its article and offsets as data attributes; give each answer on a page its own `prefix`."""
    parts = [f'<p class="headline">{headline(answer)}.</p>']
    if answer.standalone != answer.question:
        parts.append(f'<p class="standalone">Read as: {_h(answer.standalone)}</p>')
    if scope := scope_line(answer.scope):
        parts.append(f'<p class="scope">{_h(scope)}</p>')
    parts.append(f'<p class="summary">{_h_markers(answer, prefix)}</p>')
    parts += [_h_position(p, i, context_of, prefix) for i, p in enumerate(answer.positions)]
    if answer.nearest:
        cited = "".join(_h_citation(c, context_of, prefix) for c in answer.nearest)
        parts.append(f'<section class="nearest"><h3>What comes nearest, and is not an answer</h3>{cited}</section>')
    parts += _h_rest(answer)
    return f'<div class="whosays {answer.outcome}">' + "\n".join(parts) + "</div>"


def _h_position(position: Position, i: int, context_of: ContextOf, prefix: str) -> str:
    relation = relation_words(position.relation, i)
    head = f"<h3>{_h(position.label)}</h3>"
    if relation:
        head += f'<p class="relation">{relation.capitalize()}</p>'
    if told := goes_back(position):
        head += f'<p class="origins">{_h(told)}</p>'
    cited = "".join(_h_citation(c, context_of, prefix) for c in position.citations)
    return f'<section class="position {position.relation}">{head}{cited}</section>'


def _h_citation(citation: Citation, context_of: ContextOf, prefix: str) -> str:
    q = citation.quote
    context = context_of(citation)
    before = f'<p class="context">{_h(context)}</p>' if context else ""
    return (
        f'<figure class="citation" id="{_h(prefix)}-{citation.n}" data-n="{citation.n}"'
        f' data-article="{_h(q.article)}" data-start="{q.start}" data-end="{q.end}">{before}'
        f"<blockquote>{_h(quoted(visible(q.text)))}</blockquote>"
        f"<figcaption>— {_h(attribution_line(citation))} {_h_marker(citation.n, prefix)}{_h_link(citation)}"
        "</figcaption></figure>"
    )


def _h_link(citation: Citation) -> str:
    url = safe_url(citation.url)
    return f' <a class="source" href="{_h(url)}" rel="noopener noreferrer">{_h(citation.title)}</a>' if url else ""


def _h_marker(n: int, prefix: str) -> str:
    return f'<a class="cite" href="#{_h(prefix)}-{n}" data-n="{n}">[{n}]</a>'


def _h_markers(answer: Answer, prefix: str) -> str:
    known = {str(c.n) for c in answer.citations}
    return re.sub(r"\[(\d+)\]", lambda m: _h_marker(int(m[1]), prefix) if m[1] in known else m[0], _h(answer.summary))


def _h_rest(answer: Answer) -> list[str]:
    parts = []
    if answer.silent:
        rows = "".join(f"<li>{_h(line)}</li>" for line in silent_lines(answer))
        parts.append(f'<section class="silent"><h4>Sources that say nothing on this</h4><ul>{rows}</ul></section>')
    if notes := notes_of(answer):
        rows = "".join(f"<li>{_h(note)}</li>" for note in notes)
        parts.append(f'<section class="notes"><h4>Notes</h4><ul>{rows}</ul></section>')
    return [*parts, f'<p class="reader">{_h(reader_line(answer))}</p>']


def _h(text: str) -> str:
    return html.escape(visible(text), quote=True)
