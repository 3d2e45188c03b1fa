"""What an article itself says about names: "the Harbour Watch, known as the Yellow Coats", "Free Norsund Army (FNA)".

Few and sure rather than many: two enemies must never become one, so nothing is taken across "and" or "against", from a
denial, or where the words could be a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.words import CALENDAR, STOP, fold, is_acronym

MOST_BEFORE = 160  # characters before an abbreviation in which its long form stands


@dataclass(frozen=True, slots=True)
class Stated:
    """Two phrases for one party, in the article's words without accents."""

    name: str
    other: str
    kind: str = "name"  # or "letters" (other abbreviates name), "role" (name holds the office that other says)


CAP = r"(?:(?:al|el|an|as|ash|ad|ar|at|az|ez)-)?[A-Z][\w’'&-]*"
NAME = rf"{CAP}(?: (?:(?:of|for|de|du|bin|al|el)(?: the)? )?{CAP})*"
THE = r"(?:[Tt]he )?"
OPEN, CLOSE = r"[\"“‘']?", r"[\"”’']?"
KINDS = (
    r"group|movement|organi[sz]ation|party|militia|faction|coalition|alliance|brigade|service|militants|fighters|forces"
)
OFTEN = (
    r"(?:(?:more |most )?(?:also|better|best|commonly|formerly|previously|once|widely|popularly|otherwise|sometimes"
    r"|often|locally|internationally|now|usually|officially|formally|generally|colloquially|informally|simply) )*"
)
CUE = (
    rf"(?:(?:(?:who|which|that) )?(?:(?:is|are|was|were) ))?{OFTEN}(?:known|referred to|called) {OFTEN}"
    r"(?:as|by (?:its|their|his|her|the)(?: [A-Za-z]+){0,2} (?:name|acronym|initials|nickname|guerre|alias),?)"
    rf"|(?:formerly|previously|originally|also|now) {OFTEN}(?:called|named|styled)"
    r"|\ba\.?k\.?a\b\.?,?|nicknamed|alias"
    r"|(?:(?:which|that|who) calls?|calling) (?:itself|themselves|himself|herself)"
    r"|(?:which|that) (?:has |have )?(?:since )?(?:renamed|rebranded) (?:itself|themselves)(?: as)?"
)
DESCRIBED = r"(?:,? (?:a|an|the) (?P<what>(?:[\w’'-]+ ){1,8}?))?"
KNOWN = re.compile(
    rf"(?P<name>{NAME}){CLOSE}(?: (?:{KINDS}))?(?P<link>,| -+| [–—]| ?\()?{DESCRIBED} ?(?:{CUE}) {OPEN}{THE}{OPEN}"
    rf"(?P<other>{NAME})(?P<more>(?:(?:,|/|,? or) {THE}{CAP})*)"
)
CALLED_SO = re.compile(rf"(?P<other>{NAME}),? as {THE}(?P<name>{NAME}) (?:is|are|was|were) {OFTEN}(?:known|called)\b")
LOWER = re.compile(
    rf"\b[Tt]he (?P<name>(?:[a-z][\w’'-]+ ){{1,3}}?[a-z][\w’'-]+)(?:,| -+| [–—]| \()? ?"
    rf"(?:also|better|commonly|otherwise) known as {OPEN}(?:the )?(?P<other>{NAME})"
)
WAS = re.compile(rf"(?P<name>{NAME})(?:, | \(| -+ )(?:formerly|previously) {OPEN}{THE}(?P<other>{NAME}){CLOSE}[,)]")
OR = re.compile(rf"\b[Tt]he (?P<name>{NAME}), or {THE}(?P<other>{NAME})[,)]")
APPOSED = re.compile(
    rf"(?:^|[.!?][\"”’']? )The (?P<name>{NAME}), the (?P<other>{NAME}), (?=[a-z])(?!and|or|as|but|nor|with|the)"
)
PARENS = re.compile(r"\((?P<the>(?:the |or |so-called )?)(?P<inner>[A-Za-z][^()\n]{1,80})\)")
LETTERS = re.compile(r"[A-Z][A-Za-z&.-]{0,7}[A-Z][a-z]?\.?")
OFFICE = (
    r"(?i:president|prime minister|premier|(?:foreign|defen[cs]e|interior|justice|finance|health|information) minister"
    r"|chancellor|secretary[- ]general|secretary of state|(?:special )?envoy)"
)
PERSON = rf"{CAP}(?: (?:(?:de|du|bin|al|el|von|van|bin) )?{CAP}){{1,3}}"
WHOSE = r"(?P<whose>[A-Z]\.[A-Z]\.|[A-Z]\w*)"
HOLDS = re.compile(rf"(?<![-\w]){WHOSE} (?P<office>{OFFICE}) (?P<name>{PERSON})")
HELD = re.compile(rf"[Tt]he {WHOSE}(?:[’']s)? (?P<office>{OFFICE})(?: (?:for|to) {CAP})?, (?P<name>{PERSON}),")
HOLDER = re.compile(rf"(?P<name>{PERSON}), (?:the )?{WHOSE}(?:[’']s)? (?P<office>{OFFICE}),")

DENIED = re.compile(
    r"\b(?:not|never|no longer|wrongly|falsely|mistakenly|incorrectly|den(?:y|ies|ied|ying)|unlike|confused?|distinct"
    r"|separate|instead|rather than|whether|either|neither|nor)\b|n[’']t\b",
    re.IGNORECASE,
)
RELATED = re.compile(
    r"\b(?:commanders?|chiefs?|directors?|founders?|police|of|rivals?|enem(?:y|ies)|opponents?|foes?|all(?:y|ies)|members?|parts?|leaders?|heads?|offshoots?|affiliates?"
    r"|branch|wing|successors?|predecessors?|spokes\w+|against|with|from|to|by|in|at|between|whose|loyal|linked|and|or"
    r"|fighting|fights?|fought|said|says|is|are|was|were|has|had)\b",
    re.IGNORECASE,
)
LEADS = re.compile(
    r"\b(?:leader|head|chief|commander|director|spokes\w+|founder|president|emir|minister|member|wing|branch|ally|rival"
    r"|enemy)s? (?:of|in|for|to|from|within) (?:the )?(?:so-called )?[\"“‘]?$",
    re.IGNORECASE,
)
JOINED = re.compile(r"(?:[A-Z][\w’'-]*,?|\w+s) (?:and|or|against|versus|vs\.?) (?:the )?$")
OF_OFFICE = re.compile(
    r"\b(?:Secretary|Minister|President|Director|Chief|Commander|General|Ambassador|Senator|Governor)\b"
)
FORMER = re.compile(r"(?i)\b(?:former|ex|then|vice|deputy|acting|late|ousted|first|one-time)[- ](?:the )?$")
AGENCIES = frozenset("AP AFP UPI DPA ANSA EFE BBC CNN NBC CBS ABC PTI KUNA SANA CEO CFO MBE OBE PBUH".split())
SMALL = frozenset("of for the and in on to de du al el & bin a an".split())
TRAILING = frozenset(
    """group groups militant militants organisation organization movement party militia fighters forces terrorist
    terrorists jihadist jihadists extremist extremists takfiri""".split()
)


@lru_cache(maxsize=4_000)
def stated(text: str) -> tuple[Stated, ...]:
    """Every pair of names that `text` says are one party's, in order, each once. Kept, as questions meet it again."""
    plain = fold(text)
    lines = (" ".join(line.split()) for line in plain.split("\n") if any(hint in line for hint in _HINTS))
    found = (pair for line in lines for sentence in _SENTENCE.split(line) for pair in _in_sentence(sentence, plain))
    return tuple(
        dict.fromkeys(s for s in found if s.name.lower() != s.other.lower() and _named(s.name) and _named(s.other))
    )


_SENTENCE = re.compile(r"(?<=[a-z0-9)][.!?]) |(?<=[.!?][\"”’]) ")
_KNOWN_HINTS = (
    "known",
    "called",
    "referred to",
    "named",
    "styled",
    "aka",
    "a.k.a",
    "alias",
    "itself",
    "themsel",
    "himself",
)
_OFFICE_HINTS = ("resident ", "resident,", "inister ", "inister,", "remier", "hancellor", "ecretary", "nvoy ", "nvoy,")

_HINTS = (*_KNOWN_HINTS, *_OFFICE_HINTS, "ormerly ", "reviously ", ", or ", ", the ", "(")


def _in_sentence(sentence: str, text: str) -> Iterator[Stated]:
    """The patterns are dear, and plain words tell at once where one can hold."""
    if any(hint in sentence for hint in _KNOWN_HINTS):
        yield from _cued(sentence, (KNOWN, CALLED_SO, LOWER))
    if "ormerly " in sentence or "reviously " in sentence:
        yield from _cued(sentence, (WAS,))
    if ", or " in sentence:
        yield from _cued(sentence, (OR,))
    if ", the " in sentence and sentence.lstrip('"“‘').startswith("The "):
        yield from _cued(sentence, (APPOSED,))
    if "(" in sentence:
        yield from _abbreviated(sentence, text)
    if any(hint in sentence for hint in _OFFICE_HINTS):
        yield from _offices(sentence)


def _named(name: str) -> bool:
    words = [w.lower() for w in name.split()]
    return not all(w in STOP or w in CALENDAR for w in words) and not CALENDAR & set(words)


# --- "also known as" --------------------------------------------------------------------------


def _cued(sentence: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[Stated]:
    for pattern in patterns:
        for m in pattern.finditer(sentence):
            if not _doubtful(sentence, m) and _fits(pattern, m, sentence):
                for other in (m["other"], *_more(m)):
                    yield Stated(_trimmed(m["name"]), _trimmed(other))


def _doubtful(sentence: str, m: re.Match[str]) -> bool:
    """Denied, one of a list, or said of somebody who is named before the name."""
    before = sentence[: m.start()]
    return bool(
        DENIED.search(sentence[: m.end("other")])
        or LEADS.search(before)
        or JOINED.search(before)
        or re.match(r",? (?:and|or|against|versus|vs\.?) (?:the )?[A-Z]", sentence[m.end() :])
    )


def _fits(pattern: re.Pattern[str], m: re.Match[str], sentence: str) -> bool:
    what = m.groupdict().get("what")
    if what is not None:
        opens = m["name"].split()[0].lower() in STOP - {"the"}  # "In Norsund, the relief group known as ..."
        return not opens and not RELATED.search(what) and bool(_WHO.search(sentence[: m.start("name")]))
    if pattern is LOWER:
        return not RELATED.search(m["name"]) and m["name"].split()[-1] not in TRAILING
    if pattern is WAS:
        return not OF_OFFICE.search(m["other"])
    if pattern is OR:
        return _is_letters_of(m["other"], m["name"].split()) or min(m["name"].count(" "), m["other"].count(" ")) > 0
    return True


_WHO = re.compile(r"^[\"“‘]?(?:The )?$|(?<!\bin )(?<!\bon )(?<!\bat )(?<!\bnear )(?<!\binto )\bthe $")


def _more(m: re.Match[str]) -> list[str]:
    """ "known as ISIS, ISIL or Daesh": further names, where the last is joined by "or" or a stroke."""
    more = m.groupdict().get("more") or ""
    if not re.search(r"/|\bor\b", more):
        return []
    return re.findall(CAP, more)


def _trimmed(name: str) -> str:
    """Without what says whose or what it is: "UK-based Harbour Watch"."""
    name = re.sub(r"(?:[’']s|[’'])$", "", name.strip())
    while " " in name and name.split()[0].lower() in STOP and not is_acronym(name.split()[0], name):
        name = name.split(" ", 1)[1]
    return re.sub(r"^(?:[\w’']+-(?:based|backed|led|linked|dominated|affiliated|allied|controlled|funded) )+", "", name)


# --- abbreviations ----------------------------------------------------------------------------


def _abbreviated(sentence: str, text: str) -> Iterator[Stated]:
    """Schwartz and Hearst 2003, held to initials: every capitalised word of the name gives one, in order."""
    for m in PARENS.finditer(sentence):
        before = re.split(r"[;:()]\s", sentence[max(0, m.start() - MOST_BEFORE) : m.start()])[-1].split()
        inner = m["inner"].split(",")[0].strip(" \"“”'‘’")
        for short in re.split(r"/| or ", inner) if LETTERS.match(inner) else ():
            if LETTERS.fullmatch(short) and (
                long := _long_form(before, short) or _used_after(sentence, text, m, before, short)
            ):
                yield Stated(_trimmed(long), short.replace(".", ""), "letters")
        if before and LETTERS.fullmatch(before[-1].strip("\"“”'‘’")) and _is_letters_of(before[-1], inner.split()):
            yield Stated(inner.removeprefix("the "), before[-1].replace(".", ""), "letters")


def _long_form(before: list[str], short: str) -> str | None:
    """The words that end `before` and whose initials are `short`."""
    words = list(before)
    for _ in range(3):  # "the Norsund State militant group (NS)"
        if words and words[-1].lower() in TRAILING and words[-1].islower():
            words.pop()
    for source in (before, words):
        for size in range(2, 11):
            if size <= len(source) and _is_letters_of(short, source[-size:]):
                return " ".join(source[-size:]).strip("\"“”'‘’")
    return None


def _is_letters_of(short: str, words: list[str]) -> bool:
    """Whether `short` is made of the initials of `words`: small words may give theirs, all others must."""
    wanted = re.sub(r"[^A-Za-z]", "", short).lower()
    if (
        len(words) < 2
        or len(wanted) < 2
        or not re.match(rf"[\"“‘']?{CAP}", words[0])
        or any(w[-1] == "," for w in words)
    ):
        return False
    states = {0}
    for word in words:
        after = set()
        for at in states:
            options = _initials(word)
            after |= {at + len(o) for o in options if wanted.startswith(o, at)}
        states = after
    return len(wanted) in states and sum(w[:1].isupper() or "-" in w for w in words) >= 2


def _initials(word: str) -> tuple[str, ...]:
    bare = word.strip("\"“”'‘’").lower()
    parts = [p for p in bare.split("-") if p]
    if bare in SMALL:
        return "", bare[0]
    if not parts:
        return ("",)
    if len(parts) > 1:
        return parts[0][0], "".join(p[0] for p in parts), parts[-1][0]
    return (parts[0][0],)


def _used_after(sentence: str, text: str, m: re.Match[str], before: list[str], short: str) -> str | None:
    """Letters of another language's name ("Kurdish People's Units (YPG)"): taken where the article goes on to use them,
    and the sentence goes on, so that they are no agency's mark under a picture or after a place."""
    name = re.search(rf"(?:^| )({NAME})$", " ".join(before))
    if (
        not name
        or " " not in name[1]
        or name[1].isupper()
        or not re.fullmatch(r"[A-Z]{3,6}", short)
        or short in AGENCIES
    ):
        return None
    goes_on = re.match(r",? [a-z]", sentence[m.end() :])
    used = re.search(rf"(?<![\w(]){short}(?![\w)])", text)
    return name[1] if goes_on and used else None


# --- offices ----------------------------------------------------------------------------------


def _offices(sentence: str) -> Iterator[Stated]:
    for pattern in (HOLDS, HELD, HOLDER):
        for m in pattern.finditer(sentence):
            if not FORMER.search(sentence[max(0, m.start() - 12) : m.start()]) and not OF_OFFICE.search(m["name"]):
                name = re.split(r"[’']s\b", m["name"])[0]
                yield Stated(_trimmed(name), f"{m['whose']} {m['office'].lower()}", "role")
