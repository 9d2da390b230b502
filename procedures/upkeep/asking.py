"""Asks an address on the internet whether it still answers, without being led anywhere else.

An editor types the address, so the server must not be made to call on itself or on its neighbours: the name is looked
up once, every address it has must be public, and the connection goes to the very address that was checked. Redirects
are followed by hand, each looked at in the same way.
"""

import http.client
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address, ip_network
from urllib.parse import quote, urljoin, urlsplit

TIMEOUT = 10  # seconds for each step of a conversation
REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
ASK_AGAIN = {400, 401, 403, 404, 405, 406, 429, 500, 501, 503}  # answers to HEAD after which GET is asked
AGENT = "Safeguarding portal link check"
NAT64 = ip_network("64:ff9b::/96")
CONTEXT = ssl.create_default_context()


class Answer(Enum):
    """What came of asking."""

    WORKING = "working"
    FAILING = "failing"  # somebody answered, and not with a page
    SILENT = "silent"  # nobody answered: their fault or ours
    NOT_ASKED = "not asked"  # not an address that this server may call on


@dataclass(frozen=True)
class Outcome:
    """An answer, and in a few words why."""

    answer: Answer
    detail: str


class NotPublic(Exception):
    """The address leads, or is led, to a machine that is not on the public internet."""


def ask(url: str, private_hosts: Iterable[str] = ()) -> Outcome:
    """Ask one address, with HEAD and where that says little with GET. `private_hosts` are asked although their
    address is private (tests). Never raises."""
    try:
        return _follow(url, set(private_hosts))
    except NotPublic as error:
        return Outcome(Answer.NOT_ASKED, str(error))
    except ssl.SSLCertVerificationError:
        return Outcome(Answer.FAILING, "Its certificate is not valid")
    except (OSError, http.client.HTTPException, UnicodeError):
        return Outcome(Answer.SILENT, "No answer")
    except ValueError:
        return Outcome(Answer.NOT_ASKED, "This is not an address that can be asked")


def _follow(url: str, private_hosts: set[str]) -> Outcome:
    for _ in range(REDIRECTS + 1):
        status, location = _status("HEAD", url, private_hosts)
        if status in ASK_AGAIN:
            status, location = _status("GET", url, private_hosts)
        if not (300 <= status < 400 and location):
            if status < 400:
                return Outcome(Answer.WORKING, "")
            # They answered, and only would not show the page to a machine.
            if status in (401, 403, 429):
                return Outcome(Answer.SILENT, f"It does not answer to machines ({status})")
            return Outcome(Answer.FAILING, f"Answered with {status}")
        url = urljoin(url, location)
    return Outcome(Answer.FAILING, "It leads on and on")


def _status(method: str, url: str, private_hosts: set[str]) -> tuple[int, str]:
    parts = urlsplit(url)
    host, scheme = parts.hostname or "", parts.scheme.lower()
    if scheme not in PORTS or not host or parts.username is not None:
        raise NotPublic("This is not an address that can be asked")
    allowed = host in private_hosts
    port = parts.port or PORTS[scheme]
    if port != PORTS[scheme] and not allowed:
        raise NotPublic("Only the usual ports are asked")
    connection = _connection(scheme, host, port, _public_address(host, port, allowed))
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, _quoted(path), headers={"User-Agent": AGENT, "Accept": "*/*"})
        response = connection.getresponse()
        return response.status, response.getheader("Location") or ""
    finally:
        connection.close()


def _public_address(host: str, port: int, allowed: bool) -> str:
    """The address to connect to. Raises NotPublic where any that the name has is not public: a name with one public
    and one private address is up to no good."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not allowed and not all(is_public(address) for address in found):
        raise NotPublic("It leads to a machine that is not on the public internet")
    return found[0]


def is_public(address: str) -> bool:
    """Whether an IP address is one on the public internet; an IPv4 address inside an IPv6 one is looked at too."""
    ip = ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    teredo = getattr(ip, "teredo", None)
    if teredo:
        inner = teredo[1]
    if ip.version == 6 and ip in NAT64:
        inner = ip_address(int(ip) & 0xFFFFFFFF)
    return (
        ip.is_global
        and not ip.is_multicast
        and (inner is None or (inner.is_global and not inner.is_multicast))
    )


def _connection(scheme: str, host: str, port: int, address: str) -> http.client.HTTPConnection:
    sock = socket.create_connection((address, port), TIMEOUT)
    if scheme == "https":
        try:
            sock = CONTEXT.wrap_socket(sock, server_hostname=host)
        except BaseException:
            sock.close()
            raise
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    connection.sock = sock
    if port == PORTS[scheme]:
        # Otherwise the Host header would name port 443 of a plain connection.
        connection.port = connection.default_port
    return connection


def _quoted(path: str) -> str:
    """Spaces and letters outside ASCII as an address on the wire has them; what is quoted already stays."""
    return quote(path, safe="/?&=%:@!$'()*+,;~-._[]#|")
