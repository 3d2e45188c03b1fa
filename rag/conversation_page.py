"""A conversation as one HTML page that stands alone, for the screen and for paper. Pure.

Its style is in it, it runs no script, and it asks nothing of anyone. Article text is data: all of it is escaped.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Sequence
from dataclasses import replace

from rag.references import Reference, references
from rag.render import ContextOf, NameOf, day_words, headline, no_context, visible
from rag.render import to_html as answer_html
from rag.types import Answer

# Nothing may be fetched, run or sent, even where an escape were missing; the empty icon spares the browser a request.
_HEAD = """<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">"""

_STYLE = """
:root {
  color-scheme: light dark;
  --ground: #faf9f7; --panel: #ffffff; --ink: #24221f; --quiet: #68625a; --rule: #e6e1d9;
  --accent: #245a82; --mark: #e8f0f6; --tick: #3b7a57;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #17181a; --panel: #1f2123; --ink: #e7e4df; --quiet: #a8a299; --rule: #34363a;
    --accent: #90c1e6; --mark: #22323f; --tick: #8cc9a5;
  }
}
html { background: var(--ground); -webkit-text-size-adjust: 100%; }
body {
  max-width: 42rem; margin: 0 auto; padding: 3.5rem 1.5rem 5rem; color: var(--ink); overflow-wrap: anywhere;
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
p, ol, ul, figure, blockquote { margin: 0; }
h1, h2, h3, h4 { margin: 0; line-height: 1.3; text-wrap: balance; }
h1 { font-size: 1.75rem; font-weight: 650; letter-spacing: -.015em; }
h2 { font-size: 1.375rem; font-weight: 600; }
h3 { font-size: 1.0625rem; font-weight: 600; }
h4, nav h2, .about h2 { font-size: .9375rem; font-weight: 600; }
a { color: var(--accent); text-underline-offset: .15em; text-decoration-thickness: 1px; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.made, .headline, .standalone, .scope, .relation, .origins, .context, .told, .legend, .about, .silent, .notes,
.reader, figcaption { color: var(--quiet); font-size: .9375rem; }
.made { margin-top: .35rem; }
.legend { margin-top: 1rem; }
.tick { color: var(--tick); }
nav, .turn, .references, .about { margin-top: 2.75rem; padding-top: 2rem; border-top: 1px solid var(--rule); }
nav { margin-top: 2rem; }
nav ol { margin-top: .75rem; padding-left: 1.75rem; }
nav li + li, .references li + li { margin-top: .75rem; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
.told { display: block; }
.number { margin-right: .6rem; color: var(--quiet); font-weight: 400; }
.headline { margin-top: .35rem; }
.standalone, .scope { margin-top: .15rem; }
.summary { margin-top: 1.25rem; }
.cite { margin: 0 -.15em; padding: 0 .15em; border-radius: .25rem; font-size: .875em; text-decoration: none; }
.cite:hover { background: var(--mark); }
.position, .nearest {
  margin-top: 1.25rem; padding: 1.25rem 1.5rem 1.35rem; border: 1px solid var(--rule); border-radius: .75rem;
  background: var(--panel);
}
.nearest { border-style: dashed; background: none; }
.relation, .origins { margin-top: .15rem; }
.citation { margin: 1rem -.75rem 0; padding: .25rem .75rem; border-radius: .5rem; scroll-margin-top: 2rem; }
.citation:target { background: var(--mark); }
.citation blockquote { font-family: Charter, Georgia, Cambria, serif; font-size: 1.125rem; line-height: 1.5; }
.citation .context { margin-bottom: .25rem; }
figcaption { margin-top: .35rem; }
figcaption::after { content: " ✓"; color: var(--tick); }
figcaption::after { content: " ✓" / " quote checked"; }
.silent, .notes, .reader { margin-top: 1.25rem; }
.silent ul, .notes ul { margin-top: .25rem; padding-left: 1.2rem; }
.references ul { margin-top: 1rem; padding: 0; list-style: none; }
.about p { margin-top: .6rem; }
code { font: .875em/1.5 ui-monospace, Menlo, Consolas, monospace; }
@media (max-width: 34rem) {
  body { padding: 2rem 1.1rem 3rem; }
  .position, .nearest { padding: 1rem 1.1rem 1.1rem; }
}
@media print {
  @page { margin: 2cm; }
  :root {
    color-scheme: light;
    --ground: #fff; --panel: #fff; --ink: #000; --quiet: #444; --rule: #bbb; --accent: #000; --mark: #fff; --tick: #000;
  }
  html { font-size: 9.75pt; }
  body { max-width: none; padding: 0; }
  .legend a { display: none; }
  h1, h2, h3, h4, .headline, .relation, .origins { break-after: avoid; }
  .citation, .references li, nav li { break-inside: avoid; }
  .position, .nearest { padding: .75rem 0 0; border-width: 1px 0 0; border-radius: 0; }
  .citation { margin-inline: 0; padding-inline: 0; }
  a { text-decoration: none; }
}
"""


def to_html(
    answers: Sequence[Answer], context_of: ContextOf = no_context, name_of: NameOf = str, *, made: dt.date
) -> str:
    """The conversation as one HTML page that stands alone, for the screen and for paper; `made` is the day of export.

    Question n is `#qn`, its quote m `#qn-quote-m`. Which library answered is told by the fingerprint in each answer.
    """
    cited = references(answers)
    many = _questions(len(answers))
    parts = [
        f'<header><h1>Who says what</h1><p class="made">{many}, exported on {day_words(made)}</p>{_LEGEND}</header>',
        _contents(answers) if answers else "",
        f"<main>{''.join(_turn(n, _named(a, name_of), context_of) for n, a in enumerate(answers, 1))}</main>",
        _references(cited) if cited else "",
        _about(answers),
    ]
    title = _h(answers[0].question) if len(answers) == 1 else f"Who says what: {many}"
    head = f"{_HEAD}\n<title>{title}</title>\n<style>{_STYLE}</style>"
    body = "\n".join(part for part in parts if part)
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'


_LEGEND = (
    '<p class="legend"><span class="tick">✓</span> after a quote: these very words stood in the article when the'
    ' question was answered. <a href="#about">What that means</a></p>'
)


def _questions(n: int) -> str:
    return f"{n} question{'' if n == 1 else 's'}"


def _named(answer: Answer, name_of: NameOf) -> Answer:
    """The answer with its silent articles under their names for people."""
    return replace(answer, silent=tuple(replace(s, article=name_of(s.article)) for s in answer.silent))


def _contents(answers: Sequence[Answer]) -> str:
    rows = "".join(
        f'<li><a href="#q{n}">{_h(answer.question)}</a> {_told(_h(headline(answer)))}</li>'
        for n, answer in enumerate(answers, 1)
    )
    return f'<nav aria-labelledby="contents"><h2 id="contents">Questions</h2><ol>{rows}</ol></nav>'


def _turn(n: int, answer: Answer, context_of: ContextOf) -> str:
    head = f'<h2><span class="number">{n}</span>{_h(answer.question)}</h2>'
    return f'<article class="turn" id="q{n}">{head}\n{answer_html(answer, context_of, f"q{n}-quote")}</article>\n'


def _references(cited: Sequence[Reference]) -> str:
    rows = "\n".join(map(_h_reference, cited))
    return f'<section class="references" id="references"><h2>References</h2><ul>{rows}</ul></section>'


def _h_reference(reference: Reference) -> str:
    url = _h(reference.url or "")
    link = [f'<a href="{url}" rel="noopener noreferrer">{url}</a>'] if url else []
    told = " · ".join([*map(_h, reference.told), *link])
    places = (f"question {question} {', '.join(_place(question, n) for n in ns)}" for question, ns in reference.places)
    lines = [line for line in (told, f"Quoted under {'; '.join(places)}") if line]
    return f"<li>{_h(reference.title)} {' '.join(map(_told, lines))}</li>"


def _told(line: str) -> str:
    return f'<span class="told">{line}</span>'


def _place(question: int, n: int) -> str:
    return f'<a class="cite" href="#q{question}-quote-{n}">[{n}]</a>'


def _about(answers: Sequence[Answer]) -> str:
    return (
        '<section class="about" id="about"><h2>About this page</h2>'
        '<p><span class="tick">✓</span> says that the quote was checked: when the question was answered, these very'
        " words stood in the article, as a whole sentence or as a clause of one. It does not say that they are true:"
        " each side is quoted, and none is chosen.</p>"
        "<p>The same conversation exported as JSON can be checked again at any time: <code>whosays check FILE</code>"
        " says of every quote whether it still stands.</p>"
        f"<p>{_libraries(answers)}</p></section>"
    )


def _libraries(answers: Sequence[Answer]) -> str:
    """The fingerprint of the library, and where it changed on the way, which questions each answered."""
    asked: dict[str, list[int]] = {}
    for n, answer in enumerate(answers, 1):
        asked.setdefault(answer.library, []).append(n)
    if len(asked) < 2:
        return f"The library's fingerprint: {_fingerprint(next(iter(asked), ''))}. The same articles give the same one."
    rows = "; ".join(f"question {', '.join(map(str, numbers))}: {_fingerprint(of)}" for of, numbers in asked.items())
    return f"The library changed between the questions. Its fingerprints: {rows}."


def _fingerprint(of: str) -> str:
    return f"<code>{_h(of)}</code>" if of else "not noted"


def _h(text: str) -> str:
    return html.escape(visible(text), quote=True)
