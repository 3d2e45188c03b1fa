"""The two sides that news of a war names without a name: the state whose land it is, and those who fight it.

"Regime forces", "the army" and "government warplanes" are one side where the articles tell of one state; "Russian
warplanes" are another's. Rebels, insurgents and "terrorists" without a name are one. What is named, backed by somebody
or leaning to somebody is left to the rules for parties.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.parties import LEANING, TIED_AFTER, TIED_BEFORE
from rag.words import CALENDAR, STOP, root, unify

_STATE = (
    r"regime|government|army|troops|soldiers?|military|air[ -]?force|armed forces|security forces|authorities|loyalists"
    r"|defen[cs]e ministry|ministry of defen[cs]e|interior ministry"
)
STATE = re.compile(rf"\b(?:{_STATE}|forces)\b", re.IGNORECASE)
MEANS = re.compile(
    r"\b(?:(?:war|air)?planes?|helicopters?|jets?|aircraft|bombers?|drones?|artillery|tanks?|gunships?|shell(?:s|ing)"
    r"|(?:air ?)?strikes?|(?:air ?)?raids?|fire|rockets?|missiles?|barrel bombs?|gunners?|snipers?|pilots?)\b",
    re.IGNORECASE,
)
REBELS = re.compile(
    r"\b(?:rebels?|rebel-held|insurgents?|opposition(?:-held)?|terrorists?|militants?|armed groups?"
    r"|anti-(?:regime|government) (?:factions|fighters|groups|forces|rebels))\b",
    re.IGNORECASE,
)
PLAIN = frozenset(
    """armed group groups fighter fighters faction factions force forces element elements member members unit units gang
    gangs organization organizations organisation organisations gunman gunmen islamist islamists islamic jihadist
    extremist hardline so called local men held positions the a an two three four several some other many by from and of
    in on into near inside around""".split()
)
VAGUE = re.compile(
    r"\b(?:unidentified|unknown|masked|gunm[ae]n|attackers?|assailants?|(?:suicide )?bombers?|suspects?|somebody"
    r"|someone|the (?:\S+ ){0,2}(?:group|organi[sz]ation|ministry|movement|faction|party|company|country)|men|people"
    r"|(?:war)?planes?|jets?|helicopters?|aircraft|drones?|fighters?|shelling|air ?strikes?|air raids?|strikes?)\b",
    re.IGNORECASE,
)
EITHER = re.compile(r"\beither\b.*\bor\b", re.IGNORECASE)
CAPITAL = r"(?-i:[A-Z])[\w’'-]+"
RULED = re.compile(rf"\b({CAPITAL})\s+(?:{_STATE}|president|state (?:media|television|news))\b", re.IGNORECASE)
LEADER = re.compile(
    rf"(?:\b({CAPITAL})\s+)?\b(?:[Pp]resident|[Dd]ictator|[Ll]eader|[Rr]uler|[Ss]trongman|[Kk]ing)\s+"
    r"((?:(?:al-|el-)?[A-Z][\w’'-]+\s?){1,3})"
)
NAMED = re.compile(r"\b[A-Z][\w’'-]+")


@dataclass(frozen=True, slots=True)
class Side:
    kind: Literal["state", "rebels"]
    owner: str = ""  # the state's root: "syri" for Syria's


def same_side(a: str, b: str, texts: Sequence[str]) -> bool:
    """Whether two phrases name one side in what `texts` tell of, or the same several."""
    x, y = _sides(a, tuple(texts)), _sides(b, tuple(texts))
    return bool(x) and None not in x and x == y


def _sides(text: str, texts: tuple[str, ...]) -> set[Side | None]:
    """Of each that "and" joins; what acts is said once for all: "Russian and Syrian warplanes"."""
    parts = [part for part in re.split(r"\s*(?:,|&|\band\b)\s*", text) if part.strip()]
    acting = STATE.search(text) or MEANS.search(text)
    if len(parts) < 2 or not acting:
        return {side(text, texts)} if len(parts) == 1 else set()
    whole = [p if STATE.search(p) or MEANS.search(p) else f"{p} {acting[0]}" for p in parts]
    return {side(part, texts) for part in whole}


def may_be(a: str, b: str, texts: Sequence[str]) -> bool:
    """Whether one phrase may well mean the other's party: "gunmen", "either Russia or Syria", or "rebels" for a group
    that the texts call rebels."""
    if vague(a) or vague(b) or EITHER.search(a) or EITHER.search(b):
        return True
    x, y = side(a, tuple(texts)), side(b, tuple(texts))
    rebels = Side("rebels")
    return (x == rebels and _rebel_group(b, texts)) or (y == rebels and _rebel_group(a, texts))


def _rebel_group(text: str, texts: Sequence[str]) -> bool:
    name = next(iter(reversed(_named(unify(text)))), "")
    one = re.escape(name)
    said = rf"rebel (?:\w+ ){{0,2}}(?:[A-Z][\w-]+ ){{0,2}}{one}|{one}[’']?s? (?:\w+ )?(?:rebel|insurgent|opposition)"
    return len(name) > 2 and any(re.search(said, t) for t in texts)


def vague(text: str) -> bool:
    """Nobody in particular, so that any named party may be meant: "gunmen", "unidentified warplanes"."""
    named = [w for w in _named(unify(text)) if not VAGUE.fullmatch(w)]
    return not named and bool(VAGUE.search(text)) and not (STATE.search(text) or REBELS.search(text))


def ownerless(text: str) -> bool:
    """Only what was seen and not whose: "warplanes", "unidentified gunmen"."""
    words = [w for w in re.findall(r"[^\W\d_]+", unify(text)) if w.lower() not in STOP]
    return bool(words) and all(w.lower() in PLAIN or MEANS.fullmatch(w) or VAGUE.fullmatch(w) for w in words)


@lru_cache(maxsize=4096)
def side(text: str, texts: tuple[str, ...]) -> Side | None:
    plain = re.sub(r"[“”\"]", " ", unify(text))
    if LEANING.search(plain) and not re.search(r"\banti-(?:regime|government)\b", plain, re.IGNORECASE):
        return None
    if TIED_BEFORE.search(plain) or re.search(r"\b(?:backed|supported|funded|affiliated)\b", plain, re.IGNORECASE):
        return None
    home = _home(texts)
    if REBELS.search(plain):
        return Side("rebels") if _only_plain(plain, home) else None
    return _state(plain, home, texts)


def _state(plain: str, home: str, texts: tuple[str, ...]) -> Side | None:
    acting = STATE.search(plain)
    owners = {_country(w, home, texts) for w in _named(plain)}
    leads = _leaders(texts)
    leader = bool(owners) and all(root(_bare(w)) in leads for w in _named(plain))
    if not acting and not leader and not (owners and MEANS.search(plain)):
        return None
    if len(owners) > 1 or (acting and acting[0].lower() == "forces" and not owners):
        return None
    owner = next(iter(owners), home)
    return Side("state", owner) if owner else None


def _only_plain(plain: str, home: str) -> bool:
    """Nothing tells these rebels from others; "Syrian rebels" are the rebels of Syria."""
    rest = re.findall(r"[^\W\d_]+", REBELS.sub(" ", plain))
    return all(w.lower() in PLAIN or w.lower() in STOP or root(w) == home for w in rest)


def _named(plain: str) -> list[str]:
    """Its proper names: a capital that only opens the phrase, and words for a state or its arms, are none."""
    found = NAMED.findall(TIED_AFTER.sub(lambda m: f" {m[1]} ", plain))
    return [
        w
        for w in found
        if (w.lower() not in STOP or (len(w) > 1 and w.isupper()))
        and w.lower() not in CALENDAR
        and not STATE.fullmatch(w)
        and not MEANS.fullmatch(w)
        and not REBELS.fullmatch(w)
        and w.lower() not in PLAIN
        and not re.fullmatch(r"(?:President|Dictator|Leader|Ministry|Air|Armed|Arab|State|Takfiri)", w)
    ]


def _country(name: str, home: str, texts: tuple[str, ...]) -> str:
    leaders = _leaders(texts)
    return leaders.get(root(_bare(name)), root(name)) or home


def _bare(name: str) -> str:
    """ "al-Assad’s" → "Assad"."""
    return re.sub(r"^(?:al|el)-|[’']s?$", "", name, flags=re.IGNORECASE)


@lru_cache(maxsize=256)
def _home(texts: tuple[str, ...]) -> str:
    """The state whose army and government the texts speak of most; empty in doubt."""
    found = Counter(
        root(m[1]) for t in texts for m in RULED.finditer(t) if m[1].lower() not in STOP and not STATE.fullmatch(m[1])
    )
    if not found:
        return ""
    (first, most), *rest = found.most_common(2)
    return first if most >= 2 * (rest[0][1] if rest else 0) else ""


@lru_cache(maxsize=256)
def _leaders(texts: tuple[str, ...]) -> dict[str, str]:
    """Root of a leader's name → root of the country; "" (the home state) where it is only "President" somebody."""
    out: dict[str, str] = {}
    for t in texts:
        for m in LEADER.finditer(t):
            of = root(m[1]) if m[1] and m[1].lower() not in STOP else ""
            for word in m[2].split():
                name = root(_bare(word))
                out[name] = of or out.get(name, "")
    return out
