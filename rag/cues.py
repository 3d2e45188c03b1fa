"""The words that hand a sentence to somebody else's voice. Lemmas, lower case.

What each class needs beside it (a clause, a quotation, an object) was chosen by measuring with `evals.attribution`.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A clause, a quotation, or nothing but the sentence around them.
SAY = _words("""
    accuse acknowledge add admit advise affirm agree allege announce answer argue ask assail assert assure bemoan boast
    brag caution charge cite claim comment complain concede conclude confess confide confirm contend counter
    criticise criticize declare demand denounce deny describe detail dismiss disclose dispute elaborate emphasise
    emphasize estimate exclaim explain express forecast gripe hint imply indicate inform insist interject joke
    lament maintain mention muse note object opine point post predict proclaim pronounce promise protest quip read
    reaffirm reason recall recount refute reiterate reject relate remark remind repeat reply report respond retort
    retweet reveal say share shout signal snap stress suggest state swear tell testify threaten tweet underline
    underscore urge vow warn whisper wonder worry write
""")

# Only with a clause: "they think that ...".
THINK = _words("""
    anticipate assume believe calculate complain conclude consider decide determine discover doubt dread expect
    fear feel figure find forecast guess hope hop imagine know learn observe presume project question realise
    realize reckon recognise recognize regret show suppose suspect think understand wish
""")

# Their object is what the speaker says, judges or puts forward.
OBJECT = _words("""
    accuse acknowledge allege announce assail bemoan blame blast cite claim condemn confirm criticise criticize
    decry demand denounce deny deride describe disavow dismiss dispute downplay emphasise emphasize estimate
    explain express forecast hail highlight liken lambast lament mention mock note outline portray praise predict
    propose protest question recall recount refute reiterate reject repeat report reveal rip slam stress tout
    underline underscore urge voice
""")

# Their to-clause is what the speaker says.
PLEDGE = _words("call claim demand pledge promise swear threaten urge vow")

# With a preposition: "warned of", "complained about", "called for".
OBLIQUE = {
    "warn": _words("of about against"),
    "complain": _words("of about"),
    "call": _words("for on"),
    "insist": _words("on"),
    "speak": _words("of against"),
    "admit": _words("to"),
    "boast": _words("of about"),
    "brag": _words("of about"),
    "hint": _words("at"),
    "point": _words("to"),
    "refer": _words("to"),
    "rail": _words("against"),
    "testify": _words("about to"),
    "worry": _words("about"),
    "report": _words("on"),
    "comment": _words("on about"),
}

COUNT = _words("count document put record register tally")  # with a number: "put the toll at 41"
CITE = _words("cite quote")
COMMITS = _words("agree")  # "agreed to leave" is a deed, and "agreed that it had left" a statement
NAME = _words("brand call deem dub label")  # with what they call it: "called the plan a trap"

DENY = _words("deny reject dismiss dispute refute rebut disavow repudiate rubbish discount doubt")
BLAME = _words(
    "accuse blame charge condemn criticise criticize denounce fault"
)  # from the accused on, it is the speaker's word
TELL = _words("tell inform remind assure notify advise warn urge ask")  # their object listens

# Nouns whose that-clause is somebody's.
NOUNS = _words("""
    accusation account argument case point admission allegation announcement assertion assessment belief charge
    claim comment complaint conclusion contention declaration estimate evidence fear finding hope idea information
    insistence message news notion opinion prediction promise proof remark report rumor rumour sign speculation
    statement suggestion suspicion testimony view warning word worry
""")
VIEWS = _words("account estimation opinion telling view words word")  # "in the union's view"
SURVEYS = _words("average poll polling survey")  # "in a poll"
HEARSAY = _words(
    "report reports rumor rumour speculation news evidence information sign idea notion word"
)  # nobody's, unless named
DOCUMENTS = _words(
    "average statement report letter message tweet post article memo email study survey poll release result video"
)

HEDGES = _words("reportedly allegedly purportedly supposedly")

ROLES = _words("""
    adviser aide chief coordinator director head leader member minister president spokesman spokeswoman
""")
EVENTS = _words("airstrike assault attack battle blast bombing clash explosion fighting raid shelling strike war")
NOBODY = _words("what this there these whatever where why how nobody none nothing neither")

# Sources that stand for nobody in particular.
UNNAMED = _words("""
    activist anyone bystander civilian critic expert insider local neighbor neighbour observer onlooker other people
    person
    report resident rumor rumour some somebody someone source survivor villager witness many several eyewitness
""")

FIRST_PERSON = _words("i we us me my our you your")
RELATIVE = _words("who which that whom whose")
SINGULAR_MALE = _words("he him his")
SINGULAR_FEMALE = _words("she her")
PLURAL = _words("they them their")
NEUTER = _words("it its")
PRONOUNS = (
    SINGULAR_MALE | SINGULAR_FEMALE | PLURAL | NEUTER | FIRST_PERSON | RELATIVE | _words("you one this these those")
)

_PRESS = _words("""
    ap afp reuters cnn bbc npr tass sana pbs nbc abc cbs msnbc upi dpa efe xinhua interfax ria irna anadolu axios
    vox vice buzzfeed politico bloomberg breitbart guardian jazeera arabiya mayadeen manar hurriyet haaretz
""")
_PRESS_WORDS = _words("""
    news times post press agency radio television tv herald tribune journal daily today direct magazine gazette
    telegraph newspaper observer review weekly media channel network chronicle globe online
""")


def is_press(name: str) -> bool:
    """Whether a name reads like a news outlet's."""
    words = [word.strip(".,'’").lower() for word in name.split()]
    return bool(words) and name[:1].isupper() and (not _PRESS.isdisjoint(words) or words[-1] in _PRESS_WORDS)
