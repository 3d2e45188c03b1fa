"""Does a question hang on what was asked before it? "And in September?", "Did they deny it?", "Why?" do.

Rules over the words alone: no parser to load. In doubt a question stands alone: one that holds all it needs must never
be touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Literal

from rag import cues
from rag.asked import AUXILIARY, WH
from rag.words import CALENDAR, STOP, content_words, stem, unify


def words_in(text: str) -> frozenset[str]:
    return frozenset(text.split())


@cache
def stems_of(text: str) -> frozenset[str]:
    return frozenset(stem(w) for w in text.split())


PREPOSITIONS = words_in(
    """about after against around at before behind between by despite during for from in inside into like near of on
    outside over since than through to toward towards under until with without"""
)
ASKING = words_in("who whom whose what which why how when where")
JOINING = ASKING | words_in(
    "while after before because that if whether since until till although though unless once as than so ,"
)
DETERMINERS = words_in(
    """the a an any some no each every which what whose its his their our this that these those both all many several
    few two three four five six seven eight nine ten"""
)
BE = words_in("is are was were be been")
STOPS = frozenset(".!?;:")
ENDS = STOPS | {"", ",", "and", "or", "but"}
PLURAL_PRONOUNS, OWNING = words_in("they them their theirs"), words_in("their theirs his her hers its")
PERSONAL = PLURAL_PRONOUNS | OWNING | words_in("he him she it")
GROUPS = words_in("army government police team crew family council staff public company party media militia")
THIS_TIME = words_in("year week month morning afternoon evening season century decade")  # by the day of asking
TIMES = THIS_TIME | words_in("day night time moment hour period point way case weekend") | CALENDAR
SINGULAR_S = re.compile(
    r"(?:ss|us|(?<![hqld])is|[’']s|news|arms|United|Nations|Emirates|Philippines|Netherlands|States|Hamas|Wales"
    r"|Reuters|Brussels|always|perhaps)$"
)

# Past tense and participle of verbs that do not end in -ed.
PAST = dict(
    pair.split("/")
    for pair in """became/become began/begun blew/blown bought/bought beat/beaten broke/broken brought/brought
    built/built burst/burst came/come caught/caught chose/chosen cut/cut drew/drawn drove/driven dug/dug fell/fallen
    felt/felt fled/fled flew/flown fought/fought found/found froze/frozen gave/given got/got grew/grown heard/heard
    held/held hid/hidden hit/hit hurt/hurt kept/kept knew/known laid/laid led/led left/left let/let lit/lit lost/lost
    made/made meant/meant met/met overthrew/overthrown paid/paid put/put ran/run rang/rung read/read rode/ridden
    rose/risen said/said sank/sunk sat/sat saw/seen sent/sent set/set shook/shaken shot/shot shut/shut sold/sold
    sought/sought spent/spent split/split spoke/spoken spread/spread stole/stolen stood/stood struck/struck stuck/stuck
    swam/swum swept/swept taught/taught thought/thought threw/thrown told/told took/taken tore/torn
    understood/understood went/gone withdrew/withdrawn won/won wore/worn wrote/written""".split()
)
PARTICIPLES = frozenset(PAST.values())
SAID = " ".join([*cues.SAY, *cues.THINK, "said told thought knew found felt"])
# Words that say nothing of what is asked about.
LIGHT = """happen happened happening people person anyone anybody someone somebody everyone everybody anything something
    next later afterwards earlier exactly actually really else first ever yet today"""
# Nouns that are always somebody's or something's: "what was the cause", "were there any witnesses".
HANGING = """casualties deaths injuries death motive reason details date evidence proof toll source number result
    consequences outcome reaction cause damage survivors victims witnesses background context conclusion verdict aim
    purpose summary example place time location price cost name terms demands conditions losses response answer"""

OPENING = re.compile(
    r"^(?:(?:and|but|or|also|so(?!-|\s+(?:far|many|much|long|few|called)\b)|then(?!-))\b[\s,;:.!…–—-]*"
    r"|(?:ok|okay|well|thanks|thank you|yes|no|right|hm+)\b(?:\s*[,;:.!…–—]+\s*|\s+(?=(?:and|but|so)\b)))+",
    re.IGNORECASE,
)
WHAT_ABOUT = re.compile(r"^(?:(?:what|how) about|as for|what of)\b\s*", re.IGNORECASE)
ORDERS = words_in("tell explain name list give describe show compare summarise summarize")
AUX = re.compile(AUXILIARY, re.IGNORECASE)
TOKEN = re.compile(r"[^\W_]+(?:[’',.-][^\W_]+)*|[,;:.!?]")
ASKS = re.compile(rf"(?:(?:[a-z]+ ){{0,2}}{WH}|{AUXILIARY})\b", re.IGNORECASE)

SAYING = r"(?:say|said|saying|think|thought|claim|claimed|know|known|believe|report|reported|comment|commented)"
# Where what is said, or of what, is left out: "what does Russia say", "how did it react", "what was its response".
UNSAID = re.compile(
    rf"{WH}\b.*\b{AUXILIARY} .*\S (?<!\bto )(?<!\bthe )(?<!\ba )(?<!\bits )(?<!\bnot )"
    rf"(?:{SAYING}|react|respond|reply|answer|deny|agree|disagree|confirm|object|protest)"
    rf"|{AUXILIARY} .*\S (?<!\bto )(?<!\bthe )(?<!\ba )(?:react|respond|comment|agree|disagree|object)"
    r"|what (?:is|are|was|were) .*(?:[’']s?|\b(?:his|her|its|their)) (?:view|version|opinion|reaction|response|answer)"
    r"|what (?:is|was) (?:known|said|claimed|reported)",
    re.IGNORECASE,
)
NAME = r"(?-i:[A-Z])[\w’'.-]*"
NAMES = rf"{NAME}(?: (?:(?:of|for|al|de|von) )?{NAME}){{0,5}}"
TAKEN_UP = re.compile(rf"{AUXILIARY} (?P<who>(?:the )?{NAMES}|the \w+)$", re.IGNORECASE)  # "did Turkey"

LONGEST = 100  # words: what is longer says enough by itself

Opening = Literal["", "and", "about"]


def stands_alone(question: str) -> bool:
    """Whether it can be understood without what was asked before. What has no word in it can."""
    text = plainly(question)
    core = core_of(text)
    if core != text and stands_alone(core):
        return True
    opening, rest = opened_by(text)
    words = TOKEN.findall(unify(rest))
    if opening == "about" or not words or not re.search(r"[A-Za-z]", text):
        return not re.search(r"[A-Za-z]", text)
    if len(words) > LONGEST:
        return True
    if has_no_clause(words, bool(opening)) or UNSAID.fullmatch(rest) or _thin(rest, bool(opening)):
        return False
    return not points_back(words)


def plainly(text: str) -> str:
    """On one line, without the marks around it; "U.S." keeps its full stop."""
    text = " ".join(text.split()).lstrip("….,;:-–— ").rstrip("?!… ")
    return text if re.search(r"\b[A-Z]\.$", text) else text.rstrip("?!…. ")


def core_of(text: str) -> str:
    """The question that stands behind a colon, else all of it."""
    head, _, tail = text.rpartition(": ")
    return tail if head and ASKS.match(tail) else text


def opened_by(text: str) -> tuple[Opening, str]:
    """How it takes up what was said, and what is left without that."""
    m = OPENING.match(text)
    rest = text[m.end() :] if m else text
    about = WHAT_ABOUT.match(rest)
    return ("about", rest[about.end() :]) if about else ("and" if m else "", rest)


def word_at(words: Sequence[str], i: int) -> str:
    return words[i].lower() if 0 <= i < len(words) else ""


def content_of(words: Sequence[str]) -> list[str]:
    return [w for w in words if content_words(w) and w.lower() not in STOP]


def is_auxiliary(words: Sequence[str], i: int) -> bool:
    word = re.sub(r"^(?:who|what|where|how|why|when|that|it|there|he|she)[’']s$", "is", word_at(words, i))
    return AUX.fullmatch(word) is not None and not (word == "may" and words[i] == "May" and len(words) < 4)


def is_verb(words: Sequence[str], i: int) -> bool:
    """An auxiliary or a verb in the past; not "the injured", "heavily armed groups"."""
    word, before = word_at(words, i), word_at(words, i - 1)
    if not word or (before in DETERMINERS - ASKING and not (before == "many" and i + 1 < len(words))):
        return False
    if is_auxiliary(words, i) or word in {"say", "says", "deny", "denies", "claims", "think", "thinks"}:
        return True
    past = word in PAST or (re.search(r"(?<!e)ed$", words[i]) is not None and words[i].islower() and len(word) > 4)
    return past and i > 0 and not before.endswith("ly")


def has_no_clause(words: Sequence[str], opened: bool) -> bool:
    """Whether it is a mere fragment: "In September", "The rebels", "Since when", "Did Turkey"."""
    first, content = word_at(words, 0), content_of(words)
    if (first, word_at(words, 1)) in {("what", "if"), ("why", "not")} or TAKEN_UP.fullmatch(" ".join(words)):
        return True
    if first in ORDERS or any(is_verb(words, i) for i in range(len(words))):
        return False
    if first == "who" and any(stem(w) not in stems_of(LIGHT) for w in content):
        return False
    return opened or len(content) < (3 if first in ASKING else 4)


def _thin(rest: str, opened: bool) -> bool:
    """Whether it names too little to be understood: "Who died", "How many people were hurt", "What happened next"."""
    weighty = [w for w in content_of(TOKEN.findall(rest)) if stem(w) not in stems_of(LIGHT)]
    if all(stem(w) in stems_of(HANGING) for w in weighty):
        return True
    if len(weighty) != (2 if opened else 1):
        return len(weighty) < (2 if opened else 1)
    if opened:
        return re.search(r"\b(?:the|an?|any) \w", rest) is None
    defined = re.fullmatch(r"(?:what|who|where) (?:is|are|was|were) (\w+)", rest, re.IGNORECASE)
    if defined and not (defined[1] in PARTICIPLES or re.search(r"(?:ed|ing|ible)$|^(?:dead|true)$", defined[1])):
        return False
    return re.search(r"\b(?:the|an?|any|his|her|its|their) (?!people\b|person\b)\w|(?<=\s)[A-Z\d]", rest) is None


def points_back(words: Sequence[str]) -> bool:
    """Whether a word in it stands for something that it does not itself name."""
    return any(_points(words, i) and not _named_before(words, i) for i in range(len(words)))


def _points(words: Sequence[str], i: int) -> bool:
    if words[i] in ("IT", "HER"):
        return False
    point = POINTERS.get(word_at(words, i))
    return point(words, i) if point else word_at(words, i) in PERSONAL


def _it(words: Sequence[str], i: int) -> bool:
    """Not the "it" of "is it true that", "how long did it take to", "was it Russia that", "was it raining"."""
    rest = " ".join(words[i + 1 :]).lower()
    if not (word_at(words, i - 1) in BE or re.match(r"(?:is|was|(?:had|has|have) been)\b", rest)):
        verb = "become|became|been|seem|appear|emerge|matter|happen|turn out|take|took|cost|mean|make sense"
        follow = "that|whether|who|if|how|why|when|to|for|before|until"
        return re.match(rf"(?:\w+ )?(?:{verb})\b.*\b(?:{follow})\b|rain|snow", rest) is None
    clause = r"(?:\S+ ){1,7}?(?:that|whether|who|whom|which|if|how|why|when|where|what)\b"
    of_a_deed = (
        "(?:im)?possible|necessary|(?:il)?legal|(?:un)?safe|(?:un)?wise|right|wrong|eas(?:y|ier)|hard(?:er)?|difficult"
        "|(?:un)?fair|common|important|usual|better|best|worth|allowed|forbidden|permitted|prohibited|time|enough"
    )
    deed = rf"(?:\S+ ){{0,4}}?(?:{of_a_deed})(?: \S+){{0,3}}? (?:to|for)\b"
    return re.match(rf"{clause}|{deed}|from .* to\b|rain|snow|dark\b", rest) is None


def _this(words: Sequence[str], i: int) -> bool:
    return re.sub(r"[’']s$", "", word_at(words, i + 1)) not in THIS_TIME


def _that(words: Sequence[str], i: int) -> bool:
    """Not the "that" of "who said that ...", "the pilot that ...", "that of"."""
    before, after = word_at(words, i - 1), word_at(words, i + 1)
    if after == "of":
        return False
    if after in ENDS or after in TIMES or before in PREPOSITIONS or i == 0:
        return True
    if is_auxiliary(words, i - 1) and (i == 1 or (i == 2 and word_at(words, 0) in ASKING)):
        return True
    verb_after = any(is_verb(words, k) for k in range(i + 1, len(words)))
    if stem(before) in stems_of(SAID):
        return after in PREPOSITIONS and not verb_after
    return is_verb(words, i - 1) and not verb_after and word_at(words, i + 2) not in DETERMINERS


def _those(words: Sequence[str], i: int) -> bool:
    """Not "those who", "those aboard", "those killed"."""
    told = word_at(words, i + 2) in {"who", "that", "which", "of", "in", "on", "at", "from", "aboard"}
    return (
        word_at(words, i + 1) in ENDS or is_auxiliary(words, i + 1) or (is_plural(word_at(words, i + 1)) and not told)
    )


def _there(words: Sequence[str], i: int) -> bool:
    """Not the "there" of "was there a truce", "how many buses were there"."""
    exists = is_auxiliary(words, i - 1) or is_auxiliary(words, i + 1) or word_at(words, i - 1) in BE
    return not exists or (word_at(words, i + 1) in ENDS and not content_of(words[:i]))


def _then(words: Sequence[str], i: int) -> bool:
    before = word_at(words, i - 1)
    return before in {"since", "by", "until", "before", "from"} or (i == len(words) - 1 and before != "and")


def _same(words: Sequence[str], i: int) -> bool:
    """ "The same", "the same thing", "the same day"; not "the same day as", "did both say the same"."""
    compared = "as" in words[i + 1 : i + 6] or {"two", "both", "all", "each"} & {w.lower() for w in words[:i]}
    alone = word_at(words, i + 1) in ENDS | PREPOSITIONS | {"thing", "things"} | TIMES - {"time", "way"}
    return word_at(words, i - 1) == "the" and alone and not compared


def _one(words: Sequence[str], i: int) -> bool:
    """ "Which one", "the other ones"; not "one of", "the one who", "the one million"."""
    before, after = word_at(words, i - 1), word_at(words, i + 1)
    chosen = before in words_in("the which another other first last second third only new old")
    return (after in ENDS and (chosen or before in DETERMINERS)) or (chosen and is_auxiliary(words, i + 1))


def _other(words: Sequence[str], i: int) -> bool:
    """ "The other side", "the others"; not "the other side of the river" nor after "one side"."""
    k = i + 1 + (word_at(words, i + 1) in {"side", "sides", "party", "parties"})
    alone = word_at(words, k) in ENDS or (k > i + 1 and word_at(words, k) != "of") or is_auxiliary(words, k)
    return alone and word_at(words, i - 1) == "the" and not {"one", "either", "each"} & {w.lower() for w in words[:i]}


POINTERS: dict[str, Callable[[Sequence[str], int], bool]] = {
    "it": _it, "this": _this, "these": _this, "that": _that, "those": _those, "there": _there, "then": _then,
    "same": _same, "one": _one, "ones": _one, "other": _other, "others": _other,
}  # fmt: skip


def _named_before(words: Sequence[str], i: int) -> bool:
    """Whether the question itself names what its word `i` stands for: in an earlier clause, or for "its" anywhere."""
    word = word_at(words, i)
    if any(_new_question(words, j) for j in range(1, i)):
        return True
    if word not in PERSONAL and word != "there":
        return False
    hung = word_at(words, i - 1) in PREPOSITIONS
    fitting = [(j, sort) for j, sort in _nouns(words, i) if _fits(sort, word, hung)]
    return any(j > i or word in OWNING or _joined(words, j, i, sort) for j, sort in fitting)


def _new_question(words: Sequence[str], j: int) -> bool:
    """Whether a sentence, or a clause that asks, ends at `j`: "..., and what did", "... . Who"."""
    if words[j] in STOPS:
        return bool(content_of(words[:j]))
    next_asks = word_at(words, j + 1) in ASKING or is_auxiliary(words, j + 1)
    next_asks = next_asks or (word_at(words, j + 1) in PREPOSITIONS and word_at(words, j + 2) in ASKING)
    asks = word_at(words, 0) in ASKING or is_auxiliary(words, 0) or word_at(words, 1) in ASKING
    told = any(is_verb(words, k) for k in range(j)) and bool(content_of(words[:j]))
    return words[j].lower() in ENDS and next_asks and asks and told


def _nouns(words: Sequence[str], i: int) -> Iterator[tuple[int, str]]:
    """Nouns before `i`, and after the comma of a fronted clause that holds it, each with its sort."""
    fronted = word_at(words, 0) in JOINING - ASKING | {"when"} and "," in words[i:]
    for j in [*range(i), *(range(list(words).index(",", i), len(words)) if fronted else ())]:
        if sort := _sort(words, j):
            yield j, sort


def _sort(words: Sequence[str], j: int) -> str:
    """ "one", "many", "group" (one or many), "name", "who", or "" for what is no noun."""
    word = word_at(words, j)
    if j == 0 and word in ("who", "whose", "what") and not (word_at(words, 1) in BE and word_at(words, 2) in OWNING):
        return "who" if word != "what" else "" if word_at(words, 1) in ("do", "does", "did") else "what"
    if not word[0].isalnum() or word in STOP | CALENDAR or is_auxiliary(words, j):
        return ""
    k = j
    while k > 0 and content_of([words[k]]) and not is_verb(words, k):
        k -= 1
    begun = k == 0 or word_at(words, k) in DETERMINERS | PREPOSITIONS | {"and", "or"} or is_auxiliary(words, k)
    if words[j][0].isupper() and j > 0:
        paired = "and" in (word_at(words, j + 1), word_at(words, j - 1)) and not is_verb(words, j + 2)
        some = word_at(words, k) in DETERMINERS
        return "many" if paired or (is_plural(words[j]) and some) else "group" if some else "name"
    if is_verb(words, j):
        return ""
    if is_plural(word):
        return "many"
    return "" if not begun else "group" if word in GROUPS else "one"


def is_plural(word: str) -> bool:
    if re.fullmatch(r"people|police|children|media|\w*men|\w*women", word):
        return True
    return len(word) > 3 and word.endswith("s") and not SINGULAR_S.search(word)


def _fits(sort: str, pronoun: str, hung: bool) -> bool:
    """Whether a noun of this sort may be meant by `pronoun`; `hung`: a preposition stands before it."""
    if pronoun in PLURAL_PRONOUNS:
        return sort in ("many", "who", "group") or (sort in ("name", "one") and pronoun == "their" and not hung)
    if pronoun in ("it", "its", "there"):
        return sort in ("one", "name", "group") or (pronoun == "its" and sort in ("who", "what") and not hung)
    return sort in ("one", "name", "who", "group")


def _joined(words: Sequence[str], j: int, i: int, sort: str) -> bool:
    """Whether a new clause begins between the noun `j` and the pronoun `i`: within one they are two ("did Russia deny
    it"), save for "had on her", "took with them"."""
    carrying = {"have", "had", "has", "carry", "carried", "took", "take", "left"} & {w.lower() for w in words[:i]}
    if carrying and word_at(words, i - 1) in {"on", "with", "behind", "aboard", "around"}:
        return True
    for k in range(j + 1, i):
        word, after = word_at(words, k), word_at(words, k + 1)
        if word in JOINING or (word in {"and", "or", "but"} and (is_verb(words, k + 1) or after in PERSONAL)):
            return True
        if (word in PREPOSITIONS and after.endswith("ing")) or (word == "to" and sort == "who"):
            return True
    claimed = stem(word_at(words, i - 1)) in stems_of(SAID) or bool(content_of(words[i - 1 : i]))
    return claimed and (is_verb(words, i + 1) or is_verb(words, i + 2))
