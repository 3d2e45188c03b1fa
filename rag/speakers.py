"""Who a source is: from the words that name it in a sentence to the name that the article gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    female: bool
    subject: bool


class Cast:
    """Everybody an article names, in order; made once an article. Finds them by short form, role or pronoun."""

    def __init__(self, trees: Sequence[Tree], starts: Sequence[int], texts: Sequence[str]) -> None:
        self._trees, self._starts, self._texts = trees, starts, texts
        self._people = [p for n in range(len(trees)) for p in self._people_in(n)]
        self._full = self._full_names()

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
            female=title in {"mrs.", "ms.", "mrs", "ms"} or any(role.endswith("woman") for role in roles),
            subject=tree[head].dep in {"nsubj", "nsubjpass"},
        )

    def _text(self, n: int, start: int, end: int) -> str:
        tree = self._trees[n]
        return self._texts[n][tree[start].start : tree[end - 1].end]

    def _full_names(self) -> dict[str, str]:
        """Short form → the longest name that ends in it, where the article has one such name alone."""
        longer: dict[str, set[str]] = {}
        for name in {p.name for p in self._people}:
            words = name.split()
            for cut in range(1, len(words)):
                longer.setdefault(" ".join(words[cut:]).lower(), set()).add(name)
        return {short: names.pop() for short, names in longer.items() if len(names) == 1}

    def full(self, name: str) -> str:
        return self._full.get(name.lower(), name)

    # --- mentions -----------------------------------------------------------------------------

    def mention(self, n: int, head: int, last: Mention | None) -> Mention:
        """The source whose head is token `head` of sentence `n`; `last` is the article's last speaker before it."""
        tree = self._trees[n]
        lemma = tree[head].text.lower()
        if lemma in cues.RELATIVE:
            antecedent = _antecedent(tree, head)
            resolved = None if antecedent is None else self._noun(n, antecedent)
            return self._pronoun(n, head, resolved)
        if tree[head].pos == "PRON" and lemma in cues.PRONOUNS:
            return self._pronoun(n, head, self._who(n, head, lemma, last))
        return self._noun(n, head)

    def _pronoun(self, n: int, head: int, who: Mention | None) -> Mention:
        token, at = self._trees[n][head], self._starts[n]
        if who is None:
            return Mention(at + token.start, at + token.end, None)
        return Mention(at + token.start, at + token.end, who.name, who.person, who.plural)

    def _who(self, n: int, head: int, pronoun: str, last: Mention | None) -> Mention | None:
        if pronoun in cues.SINGULAR_MALE | cues.SINGULAR_FEMALE:
            return self._he_or_she(n, head, pronoun in cues.SINGULAR_FEMALE, last)
        if last is None or n - self._sentence_of(last) > _MEMORY:
            return None
        if pronoun in cues.PLURAL:
            return last if last.plural else None
        return last if pronoun in cues.NEUTER and not last.person and not last.plural else None

    def _sentence_of(self, mention: Mention) -> int:
        return max((n for n, start in enumerate(self._starts) if start <= mention.start), default=0)

    def _he_or_she(self, n: int, head: int, female: bool, last: Mention | None) -> Mention | None:
        at = self._starts[n] + self._trees[n][head].start
        known = {self.full(p.name) for p in self._people if p.female}
        near = [p for p in self._people if n - _MEMORY <= p.sentence and p.start < at]
        if female:
            near = [p for p in near if self.full(p.name) in known] or near
        else:
            near = [p for p in near if self.full(p.name) not in known]
        if last is not None and last.person and n - self._sentence_of(last) <= _MEMORY:
            between = [p for p in near if p.start > last.start and p.subject and p.name != last.name]
            if (not between and (last.name in known) == female) or not near:
                return last
        subjects = [p for p in near if p.subject] or near
        if not subjects:
            return None
        return Mention(subjects[-1].start, subjects[-1].start, self.full(subjects[-1].name), person=True)

    def _noun(self, n: int, head: int) -> Mention:
        tree, at = self._trees[n], self._starts[n]
        whole = _phrase(tree, head)
        start, end = at + tree[whole[0]].start, at + tree[whole[1] - 1].end
        person = _named_person(tree, head)
        if person is not None and not tree.kids(head, ("conj",)):
            return Mention(start, end, self.full(self._text(n, *person)), person=True)
        shown = _shown(tree, head)
        name = self._text(n, *shown)
        role = self._by_role(n, tree, head)
        if role is not None:
            return Mention(start, end, role, person=True)
        plural = tree[head].tag in {"NNS", "NNPS"} or bool(tree.kids(head, ("conj",)))
        return Mention(start, end, self.full(name) if tree[head].pos == "PROPN" else name, plural=plural)

    def _by_role(self, n: int, tree: Tree, head: int) -> str | None:
        """ "the spokesman" → the last person whom the article called one."""
        the = next((k for k in tree.kids(head, ("det",)) if tree[k].lemma == "the"), None)
        if tree[head].tag != "NN" or the is None:
            return None
        at = self._starts[n] + tree[head].start
        known = [p for p in self._people if p.start < at and tree[head].lemma in p.roles]
        return self.full(known[-1].name) if known else None


def _entity_runs(tree: Tree, label: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for i, token in enumerate(tree.tokens):
        if token.ent != label or token.tag == "POS" or token.pos == "PUNCT" or token.text.lower() in _TITLES:
            continue
        if found and found[-1][1] == i:
            found[-1] = (found[-1][0], i + 1)
        else:
            found.append((i, i + 1))
    return found


def _antecedent(tree: Tree, pronoun: int) -> int | None:
    return next((tree[a].head for a in tree.ancestors(pronoun) if tree[a].dep == "relcl"), None)


def _named_person(tree: Tree, head: int) -> tuple[int, int] | None:
    """The person named by the phrase: at its head, in its title, or in its apposition."""
    runs = _entity_runs(tree, "PERSON")
    near = [head, *tree.kids(head, ("appos", "compound", "nmod"))]
    for i in near:
        if i != head and tree[i].dep != "appos" and tree[head].pos == "NOUN" and i < head:
            continue  # "Assad officials" are not Assad
        found = next((run for run in runs if run[0] <= i < run[1]), None)
        if found is not None:
            return found
    return None


def _phrase(tree: Tree, head: int) -> tuple[int, int]:
    """The words of a source, without relative clauses."""
    out = tree.kids(head, ("relcl", "acl", "punct"))
    inside = tree.subtree(head, without=out)
    start = head
    while start - 1 in inside:
        start -= 1
    end = head + 1
    while end in inside:
        end += 1
    return start, end


def _shown(tree: Tree, head: int) -> tuple[int, int]:
    """What of a source's words is shown: no article, no apposition, no long tail."""
    start, end = _phrase(tree, head)
    tail = [k for k in tree.kids(head, ("prep", "appos", "advmod", "cc", "conj", "npadvmod")) if k > head]
    for k in tail:
        branch = tree.subtree(k)
        if tree[k].dep in {"appos", "advmod", "npadvmod"} or (tree[k].dep == "prep" and len(branch) > 7):
            end = min(end, min(branch))
    while start < head and (
        (tree[start].dep == "det" and tree[start].lemma in {"the", "a", "an"}) or _skipped(tree, start)
    ):
        start += 1
    while end > head + 1 and tree[end - 1].pos in {"PUNCT", "CCONJ"}:
        end -= 1
    return start, end


def _skipped(tree: Tree, i: int) -> bool:
    return tree[i].pos in {"PUNCT", "SPACE", "CCONJ", "SCONJ"} or tree[i].tag in {"PRP$", "POS"}
