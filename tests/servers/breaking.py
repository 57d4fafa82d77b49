"""Ways to break a mailbox on a real Dovecot, and to mend it again.

Everything goes through a name that a DNS server of ours tells and a wire that can be
cut: `mail.example.test` leads to the wire, and the wire to Dovecot.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from core.model import Server
from tests.certificates import Certificates, Pair
from tests.servers import names
from tests.servers.device import Device, compose, deliver_by_lmtp
from tests.servers.dovecot import Account, Dovecot, running
from tests.servers.names import Names
from tests.servers.wire import How, Wire, between

HOST = "mail.example.test"
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"


@dataclass(slots=True)
class Breakable:
    """A mailbox, and all that lies between it and us."""

    dovecot: Dovecot
    certificates: Certificates
    names: Names
    wire: Wire
    account: Account
    _undo: list[tuple[str, str]] = field(default_factory=list)
    _kept: ExitStack = field(default_factory=ExitStack)

    @property
    def imap(self) -> Server:
        """Where people would say that it is."""
        return Server(HOST, self.wire.port)

    def configure(self, before: str, after: str) -> None:
        """Change Dovecot's settings while it runs."""
        path = Path(self.dovecot._config)
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))
        self._undo.append((after, before))
        self.dovecot.doveadm("reload")

    def configure_back(self) -> None:
        """Take the last change back."""
        after, before = self._undo.pop()
        self.configure(after, before)
        self._undo.pop()

    def show(self, pair: Pair) -> None:
        """Let Dovecot show another certificate to whoever connects from now on."""
        good = self.certificates.good
        self.configure(
            f"ssl_cert = <{good.cert}\nssl_key = <{good.key}",
            f"ssl_cert = <{pair.cert}\nssl_key = <{pair.key}",
        )
        self.hang_up()

    def hang_up(self) -> None:
        """End the connections of the mailbox, if it has any."""
        with suppress(RuntimeError):
            self.dovecot.hang_up(self.account)

    def start_again(self) -> None:
        """Start the server that was stopped, on the ports that it had."""
        command = ["setpriv", "--pdeathsig", "TERM", "dovecot", "-F", "-c"]
        self.dovecot._process = subprocess.Popen([*command, self.dovecot._config])
        assert self.dovecot._answers(), self.dovecot.log()

    def cut(self) -> None:
        """End the connections that go through the wire: ours, and nobody else's."""
        self.wire.how = How.CLOSE
        self.wire.cut_now()

    def keep_one_open(self) -> None:
        """Hold a connection of another device."""
        self._kept.enter_context(Device(self.account))

    def let_go(self) -> None:
        """Close it."""
        self._kept.close()

    def deliver(self, *, subject: str = "Hello", body: str = "Short.\n") -> None:
        """Let another mail server deliver a message."""
        deliver_by_lmtp(self.account, compose(subject=subject, body=body))


@contextmanager
def breakable(
    certificates: Certificates, smtp_ports: tuple[int, int], config: str = ""
) -> Iterator[Breakable]:
    """Give a mailbox on a server of its own, which may be broken in any way."""
    with (
        running(certificates, smtp_ports, config) as dovecot,
        names.answering({HOST: [f"A {HERE}"]}) as told,
        between(dovecot.ports["IMAP_PORT"]) as wire,
    ):
        account = dovecot.mailbox()
        it = Breakable(dovecot, certificates, told, wire, account)
        try:
            yield it
        finally:
            it.let_go()


@contextmanager
def old_tls(pair: Pair, port: int) -> Iterator[None]:
    """Listen as a machine that knows no newer TLS than 1.1 (RFC 8996)."""
    context = pair.server_context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    listening = socket.create_server((ELSEWHERE, port))
    thread = threading.Thread(target=_refuse, args=(listening, context))
    thread.start()
    try:
        yield
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def _refuse(listening: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            client, _ = listening.accept()
            with client, suppress(OSError):
                context.wrap_socket(client, server_side=True).close()
