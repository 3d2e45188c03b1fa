"""Addresses: what is kept of a page and under which name, where a connection may lead, how a failure is told.

Every page and every server here is the test's own. Names of the world outside stand for servers on this machine.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import ipaddress
import json
import re
import socket
import ssl
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fakes
import pytest
import scripted
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import rag.connect
import rag.fetch
import rag.models
import rag.parse
from rag import __version__, cli
from rag.connect import literal
from rag.errors import FetchError, ReadError
from rag.fetch import anywhere, fetch, public
from rag.manifest_file import note_address
from rag.readers import read
from rag.types import Article

Capture = pytest.CaptureFixture[str]

WORDS = """The ferry to Norsund stayed at the quay for nine hours on Tuesday, because the harbour gates were locked.
The port authority accused striking dockers of locking them. Their union denied it, and accused private guards."""
PAGE = """<!DOCTYPE html>
<html><head><title>Harbour gates found locked - Harbour Post</title>
<meta property="og:site_name" content="Harbour Post">
<link rel="canonical" href="https://post.example/canonical">
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Harbour gates found locked",
"datePublished": "2021-03-10T08:00:00Z"}</script></head>
<body><nav>Home Weather Sport</nav><article><h1>Harbour gates found locked</h1><p>WORDS</p>
<p>Passengers were given soup, and the harbour master promised that the gates would be open in the morning.</p>
</article></body></html>""".replace("WORDS", WORDS)
SCRIPTS = "<!DOCTYPE html><html><body><div id=app></div><script>start()</script></body></html>"
HERE = ipaddress.ip_address("127.0.0.1")
FAR = "93.184.215.14"  # a number of the public internet; in these tests it stands for a server of this machine


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "fetched"


def fetched(address: str, folder: Path, **options: Any) -> Article:
    """The article that the readers find in the file that was fetched."""
    (article,) = read(fetch(address, folder, anywhere, **options)).articles
    return article


def refusal(address: str, folder: Path, may_connect: Any = anywhere, **options: Any) -> str:
    """Why an address could not be fetched: one line that begins with it."""
    with pytest.raises(FetchError) as caught:
        fetch(address, folder, may_connect, **options)
    told = str(caught.value)
    assert told.isprintable(), told
    return told.removeprefix(f"{address}: ")


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def serve(httpserver: HTTPServer, content: str | bytes = PAGE, kind: str = "text/html", path: str = "/story") -> str:
    httpserver.clear()
    httpserver.expect_request(path).respond_with_data(content, content_type=kind)
    return httpserver.url_for(path)


# --- what is kept -----------------------------------------------------------------------------


def test_an_article_carries_the_address_it_was_asked_for_and_what_its_page_says(
    httpserver: HTTPServer, folder: Path
) -> None:
    address = serve(httpserver)
    article = fetched(address, folder)
    assert (article.title, article.outlet) == ("Harbour gates found locked", "Harbour Post")
    assert article.published == dt.date(2021, 3, 10)
    assert article.url == address  # and not the one that the page calls canonical
    assert "striking dockers" in article.text
    assert "Weather" not in article.text


def test_a_page_that_names_no_outlet_has_none(httpserver: HTTPServer, folder: Path) -> None:
    article = fetched(serve(httpserver, WORDS, "text/plain"), folder)
    assert (article.outlet, article.published) == (None, None)


def test_the_same_address_is_the_same_file_and_the_new_page_takes_the_place_of_the_old(
    httpserver: HTTPServer, folder: Path
) -> None:
    address = serve(httpserver)
    first = fetch(address, folder, anywhere)
    serve(httpserver, PAGE.replace("nine hours", "ten hours"))
    for spelling in (address, f"{address}#comments", address.replace("http", "HTTP").replace("localhost", "LOCALHOST")):
        assert fetch(spelling, folder, anywhere) == first
    assert b"ten hours" in first.read_bytes()
    assert sorted(path.name for path in first.parent.iterdir()) == sorted(["manifest.csv", first.name])


def test_another_query_is_another_page(httpserver: HTTPServer, folder: Path) -> None:
    address = serve(httpserver)
    assert len({fetch(f"{address}{query}", folder, anywhere) for query in ("", "?page=1", "?page=2")}) == 3


def test_corrections_in_the_manifest_stay_when_the_page_is_fetched_again(httpserver: HTTPServer, folder: Path) -> None:
    address = serve(httpserver)
    path = fetch(address, folder, anywhere)
    manifest = path.parent / "manifest.csv"
    manifest.write_text(f"file,outlet,seen by,url\n{path.name},Norsund Post,Ida,{address}\n", encoding="utf-8")
    before = manifest.read_bytes()
    assert fetched(address, folder).outlet == "Norsund Post"
    assert manifest.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [(PAGE, "text/html", 500), (SCRIPTS, "text/html", 200), ("%PDF", "application/pdf", 200), ("", "text/html", 200)],
)
def test_a_fetch_that_fails_leaves_what_was_there(
    content: str, kind: str, status: int, httpserver: HTTPServer, folder: Path
) -> None:
    address = serve(httpserver)
    fetch(address, folder, anywhere)
    before = everything(folder)
    httpserver.clear()
    httpserver.expect_request("/story").respond_with_data(content, status=status, content_type=kind)
    refusal(address, folder)
    assert everything(folder) == before


def test_a_fetch_that_fails_makes_no_folder(httpserver: HTTPServer, folder: Path) -> None:
    refusal(serve(httpserver, SCRIPTS), folder)
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_one_line(httpserver: HTTPServer, folder: Path) -> None:
    folder.write_text("a file stands in the way", encoding="utf-8")
    assert "cannot be kept in" in refusal(serve(httpserver), folder)


def test_a_manifest_that_cannot_be_read_is_one_line_and_the_page_stays(httpserver: HTTPServer, folder: Path) -> None:
    address = serve(httpserver)
    path = fetch(address, folder, anywhere)
    (path.parent / "manifest.csv").write_text("name,address\n", encoding="utf-8")
    before = everything(folder)
    serve(httpserver, PAGE.replace("nine hours", "ten hours"))
    assert "must name the column file" in refusal(address, folder)
    assert everything(folder) == before


def test_many_may_fetch_at_once(httpserver: HTTPServer, folder: Path) -> None:
    serve(httpserver, PAGE, path="/same")
    httpserver.expect_request(re.compile("/other.*")).respond_with_data(PAGE, content_type="text/html")
    addresses = [httpserver.url_for("/same")] * 4 + [httpserver.url_for(f"/other{n}") for n in range(4)]
    done: list[Path] = []
    threads = [threading.Thread(target=lambda a=each: done.append(fetch(a, folder, anywhere))) for each in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 8
    assert len(set(done)) == 5
    assert {read(path).articles[0].url for path in done} == set(addresses)


# --- names ------------------------------------------------------------------------------------


def placed(address: str) -> Path:
    return rag.fetch._place(rag.fetch._understood(address)[1], ".html")


def test_a_file_is_named_by_host_and_path() -> None:
    assert placed("https://www.post.example/2021/03/gates-locked.html?from=home").name == (
        "post-example-2021-03-gates-locked.html"
    )
    assert placed("https://post.example/").name == "post-example-page.html"
    assert placed("https://post.example") == placed("https://post.example:443/")
    long = placed(f"https://post.example/{'section/' * 40}gates-found-locked").stem
    assert len(long) <= rag.fetch.SLUG
    assert long.endswith("gates-found-locked")


parts = st.text(st.characters(codec="utf-8", exclude_characters="/?#", exclude_categories=["Cc"]), max_size=30)
hosts = st.from_regex(r"[a-z0-9]{1,12}(\.[a-z0-9]{1,12}){0,2}\.?[a-z]{2,6}", fullmatch=True)
addresses = st.builds(
    lambda scheme, host, path, query: f"{scheme}://{host}/{'/'.join(path)}{'?' + query if query else ''}",
    st.sampled_from(["http", "https"]),
    hosts | st.sampled_from(["con", "nul.example", "manifest", "aliases"]),
    st.lists(parts, max_size=4),
    parts,
)


@given(addresses)
def test_a_name_is_fit_for_every_file_system_and_stable(address: str) -> None:
    place = placed(address)
    assert re.fullmatch(r"[0-9a-f]{12}", place.parent.name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+\.html", place.name)
    assert len(place.name) <= rag.fetch.SLUG + 5
    assert placed(rag.fetch._address(rag.fetch._understood(address)[1])) == place


@given(st.lists(addresses, min_size=2, max_size=10))
def test_different_addresses_never_share_a_file(given: list[str]) -> None:
    different = {rag.fetch._address(rag.fetch._understood(address)[1]) for address in given}
    assert len({placed(address) for address in different}) == len(different)


@given(st.text(max_size=60) | st.builds("{}://{}{}".format, st.sampled_from(["http", "https"]), parts, parts))
def test_whatever_is_typed_is_an_address_or_one_typed_error(typed: str) -> None:
    try:
        name, url = rag.fetch._understood(typed)
    except FetchError as error:
        name, url = str(error), None
    assert name.isprintable()
    assert url is None or (url.scheme in ("http", "https") and url.host and not url.userinfo)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ftp://post.example/story", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("https:/post.example", "no whole address"),
        ("https://", "no whole address"),
        ("post.example/story", "only http and https"),
        ("http://[::1", "no address that can be read"),
        ("http://post.example:eighty/", "no address that can be read"),
        ("http://300.1.1.1/", "no address that can be read"),
        ("http://post.example:99999/", "no whole address"),
    ],
)
def test_what_is_no_address_is_one_line(address: str, why: str, folder: Path) -> None:
    assert refusal(address, folder).startswith(why)


@pytest.mark.parametrize(
    "address",
    [
        "https://ida:hush@post.example/",
        "https://hush@post.example/@me",
        "https://ida:hu/sh@post.example:x/",
        "ftp://ida:hush@post.example/",
        "ida:hush@post.example/",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(address: str, folder: Path) -> None:
    told = refusal(address, folder)
    assert "sh@" not in told
    assert "post.example/" in told or "post.example:x/" in told


def test_an_at_sign_in_a_path_is_no_password(httpserver: HTTPServer, folder: Path) -> None:
    assert fetched(serve(httpserver, path="/@ida/story"), folder).title == "Harbour gates found locked"


# --- kinds of page, and how they are written --------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "path", "ending"),
    [
        ("text/html", "/story", ".html"),
        ("Text/HTML ; charset=utf-8", "/story.php", ".html"),
        ("application/xhtml+xml", "/story", ".html"),
        ("text/plain", "/story", ".txt"),
        ("text/plain; charset=utf-8", "/raw/story.md", ".md"),
        ("text/markdown", "/story", ".md"),
        ("text/csv", "/table", ".csv"),
        ("application/x-ndjson", "/rows", ".jsonl"),
        ("text/plain", "/rows.jsonl", ".jsonl"),
    ],
)
def test_the_type_of_a_page_gives_its_ending(
    kind: str, path: str, ending: str, httpserver: HTTPServer, folder: Path
) -> None:
    content = {".html": PAGE, ".csv": f'text\n"{WORDS}"\n', ".jsonl": json.dumps({"text": WORDS})}.get(ending, WORDS)
    address = serve(httpserver, content, kind, path)
    file = fetch(address, folder, anywhere)
    assert file.suffix == ending
    assert read(file).articles[0].url == address


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "application/octet-stream", "video/mp4; codecs=x"])
def test_any_other_type_is_refused_by_name(kind: str, httpserver: HTTPServer, folder: Path) -> None:
    assert f"it is {kind.partition(';')[0]};" in refusal(serve(httpserver, b"%PDF-1.7", kind), folder)


GREEK = "Το πλοίο για το Νόρσουντ έμεινε εννέα ώρες στο λιμάνι, επειδή οι πύλες του λιμανιού ήταν κλειδωμένες."
CAFE = "The café’s naïve owner said: “the gates were locked when I came, and nobody on the quay could say by whom.”"
KANJI = "港の門は火曜日に閉ざされていた。船は九時間出られなかった。組合は警備員が門を閉めたと述べた。"


def in_page(words: str, declared: str | None) -> str:
    meta = f'<meta charset="{declared}">' if declared else ""
    return f"<html><head>{meta}<title>Gates</title></head><body><article><p>{words}</p></article></body></html>"


@pytest.mark.parametrize(
    ("words", "written", "header", "declared"),
    [
        (GREEK, "iso-8859-7", "iso-8859-7", None),  # the header alone says it
        (GREEK, "iso-8859-7", "ISO-8859-7", "utf-8"),  # and the page contradicts it
        (GREEK, "iso-8859-7", "iso-8859-7", "windows-1252"),
        (GREEK, "iso-8859-7", None, "iso-8859-7"),  # the page alone says it
        (GREEK, "iso-8859-7", "unicode_escape", "iso-8859-7"),  # the header names nothing that pages are written in
        (GREEK, "iso-8859-7", "nonsense", "iso-8859-7"),
        (GREEK, "utf-8", "iso-8859-1", None),  # the header is wrong, as a server's default often is
        (GREEK, "utf-8", "utf-8", "iso-8859-7"),
        (GREEK, "utf-16-le", "utf-16le", None),
        (GREEK, "utf-16", "iso-8859-7", None),  # a byte order mark stands over the header
        (CAFE, "cp1252", "iso-8859-1", None),  # which browsers read as Windows-1252
        (CAFE, "cp1252", "us-ascii", "utf-8"),
        (KANJI, "iso-2022-jp", "iso-2022-jp", None),  # in bytes of ASCII
        (KANJI, "shift_jis", '"Shift_JIS"', "euc-jp"),
        ("The gates were locked, and nobody could say by whom.", "ascii", "utf-8", "iso-2022-jp"),
    ],
)
def test_no_page_is_read_in_another_encoding_than_its_server_says(
    words: str, written: str, header: str | None, declared: str | None, httpserver: HTTPServer, folder: Path
) -> None:
    kind = f"text/html; charset={header}" if header else "text/html"
    article = fetched(serve(httpserver, in_page(words, declared).encode(written), kind), folder)
    assert words in article.text


def test_a_text_in_another_encoding_is_kept_in_utf8(httpserver: HTTPServer, folder: Path) -> None:
    path = fetch(serve(httpserver, GREEK.encode("iso-8859-7"), "text/plain; charset=iso-8859-7"), folder, anywhere)
    assert path.read_bytes() == codecs.BOM_UTF8 + GREEK.encode("utf-8")


@pytest.mark.parametrize(
    ("content", "kind", "why"),
    [
        (SCRIPTS, "text/html", "empty: the page shows no text"),
        ("", "text/html", "empty"),
        ("\n \n", "text/plain", "empty"),
        (b"\x00\x01\x02\x00", "text/plain", "binary"),
    ],
)
def test_a_page_without_an_article_says_so_and_what_to_do(
    content: str | bytes, kind: str, why: str, httpserver: HTTPServer, folder: Path
) -> None:
    told = refusal(serve(httpserver, content, kind), folder)
    assert told.startswith(why)
    assert told.endswith("save the page from a browser and add the file")


# --- what a server may answer -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (404, "there is no such page (404 Not Found): check the address"),
        (410, "there is no such page (410 Gone)"),
        (401, "the server refuses it (401 Unauthorized): save the page"),
        (403, "the server refuses it (403 Forbidden): save the page"),
        (429, "the server takes no more readers now (429 Too Many Requests): try again later"),
        (500, "the server failed (500 Internal Server Error): try again later"),
        (304, "the server answered 304 Not Modified, not with a page"),
        (302, "the server answered 302 Found, not with a page"),  # and does not say where
        (299, "it is of no stated type"),
        (799, "the server failed (799)"),
    ],
)
def test_each_status_is_told_in_words(status: int, why: str, httpserver: HTTPServer, folder: Path) -> None:
    httpserver.expect_request("/story").respond_with_response(Response(status=status, headers={}, mimetype=""))
    assert refusal(httpserver.url_for("/story"), folder).startswith(why)


def test_a_request_names_the_program_and_brings_no_cookie_back(httpserver: HTTPServer, folder: Path) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        if request.path == "/story":
            return Response(status=302, headers={"Location": "/there?a=1", "Set-Cookie": "who=you; Path=/"})
        return Response(PAGE, content_type="text/html")

    httpserver.expect_request(re.compile("/.*")).respond_with_handler(answer)
    article = fetched(httpserver.url_for("/story"), folder)
    assert article.url == httpserver.url_for("/story")
    assert [request.full_path for request in seen] == ["/story?", "/there?a=1"]
    assert {request.headers["User-Agent"] for request in seen} == {f"Whosays/{__version__}"}
    assert not any(request.cookies for request in seen)


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("ftp://post.example/", "it leads on to ftp://post.example/: only http and https"),
        ("file:///etc/passwd", "it leads on to file:/etc/passwd: only http and https"),
        ("https://ida:hush@post.example/", "it leads on to https://post.example/: a name and password"),
        ("/story", "it leads on more than 5 times"),
    ],
)
def test_a_redirect_leads_only_where_an_address_may(to: str, why: str, httpserver: HTTPServer, folder: Path) -> None:
    httpserver.expect_request("/story").respond_with_data("", status=302, headers={"Location": to})
    assert refusal(httpserver.url_for("/story"), folder).startswith(why)
    assert len(httpserver.log) <= 1 + rag.fetch.REDIRECTS


def test_a_page_behind_five_redirects_is_fetched_and_behind_six_is_not(httpserver: HTTPServer, folder: Path) -> None:
    for n in range(6):
        httpserver.expect_request(f"/{n}").respond_with_data("", status=307, headers={"Location": f"/{n + 1}"})
    httpserver.expect_request("/6").respond_with_data(PAGE, content_type="text/html")
    assert fetch(httpserver.url_for("/1"), folder, anywhere)
    assert "more than 5" in refusal(httpserver.url_for("/0"), folder)


def test_a_packed_page_is_unpacked_also_from_several_streams(httpserver: HTTPServer, folder: Path) -> None:
    content = PAGE.encode()
    packed = gzip.compress(content[:300]) + gzip.compress(content[300:])
    httpserver.expect_request("/story").respond_with_data(
        packed, content_type="text/html", headers={"Content-Encoding": "gzip"}
    )
    path = fetch(httpserver.url_for("/story"), folder, anywhere)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "packed", "why"),
    [
        (gzip.compress(PAGE.encode())[:-20], "gzip", "the server broke off its answer"),
        (b"this was never packed", "gzip", "it cannot be unpacked"),
        (zlib.compress(PAGE.encode()), "deflate", "it comes packed as deflate"),
        (PAGE.encode(), "br", "it comes packed as br"),
        (PAGE.encode(), "gzip, gzip", "it comes packed as gzip, gzip"),
    ],
)
def test_what_cannot_be_unpacked_is_one_line(
    content: bytes, packed: str, why: str, httpserver: HTTPServer, folder: Path
) -> None:
    httpserver.expect_request("/story").respond_with_data(
        content, content_type="text/html", headers={"Content-Encoding": packed}
    )
    assert refusal(httpserver.url_for("/story"), folder).startswith(why)


def test_a_page_that_is_too_large_is_refused_and_a_bomb_is_not_unpacked(httpserver: HTTPServer, folder: Path) -> None:
    import tracemalloc

    assert "larger than 10 MB" in refusal(serve(httpserver, b"a" * (rag.fetch.MOST + 1), "text/plain"), folder)
    bomb = gzip.compress(b"a" * 300_000_000, 9)
    httpserver.clear()
    httpserver.expect_request("/story").respond_with_data(
        bomb, content_type="text/html", headers={"Content-Encoding": "gzip"}
    )
    tracemalloc.start()
    try:
        assert "larger than 10 MB" in refusal(httpserver.url_for("/story"), folder)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 8 * rag.fetch.MOST


# --- servers that misbehave -------------------------------------------------------------------

Manners = Callable[[socket.socket], None]


@pytest.fixture
def rough() -> Iterator[Callable[[Manners], str]]:
    """Makes a server on this machine that treats each connection as it is told, and gives its address."""
    listening: list[socket.socket] = []

    def start(manners: Manners) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def run() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:  # the test is over
                    return
                with connection:
                    try:
                        manners(connection)
                    except OSError:  # whoever fetched has gone
                        continue

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/story"

    yield start
    for server in listening:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def dribble(begin: bytes, drop: bytes) -> Manners:
    def manners(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(begin)
        for _ in range(200):
            connection.sendall(drop)
            time.sleep(0.05)

    return manners


@pytest.mark.parametrize(
    "manners",
    [
        lambda connection: time.sleep(3),
        dribble(b"", b"H"),
        dribble(HEAD, b"X: y\r\n"),
        dribble(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        dribble(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    ],
    ids=["silent", "its first line", "headers", "the body", "hints"],
)
def test_a_server_that_dribbles_is_left_when_the_time_is_up(
    manners: Manners, rough: Callable[[Manners], str], folder: Path
) -> None:
    began = time.monotonic()
    told = refusal(rough(manners), folder, seconds=0.5)
    assert time.monotonic() - began < 2.5
    assert told.startswith("not there within 0.5 s")


def test_redirects_share_one_time_limit(httpserver: HTTPServer, folder: Path) -> None:
    def slow(request: Request) -> Response:
        time.sleep(0.3)
        return Response(status=302, headers={"Location": f"{request.path}x"})

    httpserver.expect_request(re.compile("/.*")).respond_with_handler(slow)
    assert refusal(httpserver.url_for("/story"), folder, seconds=0.7).startswith("not there within 0.7 s")


def test_a_lookup_without_end_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(10) and [])
    try:
        assert refusal("http://slow.example/", folder, seconds=0.3).startswith("not there within 0.3 s")
    finally:
        over.set()


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"", "the server broke off its answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the server broke off its answer"),
        (HEAD + b"Content-Length: 5000\r\n\r\nonly this", "the server broke off its answer"),
        (HEAD + b"Content-Length: many\r\n\r\n", "the server broke off its answer"),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://[::1\r\n\r\n", "it leads on to an address that cannot be read"),
        (HEAD + b"X: " + b"y" * 200_000, "the server broke off its answer"),
    ],
    ids=["nothing", "another protocol", "half", "no length", "half an address", "endless header"],
)
def test_an_answer_that_is_none_is_one_line(
    sent: bytes, why: str, rough: Callable[[Manners], str], folder: Path
) -> None:
    def manners(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(sent)

    assert refusal(rough(manners), folder).startswith(why)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_host_where_nobody_listens_is_one_line(folder: Path) -> None:
    assert refusal(f"http://127.0.0.1:{closed_port()}/", folder).startswith("the server refuses connections")


def test_a_name_that_nobody_knows_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert refusal("https://nosuch.example/", folder).startswith("no host nosuch.example is known")


def test_a_name_that_cannot_be_one_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: host.encode("idna"))  # as it begins
    assert refusal(f"https://{'a' * 64}.example/", folder).startswith("no host aaa")


def test_https_where_http_is_spoken_is_one_line(httpserver: HTTPServer, folder: Path) -> None:
    address = serve(httpserver).replace("http:", "https:")
    assert refusal(address, folder).startswith("no secure connection")


def test_a_certificate_that_nobody_vouches_for_is_one_line(folder: Path, tmp_path: Path) -> None:
    with HTTPServer(host="127.0.0.1", ssl_context=self_signed(tmp_path)) as server:
        server.expect_request("/story").respond_with_data(PAGE, content_type="text/html")
        assert refusal(server.url_for("/story"), folder).startswith("its certificate is not to be trusted (self-signed")


def test_a_page_behind_a_trusted_certificate_is_fetched(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HTTPServer(host="127.0.0.1", ssl_context=self_signed(tmp_path)) as server:
        server.expect_request("/story").respond_with_data(PAGE, content_type="text/html")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        assert fetched(server.url_for("/story"), folder).url == server.url_for("/story")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    assert refusal("https://127.0.0.1/", folder).startswith("the certificates of SSL_CERT_FILE cannot be read")


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's certificate for 127.0.0.1, made now and vouched for by itself alone."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(HERE)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, unlocked = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, unlocked))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


# --- where a connection may lead --------------------------------------------------------------


@dataclass
class World:
    """What names mean at each lookup, in turn, and which numbers were connected to; `FAR` is the server here."""

    port: int
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    lookups: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)


@pytest.fixture
def world(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(httpserver.port)
    connect = socket.create_connection

    def lookup(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        made.lookups.append(host)
        turns = made.names[host]
        numbers = turns.pop(0) if len(turns) > 1 else turns[0]
        families = [socket.AF_INET6 if ":" in number else socket.AF_INET for number in numbers]
        return [(f, socket.SOCK_STREAM, 6, "", (n, port)) for f, n in zip(families, numbers, strict=True)]

    def connection(address: tuple[str, int], *rest: Any, **more: Any) -> socket.socket:
        made.connected.append(address[0])
        monkeypatch.setattr(socket, "getaddrinfo", real_lookup)
        try:
            return connect(("127.0.0.1", made.port if address[0] == FAR else address[1]), *rest, **more)
        finally:
            monkeypatch.setattr(socket, "getaddrinfo", lookup)

    real_lookup = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", connection)
    serve(httpserver)
    return made


INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # where clouds give out their keys
    "100.64.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("number", INSIDE)
def test_public_connects_to_no_number_of_a_machine_or_a_network_of_ones_own(number: str) -> None:
    assert not public(ipaddress.ip_address(number))
    assert anywhere(ipaddress.ip_address(number))


@pytest.mark.parametrize("number", [FAR, "1.1.1.1", "2606:4700::1111", f"::ffff:{FAR}", "64:ff9b::101:101"])
def test_public_connects_to_the_numbers_of_the_internet(number: str) -> None:
    assert public(ipaddress.ip_address(number))


@given(st.ip_addresses(v=4))
@settings(max_examples=300)
def test_an_ipv4_number_is_judged_alike_however_ipv6_wraps_it(number: ipaddress.IPv4Address) -> None:
    wrapped = [ipaddress.IPv6Address(f"{prefix}{number}") for prefix in ("::ffff:", "64:ff9b::")]
    assert {public(each) for each in wrapped} == {public(number)}
    assert not (public(number) and number.is_private)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_every_spelling_of_this_machine_is_refused_without_a_connection(host: str, folder: Path, world: World) -> None:
    told = refusal(f"http://{host}:{world.port}/story", folder, public)
    assert "is not on the public internet" in told
    assert world.connected == []
    assert not folder.exists()


def test_spellings_of_a_number_are_read_as_systems_read_them() -> None:
    for host in ("2130706433", "0x7f000001", "0177.0.0.1", "127.1"):
        assert literal(host) == HERE
    for host in ("post.example", "1st.example", "a", "", "1.2.3.4.5", "127.0.0.1 x"):
        assert literal(host) is None


@pytest.mark.parametrize("numbers", [["10.0.0.7"], ["169.254.169.254"], [FAR, "127.0.0.1"], ["::1", FAR], ["fe80::1"]])
def test_a_name_is_refused_where_any_of_its_numbers_is_inside(numbers: list[str], folder: Path, world: World) -> None:
    world.names["post.example"] = [numbers]
    told = refusal("http://post.example/story", folder, public)
    assert told.startswith("post.example is not on the public internet")
    assert not any(number in told for number in numbers)  # what a name means inside is nobody's business outside
    assert world.connected == []


def test_a_name_that_changes_its_meaning_is_looked_up_once_and_connected_to_as_it_was_checked(
    folder: Path, world: World
) -> None:
    world.names["post.example"] = [[FAR], ["127.0.0.1"]]
    path = fetch("http://post.example/story", folder, public)
    assert read(path).articles[0].url == "http://post.example/story"
    assert world.lookups == ["post.example"]
    assert world.connected == [FAR]


@pytest.mark.parametrize("to", ["http://127.0.0.1/", "http://169.254.169.254/latest/", "http://inside.example/", "//0"])
def test_a_redirect_to_the_inside_is_refused(to: str, folder: Path, world: World, httpserver: HTTPServer) -> None:
    world.names |= {"post.example": [[FAR]], "inside.example": [["192.168.0.1"]]}
    httpserver.clear()
    httpserver.expect_request("/story").respond_with_data("", status=301, headers={"Location": to})
    told = refusal("http://post.example/story", folder, public)
    assert "is not on the public internet" in told
    assert world.connected == [FAR]


def test_the_next_number_of_a_name_is_tried_where_one_does_not_answer(folder: Path, world: World) -> None:
    world.names["post.example"] = [["127.0.0.1", FAR]]
    assert fetch(f"http://post.example:{closed_port()}/story", folder, anywhere)
    assert world.connected == ["127.0.0.1", FAR]


def test_through_a_proxy_names_are_the_proxys_and_numbers_are_still_checked(
    folder: Path, world: World, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://ida:hush@127.0.0.1:{httpserver.port}")
    path = fetch("http://post.example/story", folder, public)
    assert read(path).articles[0].url == "http://post.example/story"
    request, _ = httpserver.log[0]
    assert (request.host, request.headers["Proxy-Authorization"][:6]) == ("post.example", "Basic ")
    assert world.lookups == []
    for host in ("10.0.0.1", "[::1]", "2130706433", "localhost", "any.localhost."):
        assert "is not on the public internet" in refusal(f"http://{host}/story", folder, public)
    assert len(httpserver.log) == 1


def test_a_host_that_the_environment_excepts_does_not_go_through_the_proxy(
    folder: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port()}")
    address = serve(httpserver)
    assert refusal(address, folder).startswith("the proxy of the environment refuses connections")
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert fetch(address, folder, anywhere)


@pytest.mark.parametrize("proxy", ["gopher://ida:hush@proxy.example", "http://ida:hush@[::1"])
def test_a_proxy_that_is_no_address_is_one_line_without_its_password(
    proxy: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    told = refusal("https://post.example/", folder)
    assert told.startswith("the proxy of the environment is no address")
    assert "hush" not in told


def test_a_proxy_that_speaks_socks_says_what_it_needs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    monkeypatch.setattr(rag.connect, "find_spec", lambda name: None)
    assert "install httpx[socks]" in refusal("http://post.example/", folder)


def test_a_proxy_that_refuses_is_named(
    folder: Path, rough: Callable[[Manners], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def manners(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    monkeypatch.setenv("HTTPS_PROXY", rough(manners).removesuffix("/story"))
    assert refusal("https://post.example/", folder).startswith("the proxy of the environment does not let it through")


# --- the manifest -----------------------------------------------------------------------------


def rows(folder: Path) -> list[list[str]]:
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def test_a_manifest_is_made_where_there_is_none(tmp_path: Path) -> None:
    note_address(tmp_path, "a.html", "https://post.example/a")
    note_address(tmp_path, "b.html", "https://post.example/b?x=1,2")
    assert rows(tmp_path) == [
        ["file", "url"],
        ["a.html", "https://post.example/a"],
        ["b.html", "https://post.example/b?x=1,2"],
    ]


def test_other_rows_and_unknown_columns_stay(tmp_path: Path) -> None:
    before = (
        codecs.BOM_UTF8 + 'file,outlet,Ansehen\r\nb.txt,"Post, Evening",größer\r\na.html,Post,\r\nodd row\r\n'.encode()
    )
    (tmp_path / "manifest.csv").write_bytes(before)
    note_address(tmp_path, "a.html", "https://post.example/a")
    assert rows(tmp_path) == [
        ["file", "outlet", "Ansehen", "url"],
        ["b.txt", "Post, Evening", "größer", ""],
        ["a.html", "Post", "", "https://post.example/a"],
        ["odd row", ""],
    ]
    assert (tmp_path / "manifest.csv").read_bytes().startswith(codecs.BOM_UTF8)
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.csv"]


def test_an_address_that_somebody_wrote_there_stays(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("url,file\nhttps://mine.example/,a.html\n", encoding="utf-8")
    note_address(tmp_path, "a.html", "https://post.example/a")
    assert rows(tmp_path)[1] == ["https://mine.example/", "a.html"]


@pytest.mark.parametrize("content", [b"name,url\n", b"file,file\n", b"file,url,url\n", b"\x00\x01\x02\x03"])
def test_a_manifest_that_cannot_be_read_is_not_written_over(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_bytes(content)
    with pytest.raises(ReadError, match=r"manifest\.csv: "):
        note_address(tmp_path, "a.html", "https://post.example/a")
    assert (tmp_path / "manifest.csv").read_bytes() == content


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12)


@given(st.lists(st.tuples(cells, cells), max_size=5), cells)
def test_whatever_else_stands_in_a_manifest_is_read_back_the_same(pairs: list[tuple[str, str]], file: str) -> None:
    table = [["file", "note", "url"], *([name, note, "https://x.example/"] for name, note in pairs)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(table)
        note_address(folder, file, "https://post.example/")
        known = any(row[0].strip() == file for row in table[1:])
        assert rows(folder) == [*table, *([] if known else [[file, "", "https://post.example/"]])]


# --- the whole way ----------------------------------------------------------------------------


def sources(capsys: Capture) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert cli.main(["sources", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    for each in listed:
        assert cli.main(["sources", "--show", each["id"], "--json"]) == 0
        each |= json.loads(capsys.readouterr().out)
    return list(listed)


def test_an_address_becomes_an_article_and_its_new_page_replaces_it_under_the_same_id(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(rag.models, "OnnxEmbedder", lambda *_: scripted.FakeEmbedder())
    monkeypatch.setattr(rag.models, "embedder_weights", lambda choice: None)
    monkeypatch.setattr(rag.parse, "Parser", scripted.FakeParser)
    monkeypatch.setenv("WHOSAYS_LIBRARY", str(tmp_path / "made"))
    (tmp_path / "courier.txt").write_text(fakes.COURIER + "\n", encoding="utf-8")

    address = serve(httpserver)
    assert cli.main(["ingest", address, str(tmp_path / "courier.txt")]) == 0
    assert "2 added; the library holds 2 articles" in capsys.readouterr().out
    first = next(each for each in sources(capsys) if each["url"])
    assert first["url"] == address
    assert (first["title"], first["outlet"]) == ("Harbour gates found locked", "Harbour Post")
    assert first["published"] == "2021-03-10"
    assert first["id"] == Path(first["path"]).stem
    assert Path(first["path"]).is_relative_to(tmp_path / "made" / "fetched")

    assert cli.main(["ingest", address]) == 0
    assert "1 unchanged; the library holds 2 articles" in capsys.readouterr().out
    serve(httpserver, PAGE.replace("nine hours", "ten hours"))
    assert cli.main(["ingest", address]) == 0
    assert "1 replaced; the library holds 2 articles" in capsys.readouterr().out
    again = next(each for each in sources(capsys) if each["url"])
    assert again["id"] == first["id"]
    assert "ten hours" in again["text"]
