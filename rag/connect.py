"""One answer from a web server: which numbers may be connected to, a time limit on it all, each failure as one line.

A name is looked up once, each number that it has is checked, and one of these very numbers is connected to: a name that
means something else a moment later leads nowhere else. Where the environment names a proxy (HTTP_PROXY, HTTPS_PROXY,
ALL_PROXY, NO_PROXY) it is used, as httpx and curl do; a proxy looks names up itself, so that through one only hosts
written as numbers, and localhost, can be checked. The proxy's own host is the user's setting and is not checked.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final

import httpcore
import httpx

from rag.errors import FetchError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MayConnect = Callable[[Address], bool]

CONNECT: Final = 10.0  # seconds for each number of a host, so that one which is silent leaves time for the next
BY_HAND: Final = "save the page from a browser and add the file"

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_GIVEN_OUT: Final = ipaddress.IPv6Network("2000::/3")  # what is not in it is no host of the public internet
# is_global has said different things of these in different versions of Python.
_SPECIAL: Final = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


# --- which numbers may be connected to --------------------------------------------------------


def anywhere(address: Address) -> bool:
    """For the command line: whoever runs it can reach whatever this machine can."""
    return True


def public(address: Address) -> bool:
    """For a page that others reach: only hosts of the public internet, none of this machine or of its networks.

    An IPv4 number within an IPv6 one (mapped, or of NAT64) is judged as itself; 6to4 and Teredo are not connected to.
    """
    if isinstance(address, ipaddress.IPv6Address):
        within = address.ipv4_mapped or _of_nat64(address)
        if within is not None:
            return public(within)
        if address not in _GIVEN_OUT:
            return False
    usual = address.is_global and not (address.is_multicast or address.is_reserved)
    return usual and not any(address in net for net in _SPECIAL if net.version == address.version)


def _of_nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else None


def literal(host: str) -> Address | None:
    """The number that a host is written as, None for a name. 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 too."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass  # it may still be one of the older spellings
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host)) if host[:1].isdigit() and " " not in host else None
    except (OSError, UnicodeError):
        return None


# --- one answer -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Errand:
    """What is fetched, in the words of who asked for it; where it may lead; and until when (time.monotonic)."""

    name: str
    may_connect: MayConnect
    seconds: float
    until: float

    def left(self, most: float | None = None) -> float:
        """Seconds that the next step may take. Raises httpcore.TimeoutException when none are left."""
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise httpcore.TimeoutException
        return seconds if most is None else min(seconds, most)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: `headers` by lower-case name, the first of each; `parts` of its body as they come."""

    status: int
    headers: Mapping[str, str]
    parts: Iterator[bytes]


@contextmanager
def get(url: httpx.URL, headers: Mapping[str, str], errand: Errand) -> Iterator[Answer]:
    """The answer to one GET, whatever its status, while it is open. Redirects are not followed, no cookie is kept.

    Raises FetchError, one line that begins with the errand's name.
    """
    sent = [(b"Host", url.netloc), *((name.encode(), value.encode()) for name, value in headers.items())]
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    with _in_words(errand), _pool(url, errand) as pool, pool.stream("GET", target, headers=sent) as response:
        given: dict[str, str] = {}
        for name, value in response.headers:
            given.setdefault(name.decode("ascii", "replace").lower(), value.decode("utf-8", "replace").strip())
        yield Answer(response.status, given, response.iter_stream())


def _pool(url: httpx.URL, errand: Errand) -> httpcore.ConnectionPool:
    secure = _certificates(errand) if url.scheme == "https" else None
    proxy = _proxy(url, errand)
    if proxy is None:
        return httpcore.ConnectionPool(ssl_context=secure, network_backend=_Checked(errand, errand.may_connect))
    number = ipaddress.IPv4Address("127.0.0.1") if _is_localhost(url.host) else literal(url.host)
    if number is not None and not errand.may_connect(number):
        raise _refused(errand, url.host)
    to_proxy = _Checked(errand, anywhere, "the proxy of the environment")
    return httpcore.ConnectionPool(ssl_context=secure, proxy=proxy, network_backend=to_proxy)


def _certificates(errand: Errand) -> ssl.SSLContext:
    """Those that httpx trusts: certifi's, or what SSL_CERT_FILE and SSL_CERT_DIR name."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise FetchError(f"{errand.name}: the certificates of SSL_CERT_FILE cannot be read: mend it") from error


def _is_localhost(host: str) -> bool:
    return f".{host.rstrip('.')}".endswith(".localhost")


def _proxy(url: httpx.URL, errand: Errand) -> httpcore.Proxy | None:
    """The proxy that the environment names for an address; none where it names none, or excepts the host."""
    named = urllib.request.getproxies()
    given = named.get(url.scheme) or named.get("all")
    if not given or urllib.request.proxy_bypass(url.host):
        return None
    try:
        proxy = httpx.Proxy(given if "://" in given else f"http://{given}")
    except (httpx.InvalidURL, ValueError):  # it may hold a password, and is not repeated
        raise FetchError(f"{errand.name}: the proxy of the environment is no address: mend HTTPS_PROXY") from None
    if proxy.url.scheme.startswith("socks") and find_spec("socksio") is None:
        raise FetchError(f"{errand.name}: the proxy of the environment speaks SOCKS: install httpx[socks] for it")
    return httpcore.Proxy(str(proxy.url), auth=proxy.raw_auth)


# --- connecting -------------------------------------------------------------------------------


class _Checked(httpcore.NetworkBackend):
    """Connects to numbers that may be connected to, and to no other."""

    def __init__(self, errand: Errand, may_connect: MayConnect, to: str = "the server") -> None:
        self._errand, self._may_connect, self._to = errand, may_connect, to
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        number = literal(host)
        numbers = [number] if number is not None else _looked_up(host, port, self._errand)
        if not all(map(self._may_connect, numbers)):
            raise _refused(self._errand, host)
        failed: Exception | None = None
        for each in numbers:
            try:
                stream = self._plain.connect_tcp(str(each), port, self._errand.left(CONNECT), local_address, ())
                return _InTime(stream, self._errand)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as err:
                failed = err
        if isinstance(failed, httpcore.ConnectTimeout):
            raise failed
        raise FetchError(f"{self._errand.name}: {_why(failed and _within(failed), self._to)}") from failed


class _InTime(httpcore.NetworkStream):
    """A connection whose every step ends when the whole errand does: a server that dribbles gains nothing."""

    def __init__(self, stream: httpcore.NetworkStream, errand: Errand) -> None:
        self._stream, self._errand = stream, errand

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._errand.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._errand.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._errand.left(timeout))
        return _InTime(stream, self._errand)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _looked_up(host: str, port: int, errand: Errand) -> list[Address]:
    """A name's numbers. The system's resolver takes no time limit, so a thread asks it that nobody need wait for."""
    found: Future[list[Any]] = Future()

    def ask() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as err:
            found.set_exception(err)

    seconds = errand.left()
    threading.Thread(target=ask, name="whosays-lookup", daemon=True).start()
    try:
        rows = found.result(seconds)
    except (OSError, UnicodeError) as err:
        if not found.done():
            raise httpcore.ConnectTimeout from err
        raise FetchError(f"{errand.name}: no host {host} is known: check the address, or go online") from err
    return [ipaddress.ip_address(row[4][0]) for row in rows if row[0] in (socket.AF_INET, socket.AF_INET6)]


# --- failures in words ------------------------------------------------------------------------


def _refused(errand: Errand, host: str) -> FetchError:
    return FetchError(f"{errand.name}: {host} is not on the public internet, and only that is fetched: {BY_HAND}")


@contextmanager
def _in_words(errand: Errand) -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as err:
        raise FetchError(f"{errand.name}: not there within {errand.seconds:g} s: try again, or {BY_HAND}") from err
    except httpcore.ConnectError as err:
        raise FetchError(f"{errand.name}: {_why(_within(err), 'the server')}") from err
    except httpcore.ProxyError as err:
        raise FetchError(f"{errand.name}: the proxy of the environment does not let it through ({err})") from err
    except (httpcore.ProtocolError, httpcore.NetworkError, httpcore.UnsupportedProtocol) as err:
        raise FetchError(f"{errand.name}: the server broke off its answer: try again, or {BY_HAND}") from err


def _within(error: Exception) -> BaseException | None:
    """What httpcore had caught: it passes it on as the argument, and takes the cause away."""
    within = error.args[0] if error.args else None
    return within if isinstance(within, BaseException) else None


def _why(cause: BaseException | None, to: str) -> str:
    match cause:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not to be trusted ({cause.verify_message}): {BY_HAND}"
        case ssl.SSLError():
            return f"no secure connection ({cause.reason or 'TLS'}): check the address: is it http and not https?"
        case ConnectionRefusedError():
            return f"{to} refuses connections: check the address, or try again later"
        case OSError():
            return f"{to} cannot be reached ({cause.strerror or cause}): check the address, or go online"
        case _:
            return f"{to} cannot be reached: check the address, or go online"
