"""What somebody wants, backs, fears or puts forward: theirs, but told by the outlet, and never shown as their word.

Kept apart from speech so that the two are not taken for each other: "the union backs the deal" is no statement of the
union's, and yet whoever asks what the union holds must find it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rag import cues
from rag.subjects import SUBJECTS, can_speak, subject_of
from rag.trees import Tree


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# With a to-clause or a clause: what somebody is for, against or about to do.
_WANT = _words("""
    agree aim anticipate arrange ask attempt avoid campaign choose commit consider decide decline demand disagree
    encourage endeavor expect hesitate hop hope intend long look offer oppose opt persuade plan pledge prefer prepare
    press promise propose push refuse resolve seek strive struggle swear threaten urge volunteer vote vow want wish
""")

# With an object: what they judge, treat or take up.
_FAVOUR = _words("""
    address admire adopt advocate amplify applaud appoint appreciate approve attack authorize avoid back bash block
    celebrate champion cheer chide commend compare condemn confront consider contemplate counter covet crave debate
    decry deem defend deplore desire despise discuss dislike disown distrust dread echo embrace encourage endorse
    enjoy envision envy escalate excoriate expect favor favour fear feature forbid grill hammer hat hate highlight
    identify ignore imagine invoke justify knock know laud like link loathe love mourn mull name nominate offer oppose
    order overlook paint pan permit prefer press pressure prohibit promise promote propose propound pursue push rate
    recommend reference regret reiterate release resent resist respect ridicule salute sanction scold seek share shun
    sign solicit sponsor spurn sue support suspect target taunt tease thank threaten trash trumpet trust tweet
    underestimate understate unveil urge view want warn weigh welcome
""")

_OBLIQUE = {
    "advocate": _words("for against"),
    "agonize": _words("over"),
    "aim": _words("at"),
    "agree": _words("with on to"),
    "allude": _words("to"),
    "apologize": _words("for to"),
    "appeal": _words("to for"),
    "approve": _words("of"),
    "argue": _words("for against with over about"),
    "ask": _words("for about"),
    "believe": _words("in"),
    "bet": _words("on"),
    "bow": _words("to"),
    "break": _words("with"),
    "bristle": _words("at"),
    "brush": _words("off"),
    "call": _words("on"),
    "campaign": _words("for against on"),
    "care": _words("about"),
    "cheer": _words("for"),
    "clash": _words("over with"),
    "count": _words("on"),
    "dabble": _words("in"),
    "debate": _words("over about"),
    "differ": _words("on over from"),
    "disagree": _words("with on about"),
    "disapprove": _words("of"),
    "double": _words("down on"),
    "dream": _words("of about"),
    "dwell": _words("on"),
    "fight": _words("for against over"),
    "fire": _words("back"),
    "focus": _words("on"),
    "fret": _words("about over"),
    "fume": _words("at about over"),
    "go": _words("after"),
    "hear": _words("about of"),
    "hit": _words("at"),
    "hope": _words("for"),
    "joke": _words("about"),
    "know": _words("about of"),
    "lash": _words("out at"),
    "lean": _words("on toward"),
    "lobby": _words("for against"),
    "look": _words("to"),
    "object": _words("to"),
    "opine": _words("on about against"),
    "plan": _words("for on"),
    "pray": _words("for"),
    "press": _words("for"),
    "push": _words("for against"),
    "puzzle": _words("over through"),
    "quarrel": _words("over with"),
    "rage": _words("at against"),
    "rail": _words("against at"),
    "react": _words("to"),
    "respond": _words("to with"),
    "root": _words("for"),
    "rule": _words("against on"),
    "run": _words("on"),
    "seize": _words("on"),
    "side": _words("with"),
    "spar": _words("over with"),
    "speak": _words("about to of"),
    "stand": _words("by behind"),
    "stick": _words("to with"),
    "stump": _words("for"),
    "swipe": _words("at"),
    "talk": _words("about of"),
    "think": _words("of about"),
    "toy": _words("with"),
    "tweet": _words("about"),
    "vote": _words("for against in"),
    "vow": _words("to"),
    "wonder": _words("about"),
    "worry": _words("about over"),
    "write": _words("about of to"),
    "yield": _words("to"),
}

# "is wary of it", "feels sure that": the adjective says whose mind it is.
_MINDED = _words("""
    adamant afraid alarmed ambivalent angry anxious apprehensive assured aware bullish cautious certain comfortable
    committed concerned confident convinced coy critical curious delighted determined disappointed dismayed divided
    doubtful dubious eager enthusiastic excited fearful focused fond frustrated furious glad grateful happy hesitant
    hopeful hostile impressed inclined intent interested keen leery loath mindful nervous opposed optimistic outraged
    outspoken passionate pessimistic pleased proud reluctant satisfied scared sceptical skeptical sorry split
    supportive sure suspicious sympathetic thankful torn unaware uncertain uncomfortable unconvinced uneasy unhappy
    unified unsure unwilling upset vocal wary willing worried
""")
_SIDES = _words("""
    advocate backer champion critic defender detractor enthusiast fan foe opponent proponent skeptic sponsor supporter
""")  # "is a backer of the deal"
_STATES = _words("be become feel grow remain seem sound stay")

# "the union's plan to strike", "his support for the deal".
_PLANS = _words("""
    admiration admission adulation allegation ambition anger announcement anxiety appeal assertion assessment attack
    belief bid call campaign claim comment commitment complaint concern confidence contempt criticism decision defense
    demand denial desire determination disdain doubt effort endorsement enthusiasm excitement expectation fear
    frustration hatred hope insistence insult intention interest message obsession offer opinion opposition outrage
    pitch plan platform pledge position preference pride promise proposal push reaction refusal rejection reluctance
    remark request respect rhetoric skepticism stance suggestion support suspicion sympathy threat trust view vow
    willingness wish worry
""")
_ON = _words("attack comment position remark rhetoric stance view")  # these alone are "on" something
_AT_ALL = _words("about against for of on over that to toward towards with")

# "raises questions about it", "issued a statement": what is put forward, and by which verbs.
_TOPICS = (
    _PLANS
    | cues.NOUNS
    | cues.DOCUMENTS
    | _words("""
    ad advertisement analysis apology argument book case editorial essay excuse feeling footage joke lawsuit opinion
    praise qualm question reservation resolution response review song speech story suit tone tribute tweet verdict
    video warning
""")
)
_PUTS = _words("""
    air bring circulate deliver detail draft draw express file float give have hold issue launch lay level lodge make
    offer pay pen post present publish put raise reach read reiterate release send set share show sign submit take
    unveil voice write
""")


def attitudes(tree: Tree, i: int) -> Iterator[tuple[int, set[int]]]:
    """(the head of whose it is, what it is about) for token `i`, nothing where it holds no attitude."""
    if tree[i].pos == "NOUN":
        yield from _possessed(tree, i)
        return
    passive = tree.kid(i, ("auxpass",)) is not None
    agent = _agent(tree, i) if passive else None
    if agent is not None:
        subject = tree.kid(i, SUBJECTS)
        if subject is not None and tree[i].lemma in _FAVOUR:
            yield agent, tree.subtree(subject)
        return
    source = subject_of(tree, i)
    if source is None or not can_speak(tree, source):
        return
    heads = _minded(tree, i) if passive else [*_wanted(tree, i), *_minded(tree, i), *_put(tree, i)]
    found = {k for head in heads for k in tree.subtree(head)} - tree.subtree(source) - {i}
    if found:
        yield source, found


def _agent(tree: Tree, v: int) -> int | None:
    by = tree.kid(v, ("agent",))
    return None if by is None else tree.kid(by, ("pobj",))


def _wanted(tree: Tree, v: int) -> list[int]:
    lemma = tree[v].lemma
    heads = tree.kids(v, ("xcomp", "ccomp")) if lemma in _WANT else []
    if lemma in (cues.SAY | cues.THINK) - {
        "find",
        "show",
    }:  # "shared the report", "knows of it": without a clause it is no statement
        heads += tree.kids(v, ("dobj", "oprd"))
        heads += [k for k in tree.kids(v, ("prep",)) if tree[k].lemma in _AT_ALL | {"on"}]
    heads += tree.kids(v, ("dobj", "oprd", "attr", "ccomp")) if lemma in _FAVOUR else []
    return heads + [k for k in tree.kids(v, ("prep", "prt")) if tree[k].lemma in _OBLIQUE.get(lemma, ())]


def _minded(tree: Tree, v: int) -> list[int]:
    """ "is wary of it" (an adjective below the verb) and "was worried by it" (which the parse takes for a passive)."""
    if tree[v].text.lower() in _MINDED:
        return tree.kids(v, ("prep", "xcomp", "ccomp", "advcl"))
    if tree[v].lemma not in _STATES:
        return []
    heads = [k for k in tree.kids(v, ("acomp", "oprd")) if tree[k].text.lower() in _MINDED]
    about = [b for k in heads for b in tree.kids(k, ("prep", "xcomp", "ccomp", "advcl"))]
    about += [k for k in tree.kids(v, ("prep", "ccomp", "xcomp")) if heads]
    for side in tree.kids(v, ("attr",)):
        about += tree.kids(side, ("prep",)) if tree[side].lemma in _SIDES else []
    return (about or heads) + [k for k in tree.kids(v, ("prep",)) if tree[k].lemma == "against"]


def _put(tree: Tree, v: int) -> list[int]:
    """ "raised questions about it": the noun with all that it is about."""
    if tree[v].lemma not in _PUTS:
        return []
    return [k for k in tree.kids(v, ("dobj",)) if tree[k].lemma in _TOPICS and tree.kids(k, ("prep", "acl", "relcl"))]


def _possessed(tree: Tree, n: int) -> Iterator[tuple[int, set[int]]]:
    source = tree.kid(n, ("poss",)) if tree[n].lemma in _PLANS else None
    if source is None:
        return
    heads = tree.kids(n, ("acl", "ccomp"))
    heads += [k for k in tree.kids(n, ("prep",)) if tree[k].lemma in _AT_ALL and _about(tree, n, k)]
    if heads:
        yield source, {k for head in heads for k in tree.subtree(head)}


def _about(tree: Tree, n: int, k: int) -> bool:
    return tree[k].lemma != "on" or tree[n].lemma in _ON
