"""A real Cyrus IMAP on loopback, beside Dovecot: another server with other habits.

    def test_something(cyrus):
        account = cyrus.mailbox("ana")              # new, empty, its own
        cyrus.fill(account, {"INBOX": 500})

It gives the same `Account` as Dovecot. Runs as root and as an ordinary user. Debian
does not let both servers be installed: tools/system-packages unpacks this one into
.tools/cyrus.
"""

from __future__ import annotations

import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import string
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.certificates import Certificates
from tests.servers import filling
from tests.servers.dovecot import PASSWORD, PORTS, Account, Dovecot, Kind, free_ports

UNPACKED = Path(__file__).parents[2] / ".tools" / "cyrus"
CONFIGS = ("imapd.conf", "cyrus.conf")
PROGRAMS = ("master", "imapd", "lmtpd", "idled", "ctl_cyrusdb", "mbpath")
HOST = Kind.FULL.value  # it offers all that it can
# Where things are in cyrus.index, version 17 (imap/mailbox.h of Cyrus 3.6).
UIDVALIDITY_AT, CHECKSUM_AT, HEAD_SIZE = 44, 156, 160
START_S = 20.0
ATTEMPTS = 3  # somebody else may take a free port before we do


class Cyrus:
    """One running server. Use `running`, or the fixture `cyrus`."""

    def __init__(
        self, here: Path, certificates: Certificates, smtp_ports: tuple[int, int]
    ) -> None:
        self.here = here
        self.certificates = certificates
        self.smtp_ports = smtp_ports
        self.ports: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start on free ports, and return when it answers."""
        for _ in range(ATTEMPTS):
            self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
            self._write_configs()
            self._process = self._master()
            if self._answers():
                return
            self.stop()
        raise RuntimeError(f"Cyrus did not start:\n{self.log()}")

    def stop(self) -> None:
        """Stop the server, and every process that it has started."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_S)
            with suppress(ProcessLookupError):  # they are a process group of their own
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process = None

    def log(self) -> str:
        """Give what its processes printed; the rest is in the log of the system."""
        path = self.here / "output"
        return path.read_text(errors="replace") if path.exists() else "(no output)"

    def mailbox(self, name: str = "ana") -> Account:
        """Give a mailbox that nobody has used; it is made at the first login."""
        user, domain = f"{name}.{next(self._numbers)}", "example.org"
        database = ("-f", str(self.here / "sasldb2"))
        self._run("saslpasswd2", "-p", "-c", *database, "-u", domain, user)
        return Account(
            user=f"{user}@{domain}",
            password=PASSWORD,
            host=HOST,
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
        """Give a folder another UIDVALIDITY, as a restored server would.

        No program of Cyrus does that: it is written into the head of the index.
        """
        local, _, domain = account.user.partition("@")
        name = "/".join(["user", local, *([folder] if folder != "INBOX" else [])])
        config = str(self.here / "imapd.conf")
        found = self._run("mbpath", "-C", config, f"{name}@{domain}")
        index = Path(found.strip()) / "cyrus.index"
        with index.open("r+b") as file:
            head = bytearray(file.read(HEAD_SIZE))
            struct.pack_into(">I", head, UIDVALIDITY_AT, value)
            struct.pack_into(">I", head, CHECKSUM_AT, zlib.crc32(head[:CHECKSUM_AT]))
            file.seek(0)
            file.write(head)

    def hang_up(self, account: Account) -> None:
        """End every connection of an account, as an administrator would."""
        for entry in (self.here / "proc").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # ended by itself
                if account.user in entry.read_text().split("\t"):
                    os.kill(int(entry.name), signal.SIGTERM)

    def _master(self) -> subprocess.Popen[bytes]:
        # setpriv: it ends with us, even if we are killed; and it tells its children.
        # A session of its own: at its end it sends SIGTERM to the whole group.
        here = self.here
        configs = ["-C", here / "imapd.conf", "-M", here / "cyrus.conf"]
        command = [self._bin / "master", "-D", "-p", here / "master.pid", *configs]
        with (self.here / "output").open("ab") as output:
            return subprocess.Popen(
                ["setpriv", *_as_owner(), "--pdeathsig", "TERM", *map(str, command)],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _run(self, program: str, *words: str) -> str:
        """Run a program of the package as the owner of the mail; give its output."""
        done = subprocess.run(
            ["setpriv", *_as_owner(), str(self._bin / program), *words],
            env=self._environment,
            input=PASSWORD,
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    @property
    def _bin(self) -> Path:
        return self.here / "program"

    @property
    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(self._bin)}

    def _write_configs(self) -> None:
        words = {
            "HERE": self.here,
            "BIN": self._bin,
            "CONFIG": self.here / "imapd.conf",
            "OWNER": _owner().pw_name,
            "GROUP": grp.getgrgid(_owner().pw_gid).gr_name,
            **self.ports,
        }
        for name in CONFIGS:
            template = string.Template(Path(__file__).with_name(name).read_text())
            (self.here / name).write_text(template.substitute(words))

    def _answers(self) -> bool:
        """Wait until it greets over TLS; False if it ended or took too long."""
        assert self._process is not None
        context = self.certificates.client_context()
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with (
                    socket.create_connection((HOST, self.ports["IMAP_PORT"]), 5) as raw,
                    context.wrap_socket(raw, server_hostname=HOST) as tls,
                ):
                    return tls.recv(4) == b"* OK"
            except ConnectionError:
                time.sleep(0.02)  # not listening yet
        return False


MailServer = Dovecot | Cyrus


@contextmanager
def running(
    certificates: Certificates, smtp_ports: tuple[int, int] = (0, 0)
) -> Iterator[Cyrus]:
    """Start a Cyrus in a folder of its own; at the end nothing is left of it."""
    here = Path(tempfile.mkdtemp(prefix="malote-cyrus-"))
    server = Cyrus(here, certificates, smtp_ports)
    try:
        _make_folders(here, certificates)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(here, ignore_errors=True)


def _make_folders(here: Path, certificates: Certificates) -> None:
    """Make the folders of a server, its programs and keys; all are the owner's."""
    here.chmod(0o755)
    for name in ("proc", "lock", "spool", "sieve", "socket", "var/socket"):
        (here / name).mkdir(parents=True)
    _copy_programs(here / "program")
    shutil.copy(certificates.good.cert, here / "cert.pem")
    shutil.copy(certificates.good.key, here / "key.pem")
    if os.geteuid() == 0:
        for path in (here, *here.rglob("*")):
            os.chown(path, _owner().pw_uid, _owner().pw_gid)


def _copy_programs(to: Path) -> None:
    """Copy what is needed: its owner may not be able to enter our own folder."""
    to.mkdir()
    usr = UNPACKED / "usr"
    programs = [usr / "lib/cyrus/bin" / name for name in PROGRAMS]
    libraries = [path for path in usr.glob("lib/*/libcyrus*.so.?") if path.is_symlink()]
    for path in (*programs, usr / "sbin/saslpasswd2", *libraries):
        if not path.exists():
            raise RuntimeError(f"{path} is missing: run tools/system-packages")
        shutil.copy(path, to)


def _owner() -> pwd.struct_passwd:
    """Give who owns the mail and runs everything: Cyrus does not serve as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _as_owner() -> list[str]:
    """Give the words for setpriv; before --pdeathsig, which a change of user clears."""
    if os.geteuid() != 0:
        return []
    uid, gid = _owner().pw_uid, _owner().pw_gid
    return [f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
