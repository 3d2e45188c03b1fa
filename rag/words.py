"""Words and names compared by their roots: plurals, inflections, and a country with its adjective."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from threading import Lock

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
    "nigerian": "nigeria", "nigerien": "niger", "ghanaian": "ghana", "norwegian": "norway", "peruvian": "peru",
    "mexican": "mexico", "moroccan": "morocco", "afghan": "afghanistan", "spaniard": "spain", "pole": "poland",
    "dane": "denmark", "scottish": "scotland", "scot": "scotland", "icelandic": "iceland", "belgian": "belgium",
    "portuguese": "portugal", "cypriot": "cyprus", "kosovar": "kosovo", "congolese": "congo",
    "romanian": "romania", "georgian": "georgia",
    "hamas": "hamas", "argentine": "argentina", "argentinian": "argentina", "filipino": "philippines",
}  # fmt: skip
PHRASES = (
    (re.compile(r"\bUnited States(?: of America)?\b|\bU\.S\.(?:A\.)?(?=\W|$)|\bUS\b"), "America"),
    (re.compile(r"\bUnited Nations\b|\bU\.N\.(?=\W|$)"), "UN"),
    (re.compile(r"\bUnited Kingdom\b|\bU\.K\.(?=\W|$)"), "Britain"),
    (re.compile(r"\bEuropean Union\b|\bE\.U\.(?=\W|$)"), "EU"),
)
WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
ACRONYMS = frozenset(("IS", "IT", "US", "WHO"))  # names that look like function words once they are in lower case
_UNMARKED = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe"}
)
CALENDAR = frozenset(
    """january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday""".split()
)


def tokens(text: str) -> list[str]:
    """Words, with hyphens opened and possessives dropped."""
    return [_bare(w) for w in WORD.findall(text)]


def fold(text: str) -> str:
    """Without accents, as wire services print names: "Erdoğan" is "Erdogan". Case stays."""
    if text.isascii():
        return text
    marks = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", marks).translate(_UNMARKED)


# British endings that no other English word has: "rise" and "promise" keep theirs.
_BRITISH = (
    (re.compile(r"isation(s?)$"), r"ization\1"),
    (re.compile(r"(def|off|lic|pret)ence(s?)$"), r"\1ense\2"),
    (re.compile(r"(cent|theat|fib|lit|met)re(s?)$"), r"\1er\2"),
    (re.compile(r"(lab|harb|neighb|col|hon|fav|arm|hum|rum)our"), r"\1or"),
)


def american(word: str) -> str:
    """One spelling for "defence" and "defense"; `word` in lower case."""
    for ending, other in _BRITISH:
        word = ending.sub(other, word)
    return word


_STEMMER = snowballstemmer.stemmer("english")
_STEMMING = Lock()  # it keeps the word that it is at: two threads would mix theirs
PLURALS = {"buses": "bus", "busses": "bus", "gases": "gas"}  # the stemmer leaves these apart from their singulars


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The Snowball stem (Porter 2001), lower case."""
    w = american(fold(word).lower())
    with _STEMMING:
        return str(_STEMMER.stemWord(PLURALS.get(w, w)))


ENDINGS = ("ians", "ian", "ish", "ans", "an", "ese", "is", "ia", "ey", "i", "n", "s", "a", "y", "e")
SETTLED = frozenset(IRREGULAR.values())


@lru_cache(maxsize=50_000)
def root(name: str) -> str:
    """The root of a name: "Russia", "Russian" and "Russians" are one; "Iran" and "Iraq" are two.

    Endings go until none is left, so that "Sudanese" meets "Sudan" where "Sudan" itself loses one: `root(root(x))` is
    `root(x)`.
    """
    w = _bare(name.lower())
    while True:
        w = american(re.sub(r"(?<=.)[’'‘ʿʾʻʼ](?=.)", "", fold(w).lower()))
        w = IRREGULAR.get(w) or IRREGULAR.get(w.removesuffix("s")) or w
        shorter = w if w in SETTLED else _without_ending(w)
        if shorter == w:
            return w
        w = shorter


def _without_ending(w: str) -> str:
    for ending in ENDINGS:
        if w.endswith(ending) and len(w) - len(ending) >= 4:
            return w[: -len(ending)]
    return w


def _bare(word: str) -> str:
    """Without a possessive."""
    return re.sub(r"[’']s?$", "", word)


def _stops(word: str) -> bool:
    """A function word, also where "not", "is" or "have" is glued to it: "weren't", "what's", "they've"."""
    return re.sub(r"(?:n[’']t|[’'](?:s|re|ve|ll|d|m|t)?)$", "", word.lower()) in STOP


def is_acronym(word: str, text: str) -> bool:
    """Whether "IS" or "WHO" is a name here: not in a headline that is all in capitals."""
    return word in ACRONYMS and (text.strip() == word or not text.isupper())


def content_words(text: str) -> list[str]:
    return [stem(w) for w in tokens(text) if (not _stops(w) or is_acronym(w, text)) and len(w) > 1]


def unify(text: str) -> str:
    """Bodies and countries under one written form, without accents."""
    text = fold(text)
    for pattern, name in PHRASES:
        text = pattern.sub(name, text)
    return text


def names_in(text: str) -> list[str]:
    """Roots of the capitalised words, function words and days left out; a sentence's first word counts like any."""
    out = []
    unified = unify(text)
    for m in WORD.finditer(unified):
        word = m[0]
        if not word[0].isupper() or word.lower() in CALENDAR or (_stops(word) and not is_acronym(word, text)):
            continue
        out.append(root(word))
    return out
