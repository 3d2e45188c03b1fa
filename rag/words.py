"""Words and names compared by their roots: plurals, inflections, and a country with its adjective."""

from __future__ import annotations

import re
from functools import lru_cache

import snowballstemmer

STOP = frozenset(
    """a about above after again all also although am an and any are as at be because been before being below between
    both but by can could did do does doing down during each either else few for from further had has have having he her
    here hers him his how however i if in into is it its itself just may me might more most much must my near neither no
    nor not now of off on once only or other our out over own per same shall she should since so some still such than
    that the their theirs them then there these they this those though through to too under until up upon us very was we
    were what when where which while who whom whose why will with within without would you your yours yet many several
    according s t d ll re ve said say says told tell""".split()
)

# Countries whose adjective or people is not the name and an ending; general knowledge of English, in roots.
IRREGULAR = {
    "french": "france", "frenchmen": "france", "dutch": "netherland", "netherlands": "netherland",
    "british": "britain", "briton": "britain", "uk": "britain", "england": "english", "american": "america",
    "us": "america", "usa": "america", "chinese": "china", "lebanese": "lebanon", "spanish": "spain",
    "swiss": "switzerland", "greek": "greece", "danish": "denmark", "welsh": "wales", "thai": "thailand",
    "polish": "poland", "swedish": "sweden", "finnish": "finland", "irish": "ireland", "iraqi": "iraq",
    "un": "united-nations", "kurd": "kurd", "kurdish": "kurd", "ukrainian": "ukraine", "kremlin": "kremlin",
}  # fmt: skip
PHRASES = (
    (re.compile(r"\bUnited States(?: of America)?\b|\bU\.S\.(?:A\.)?(?=\W|$)|\bUS\b"), "America"),
    (re.compile(r"\bUnited Nations\b|\bU\.N\.(?=\W|$)"), "UN"),
    (re.compile(r"\bUnited Kingdom\b|\bU\.K\.(?=\W|$)"), "Britain"),
    (re.compile(r"\bEuropean Union\b|\bE\.U\.(?=\W|$)"), "EU"),
)
WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
CALENDAR = frozenset(
    """january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday""".split()
)


def tokens(text: str) -> list[str]:
    """Words, with hyphens opened and possessives dropped."""
    return [re.sub(r"[’']s?$", "", w) for w in WORD.findall(text)]


_STEMMER = snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The Snowball stem (Porter 2001), lower case."""
    return str(_STEMMER.stemWord(word.lower()))


@lru_cache(maxsize=50_000)
def root(name: str) -> str:
    """The root of a name: "Russia", "Russian" and "Russians" are one; "Iran" and "Iraq" are two."""
    w = re.sub(r"[’']s?$", "", name.lower())
    w = IRREGULAR.get(w, w)
    if w in IRREGULAR.values():
        return w
    if w.endswith("s") and IRREGULAR.get(w[:-1]):
        return IRREGULAR[w[:-1]]
    for ending in ("ians", "ian", "ish", "ans", "an", "ese", "is", "ia", "ey", "i", "n", "s", "a", "y", "e"):
        if w.endswith(ending) and len(w) - len(ending) >= 4:
            return w[: -len(ending)]
    return w


def content_words(text: str) -> list[str]:
    return [stem(w) for w in tokens(text) if w.lower() not in STOP and len(w) > 1]


def unify(text: str) -> str:
    """Bodies and countries under one written form."""
    for pattern, name in PHRASES:
        text = pattern.sub(name, text)
    return text


def names_in(text: str) -> list[str]:
    """Roots of the capitalised words that are not merely a sentence's first word or a day."""
    out = []
    for m in WORD.finditer(unify(text)):
        word = m[0]
        if not word[0].isupper() or word.lower() in CALENDAR or (word.lower() in STOP and word != "US"):
            continue
        out.append(root(word))
    return out
