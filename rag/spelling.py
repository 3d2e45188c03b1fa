"""Names that were written in another alphabet: "Kefraya" and "Kfraya", "Foua" and "Fua", "Qaddafi" and "Gaddafi".

Sounds are compared, as letters stand for them in English transliteration: the consonants must be the same, and each
vowel one that the other could be heard as. Short vowels tell Arabic names apart (Kamal, Kamil; Hassan, Hussein;
Mahmoud, Mohammed), so the consonants alone are not enough.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.words import fold

SHORTEST = 5  # letters, where sounds are compared; a shorter name must be spelled as the other but for "ou", "ee", -h
_ARTICLE = re.compile(r"\b(?:a[ln]|el|a[drstz]|a[sdt]h|e[dlnrstz]|e[sd]h|ul)-(?=[A-ZÀ-Þ])", re.IGNORECASE)
_SERVANT = re.compile(
    r"\bAbd(?:[aeiou](?:[lrnzdst]|[dst]h))?(?:[ -]+[aeu](?:[lrnzdst]|[dst]h)(?=[ -]))?[ -]*(?=[A-Za-z]{4})"
)
_CONSONANTS = (
    (re.compile(r"kh(?=.)|qh"), "K"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"sch|sh"), "S"),
    (re.compile(r"tch|ch"), "C"),
    (re.compile(r"[gd]h"), lambda m: m[0][0]),
    (re.compile(r"q|ck"), "k"),
    (re.compile(r"c(?=[^eiy]|$)"), "k"),
)
_VOWELS = (
    ("oua", "ua"), ("ou", "u"), ("oo", "u"), ("uw", "u"), ("ee", "i"), ("ie", "i"), ("iy", "i"), ("yi", "i"),
    ("aya", "Ea"), ("ai", "E"), ("ay", "E"), ("ei", "E"), ("ey", "E"), ("ae", "E"), ("aa", "A"), ("y", "Y"), ("o", "u"),
)  # fmt: skip
_HEARD_AS = frozenset(frozenset(pair) for pair in ("ea", "ei", "Ee", "Ei", "Aa", "Yi"))


def plain_name(text: str) -> str:
    """Without the Arabic article before a name, and with "Abd al-", "Abdul" and "Abdel" in one form."""
    return _SERVANT.sub("Abd", _ARTICLE.sub("", text))


@lru_cache(maxsize=20_000)
def sounds(name: str) -> tuple[str, tuple[str, ...]]:
    """The consonants, and the vowels that stand before, between and after them. Doubled letters count once."""
    w = re.sub(r"[^a-z]", "", fold(name).lower())
    w = re.sub(r"iy?[ae]$", "ia", re.sub(r"(?<=[aeiou])h$", "", re.sub(r"(.)\1+", _single, w)))
    for pattern, sound in _CONSONANTS:
        w = pattern.sub(sound, w)
    parts = re.split(r"((?<![aeiou])y(?=[aeou])|[^aeiouy])", re.sub(r"^y(?=[aeiou])", "Y", w))
    return "".join(parts[1::2]), tuple(_vowel(v) for v in parts[::2])


def _single(m: re.Match[str]) -> str:
    return m[0] if m[1] in "aeiou" else m[1]


def _vowel(run: str) -> str:
    for written, heard in _VOWELS:
        run = run.replace(written, heard)
    return re.sub(r"(.)\1+", r"\1", run)  # "uu" of "uou"


def key(name: str) -> str:
    """What two spellings of one name have in common: their consonants, the first one as heard."""
    consonants = sounds(name)[0]
    return consonants[:1].replace("g", "k").replace("K", "k") + consonants[1:]


def spelled_alike(a: str, b: str) -> bool:
    """Whether two single words, as written, can be one name in two spellings. Never numbers; the same word is."""
    if a.casefold() == b.casefold():
        return True
    if not (a.isalpha() and b.isalpha()) or min(len(a), len(b)) < 3 or a.isupper() or b.isupper() or key(a) != key(b):
        return False
    x, y = sounds(a)[1], sounds(b)[1]
    if x == y:
        return sounds(a)[0] == sounds(b)[0] or min(len(a), len(b)) >= SHORTEST
    return min(len(a), len(b)) >= SHORTEST and len(key(a)) >= 2 and _heard_alike(x, y)


def _heard_alike(x: tuple[str, ...], y: tuple[str, ...]) -> bool:
    """At most two vowels differ, each one that can be heard as the other, and one short vowel may be unwritten."""
    differ = [(v, w) for v, w in zip(x, y, strict=True) if v != w]
    unwritten = [i for i, (v, w) in enumerate(zip(x, y, strict=True)) if v != w and not (v and w)]
    close = all(_close(v, w) for v, w in differ if v and w)
    short = all(x[i] + y[i] in ("a", "e", "i") and i not in (0, len(x) - 1) for i in unwritten)
    return len(differ) <= 2 and len(unwritten) <= 1 and close and short


def _close(v: str, w: str) -> bool:
    return len(v) == len(w) and all(p == q or frozenset((p, q)) in _HEARD_AS for p, q in zip(v, w, strict=True))
