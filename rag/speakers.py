"""Who a source is: from the words that name it in a sentence to the name that the article gives it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag import cues
from rag.trees import Tree

_TITLES = frozenset({"mr.", "mrs.", "ms.", "mr", "mrs", "ms", "dr.", "dr", "sir"})
_NAME = frozenset(
    {"compound", "amod", "nmod", "poss", "nummod", "quantmod", "advmod", "case", "punct", "cc", "conj", "det"}
)
_MEMORY = 3  # sentences that a pronoun looks back


@dataclass(frozen=True, slots=True)
class Mention:
    """One source as its sentence names it."""

    start: int  # article offsets of the surface words, for a pronoun the pronoun
    end: int
    name: str | None  # the name to show, verbatim in the article; None for a pronoun that stays open
    person: bool = False
    plural: bool = False

    @property
    def unnamed(self) -> bool:
        """Whether it stands for nobody in particular: "residents", "sources on the ground"."""
        if self.name is None:
            return True
        words = self.name.split()
        return (not any(word[:1].isupper() for word in words[1:]) and _singular(words[-1]) in cues.UNNAMED) or any(
            _singular(word) in {"source", "resident", "witness"} for word in words
        )


def _singular(word: str) -> str:
    word = word.lower().strip(",.")
    return (
        word[:-2] if word.endswith(("sses",)) else word[:-1] if word.endswith("s") and word not in {"witness"} else word
    )


@dataclass(frozen=True, slots=True)
class _Person:
    sentence: int
    start: int  # article offset
    name: str
    roles: frozenset[str]  # lemmas of what the article calls them: "spokesman", "lawyer"
    male: bool
    female: bool
    subject: bool


class Cast:
    """Everybody an article names, in order; made once an article. Finds them by short form, role or pronoun."""

    def __init__(
        self,
        trees: Sequence[Tree],
        starts: Sequence[int],
        texts: Sequence[str],
        quotations: Sequence[tuple[int, int]] = (),
    ) -> None:
        """One tree, start (article offset) and text a sentence; `quotations` are the article's, in order."""
        self._trees, self._starts, self._texts = trees, starts, texts
        self._opens = [start for start, _ in quotations]
        self._closes = [end for _, end in quotations]
        self._people = [p for n in range(len(trees)) for p in self._people_in(n)]
        self._full = self._full_names()
        called_she, called_he = self._called()
        self._female = {self.full(p.name) for p in self._people if p.female} | called_she
        self._male = {self.full(p.name) for p in self._people if p.male} | (called_he - self._female)

    def _called(self) -> tuple[set[str], set[str]]:
        """Who is called "she", and who "he": those alone in a sentence that so begins and the one before it."""
        votes: dict[str, int] = {}
        for n, tree in enumerate(self._trees):
            spoken = {t.text.lower() for t in tree.tokens[:1]} & {"she", "he"}
            named = {self.full(p.name) for p in self._people if n - 1 <= p.sentence <= n and " " in self.full(p.name)}
            if spoken and len(named) == 1:
                (name,) = named
                votes[name] = votes.get(name, 0) + (1 if "she" in spoken else -1)
        return {name for name, v in votes.items() if v > 0}, {name for name, v in votes.items() if v < 0}

    # --- names --------------------------------------------------------------------------------

    def _people_in(self, n: int) -> list[_Person]:
        tree = self._trees[n]
        return [self._person(n, tree, *run) for run in _entity_runs(tree, "PERSON")]

    def _person(self, n: int, tree: Tree, start: int, end: int) -> _Person:
        head = tree.head_of(start, end)
        around = [*tree.kids(head, ("compound", "appos", "nmod", "amod")), tree[head].head] if len(tree) else []
        roles = {tree[k].lemma for k in around if not start <= k < end and tree[k].pos in {"NOUN", "PROPN"}}
        title = tree[start - 1].text.lower() if start else ""
        return _Person(
            sentence=n,
            start=self._starts[n] + tree[start].start,
            name=self._text(n, start, end),
            roles=frozenset(roles),
            male=title in {"mr.", "mr"} or any(role.endswith(("sman", "rman")) for role in roles),
            female=title in {"mrs.", "ms.", "mrs", "ms"} or any(role.endswith("woman") for role in roles),
            subject=tree[head].dep in {"nsubj", "nsubjpass"} and not self._quoted(self._starts[n] + tree[start].start),
        )

    def _quoted(self, at: int) -> bool:
        """Whether an offset is inside a quotation: who is named there is spoken of, and does not speak next."""
        k = bisect_right(self._opens, at) - 1
        return k >= 0 and at < self._closes[k]

    def _text(self, n: int, start: int, end: int) -> str:
        """The words as one line: a hard-wrapped article may break a name in two."""
        tree = self._trees[n]
        return " ".join(self._texts[n][tree[start].start : tree[end - 1].end].split())

    def _full_names(self) -> dict[str, str]:
        """Short form → the longest name that ends in it, where the article has one such name alone."""
        longer: dict[str, set[str]] = {}
        for name in {p.name for p in self._people if p.name[:1].isupper()}:
            words = name.split()
            for cut in range(1, len(words)):
                longer.setdefault(" ".join(words[cut:]).lower(), set()).add(name)
        return {short: names.pop() for short, names in longer.items() if len(names) == 1}

    def full(self, name: str) -> str:
        return self._full.get(name.lower(), name)

    # --- mentions -----------------------------------------------------------------------------

    def mention(
        self,
        n: int,
        head: int,
        last: Mention | None = None,
        words: tuple[int, int] | None = None,
        nested: bool = False,
    ) -> Mention:
        """The source whose head is token `head` of sentence `n`; `last` is the article's last speaker before it,
        or (`nested`) the one inside whose words it stands; `words` are its tokens, where the parse is not trusted.
        """
        tree = self._trees[n]
        lemma = tree[head].text.lower()
        if lemma in cues.RELATIVE:
            antecedent = _antecedent(tree, head)
            resolved = None if antecedent is None else self._noun(n, antecedent)
            return self._pronoun(n, head, resolved)
        if tree[head].pos == "PRON" and lemma in cues.PRONOUNS:
            return self._pronoun(n, head, self._who(n, head, lemma, last, nested))
        return self._noun(n, head, words, last)

    def _pronoun(self, n: int, head: int, who: Mention | None) -> Mention:
        token, at = self._trees[n][head], self._starts[n]
        if who is None:
            return Mention(at + token.start, at + token.end, None)
        return Mention(at + token.start, at + token.end, who.name, who.person, who.plural)

    def _who(self, n: int, head: int, pronoun: str, last: Mention | None, nested: bool) -> Mention | None:
        if pronoun in cues.SINGULAR_MALE | cues.SINGULAR_FEMALE:
            female = pronoun in cues.SINGULAR_FEMALE
            if nested and last is not None and last.person and self._is_female(last.name) == female:
                return last  # "X said he thought ..."
            return self._he_or_she(n, head, female, last)
        if last is None or n - self._sentence_of(last) > _MEMORY:
            return None
        if pronoun in cues.PLURAL:
            return last if last.plural else None
        if pronoun not in cues.NEUTER:
            return None
        before = self._body_before(n)
        if before is not None and self._sentence_of(last) < before[0]:
            return before[1]
        return last if not last.plural and not (last.person and self._surely_a_person(last.name)) else None

    def _body_before(self, n: int) -> tuple[int, Mention] | None:
        """The firm, ministry or agency that the sentence before is about: "it" is that, whoever spoke before."""
        if not n:
            return None
        tree = self._trees[n - 1]
        subject = tree.kid(tree.root(), ("nsubj", "nsubjpass")) if len(tree) else None
        if subject is None or tree[subject].pos != "PROPN" or tree[subject].ent == "PERSON":
            return None
        if tree[subject].tag == "NNPS" or self._quoted(self._starts[n - 1] + tree[subject].start):
            return None
        return n - 1, self._noun(n - 1, subject)

    def _surely_a_person(self, name: str | None) -> bool:
        """A lone capital may be a firm that was taken for somebody; who has two names, or a gender, is a person."""
        return name is not None and (" " in name or name in self._female | self._male)

    def _sentence_of(self, mention: Mention) -> int:
        return bisect_right(self._starts, mention.start) - 1

    def _is_female(self, name: str | None) -> bool:
        return name is not None and self.full(name) in self._female

    def _he_or_she(self, n: int, head: int, female: bool, last: Mention | None) -> Mention | None:
        at = self._starts[n] + self._trees[n][head].start
        near = [p for p in self._people if n - _MEMORY <= p.sentence and p.start < at]
        if female:
            near = [p for p in near if self._is_female(p.name)] or [
                p for p in near if self.full(p.name) not in self._male
            ]
        else:
            near = [p for p in near if not self._is_female(p.name)]
        if last is not None and last.person and n - self._sentence_of(last) <= _MEMORY:
            between = [p for p in near if p.start > last.start and p.subject and p.name != last.name]
            if (not between and self._is_female(last.name) == female) or not near:
                return last
        subjects = [p for p in near if p.subject]
        if not subjects:
            return None
        return Mention(subjects[-1].start, subjects[-1].start, self.full(subjects[-1].name), person=True)

    def _noun(self, n: int, head: int, words: tuple[int, int] | None = None, last: Mention | None = None) -> Mention:
        tree, at = self._trees[n], self._starts[n]
        whole = words or _phrase(tree, head)
        start, end = at + tree[whole[0]].start, at + tree[whole[1] - 1].end
        joined = any(tree[i].pos == "CCONJ" for i in range(*words)) if words else bool(tree.kids(head, ("conj",)))
        person = _person_in(tree, head, words)
        if person is not None and not joined:
            return Mention(start, end, self.full(self._text(n, *person)), person=True)
        role = self._by_role(n, tree, head)
        if role is not None:
            return Mention(start, end, role, person=True)
        if last is not None and _meant_before(tree, head, last):
            return replace(last, start=start, end=end)
        if tree[head].lemma in cues.PRONOUNS:
            return Mention(start, end, None)  # "those", "one": nobody to show
        name = self._text(n, *_shown(tree, head, words))
        plural = joined or tree[head].tag in {"NNS", "NNPS"}
        return Mention(start, end, self.full(name) if tree[head].pos == "PROPN" else name, plural=plural)

    def _by_role(self, n: int, tree: Tree, head: int) -> str | None:
        """ "the spokesman" → the last person whom the article called one."""
        the = next((k for k in tree.kids(head, ("det",)) if tree[k].lemma == "the"), None)
        if tree[head].tag != "NN" or the is None:
            return None
        at = self._starts[n] + tree[head].start
        known = [p for p in self._people if p.start < at and tree[head].lemma in p.roles]
        return self.full(known[-1].name) if known else None


def _meant_before(tree: Tree, head: int, last: Mention) -> bool:
    """ "the source", where the last to speak was "a hospital source"."""
    the = any(tree[k].lemma == "the" for k in tree.kids(head, ("det",)))
    alone = all(tree[k].dep == "det" or k > head for k in tree.kids(head))
    same = last.name is not None and last.name.split()[-1].lower() == tree[head].text.lower()
    return the and alone and same and tree[head].pos == "NOUN"


def _entity_runs(tree: Tree, label: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for i, token in enumerate(tree.tokens):
        joint = token.pos != "PUNCT" or _hyphen(tree, i)
        if token.ent != label or token.tag in {"POS", "CD"} or not joint or token.text.lower() in _TITLES:
            continue
        if found and found[-1][1] == i:
            found[-1] = (found[-1][0], i + 1)
        else:
            found.append((i, i + 1))
    return found


def _antecedent(tree: Tree, pronoun: int) -> int | None:
    return next((tree[a].head for a in tree.ancestors(pronoun) if tree[a].dep == "relcl"), None)


def _person_in(tree: Tree, head: int, words: tuple[int, int] | None) -> tuple[int, int] | None:
    """The person named by a source: at its head, after its title ("spokesman Smith"), or in apposition."""
    runs = [run for run in _entity_runs(tree, "PERSON") if words is None or words[0] <= run[0] < words[1]]
    runs = [run for run in runs if not (run[1] - run[0] == 1 and run[0] and tree[run[0] - 1].pos == "DET")]
    if tree[head].lemma in cues.ROLES and tree[head].tag == "NN":
        named = [
            run for run in runs if run[1] == head and run[1] - run[0] > 1
        ]  # "Jane Doe director of", without a comma
        if named:
            return named[0]
    if words is not None:
        beside = [run for run in runs if run[1] < words[1] and tree[run[1]].pos == "DET"]  # "Ada Lind a spokeswoman"
        return next((run for run in runs if run[0] <= head < run[1] or run[0] > head), next(iter(beside), None))
    near = [head, *tree.kids(head, ("appos",)), *[k for k in tree.kids(head, ("compound", "nmod")) if k > head]]
    if tree[head].pos == "PROPN":
        near += tree.kids(head, ("compound", "nmod"))
    return next((run for i in near for run in runs if run[0] <= i < run[1]), None)


def _phrase(tree: Tree, head: int) -> tuple[int, int]:
    """The words of a source, without relative clauses."""
    out = [k for k in tree.kids(head, ("relcl", "acl", "punct")) if not _hyphen(tree, k)]
    inside = tree.subtree(head, without=out)
    start = head
    while start - 1 in inside:
        start -= 1
    end = head + 1
    while end in inside:
        end += 1
    return start, end


def _hyphen(tree: Tree, k: int) -> bool:
    inside = 0 < k < len(tree) - 1 and tree[k].text in {"-", "–"}
    return inside and tree[k - 1].end == tree[k].start and tree[k].end == tree[k + 1].start


def _shown(tree: Tree, head: int, words: tuple[int, int] | None = None) -> tuple[int, int]:
    """What of a source's words is shown: no article, no apposition, no day, no long tail."""
    start, end = words or _phrase(tree, head)
    for k in tree.kids(head, ("prep", "appos", "advmod", "npadvmod")) if words is None else ():
        if k > head and _aside(tree, k):
            end = min(end, min(tree.subtree(k)))
    bracket = next((i for i in range(head + 1, end) if tree[i].text in {"(", "[", "—", "–"}), end)
    end = max(head + 1, min(end, bracket))
    while start < head and _no_name(tree, start):
        start += 1
    while end > head + 1 and (tree[end - 1].pos in {"PUNCT", "CCONJ", "SPACE"} or tree[end - 1].tag == "POS"):
        end -= 1
    return start, end


def _aside(tree: Tree, k: int) -> bool:
    """Whether a branch after the head is more than its name: a day, a long tail, an apposition with a comma."""
    branch = tree.subtree(k)
    if tree[k].dep == "prep":
        named = tree[k].ent == "ORG"
        dated = any(tree[i].ent in {"DATE", "TIME"} for i in branch)
        return not named and (len(branch) > 10 or dated or any(tree[i].pos == "VERB" for i in branch))
    touching = tree[min(branch) - 1].pos not in {"PUNCT", "SPACE"}
    return not (tree[k].dep == "appos" and touching and tree[k].pos == "PROPN")


def _no_name(tree: Tree, i: int) -> bool:
    """Whether a word at the front of a name is not part of it: an article, "meanwhile", "on Monday", "his"."""
    token = tree[i]
    if i + 1 < len(tree) and _hyphen(tree, i + 1):
        return False  # "so-called"
    if token.text.lower() in {"the", "a", "an", "meanwhile", "earlier", "later", "but", "and"}:
        return True
    return (
        token.pos in {"PUNCT", "SPACE", "CCONJ", "SCONJ", "ADV"} or token.tag in {"PRP$", "POS"} or token.ent == "DATE"
    )
