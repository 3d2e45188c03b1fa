"""Ask a Whosays that is being served, from Python, and find each quote again in its article.

    whosays serve                                                    # in another terminal
    python examples/ask_from_python.py "Who blocked the buses?" [http://127.0.0.1:7860/]

It needs `pip install gradio_client`, and nothing else of Whosays.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

HERE = "http://127.0.0.1:7860/"


def main(question: str, address: str = HERE) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when it is imported: else gradio_client tells its makers that it is used
    from gradio_client import Client

    with closing(Client(address, verbose=False)) as whosays:
        answer = whosays.predict(question, api_name="/ask")
        for line in told(whosays, answer):
            sys.stdout.write(f"{line}\n")


def told(whosays: Any, answer: dict[str, Any]) -> Iterator[str]:
    """The answer in lines: each position, and under it its quotes with who says them and in which article."""
    yield f"{answer['outcome']}: {answer['summary']}"
    for position in answer["positions"]:
        yield f"\n{position['label']}"
        for citation in position["citations"]:
            article = whosays.predict(citation["article"], api_name="/article")
            quote = article["text"][citation["start"] : citation["end"]]
            if quote != citation["quote"]:
                raise SystemExit(f"{citation['article']} changed while it was asked about: ask again")
            yield f"  [{citation['n']}] “{quote}”"
            yield f"      {citation['speaker'] or article['outlet'] or 'the article itself'}, in {article['title']}"


if __name__ == "__main__":
    if not sys.argv[1:]:
        raise SystemExit('give a question, such as: python examples/ask_from_python.py "Who blocked the buses?"')
    main(*sys.argv[1:])
