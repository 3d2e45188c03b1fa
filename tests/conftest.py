"""What every test stands on: no network, and the slow things made once a session."""

from __future__ import annotations

import ipaddress
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytest_plugins = ["browser"]  # tests/browser.py


def stays_here(host: object) -> bool:
    """Whether a host is this machine: loopback by name or number, or the "any" address that a server listens on."""
    if host in (None, "", "localhost", b"localhost"):
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@pytest.fixture(scope="session", autouse=True)
def network_attempts() -> Iterator[list[str]]:
    """Refuses every way out of this machine for the whole session, and remembers who tried. Not seen: subprocesses."""
    tried: list[str] = []

    def refuse(what: str, host: object) -> None:
        tried.append(f"{what} {host}")
        raise ConnectionRefusedError(f"tests need no network: {what} {host!r} was refused")

    def guarded(method: str) -> Any:
        real = getattr(socket.socket, method)

        def call(self: socket.socket, *args: Any) -> Any:
            address = args[-1]
            if self.family in (socket.AF_INET, socket.AF_INET6) and not stays_here(address[0]):
                refuse(method, address[0])
            return real(self, *args)

        return call

    real_lookup = socket.getaddrinfo

    def lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not stays_here(host):
            refuse("looking up", host)
        return real_lookup(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        for method in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, method, guarded(method))
        patch.setattr(socket, "getaddrinfo", lookup)
        yield tried


@pytest.fixture(autouse=True)
def no_network(network_attempts: list[str]) -> Iterator[list[str]]:
    """Fails the test that tried to leave this machine, also where the code under test swallowed the refusal."""
    network_attempts.clear()
    yield network_attempts
    assert not network_attempts, f"tests need no network, but something tried: {', '.join(network_attempts)}"


@pytest.fixture(scope="session")
def parser() -> Any:
    """The real parser: it takes seconds to load, so once a session."""
    from rag.parse import Parser

    with warnings.catch_warnings():
        # spaCy looks through its plug-ins when a model loads, and finds pysbd, whose source Python warns about.
        warnings.filterwarnings("ignore", message="invalid escape sequence")
        return Parser()


def build_library(home: Path, articles: Path, parser: Any) -> Any:
    """A real library of `articles`, open for reading, with its embedder."""
    from rag.index import Index
    from rag.models import OnnxEmbedder, embedder_weights

    embedder = OnnxEmbedder(embedder_weights())
    with Index.open(home / "library", embedder, create=True) as index:
        report = index.ingest([articles], None, lambda: parser)
        assert not report.problems, report.problems
    return Index.open(home / "library", embedder)


def with_reader(index: Any) -> Any:
    """The tools that answer over it, with the reader that ships."""
    from rag.ask import Tools
    from rag.settings import Settings

    return Tools(index, index.embedder, shipped_reader(), Settings(library=index.folder))


def shipped_reader() -> Any:
    """The trained reader. A pin that is set and a file that is missing fail; only before there is a pin it skips."""
    from rag.models import READER, OnnxReader, reader_weights

    if READER.startswith("@"):
        pytest.skip("no reader is pinned in rag/models.py yet")
    return OnnxReader(reader_weights())


@pytest.fixture(scope="session")
def reader() -> Any:
    return shipped_reader()


@pytest.fixture(scope="session")
def harbour_index(tmp_path_factory: pytest.TempPathFactory, parser: Any) -> Iterator[Any]:
    """Four articles of our own about a locked harbour, ingested by the real models."""
    import scripted

    home = tmp_path_factory.mktemp("harbour")
    scripted.write_harbour(home / "articles")
    with build_library(home, home / "articles", parser) as index:
        yield index


@pytest.fixture(scope="session")
def harbour_tools(harbour_index: Any) -> Any:
    return with_reader(harbour_index)


@pytest.fixture(scope="session")
def bundled_tools(tmp_path_factory: pytest.TempPathFactory, parser: Any) -> Iterator[Any]:
    """The sample articles that ship with the program."""
    with build_library(tmp_path_factory.mktemp("bundled"), ROOT / "corpus", parser) as index:
        yield with_reader(index)


@pytest.fixture
def own_tools(bundled_tools: Any, tmp_path: Path) -> Iterator[Any]:
    """The same over a copy of their library that a test may change."""
    import shutil

    from rag.ask import Tools
    from rag.index import Index

    home = tmp_path / "library"
    shutil.copytree(bundled_tools.index.folder, home, ignore=shutil.ignore_patterns("*.lock", "writer.json"))
    with Index.open(home, bundled_tools.embedder) as index:
        yield Tools(index, index.embedder, bundled_tools.reader, bundled_tools.settings)


@pytest.fixture(scope="session")
def aleppo_tools(tmp_path_factory: pytest.TempPathFactory, parser: Any) -> Iterator[Any]:
    """The real articles, where this checkout has them beside it: their text is not ours to ship."""
    articles = ROOT.parent / "shared" / "corpus" / "aleppo"
    if not articles.is_dir():
        pytest.skip("the real Aleppo articles are not beside this checkout")
    with build_library(tmp_path_factory.mktemp("aleppo"), articles, parser) as index:
        yield with_reader(index)
