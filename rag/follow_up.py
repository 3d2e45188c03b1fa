"""A follow-up question of a conversation as a question that stands alone: "And in September?" after "Who broke the
truce in December?" is "Who broke the truce in September?".

Rules over the words alone: no parser to load. A question that holds all it needs is never touched. One that hangs on
what was asked before is rewritten by the first rule that fits; where the outcome would still hang, or would lose a word
of it, the earlier question is set behind it ("Did they deny it: who blocked the buses?"), which loses nothing. Only the
last question counts, and of that what stands behind its colon: topics do not pile up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.asked import AUXILIARY, BEFORE_WH, HUNG_IN, ISO, MONTH, PRESENT, WH, YEAR, times_in, without_times
from rag.counted import PEOPLE, THINGS
from rag.hanging import (
    ASKS,
    AUX,
    BE,
    DETERMINERS,
    HANGING,
    JOINING,
    NAME,
    NAMES,
    PARTICIPLES,
    PAST,
    PERSONAL,
    PREPOSITIONS,
    SAYING,
    TAKEN_UP,
    TOKEN,
    Opening,
    content_of,
    core_of,
    has_no_clause,
    is_auxiliary,
    is_plural,
    is_verb,
    opened_by,
    plainly,
    points_back,
    stands_alone,
    stems_of,
    word_at,
    words_in,
)
from rag.words import STOP, content_words, is_acronym, stem

SIDES = """side group country party army government militia ministry minister leader commander police opposition union
    company president mayor council court parliament coalition embassy witness owner captain crew regime ally official
    authorities kingdom navy agency committee commission church king queen judge prosecutor lawyer spokesman spokeswoman
    ambassador governor general director pilot driver relatives neighbours guards strikers farmers fishermen critics
    supporters teachers scientists experts engineers investigators builders monks doctors nurses"""
MATTERS = "weather money food water gas power oil"  # as HANGING: no names where a capital begins the question
NO_PASSIVE = words_in("made let had helped saw heard watched got became came went felt")
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


def standalone(question: str, earlier: Sequence[str]) -> str:
    """`question` as one that can be asked by itself; `earlier` are those before it, standing alone, oldest first.

    Unchanged, but for white space at its ends, where it stands alone or nothing came before. A rewritten one begins
    with a capital, ends with one question mark and holds every content word of `question`, words of courtesy ("thanks",
    "well") aside. Never fails.
    """
    last = next((text for e in reversed(earlier) if (text := plainly(e))), "")
    core = _asked_last(last)
    if not last or stands_alone(question) or _set_behind(question, core):
        return question.strip()
    opening, rest = opened_by(plainly(question))
    rules = ADDING if opening == "about" else RULES
    # A time or a place holds for all that was asked last, any other word for what stands behind its colon.
    found = (_finished(made) for rule in rules if (made := rule(rest, last if rule is _in_place else core)))
    sound = (f for f in found if stands_alone(f) and _holds(f, rest))
    return next(sound, "") or _finished(_behind(opening, rest, core))


def _asked_last(text: str) -> str:
    """What a follow-up can hang on: of "did they deny it: who fired?" the end, of "what does Russia say: ...?" all."""
    return text if SAYS.match(text) else core_of(text)


def _lowered(text: str) -> str:
    """With a small first letter, unless its first word is a name."""
    first = re.split(r"[’' ]", text)[0]
    common = (_is_side(first) or _no_name(first)) and not re.search(rf" {NAME}", text)
    small = first.lower() in STOP or AUX.fullmatch(first) or common
    return text[:1].lower() + text[1:] if small and not is_acronym(first, text) and first != "May" else text


def _finished(text: str) -> str:
    text = plainly(text)
    return f"{text[:1].upper()}{text[1:]}?"


def _holds(text: str, rest: str) -> bool:
    return set(content_words(rest)) <= set(content_words(text))


def _set_behind(question: str, last: str) -> bool:
    return plainly(question).casefold().endswith(f": {core_of(last)}".casefold())


def _behind(opening: Opening, rest: str, last: str) -> str:
    """What every follow-up can be: itself, a colon, and the question that it hangs on."""
    topic = _lowered(core_of(last))
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
    return not has_no_clause(TOKEN.findall(rest), opened=True)


def _is_phrase(rest: str) -> bool:
    return bool(rest) and not (ASKS.match(rest) or _told(rest) or points_back(TOKEN.findall(rest)))


def _one_more(rest: str, last: str) -> str:
    """ "Who else" after "Who blocked the buses"."""
    m = re.fullmatch(r"(who|what|where|when|why|how) else", rest, re.IGNORECASE)
    if m is None or not re.match(rf"{m[1]} ", last, re.IGNORECASE) or not is_verb(TOKEN.findall(last), 1):
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
    if m and many and not many[1] and is_plural(m[2]) and m[2].islower():
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
        if is_verb(words, k) or (k and word.lower() in DETERMINERS and words[k - 1] != "of"):
            return None
    return m if content_of(words) else None


def _plural(phrase: str) -> bool:
    head = re.split(r" (?:of|in|on|at|from|with|for|near) ", phrase.strip())[0]
    return " and " in head or is_plural(head.split(" ")[-1])


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
    if word_at(rest.split(), 0) not in PREPOSITIONS:
        return ""
    places = _places(last)
    if len(places) == 1 and PLACED.fullmatch(phrase):
        return f"{last[: places[0].start()]}{phrase}{last[places[0].end() :]}"
    return _added(phrase, last)


def _places(text: str) -> list[re.Match[str]]:
    return [m for m in PLACED.finditer(text) if not times_in(m[0]) and not WEEKDAY.search(m[0])]


def _time_in(rest: str) -> str:
    """The time that `rest` is, hung in: "in September", "on 14 December", "on Friday"; empty where it is none."""
    hung = word_at(rest.split(), 0) in PREPOSITIONS
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
    if word_at(last[start:].split(), 0) not in PREPOSITIONS:  # "the December truce"
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
    return stem(word) in PEOPLE or stem(word) in stems_of(SIDES)


def _no_name(word: str) -> bool:
    return stem(word) in THINGS or stem(word) in stems_of(HANGING) or stem(word) in stems_of(MATTERS)


def _party(rest: str) -> str:
    """Who is named anew: "the rebels", "Turkey" of "Did Turkey"; empty where it can be no party, as "the trucks"."""
    m = TAKEN_UP.fullmatch(rest)
    phrase = m["who"] if m else rest if _is_phrase(rest) and not FREE.match(rest) else ""
    words = re.split(r" (?:of|in|on|from|for) ", phrase)[0].split()
    if not words or len(words) > 5 or _no_name(words[-1]):
        return ""
    if len(words) == 1:
        named = words[0].isalpha() and (words[0][0].isupper() or not is_plural(words[0]))
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
    first = next((i for i in range(1, len(words)) if is_auxiliary(words, i)), len(words))
    turned = word_at(words, first) in ("do", "does", "did") or _turned(words, first)
    return "" if turned or not re.match(r"(?:who|whose|which|what|how many)\b", last, re.IGNORECASE) else _lowered(last)


def _turned(words: Sequence[str], aux: int) -> bool:
    """Whether the subject stands behind the auxiliary: "whom has Russia accused"."""
    after = words[aux + 1] if aux + 1 < len(words) else ""
    return after.lower() in DETERMINERS | PERSONAL or after[:1].isupper() or is_plural(after)


def _acts(last: str) -> re.Match[str] | None:
    """Who acts in it, where that is plain: "did Turkey sign", and neither "did Russian troops leave" nor "was the
    Hollin bridge closed"."""
    m = ACTS.match(last)
    if m is None or ADJECTIVE.fullmatch(m["who"]):
        return None
    after = m["tail"].split()[0]
    if m["aux"].lower() not in BE:
        return None if is_plural(after) else m
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
    enough = len(content_of(TOKEN.findall(m["lead"] + m["tail"]))) + (not who[0].isupper()) > 1
    return told if enough and stands_alone(told) else f"{told}: {_lowered(core_of(last))}"


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
            rival = bool(person) or any(is_plural(word) for word in beside.split())
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
    elif (m := _done(last)) and (m["by"] is None or is_plural(m["by"].split()[-1])):
        what = f"{m['what']}{m['tail']}"
    words = TOKEN.findall(what)
    plain = words and not any(w in JOINING or is_verb(words, i) for i, w in enumerate(words))
    return what if plain and not _plural(what) else ""


ADDING: tuple[Rule, ...] = (_in_place, _swapped)
RULES: tuple[Rule, ...] = (
    _one_more, _why_not, _which_of_them, _why_and_when, _with_its_end, *ADDING, _said_about, _about_it, _he_did,
)  # fmt: skip
