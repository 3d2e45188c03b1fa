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

from gradio_client import Client

HERE = "http://127.0.0.1:7860/"


def main(question: str, address: str = HERE) -> None:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # both, else gradio_client reports that it was used
    with closing(Client(address, verbose=False, analytics_enabled=False)) as whosays:
        answer = whosays.predict(question, api_name="/ask")
        for line in told(whosays, answer):
            sys.stdout.write(f"{line}\n")


def told(whosays: Client, answer: dict[str, Any]) -> Iterator[str]:
    """The answer in lines: each position, and under it its quotes with who says them and where they stand."""
    yield f"{answer['outcome']}: {answer['summary']}"
    for position in answer["positions"]:
        yield f"\n{position['label']}"
        for citation in position["citations"]:
            article = whosays.predict(citation["article"], api_name="/article")
            quote = article["text"][citation["start"] : citation["end"]]
            if quote != citation["quote"]:
                raise SystemExit(f"{citation['article']} changed while it was asked about: ask again")
            yield f"  [{citation['n']}] “{quote}”"
            yield f"      {citation['speaker'] or article['outlet'] or article['title']}, in {article['title']}"


if __name__ == "__main__":
    if not sys.argv[1:]:
        raise SystemExit('give a question, such as: python examples/ask_from_python.py "Who blocked the buses?"')
    main(*sys.argv[1:])
