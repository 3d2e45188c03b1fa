"""A follow-up question of a conversation as a question that stands alone: "And in September?" after "Who broke the
truce in December?" is "Who broke the truce in September?".

Rules over the words alone: no parser to load. A question that holds all it needs is never touched. One that hangs on
what was asked before is rewritten by the first rule that fits; where the outcome would still hang, or would lose a word
of it, the earlier question is set behind it ("Did they deny it: who blocked the buses?"), which loses nothing. Only the
last question counts, and of that what stands behind its colon: topics do not pile up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Literal

from rag import cues
from rag.asked import AUXILIARY, BEFORE_WH, HUNG_IN, ISO, MONTH, PRESENT, WH, YEAR, times_in, without_times
from rag.counted import PEOPLE, THINGS
from rag.words import CALENDAR, STOP, content_words, is_acronym, stem, unify


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@cache
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(w) for w in text.split())


PREPOSITIONS = _words(
    """about after against around at before behind between by despite during for from in inside into like near of on
    outside over since than through to toward towards under until with without"""
)
ASKING = _words("who whom whose what which why how when where")
JOINING = ASKING | _words(
    "while after before because that if whether since until till although though unless once as than so ,"
)
DETERMINERS = _words(
    """the a an any some no each every which what whose its his their our this that these those both all many several
    few two three four five six seven eight nine ten"""
)
BE = _words("is are was were be been")
STOPS = frozenset(".!?;:")
ENDS = STOPS | {"", ",", "and", "or", "but"}
PLURAL_PRONOUNS, OWNING = _words("they them their theirs"), _words("their theirs his her hers its")
PERSONAL = PLURAL_PRONOUNS | OWNING | _words("he him she it")
GROUPS = _words("army government police team crew family council staff public company party media militia")
THIS_TIME = _words("year week month morning afternoon evening season century decade")  # by the day of asking
TIMES = THIS_TIME | _words("day night time moment hour period point way case weekend") | CALENDAR
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
ORDERS = _words("tell explain name list give describe show compare summarise summarize")
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

Opening = Literal["", "and", "about"]


def standalone(question: str, earlier: Sequence[str]) -> str:
    """`question` as one that can be asked by itself; `earlier` are those before it, standing alone, oldest first.

    Unchanged, but for white space at its ends, where it stands alone or nothing came before. A rewritten one begins
    with a capital, ends with one question mark and holds every content word of `question`, words of courtesy ("thanks",
    "well") aside. Never fails.
    """
    last = next((text for e in reversed(earlier) if (text := _plain(e))), "")
    core = _asked_last(last)
    if not last or stands_alone(question) or _set_behind(question, core):
        return question.strip()
    opening, rest = _opened(_plain(question))
    rules = ADDING if opening == "about" else RULES
    # A time or a place holds for all that was asked last, any other word for what stands behind its colon.
    found = (_finished(made) for rule in rules if (made := rule(rest, last if rule is _in_place else core)))
    sound = (f for f in found if stands_alone(f) and _holds(f, rest))
    return next(sound, "") or _finished(_behind(opening, rest, core))


def stands_alone(question: str) -> bool:
    """Whether it can be understood without what was asked before. What has no word in it can."""
    text = _plain(question)
    core = _core(text)
    if core != text and stands_alone(core):
        return True
    opening, rest = _opened(text)
    words = TOKEN.findall(unify(rest))
    if opening == "about" or not words or not re.search(r"[A-Za-z]", text):
        return not re.search(r"[A-Za-z]", text)
    if _clauseless(words, bool(opening)) or UNSAID.fullmatch(rest) or _thin(rest, bool(opening)):
        return False
    return not _points_back(words)


# --- what stands alone -------------------------------------------------------------------------


def _plain(text: str) -> str:
    """On one line, without the marks around it; "U.S." keeps its full stop."""
    text = " ".join(text.split()).lstrip("….,;:-–— ").rstrip("?!… ")
    return text if re.search(r"\b[A-Z]\.$", text) else text.rstrip("?!…. ")


def _core(text: str) -> str:
    """The question that stands behind a colon, else all of it."""
    head, _, tail = text.rpartition(": ")
    return tail if head and ASKS.match(tail) else text


def _asked_last(text: str) -> str:
    """What a follow-up can hang on: of "did they deny it: who fired?" the end, of "what does Russia say: ...?" all."""
    return text if SAYS.match(text) else _core(text)


def _opened(text: str) -> tuple[Opening, str]:
    """How it takes up what was said, and what is left without that."""
    m = OPENING.match(text)
    rest = text[m.end() :] if m else text
    about = WHAT_ABOUT.match(rest)
    return ("about", rest[about.end() :]) if about else ("and" if m else "", rest)


def _at(words: Sequence[str], i: int) -> str:
    return words[i].lower() if 0 <= i < len(words) else ""


def _content(words: Sequence[str]) -> list[str]:
    return [w for w in words if content_words(w) and w.lower() not in STOP]


def _is_aux(words: Sequence[str], i: int) -> bool:
    word = re.sub(r"^(?:who|what|where|how|why|when|that|it|there|he|she)[’']s$", "is", _at(words, i))
    return AUX.fullmatch(word) is not None and not (word == "may" and words[i] == "May" and len(words) < 4)


def _is_verb(words: Sequence[str], i: int) -> bool:
    """An auxiliary or a verb in the past; not "the injured", "heavily armed groups"."""
    word, before = _at(words, i), _at(words, i - 1)
    if not word or (before in DETERMINERS - ASKING and not (before == "many" and i + 1 < len(words))):
        return False
    if _is_aux(words, i) or word in {"say", "says", "deny", "denies", "claims", "think", "thinks"}:
        return True
    past = word in PAST or (re.search(r"(?<!e)ed$", words[i]) is not None and words[i].islower() and len(word) > 4)
    return past and i > 0 and not before.endswith("ly")


def _clauseless(words: Sequence[str], opened: bool) -> bool:
    """Whether it is a mere fragment: "In September", "The rebels", "Since when", "Did Turkey"."""
    first, content = _at(words, 0), _content(words)
    if (first, _at(words, 1)) in {("what", "if"), ("why", "not")} or TAKEN_UP.fullmatch(" ".join(words)):
        return True
    if first in ORDERS or any(_is_verb(words, i) for i in range(len(words))):
        return False
    if first == "who" and any(stem(w) not in _stems(LIGHT) for w in content):
        return False
    return opened or len(content) < (3 if first in ASKING else 4)


def _thin(rest: str, opened: bool) -> bool:
    """Whether it names too little to be understood: "Who died", "How many people were hurt", "What happened next"."""
    weighty = [w for w in _content(TOKEN.findall(rest)) if stem(w) not in _stems(LIGHT)]
    if all(stem(w) in _stems(HANGING) for w in weighty):
        return True
    if len(weighty) != (2 if opened else 1):
        return len(weighty) < (2 if opened else 1)
    if opened:
        return re.search(r"\b(?:the|an?|any) \w", rest) is None
    defined = re.fullmatch(r"(?:what|who|where) (?:is|are|was|were) (\w+)", rest, re.IGNORECASE)
    if defined and not (defined[1] in PARTICIPLES or re.search(r"(?:ed|ing|ible)$|^(?:dead|true)$", defined[1])):
        return False
    return re.search(r"\b(?:the|an?|any|his|her|its|their) (?!people\b|person\b)\w|(?<=\s)[A-Z\d]", rest) is None


def _points_back(words: Sequence[str]) -> bool:
    """Whether a word in it stands for something that it does not itself name."""
    return any(_points(words, i) and not _named_before(words, i) for i in range(len(words)))


def _points(words: Sequence[str], i: int) -> bool:
    if words[i] in ("IT", "HER"):
        return False
    point = POINTERS.get(_at(words, i))
    return point(words, i) if point else _at(words, i) in PERSONAL


def _it(words: Sequence[str], i: int) -> bool:
    """Not the "it" of "is it true that", "how long did it take to", "was it Russia that", "was it raining"."""
    rest = " ".join(words[i + 1 :]).lower()
    if not (_at(words, i - 1) in BE or re.match(r"(?:is|was|(?:had|has|have) been)\b", rest)):
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
    return re.sub(r"[’']s$", "", _at(words, i + 1)) not in THIS_TIME


def _that(words: Sequence[str], i: int) -> bool:
    """Not the "that" of "who said that ...", "the pilot that ...", "that of"."""
    before, after = _at(words, i - 1), _at(words, i + 1)
    if after == "of":
        return False
    if after in ENDS or after in TIMES or before in PREPOSITIONS or i == 0:
        return True
    if _is_aux(words, i - 1) and (i == 1 or (i == 2 and _at(words, 0) in ASKING)):
        return True
    verb_after = any(_is_verb(words, k) for k in range(i + 1, len(words)))
    if stem(before) in _stems(SAID):
        return after in PREPOSITIONS and not verb_after
    return _is_verb(words, i - 1) and not verb_after and _at(words, i + 2) not in DETERMINERS


def _those(words: Sequence[str], i: int) -> bool:
    """Not "those who", "those aboard", "those killed"."""
    told = _at(words, i + 2) in {"who", "that", "which", "of", "in", "on", "at", "from", "aboard"}
    return _at(words, i + 1) in ENDS or _is_aux(words, i + 1) or (_many(_at(words, i + 1)) and not told)


def _there(words: Sequence[str], i: int) -> bool:
    """Not the "there" of "was there a truce", "how many buses were there"."""
    exists = _is_aux(words, i - 1) or _is_aux(words, i + 1) or _at(words, i - 1) in BE
    return not exists or (_at(words, i + 1) in ENDS and not _content(words[:i]))


def _then(words: Sequence[str], i: int) -> bool:
    before = _at(words, i - 1)
    return before in {"since", "by", "until", "before", "from"} or (i == len(words) - 1 and before != "and")


def _same(words: Sequence[str], i: int) -> bool:
    """ "The same", "the same thing", "the same day"; not "the same day as", "did both say the same"."""
    compared = "as" in words[i + 1 : i + 6] or {"two", "both", "all", "each"} & {w.lower() for w in words[:i]}
    alone = _at(words, i + 1) in ENDS | PREPOSITIONS | {"thing", "things"} | TIMES - {"time", "way"}
    return _at(words, i - 1) == "the" and alone and not compared


def _one(words: Sequence[str], i: int) -> bool:
    """ "Which one", "the other ones"; not "one of", "the one who", "the one million"."""
    before, after = _at(words, i - 1), _at(words, i + 1)
    chosen = before in _words("the which another other first last second third only new old")
    return (after in ENDS and (chosen or before in DETERMINERS)) or (chosen and _is_aux(words, i + 1))


def _other(words: Sequence[str], i: int) -> bool:
    """ "The other side", "the others"; not "the other side of the river" nor after "one side"."""
    k = i + 1 + (_at(words, i + 1) in {"side", "sides", "party", "parties"})
    alone = _at(words, k) in ENDS or (k > i + 1 and _at(words, k) != "of") or _is_aux(words, k)
    return alone and _at(words, i - 1) == "the" and not {"one", "either", "each"} & {w.lower() for w in words[:i]}


POINTERS: dict[str, Callable[[Sequence[str], int], bool]] = {
    "it": _it, "this": _this, "these": _this, "that": _that, "those": _those, "there": _there, "then": _then,
    "same": _same, "one": _one, "ones": _one, "other": _other, "others": _other,
}  # fmt: skip


def _named_before(words: Sequence[str], i: int) -> bool:
    """Whether the question itself names what its word `i` stands for: in an earlier clause, or for "its" anywhere."""
    word = _at(words, i)
    if any(_new_question(words, j) for j in range(1, i)):
        return True
    if word not in PERSONAL and word != "there":
        return False
    hung = _at(words, i - 1) in PREPOSITIONS
    fitting = [(j, sort) for j, sort in _nouns(words, i) if _fits(sort, word, hung)]
    return any(j > i or word in OWNING or _joined(words, j, i, sort) for j, sort in fitting)


def _new_question(words: Sequence[str], j: int) -> bool:
    """Whether a sentence, or a clause that asks, ends at `j`: "..., and what did", "... . Who"."""
    if words[j] in STOPS:
        return bool(_content(words[:j]))
    next_asks = _at(words, j + 1) in ASKING or _is_aux(words, j + 1)
    next_asks = next_asks or (_at(words, j + 1) in PREPOSITIONS and _at(words, j + 2) in ASKING)
    asks = _at(words, 0) in ASKING or _is_aux(words, 0) or _at(words, 1) in ASKING
    told = any(_is_verb(words, k) for k in range(j)) and bool(_content(words[:j]))
    return words[j].lower() in ENDS and next_asks and asks and told


def _nouns(words: Sequence[str], i: int) -> Iterator[tuple[int, str]]:
    """Nouns before `i`, and after the comma of a fronted clause that holds it, each with its sort."""
    fronted = _at(words, 0) in JOINING - ASKING | {"when"} and "," in words[i:]
    for j in [*range(i), *(range(list(words).index(",", i), len(words)) if fronted else ())]:
        if sort := _sort(words, j):
            yield j, sort


def _sort(words: Sequence[str], j: int) -> str:
    """ "one", "many", "group" (one or many), "name", "who", or "" for what is no noun."""
    word = _at(words, j)
    if j == 0 and word in ("who", "whose", "what") and not (_at(words, 1) in BE and _at(words, 2) in OWNING):
        return "who" if word != "what" else "" if _at(words, 1) in ("do", "does", "did") else "what"
    if not word[0].isalnum() or word in STOP | CALENDAR or _is_aux(words, j):
        return ""
    k = j
    while k > 0 and _content([words[k]]) and not _is_verb(words, k):
        k -= 1
    begun = k == 0 or _at(words, k) in DETERMINERS | PREPOSITIONS | {"and", "or"} or _is_aux(words, k)
    if words[j][0].isupper() and j > 0:
        paired = "and" in (_at(words, j + 1), _at(words, j - 1)) and not _is_verb(words, j + 2)
        some = _at(words, k) in DETERMINERS
        return "many" if paired or (_many(words[j]) and some) else "group" if some else "name"
    if _is_verb(words, j):
        return ""
    if _many(word):
        return "many"
    return "" if not begun else "group" if word in GROUPS else "one"


def _many(word: str) -> bool:
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
    if carrying and _at(words, i - 1) in {"on", "with", "behind", "aboard", "around"}:
        return True
    for k in range(j + 1, i):
        word, after = _at(words, k), _at(words, k + 1)
        if word in JOINING or (word in {"and", "or", "but"} and (_is_verb(words, k + 1) or after in PERSONAL)):
            return True
        if (word in PREPOSITIONS and after.endswith("ing")) or (word == "to" and sort == "who"):
            return True
    claimed = stem(_at(words, i - 1)) in _stems(SAID) or bool(_content(words[i - 1 : i]))
    return claimed and (_is_verb(words, i + 1) or _is_verb(words, i + 2))


# --- the rules ---------------------------------------------------------------------------------

SIDES = """side group country party army government militia ministry minister leader commander police opposition union
    company president mayor council court parliament coalition embassy witness owner captain crew regime ally official
    authorities kingdom navy agency committee commission church king queen judge prosecutor lawyer spokesman spokeswoman
    ambassador governor general director pilot driver relatives neighbours guards strikers farmers fishermen critics
    supporters teachers scientists experts engineers investigators builders monks doctors nurses"""
MATTERS = "weather money food water gas power oil"  # as HANGING: no names where a capital begins the question
NO_PASSIVE = _words("made let had helped saw heard watched got became came went felt")
MORE = re.compile(r"(?:(?:please )?tell (?:me|us) more|more|what else|what more|so what|what)?", re.IGNORECASE)
LEAD = rf"(?P<lead>(?:(?:{BEFORE_WH} )?{WH}\b(?: [^\s,]+){{0,3}}? )??)(?P<aux>{AUXILIARY})"
SAYS = re.compile(rf"{LEAD} (?P<who>(?:[^\s:]+ ){{0,5}}?[^\s:]+)(?P<tail> {SAYING}\b.*)$", re.IGNORECASE)
ACTS = re.compile(rf"{LEAD} (?P<who>(?:the )?{NAMES}|the [a-z]+s)(?P<tail> .+)$", re.IGNORECASE)
CLEFT = re.compile(r"(?P<aux>was|is) it .+?(?P<tail> who .+)$", re.IGNORECASE)
HE = re.compile(rf"{LEAD} (?P<who>they|it|he|she)(?P<tail>\b.*)$", re.IGNORECASE)
# "When did the truce begin", "was the ferry overloaded": one noun, as the verb, a participle or "to" comes next.
PLAIN_NOUN = re.compile(
    rf"{LEAD} (?P<who>the [a-z]+)(?P<tail> (?:[^\s,]+|(?:\w+ed|to|first|not|still|so|too)\b.*|\S+ (?:the|a|an)\b.*))$",
    re.IGNORECASE,
)
# A capital that may be an adjective, with its noun behind it: "Russian", "US", "the Hollin"; not "the UN", "the Kurds".
ADJECTIVE = re.compile(r"\w+(?:ian|ish|ese)|[A-Z]{2}|[Tt]he (?=[A-Z])(?![A-Z]+$)\w+(?<!s)")
THERE_IS = re.compile(rf"{AUXILIARY} there (?:be |been )?(?:an?|any) (?P<what>.+)$", re.IGNORECASE)
PLURAL_FORMS = {"does": "do", "has": "have", "is": "are", "was": "were"}
SINGULAR_FORMS = {many: one for one, many in PLURAL_FORMS.items()}
PLACED = re.compile(
    r"\b(?:in|at|on|near|around|outside|inside) (?:the )?"
    rf"(?:(?:eastern|western|northern|southern|central|rebel-held|east|west|north|south) )*{NAMES}"
)
SOURCED = re.compile(rf",? according to (?:(?:the )?{NAMES}|[^,:]+$)", re.IGNORECASE)
WEEKDAY = re.compile(
    r"\b(?:(?:on|by|since|until|before|after|from) )?(?:(?:last|next|late|early) )?"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day(?: (?:morning|afternoon|evening|night))?\b",
    re.IGNORECASE,
)
ADJUNCT = re.compile(
    rf"(?:{BEFORE_WH} {WH}(?: \w+){{0,3}}|(?:why|when|where|how)(?: exactly| long| often| soon)?"
    r"|(?:what|which) (?:time|day|date|year|month|week))",
    re.IGNORECASE,
)
ADJOINED = re.compile(
    rf"(?:why|when|where|how|{BEFORE_WH} {WH}(?: \w+){{0,4}}?) (?P<clause>{AUXILIARY} .+)$", re.IGNORECASE
)
# Where the object ends, or nothing more comes.
TAIL = (
    r"(?=$|,| (?:in|on|at|during|before|after|near|from|to|into|with|when|while|since|until|because|for|against|over"
    r"|between|outside|inside|under|across|according)\b)"
)
DONE = re.compile(
    rf"(?:who|(?:which|what)(?P<by>(?: [^\s,]+){{1,4}}?)?) (?P<verb>\w+ed|{'|'.join(PAST)})"
    r"(?P<particle> (?:up|down|off|out|away|back))? "
    r"(?P<what>(?!(?:that|whether|how|why|what|it|them|him|her|of|in|at|on|to|into|for|from|with)\b)"
    r"[^\s,]+(?: (?!(?:and|who|that|which|whom|yesterday|today|again|first|last)\b)[^\s,]+){0,5}?)"
    rf"{TAIL}(?P<tail>.*)$",
    re.IGNORECASE,
)
NOUN_PHRASE = re.compile(r"the (?:[^\s,]+ ){0,3}?[^\s,]+(?=$| (?:of|in|on|at|between|during|near|behind|after)\b)")
# "How many died" takes the end of "how many people were hurt in the fire".
HARMED = r"(?:who|how many(?: \w+)?)(?: is| are| was| were)? \w+"
# What a fragment may begin with that "what about" does not go before.
FREE = re.compile(
    rf"(?:{'|'.join(sorted(PREPOSITIONS))}|because|according|due|not|even|only|any\w*|no|now|today|yesterday|tomorrow"
    r"|here|meanwhile|later|afterwards|again|\w+ly)\b",
    re.IGNORECASE,
)

Rule = Callable[[str, str], str]  # the follow-up and the question before it; empty where the rule has no say


def _lowered(text: str) -> str:
    """With a small first letter, unless its first word is a name."""
    first = re.split(r"[’' ]", text)[0]
    common = (_is_side(first) or _no_name(first)) and not re.search(rf" {NAME}", text)
    small = first.lower() in STOP or AUX.fullmatch(first) or common
    return text[:1].lower() + text[1:] if small and not is_acronym(first, text) and first != "May" else text


def _finished(text: str) -> str:
    text = _plain(text)
    return f"{text[:1].upper()}{text[1:]}?"


def _holds(text: str, rest: str) -> bool:
    return set(content_words(rest)) <= set(content_words(text))


def _set_behind(question: str, last: str) -> bool:
    return _plain(question).casefold().endswith(f": {_core(last)}".casefold())


def _behind(opening: Opening, rest: str, last: str) -> str:
    """What every follow-up can be: itself, a colon, and the question that it hangs on."""
    topic = _lowered(_core(last))
    be = "is" if PRESENT.match(topic) else "was"
    taken_up = TAKEN_UP.fullmatch(rest)
    if MORE.fullmatch(rest):
        lead = "what else is known"
    elif re.fullmatch(r"who|why|when|where|how", rest, re.IGNORECASE):
        lead = f"{rest} {be} {'it' if rest.lower() == 'who' else 'that'}"
    elif taken_up or opening == "about" or not (ASKS.match(rest) or FREE.match(rest) or _told(rest)):
        lead = f"what about {_lowered(taken_up['who'] if taken_up else rest)}"
    else:
        lead = rest
    return f"{lead}: {topic}"


def _told(rest: str) -> bool:
    return not _clauseless(TOKEN.findall(rest), opened=True)


def _is_phrase(rest: str) -> bool:
    return bool(rest) and not (ASKS.match(rest) or _told(rest) or _points_back(TOKEN.findall(rest)))


def _one_more(rest: str, last: str) -> str:
    """ "Who else" after "Who blocked the buses"."""
    m = re.fullmatch(r"(who|what|where|when|why|how) else", rest, re.IGNORECASE)
    if m is None or not re.match(rf"{m[1]} ", last, re.IGNORECASE) or not _is_verb(TOKEN.findall(last), 1):
        return ""
    return f"{rest}{last[len(m[1]) :]}"


def _why_not(rest: str, last: str) -> str:
    """ "Why didn't the buses leave", after "Did the buses leave" or "When did the buses leave"."""
    m = re.match(rf"(?:(?:why|when|where|how) )?({AUXILIARY})(?= )", last, re.IGNORECASE)
    if rest.lower() != "why not" or m is None or m[1].lower() in ("may", "might", "must"):
        return ""
    aux = m[1].lower()
    negated = {"can": "can’t", "will": "won’t"}.get(aux, aux if re.search("n[’']t$", aux) else f"{aux}n’t")
    return f"why {negated}{last[m.end() :]}"


def _which_of_them(rest: str, last: str) -> str:
    """ "Which side", "How many", "Who": in the place of the "who" or the "any" of the question before."""
    many = re.fullmatch(r"how many(?: (\w+))?", rest, re.IGNORECASE)
    side = re.fullmatch(r"(?:which|what) (?:\w+ )?(\w+)", rest, re.IGNORECASE)
    if who := re.match(r"who (\w+)", last, re.IGNORECASE):
        if many and (not many[1] or stem(many[1]) in PEOPLE):
            return f"{rest} {PLURAL_FORMS.get(who[1].lower(), who[1])}{last[who.end() :]}"
        return f"{rest}{last[3:]}" if side and _is_side(side[1]) else ""
    m = re.match(rf"({AUXILIARY}) (?:any )?(\w+)(?= )", last, re.IGNORECASE)
    if m and rest.lower() == "who" and re.fullmatch(r"(?:any|some)(?:one|body)", m[2]):
        return f"who {m[1].lower()}{last[m.end() :]}"
    if m and many and not many[1] and _many(m[2]) and m[2].islower():
        return f"how many {m[2]} {m[1].lower()}{last[m.end() :]}"
    return ""


def _why_and_when(rest: str, last: str) -> str:
    """ "Why", "Since when", "By whom", "What time", set before the question, or in the place of its "when"."""
    if not ADJUNCT.fullmatch(rest):
        return ""
    told = SAYS.match(last) and re.match(rf".*?(?:: | about (?={WH}\b))(.+)$", last, re.IGNORECASE)
    last = told[1] if told else last
    if AUX.match(last):
        return f"{rest} {_lowered(last)}"
    if m := ADJOINED.match(last):
        return f"{rest} {m['clause']}"
    if m := re.match(r"how many (?:of )?(?:the )?((?:\w+ ){1,3}?)(were|are|have|had)( .+)$", last, re.IGNORECASE):
        return f"{rest} {m[2]} the {m[1].strip()}{m[3]}"
    m = re.match(r"who (is|was) (\w+)( .+)?$", last, re.IGNORECASE)
    if m and _participle(m[2]):
        return f"{rest} {m[1].lower()} someone {m[2]}{m[3] or ''}"
    return _passive(rest, last)


def _passive(rest: str, last: str) -> str:
    """ "Why were the buses blocked" of "Who blocked the buses"."""
    m = _done(last)
    if m is None or m["verb"].lower() in NO_PASSIVE:
        return ""
    verb, what = m["verb"].lower(), m["what"].strip()
    return f"{rest} {'were' if _plural(what) else 'was'} {what} {PAST.get(verb, verb)}{m['particle'] or ''}{m['tail']}"


def _done(last: str) -> re.Match[str] | None:
    """A question of who did something, where it is plain to what it was done."""
    m = DONE.match(last)
    if m and (m["verb"][0].isupper() or re.search(rf"\b{AUXILIARY}\b", m["by"] or "", re.IGNORECASE)):
        return None
    words = TOKEN.findall(m["what"]) if m else []
    for k, word in enumerate(words):
        if _is_verb(words, k) or (k and word.lower() in DETERMINERS and words[k - 1] != "of"):
            return None
    return m if _content(words) else None


def _plural(phrase: str) -> bool:
    head = re.split(r" (?:of|in|on|at|from|with|for|near) ", phrase.strip())[0]
    return " and " in head or _many(head.split(" ")[-1])


def _with_its_end(rest: str, last: str) -> str:
    """ "How many were injured in the fire" after "How many people were killed in the fire"."""
    m = re.match(rf"{HARMED}(?P<tail> (?:in|at|on|during|when|after|by) .+)$", last, re.IGNORECASE)
    return f"{rest}{m['tail']}" if m and re.fullmatch(HARMED, rest, re.IGNORECASE) else ""


def _in_place(rest: str, last: str) -> str:
    """A time, a place, a source: "In September", "In Homs", "According to Russia"."""
    if not _is_phrase(rest):
        return ""
    if time := _time_in(rest):
        return _at_time(time, last)
    phrase = _lowered(rest)
    if phrase.startswith("according to "):
        return f"{SOURCED.sub('', last)}, {phrase}"
    if _at(rest.split(), 0) not in PREPOSITIONS:
        return ""
    places = _places(last)
    if len(places) == 1 and PLACED.fullmatch(phrase):
        return f"{last[: places[0].start()]}{phrase}{last[places[0].end() :]}"
    return _added(phrase, last)


def _places(text: str) -> list[re.Match[str]]:
    return [m for m in PLACED.finditer(text) if not times_in(m[0]) and not WEEKDAY.search(m[0])]


def _time_in(rest: str) -> str:
    """The time that `rest` is, hung in: "in September", "on 14 December", "on Friday"; empty where it is none."""
    hung = _at(rest.split(), 0) in PREPOSITIONS
    text = rest[:1].lower() + rest[1:] if hung else f"in {rest}"
    if WEEKDAY.fullmatch(rest):
        return text if hung else f"on {rest}"
    named = times_in(text)
    if not named or content_words(without_times(text)):
        return ""
    return text if hung or not named[0].day else f"on {rest}"


def _at_time(time: str, last: str) -> str:
    """The question at another time: in the place of the one that it names, with its year."""
    spans = _times(last)
    if len(spans) != 1:
        return "" if spans else _added(time, last)
    start, end = spans[0]
    new, old = times_in(time), times_in(f"in {last[start:end]}")
    if new and old and new[0].month and not new[0].year and old[0].year:
        time = f"{time} {old[0].year}"
    if _at(last[start:].split(), 0) not in PREPOSITIONS:  # "the December truce"
        time = re.sub(r"^(?:in|on|of|during) ", "", time)
    return f"{last[:start]}{time}{last[end:]}"


def _times(text: str) -> list[tuple[int, int]]:
    """Where it names times, each with what hangs it in; of "the December truce" the month alone."""
    found: list[tuple[int, int]] = []
    for pattern in (ISO, MONTH, YEAR, WEEKDAY):
        for m in pattern.finditer(text):
            start = h.start() if (h := HUNG_IN.search(text[: m.start()])) else m.start()
            named = pattern is WEEKDAY or times_in(text[max(0, start - 8) : m.end()])
            if named and all(m.end() <= a or start >= b for a, b in found):
                found.append((start, m.end()))
    return found


def _added(phrase: str, last: str) -> str:
    """`phrase` at the end, but before a time or a source that stands there."""
    ends = [m.start() for m in SOURCED.finditer(last) if m.end() == len(last)]
    ends += [a for a, b in _times(last) if b == len(last) and re.match(r"(?:in|on|during|since|by) ", last[a:])]
    before, after = last[: min(ends, default=len(last))].rstrip(), last[min(ends, default=len(last)) :].lstrip()
    return f"{before} {phrase}{'' if after.startswith(',') else ' '}{after}"


def _is_side(word: str) -> bool:
    return stem(word) in PEOPLE or stem(word) in _stems(SIDES)


def _no_name(word: str) -> bool:
    return stem(word) in THINGS or stem(word) in _stems(HANGING) or stem(word) in _stems(MATTERS)


def _party(rest: str) -> str:
    """Who is named anew: "the rebels", "Turkey" of "Did Turkey"; empty where it can be no party, as "the trucks"."""
    m = TAKEN_UP.fullmatch(rest)
    phrase = m["who"] if m else rest if _is_phrase(rest) and not FREE.match(rest) else ""
    words = re.split(r" (?:of|in|on|from|for) ", phrase)[0].split()
    if not words or len(words) > 5 or _no_name(words[-1]):
        return ""
    if len(words) == 1:
        named = words[0].isalpha() and (words[0][0].isupper() or not _many(words[0]))
    else:
        named = re.fullmatch(rf"(?:the )?{NAMES}", phrase, re.IGNORECASE) is not None
    return _lowered(phrase) if named or _is_side(words[-1]) else ""


def _swapped(rest: str, last: str) -> str:
    """Another party in the same place: "And Turkey" after "What does Russia say about the deal"."""
    if not (party := _party(rest)):
        return ""
    if m := CLEFT.match(last):
        return f"{m['aux']} it {party}{m['tail']}"
    if SOURCED.search(last) and not SAYS.match(last):
        return SOURCED.sub(f", according to {party}", last)
    if m := SAYS.match(last) or _acts(last):
        return f"{m['lead']}{_agreeing(m['aux'], party)} {party}{m['tail']}"
    places = _places(last)
    if len(places) != 1 or not re.fullmatch(NAMES, rest) or re.match("who", last, re.IGNORECASE):
        return ""
    place = re.sub(rf"{NAMES}$", "", places[0][0]) + rest
    return f"{last[: places[0].start()]}{place}{last[places[0].end() :]}"


def _agreeing(aux: str, who: str) -> str:
    """ "Does Turkey", "do the rebels"."""
    forms = PLURAL_FORMS if _plural(who) else SINGULAR_FORMS
    return forms.get(aux.lower(), aux)


def _said_about(rest: str, last: str) -> str:
    """ "What does Russia say about who blocked the buses"."""
    m = re.match(rf"(?:what|how) {AUXILIARY} .+ ({SAYING})$", rest, re.IGNORECASE)
    topic = _topic(last) if m else ""
    return f"{rest} {'on' if m[1].startswith('comment') else 'about'} {topic}" if m and topic else ""


def _about_it(rest: str, last: str) -> str:
    """The same where "about it" or "about that" stands for the question before."""
    topic = _topic(last)
    m = re.search(r"\b(about|comment(?:ed)? on) (?:it|this|that)(?=$| (?:in|on|at|since|after|before)\b)", rest)
    return f"{rest[: m.start()]}{m[1]} {topic}{rest[m.end() :]}" if topic and m else ""


def _topic(last: str) -> str:
    """What it asks, as what one speaks about: "who blocked the buses", "the death toll", "the deal" of "what does
    Russia say about the deal"; empty where the words would have to change places."""
    if m := SAYS.match(last):
        about = re.match(r" \w+ (?:about|on) (.+)$", m["tail"])
        return about[1] if about else ""
    if m := re.match(r"(?:what|who) (?:is|are|was|were) (the .+)$", last, re.IGNORECASE):
        return m[1] if NOUN_PHRASE.match(m[1]) and not re.search(r"(?:ing|for|about|to|of|with|like)$", m[1]) else ""
    words = TOKEN.findall(last)
    first = next((i for i in range(1, len(words)) if _is_aux(words, i)), len(words))
    turned = _at(words, first) in ("do", "does", "did") or _turned(words, first)
    return "" if turned or not re.match(r"(?:who|whose|which|what|how many)\b", last, re.IGNORECASE) else _lowered(last)


def _turned(words: Sequence[str], aux: int) -> bool:
    """Whether the subject stands behind the auxiliary: "whom has Russia accused"."""
    after = words[aux + 1] if aux + 1 < len(words) else ""
    return after.lower() in DETERMINERS | PERSONAL or after[:1].isupper() or _many(after)


def _acts(last: str) -> re.Match[str] | None:
    """Who acts in it, where that is plain: "did Turkey sign", and neither "did Russian troops leave" nor "was the
    Hollin bridge closed"."""
    m = ACTS.match(last)
    if m is None or ADJECTIVE.fullmatch(m["who"]):
        return None
    after = m["tail"].split()[0]
    if m["aux"].lower() not in BE:
        return None if _many(after) else m
    described = after in PREPOSITIONS | DETERMINERS | {"to", "not"} or after.endswith("ing") or _participle(after)
    return m if described else None


def _participle(word: str) -> bool:
    return word in PARTICIPLES or word.endswith("ed")


def _he_did(rest: str, last: str) -> str:
    """The one party or thing of the question before in the place of "they" or "it": "Did Turkey keep its word"."""
    m = HE.match(rest)
    who = _actor(last, m["who"].lower()) if m else ""
    if m is None or not who or _means_another(m):
        return ""
    told = f"{m['lead']}{_agreeing(m['aux'], who)} {who}{m['tail']}"
    enough = len(_content(TOKEN.findall(m["lead"] + m["tail"]))) + (not who[0].isupper()) > 1
    return told if enough and stands_alone(told) else f"{told}: {_lowered(_core(last))}"


def _means_another(m: re.Match[str]) -> bool:
    """Of "did they believe him", "they" is somebody else; of "was it an accident", "it" is what happened, and a thing
    only of "was it repaired"."""
    if m["who"].lower() == "they":
        return re.search(r" (?:him|her|his)\b", m["tail"]) is not None
    event = m["who"].lower() == "it" and m["aux"].lower() in BE
    return event and not any(_participle(word) for word in m["tail"].split()[:2])


def _actor(last: str, pronoun: str) -> str:
    """Whom or what `pronoun` can stand for where the question names nothing else that it could."""
    if m := SAYS.match(last) or _acts(last):
        beside = f"{m['lead']} {without_times(m['tail'])}"
        person = re.fullmatch(rf"{NAME} {NAME}", m["who"])
        if pronoun == "they":
            rival = bool(person) or any(_many(word) for word in beside.split())
        else:
            things = pronoun == "it" and (person or re.search(r"\b(?:the|an?) ", beside))
            rival = bool(things) or _plural(m["who"])
        return "" if rival or re.search(rf" {NAME}", beside) else _lowered(m["who"])
    return _thing(last) if pronoun == "it" else ""


def _thing(last: str) -> str:
    """The one thing that it is about: "the truce" of "When did the truce begin", "Which countries broke the truce"."""
    what = ""
    if m := THERE_IS.match(last):
        what = f"the {m['what']}"
    elif m := PLAIN_NOUN.match(last):
        what = m["who"]
    elif (m := _done(last)) and (m["by"] is None or _many(m["by"].split()[-1])):
        what = f"{m['what']}{m['tail']}"
    words = TOKEN.findall(what)
    plain = words and not any(w in JOINING or _is_verb(words, i) for i, w in enumerate(words))
    return what if plain and not _plural(what) else ""


ADDING: tuple[Rule, ...] = (_in_place, _swapped)
RULES: tuple[Rule, ...] = (
    _one_more, _why_not, _which_of_them, _why_and_when, _with_its_end, *ADDING, _said_about, _about_it, _he_did,
)  # fmt: skip
