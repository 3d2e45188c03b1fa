"""Whether a number counts what a question asks for: "700 of whom boarded the buses" counts no buses.

Only what cannot be is turned away: people for things, things for people, hours for either. A doubt lets a number pass.
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
