"""Settings come from the environment alone, and a value that cannot be used is named."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import scripted

from rag.errors import SettingError
from rag.llm_reader import room
from rag.numbered import numbered, tokens
from rag.settings import LEAST_CONTEXT, Settings, read_settings


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({}).library == Path(".whosays")


def test_blank_values_count_as_unset() -> None:
    names = ("WHOSAYS_LIBRARY", "WHOSAYS_MODEL", "WHOSAYS_EMBEDDER", "WHOSAYS_THREADS", "OPENAI_BASE_URL")
    assert read_settings(dict.fromkeys(names, "  ")) == Settings()


def test_every_variable_is_obeyed() -> None:
    read = read_settings(
        {
            "WHOSAYS_LIBRARY": "/tmp/news",
            "WHOSAYS_MODEL": "small",
            "WHOSAYS_EMBEDDER": "/models/own",
            "WHOSAYS_THREADS": "2",
            "OPENAI_BASE_URL": "http://localhost:8080/v1",
            "OPENAI_API_KEY": "secret",
            "WHOSAYS_CONTEXT": "8000",
            "WHOSAYS_PATIENCE": "2.5",
            "WHOSAYS_PRICE": "0.15, 0.60",
            "WHOSAYS_KEPT": "off",
        }
    )
    assert read == Settings(
        library=Path("/tmp/news"),
        embedder="/models/own",
        model="small",
        base_url="http://localhost:8080/v1",
        key="secret",
        context=8000,
        patience=2.5,
        price=(0.15, 0.6),
        kept="off",
        threads=2,
    )


def test_the_key_is_not_printed_with_the_settings() -> None:
    assert "secret" not in repr(read_settings({"OPENAI_API_KEY": "secret"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WHOSAYS_CONTEXT", "many"),
        ("WHOSAYS_CONTEXT", "500"),
        ("WHOSAYS_CONTEXT", "2999"),
        ("WHOSAYS_PATIENCE", "0"),
        ("WHOSAYS_PATIENCE", "soon"),
        ("WHOSAYS_PRICE", "1"),
        ("WHOSAYS_PRICE", "1,-2"),
        ("WHOSAYS_PRICE", "nan,1"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{name} is {value!r}"):
        read_settings({name: value})


def test_the_least_context_holds_some_twenty_sentences_beside_instructions_and_reply() -> None:
    assert read_settings({"WHOSAYS_CONTEXT": str(LEAST_CONTEXT)}).context == LEAST_CONTEXT
    model = scripted.ScriptedModel(context=LEAST_CONTEXT)
    sentences = [
        scripted.evidence("The ferry to Norsund left an hour late, with half of its passengers on board.")
    ] * 20
    assert tokens(numbered(sentences)) <= room(model, "Who locked the harbour gates on the night of the strike?")


def test_the_home_folder_may_be_written_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ida")
    assert read_settings({"WHOSAYS_LIBRARY": "~/news"}).library == Path("/home/ida/news")


def test_the_process_environment_is_read_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOSAYS_LIBRARY", "/tmp/other")
    assert read_settings().library == Path("/tmp/other")


def test_a_stray_key_alone_sends_no_text_anywhere() -> None:
    assert read_settings({"OPENAI_API_KEY": "x", "OPENAI_BASE_URL": "https://models.example/v1"}).host is None


@pytest.mark.parametrize(
    ("base", "host"),
    [
        (None, "api.openai.com"),
        ("http://localhost:8080/v1", "localhost:8080"),
        ("https://models.example/v1", "models.example"),
    ],
)
def test_the_host_that_text_goes_to_is_named(base: str | None, host: str) -> None:
    environ = {"WHOSAYS_MODEL": "small"} | ({"OPENAI_BASE_URL": base} if base else {})
    assert read_settings(environ).host == host


@pytest.mark.parametrize("threads", ["two", "-1", "1.5", "1 2"])
def test_a_number_of_threads_that_is_none_is_refused_in_one_line(threads: str) -> None:
    with pytest.raises(SettingError) as caught:
        read_settings({"WHOSAYS_THREADS": threads})
    line = str(caught.value)
    assert "WHOSAYS_THREADS" in line
    assert repr(threads) in line
    assert "\n" not in line


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().threads = 3  # type: ignore[misc]
