"""Where a claim goes back to. Origins count people and bodies, not outlets: two that pass on one agency are one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.parties import alike
from rag.types import Article, Attribution

EDGE = 300  # characters at either end of an article where an agency is credited
AGENCY = (
    r"Reuters|AFP|Agence France[- ]Presse|AP|Associated Press|DPA|UPI|TASS|RIA Novosti|Interfax|Xinhua"
    r"|Anadolu(?: Agency)?|EFE|ANSA|PTI|Kyodo|Yonhap|IRNA|SANA|MENA|Bloomberg"
)
CREDIT = re.compile(
    rf"\((?P<dateline>{AGENCY})\)|^(?P<alone>{AGENCY})$|^(?:[A-Z][\w ,.-]{{2,40}}, )?(?P<dash>{AGENCY}) [-–—]"
    rf"|\b(?:[Rr]eporting by|[Ss]ource:|[Cc]redit:|[Ff]rom) (?:the )?(?P<by>{AGENCY})\b",
    re.MULTILINE,
)


def origins(said: Iterable[tuple[Article, Attribution]]) -> tuple[str, ...]:
    """Each once, in order; two names of one party are one."""
    out: list[str] = []
    for article, attribution in said:
        origin = _origin(article, attribution)
        if origin and not any(origin == o or alike(origin, o) >= 0.5 for o in out):
            out.append(origin)
    return tuple(out)


def _origin(article: Article, attribution: Attribution) -> str | None:
    """The claim's speaker, else the body that passes it on, else the agency whose text it is, else the outlet."""
    via = attribution.via
    return attribution.speaker or (via[0] if via else credited(article) or article.outlet)


def credited(article: Article) -> str | None:
    """The agency that an article credits at its head or its foot."""
    body = article.text
    for part in (body[:EDGE], body[-EDGE:]):
        if m := CREDIT.search(part):
            return next(g for g in m.groups() if g)
    return None
