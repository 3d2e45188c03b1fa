"""A suite to start from: a YAML file of questions that a library answers, for its owner to make better ones of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from evals.metrics import article_key
from rag.attribution import attribute
from rag.errors import UsageError
from rag.library import Library
from rag.settings import Settings
from rag.types import Article

MOST = 6  # questions: enough to see the form
WORDS = range(8, 41)  # of a sentence that is worth quoting

FORM = """# kind: contested (positions that cannot all be true), agreed (one answer, or several that hold together),
#       unanswerable (plausible, and no article says it: give no positions).
# Give every position that the articles take, and under it every passage that states it: the words as they stand in the
# article, by article id (`whosays sources` lists the ids). `speakers` names who says a passage; leave out the outlet's
# own words."""
HEAD = f"""# Reference questions over your library. `whosays eval THIS_FILE` answers and scores them.
#
{FORM} Ask as a reporter would, in other words than the articles'.
#
# The questions below were made from your articles by a rule. Make your own of them.

items:
"""
FOOT = """
  - id: nothing
    question: "Which of these articles tells what the mayor of the moon had for breakfast?"
    kind: unanswerable
    positions: []

# What must be reached, or `whosays eval` ends with exit code 1. Figures: see the table that it prints.
floors:
  quote fidelity: 1.0
"""


def write_new(path: Path, settings: Settings) -> str:
    """What was written, in a line. Raises UsageError where the file is there already, LibraryError without library."""
    if path.exists():
        raise UsageError(f"{path}: is there already: give --new a name that is free")
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise UsageError(f"{path}: give --new a name that ends in .yaml")
    with closing(Library.open(settings.library)) as library:
        items = list(_items(library))
    try:
        path.write_text(HEAD + "\n".join(items) + FOOT, encoding="utf-8")
    except OSError as err:
        raise UsageError(f"{path}: cannot write there ({err.strerror}): give a file in a folder of yours") from err
    return f"{path}: {len(items) + 1} questions to start from. Correct them, then: whosays eval {path}"


def _items(library: Library) -> Iterator[str]:
    """One an article, of as many as there may be: what the first that it names has to say."""
    made = 0
    for summary in library.summaries():
        if made == MOST:
            return
        article = library.article(summary.id)
        if (told := _told(library, article)) is not None:
            made += 1
            yield _item(made, article, *told)


def _told(library: Library, article: Article) -> tuple[str, str] | None:
    """(speaker, sentence) of the first sentence that somebody named says."""
    sentences = library.sentences(article.id)
    for sentence, said in zip(sentences, attribute(sentences, library.tokens(article.id), article.outlet), strict=True):
        if len(sentence.text.split()) not in WORDS or article.blocks[sentence.block].kind != "body":
            continue
        speakers = [s.attribution.speaker for s in said if s.attribution.speaker and not s.attitude]
        if speakers and speakers[0][:1].isupper():
            return speakers[0], " ".join(sentence.text.split())
    return None


def _item(n: int, article: Article, speaker: str, sentence: str) -> str:
    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)  # a JSON string is a YAML string

    key = quoted(article_key(article.id))
    return f"""  - id: q{n}
    question: {quoted(f"What does {speaker} say?")}
    kind: agreed
    positions:
      - name: "in your own words: what this passage says"
        quotes:
          {key}: [{quoted(sentence)}]
        speakers:
          {key}: {{{quoted(sentence)}: {quoted(speaker)}}}
"""
