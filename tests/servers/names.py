"""A DNS server on loopback, UDP and TCP, that says what a test tells it.

    with answering({"example.test": ["MX 10 mx.example.test."],
                    "mx.example.test": ["A 127.0.0.1"]}) as names:
        Policy(dns_server=names.place)          # "127.0.0.1:port"

`records` may be changed while it runs. Instead of records, a name can hold SERVFAIL,
REFUSED or SILENT; TRUNCATED beside records sends the asker to TCP; `Turns` answers
each time as the next of them says, and the last for ever.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

HOST = "127.0.0.1"
SERVFAIL, REFUSED, SILENT, TRUNCATED = "SERVFAIL", "REFUSED", "SILENT", "TRUNCATED"
ATTEMPTS = 20  # a port may be free for TCP and taken for UDP
LENGTH = struct.Struct("!H")
CHAIN_MAX = 8


class Turns:
    """Other records at each question for a type: first these, then those."""

    def __init__(self, *turns: Sequence[str]) -> None:
        self._turns = turns
        self._asked: dict[str, int] = {}

    def next(self, kind: str) -> Sequence[str]:
        """Give the records of this turn."""
        turn = self._asked.get(kind, 0)
        self._asked[kind] = turn + 1
        return self._turns[min(turn, len(self._turns) - 1)]


Records = Mapping[str, Sequence[str] | Turns]


@dataclass(slots=True)
class Names:
    """What the test sees of the server: where it is, and what was asked."""

    records: dict[str, Sequence[str] | Turns]
    place: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)  # (name, type)

    def count(self, name: str, kind: str) -> int:
        """Tell how often a name was asked for."""
        return self.asked.count((name, kind))

    def reply(self, wire: bytes, *, by_tcp: bool) -> bytes:
        """Give the answer to a question, empty for none."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = _text(question.name), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        response = dns.message.make_response(query, recursion_available=True)
        marks = self._fill(response, name, kind)
        if SILENT in marks:
            return b""
        if TRUNCATED in marks and not by_tcp:
            response.answer.clear()
            response.flags |= dns.flags.TC
        return response.to_wire()

    def _fill(
        self, response: dns.message.Message, name: str, kind: str
    ) -> Sequence[str]:
        """Add the records of a name and of what it is an alias of; give them."""
        lines: Sequence[str] = ()
        for _ in range(CHAIN_MAX):
            lines = self._lines(name, kind)
            alias = [line for line in lines if line.startswith("CNAME ")]
            wanted = alias or [line for line in lines if line.startswith(f"{kind} ")]
            for line in wanted:
                type_, _, data = line.partition(" ")
                made = dns.rrset.from_text(f"{name}.", 60, "IN", type_, data)
                at = response.find_rrset(
                    response.answer, made.name, made.rdclass, made.rdtype, create=True
                )
                at.update(made)
            if not alias:
                break
            name = alias[0].partition(" ")[2].removesuffix(".")
        response.set_rcode(self._code(name, lines))
        return lines

    def _lines(self, name: str, kind: str) -> Sequence[str]:
        found = self.records.get(name, ())
        return found.next(kind) if isinstance(found, Turns) else found

    def _code(self, name: str, lines: Sequence[str]) -> dns.rcode.Rcode:
        for mark in (SERVFAIL, REFUSED):
            if mark in lines:
                return dns.rcode.from_text(mark)
        exists = any(f".{known}".endswith(f".{name}") for known in self.records)
        return dns.rcode.NOERROR if exists else dns.rcode.NXDOMAIN


class _Udp(socketserver.ThreadingUDPServer):
    names: Names


class _Tcp(socketserver.ThreadingTCPServer):
    names: Names


class _Datagram(socketserver.BaseRequestHandler):
    server: _Udp

    def handle(self) -> None:
        wire, sock = self.request
        if reply := self.server.names.reply(wire, by_tcp=False):
            sock.sendto(reply, self.client_address)


class _Stream(socketserver.StreamRequestHandler):
    server: _Tcp

    def handle(self) -> None:
        while length := self.rfile.read(LENGTH.size):
            wire = self.rfile.read(LENGTH.unpack(length)[0])
            if reply := self.server.names.reply(wire, by_tcp=True):
                self.wfile.write(LENGTH.pack(len(reply)) + reply)


@contextmanager
def answering(records: Records | None = None) -> Iterator[Names]:
    """Answer on a free port until the test is over."""
    names = Names(dict(records or {}))
    tcp, udp = _bound()
    tcp.names = udp.names = names
    names.place = f"{HOST}:{tcp.server_address[1]}"
    servers: tuple[socketserver.BaseServer, ...] = (tcp, udp)
    threads = []
    for server in servers:
        serve = threading.Thread(target=server.serve_forever, args=(0.05,))
        serve.start()
        threads.append(serve)
    try:
        yield names
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


def _bound() -> tuple[_Tcp, _Udp]:
    """Bind the same free port for both."""
    for _ in range(ATTEMPTS):
        tcp = _Tcp((HOST, 0), _Stream)
        try:
            return tcp, _Udp((HOST, tcp.server_address[1]), _Datagram)
        except OSError:
            tcp.server_close()
    raise RuntimeError("no port is free for both TCP and UDP")


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
