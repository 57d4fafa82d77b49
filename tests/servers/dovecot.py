"""A real Dovecot on loopback, with as many mailboxes as tests ask for.

    def test_something(dovecot):
        account = dovecot.mailbox("ana")            # new, empty, its own
        dovecot.fill(account, {"INBOX": 500})
        with Device(account) as phone:              # device.py
            phone.deliver("INBOX", subject="Hello")

Runs as root and as an ordinary user; makes no account on the system.
"""

from __future__ import annotations

import grp
import itertools
import os
import pwd
import shutil
import socket
import string
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.model import Security, Server
from tests.certificates import Certificates
from tests.servers import filling

CONFIG = Path(__file__).with_name("dovecot.conf")
PASSWORD = "pw"
PORTS = ("IMAP_PORT", "STARTTLS_PORT", "LMTP_PORT")
START_S = 20.0
ATTEMPTS = 3  # somebody else may take a free port before we do


class Kind(StrEnum):
    """What the server says it can do; each kind has its own loopback address."""

    FULL = "127.0.0.1"  # all that this Dovecot can
    NO_CONDSTORE = "127.0.0.2"  # neither CONDSTORE nor QRESYNC
    BARE = "127.0.0.3"  # IMAP4rev1, without any extension


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox and where to reach it. `smtp_port` is implicit TLS."""

    user: str
    password: str
    host: str
    imap_port: int
    starttls_port: int
    lmtp_port: int
    smtp_port: int
    smtp_starttls_port: int
    ca_file: Path

    @property
    def address(self) -> str:
        """The e-mail address, equal to the login."""
        return self.user

    @property
    def plain_port(self) -> int:
        """The port for IMAP in clear: the same, STARTTLS is only offered there."""
        return self.starttls_port

    @property
    def imap(self) -> Server:
        """The IMAP server, TLS from the first byte."""
        return Server(self.host, self.imap_port, Security.TLS)

    @property
    def imap_starttls(self) -> Server:
        """The IMAP server, by STARTTLS."""
        return Server(self.host, self.starttls_port, Security.STARTTLS)

    @property
    def smtp(self) -> Server:
        """The submission server, TLS from the first byte."""
        return Server("127.0.0.1", self.smtp_port, Security.TLS)


class Dovecot:
    """One running server. Use `running`, or the fixture `dovecot`."""

    def __init__(
        self,
        here: Path,
        certificates: Certificates,
        smtp_ports: tuple[int, int],
        more_config: str = "",
    ) -> None:
        self.here = here
        self.more_config = more_config
        self.certificates = certificates
        self.smtp_ports = smtp_ports
        self.ports: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start on free ports, and return when it answers."""
        for _ in range(ATTEMPTS):
            self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
            self._write_config()
            # setpriv: it ends with us, even if we are killed.
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", _dovecot(), "-F", "-c", self._config]
            )
            if self._answers():
                return
            self.stop()
        raise RuntimeError(f"Dovecot did not start:\n{self.log()}")

    def stop(self) -> None:
        """Stop the server, and every process that it has started."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_S)
            self._process = None

    def log(self) -> str:
        """Give what Dovecot wrote to its log."""
        path = self.here / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else "(no log)"

    def mailbox(self, name: str = "ana", kind: Kind = Kind.FULL) -> Account:
        """Give a mailbox that nobody has used; every password of "deny…" is refused."""
        return Account(
            user=f"{name}.{next(self._numbers)}@example.org",
            password=PASSWORD,
            host=kind.value,
            imap_port=self.ports["IMAP_PORT"],
            starttls_port=self.ports["STARTTLS_PORT"],
            lmtp_port=self.ports["LMTP_PORT"],
            smtp_port=self.smtp_ports[0],
            smtp_starttls_port=self.smtp_ports[1],
            ca_file=self.certificates.ca_file,
        )

    def fill(self, account: Account, folders: Mapping[str, int]) -> None:
        """Put so many messages into folders, made as needed; thousands per second."""
        with filling.Filler(account) as filler:
            for folder, count in folders.items():
                filler.fill(folder, count)

    def set_uidvalidity(self, account: Account, folder: str, value: int) -> None:
        """Give a folder another UIDVALIDITY, as a restored server would."""
        change = ("--uid-validity", str(value), folder)
        self.doveadm("mailbox", "update", "-u", account.user, *change)

    def hang_up(self, account: Account) -> None:
        """End every connection of an account, as an administrator would."""
        self.doveadm("kick", account.user)

    def wait_for_end(self, account: Account) -> None:
        """Wait until every connection of an account has ended, its command done."""
        until = time.monotonic() + START_S
        while account.user in self.doveadm("who", account.user):
            assert time.monotonic() < until, "somebody is still logged in"

    def doveadm(self, *words: str) -> str:
        """Run an administrator's command and give its output."""
        done = subprocess.run(
            [_program("doveadm"), "-c", self._config, *words],
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"doveadm {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    @property
    def _config(self) -> str:
        return str(self.here / "dovecot.conf")

    def _write_config(self) -> None:
        template = string.Template(CONFIG.read_text())
        words = {"HERE": self.here, "PASSWORD": PASSWORD, **self.ports, **_identities()}
        good = self.certificates.good
        text = template.substitute(words, CERT=good.cert, KEY=good.key)
        Path(self._config).write_text(f"{text}\n{self.more_config}")

    def _answers(self) -> bool:
        """Wait until it greets over TLS; False if it ended or took too long."""
        assert self._process is not None
        context = self.certificates.client_context()
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            try:
                address = ("127.0.0.1", self.ports["IMAP_PORT"])
                with (
                    socket.create_connection(address, 5) as sock,
                    context.wrap_socket(sock, server_hostname=address[0]) as tls,
                ):
                    return tls.recv(4) == b"* OK"
            except ConnectionError:
                time.sleep(0.02)  # not listening yet
        return False


@contextmanager
def running(
    certificates: Certificates,
    smtp_ports: tuple[int, int] = (0, 0),
    more_config: str = "",
) -> Iterator[Dovecot]:
    """Start a Dovecot in a folder of its own; at the end nothing is left of it.

    `more_config` comes after dovecot.conf, so it has the last word.
    """
    here = Path(tempfile.mkdtemp(prefix="malote-dovecot-"))
    server = Dovecot(here, certificates, smtp_ports, more_config)
    try:
        _make_folders(here)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(here, ignore_errors=True)


def free_ports(count: int) -> list[int]:
    """Give ports that nobody listens on, on any of the addresses in use."""
    with ExitStack() as stack:
        socks = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in socks:
            sock.bind(("", 0))
        return [sock.getsockname()[1] for sock in socks]


def _make_folders(here: Path) -> None:
    """Make the folders of a server, so that the owner of the mail can enter."""
    here.chmod(0o755)
    mail = here / "mail"
    mail.mkdir()
    if os.geteuid() == 0:
        os.chown(mail, _mail_owner().pw_uid, _mail_owner().pw_gid)


def _mail_owner() -> pwd.struct_passwd:
    """Give who owns the mail: Dovecot refuses to read mail as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _identities() -> dict[str, str | int]:
    """Give the accounts that its processes run as: as root those of the package."""
    owner = _mail_owner()
    internal, login = owner, owner
    if os.geteuid() == 0:
        internal, login = pwd.getpwnam("dovecot"), pwd.getpwnam("dovenull")
    return {
        "INTERNAL_USER": internal.pw_name,
        "INTERNAL_GROUP": grp.getgrgid(internal.pw_gid).gr_name,
        "LOGIN_USER": login.pw_name,
        "MAIL_UID": owner.pw_uid,
        "MAIL_GID": owner.pw_gid,
    }


def _dovecot() -> str:
    return _program("dovecot")


def _program(name: str) -> str:
    """Find a program of the package; /usr/sbin is not on everybody's path."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    if found is None:
        raise RuntimeError(f"{name} is not installed: run tools/system-packages")
    return found
