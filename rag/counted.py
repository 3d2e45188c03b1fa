"""Whether a number counts what a question asks for: "700 of whom boarded the buses" counts no buses, and those who were
wounded are not the dead.

Only what cannot be is turned away: people for things, things for people, hours for either, those whom another thing has
befallen. A doubt lets a number pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from rag.quantities import Quantity
from rag.types import Token
from rag.words import stem

Sort = Literal["people", "things", "time"]
PEOPLE = frozenset(
    stem(w)
    for w in """people persons person men man women woman children child boys girls civilians fighters soldiers
    militants rebels terrorists troops residents victims injured wounded dead casualties members
    militiamen policemen officers workers refugees families students pupils passengers patients
    prisoners hostages detainees inhabitants volunteers doctors nurses journalists insurgents jihadists
    gunmen attackers bombers deaths lives martyrs servicemen personnel firefighters evacuees protesters
    demonstrators survivors migrants militia villagers worshippers mourners""".split()
)
THINGS = frozenset(
    stem(w)
    for w in """bus buses truck trucks car cars vehicle vehicles ambulance ambulances tank tanks plane planes
    aircraft jets helicopter helicopters missiles missile rockets rocket bombs bomb shells shell strikes
    strike airstrikes raids raid attacks attack villages village towns houses buildings schools
    hospitals homes tons tonnes sorties convoys ships boats drones mines explosions blasts""".split()
)
TIME = frozenset(stem(w) for w in "hours hour minutes minute days day weeks week months month years year".split())

FATES = {
    fate: frozenset(stem(w) for w in words.split())
    for fate, words in {
        "dead": "kill killed dead die died dies death deaths bodies corpses perished slain massacred executed lives",
        "hurt": "wound wounded wounding injure injured injuries hurt maimed",
        "missing": "missing disappeared vanished unaccounted",
        "held": "arrested arresting detained detaining jailed captured capturing kidnapped abducted seized hostages",
        "gone": "displaced fled evacuated evacuees expelled",
    }.items()
}


def counts(wanted: str, quantity: Quantity, sentence: str, tokens: Sequence[Token]) -> bool:
    """False where the number counts another sort of thing than `wanted`, a plural such as "buses"."""
    asked, told = _sort(wanted), _told(quantity, sentence, tokens)
    return asked is None or told is None or asked == told


def _sort(word: str) -> Sort | None:
    s = stem(word)
    if s in PEOPLE or re.search(r"(?:men|women|people)$", word):
        return "people"
    return "things" if s in THINGS else "time" if s in TIME else None


def _told(q: Quantity, sentence: str, tokens: Sequence[Token]) -> Sort | None:
    """What the number stands before, or is said of."""
    if re.match(r"\s+(?:others?\s+)?(?:of\s+)?whom\b", sentence[q.end :]):
        return "people"
    heads = [tokens[t.head] for t in tokens if t.dep == "nummod" and t.start < q.end and t.end > q.start]
    return _sort(heads[-1].text.lower()) if heads else None


def same_fate(asked: frozenset[str], quantity: Quantity, tokens: Sequence[Token]) -> bool:
    """False where the question, as stems of its words, asks of one fate and the number counts those of another."""
    wanted = {fate for fate, words in FATES.items() if words & asked}
    told = _fates(quantity, tokens)
    return not wanted or not told or bool(wanted & told)


def _fates(q: Quantity, tokens: Sequence[Token]) -> set[str]:
    """Of those that the number stands for: by what it counts, what is said of that, and the verb that it hangs on."""
    inside = [i for i, t in enumerate(tokens) if t.pos == "NUM" and t.start < q.end and t.end > q.start]
    if not inside:
        return set()
    number = inside[-1]
    noun = tokens[number].head if tokens[number].dep == "nummod" else number
    about = [i for i, t in enumerate(tokens) if t.head == noun and t.dep in ("amod", "acl", "relcl")]
    words = [stem(tokens[i].text) for i in (number, noun, *about, tokens[noun].head)]
    return {fate for fate, known in FATES.items() if known & set(words)}
