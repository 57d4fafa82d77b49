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
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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
QUOTA_KIB = 100
QUOTA = f"""
mail_plugins = quota
protocol imap {{
  mail_plugins = quota imap_quota imap_zlib
}}
protocol lmtp {{
  mail_plugins = quota
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage={QUOTA_KIB}K
  quota_grace = 50%%
}}
"""
HISTORY = timedelta(weeks=6)
QUIET = timedelta(days=3)


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

    def keep_one_open(self) -> None:
        """Hold a connection of another device."""
        self._kept.enter_context(Device(self.account))

    def let_go(self) -> None:
        """Close it."""
        self._kept.close()

    def deliver(self, *, subject: str = "Hello", body: str = "Short.\n") -> None:
        """Let another mail server deliver a message."""
        deliver_by_lmtp(self.account, compose(subject=subject, body=body))


Act = Callable[[Breakable], None]


@dataclass(frozen=True, slots=True)
class Way:
    """How it is broken and mended; the incident, the state and the event of it.

    `prepare` is done before the mailbox is connected.
    """

    code: str
    state: str
    breaks: Act
    mends: Act
    prepare: Act = lambda _: None
    config: str = ""


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


# ---- what breaks, what mends


def change_password(it: Breakable) -> None:
    it.configure("args = password=pw\n", "args = password=another\n")


def stop(it: Breakable) -> None:
    """Stop the server; the wire would take calls for it, so nobody is led there."""
    it.dovecot.stop()
    it.names.records[HOST] = [f"A {ELSEWHERE}"]


def start(it: Breakable) -> None:
    it.start_again()
    it.names.records[HOST] = [f"A {HERE}"]


def expire(it: Breakable) -> None:
    it.show(it.certificates.expired)


def renew(it: Breakable) -> None:
    it.configure_back()
    it.hang_up()


def deafen(it: Breakable) -> None:
    """Let what is open now say nothing more, and deliver."""
    it.wire.how = How.STALL
    it.wire.cut_now()
    it.deliver(subject="Unheard")


def make_folder(it: Breakable) -> None:
    with Device(it.account) as device:
        device.create("Projects")
        device.deliver("Projects", subject="Kept")


def remove_folder(it: Breakable) -> None:
    with Device(it.account) as device:
        device.remove("Projects")


def fill(it: Breakable) -> None:
    it.deliver(body="x" * 70 + "\n" + ("y" * 70 + "\n") * 1600)


def empty(it: Breakable) -> None:
    with Device(it.account) as device:
        device.delete("INBOX", device.uids("INBOX"))


def throttle(it: Breakable) -> None:
    it.configure("userip_connections = 1000", "userip_connections = 1")
    it.hang_up()
    it.keep_one_open()


def let_in(it: Breakable) -> None:
    it.let_go()
    it.configure_back()


def grow_old(it: Breakable) -> None:
    """Lead the name to a machine that speaks TLS 1.1 at most."""
    it._kept.enter_context(old_tls(it.certificates.good, it.wire.port))
    it.names.records[HOST] = [f"A {ELSEWHERE}"]
    it.hang_up()


def grow_young(it: Breakable) -> None:
    it.names.records[HOST] = [f"A {HERE}"]
    it.let_go()


def lose_the_name(it: Breakable) -> None:
    it.names.records.clear()
    it.hang_up()


def find_the_name(it: Breakable) -> None:
    it.names.records[HOST] = [f"A {HERE}"]


def skew(it: Breakable) -> None:
    with Device(it.account) as device:
        device.deliver("INBOX", at=datetime.now(UTC) + timedelta(hours=2))


def number_anew(it: Breakable) -> None:
    it.dovecot.set_uidvalidity(it.account, "INBOX", 987_654)


def write_history(it: Breakable) -> None:
    """Put mail of each hour of some weeks into the inbox, but for the last days."""
    now = datetime.now(UTC)
    with Device(it.account) as device:
        at = now - HISTORY
        while at < now - QUIET:
            device.deliver("INBOX", at=at)
            at += timedelta(hours=1)


def deliver(it: Breakable) -> None:
    it.deliver(subject="At last")


def nothing(_: Breakable) -> None:
    """Need no act: it is so already, or mends itself."""


WAYS = {
    "password changed": Way(
        "wrong_password", "needs_password", change_password, Breakable.configure_back
    ),
    "server stopped": Way("port_closed", "retrying", stop, start),
    "certificate expired": Way("certificate_expired", "needs_attention", expire, renew),
    "IDLE deaf": Way("deaf", "ok", deafen, nothing),
    "folder vanished": Way(
        "folder_vanished", "ok", remove_folder, make_folder, prepare=make_folder
    ),
    "quota full": Way("quota_full", "ok", fill, empty, config=QUOTA),
    "throttled": Way("throttled", "retrying", throttle, let_in),
    "TLS too old": Way("no_tls", "needs_attention", grow_old, grow_young),
    "DNS gone": Way("host_unknown", "retrying", lose_the_name, find_the_name),
    "clock skewed": Way("clock_skewed", "ok", skew, empty),
    "UIDVALIDITY reset": Way("renumbered", "ok", number_anew, nothing),
    "mailbox silent": Way("silent", "ok", nothing, deliver, prepare=write_history),
}


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
