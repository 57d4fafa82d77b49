"""What cannot be used is told at its field: nothing is sent, nothing is stored."""

from __future__ import annotations

import socket
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import watch
from core.connect import Verdict, connect, preflight, problems
from core.errors import BadInput
from core.i18n import Texts
from core.model import Server
from core.secret import Secret
from core.words import problem
from tests.certificates import Certificates
from tests.servers import dovecot as dovecot_server
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.scripted import serve
from tests.servers.submitting import sending

pytestmark = pytest.mark.server
PORT = -1  # stands for that of the socket that listens

ADDRESSES = {
    "": "empty",
    "   ": "empty",
    "ana": "address_form",
    "@example.com": "address_form",
    "ana@": "address_form",
    "a@b@example.com": "address_form",
    "a@localhost": "address_form",
    "a@127.0.0.1": "address_form",
    "a@[127.0.0.1]": "address_form",
    "a@example..com": "address_form",
    "a@exa_mple.com/x": "address_form",
    "a@example.com:993": "address_form",
    '"ana souza"@example.com': "address_form",
    "ana souza@example.com": "address_form",
    "Ana <ana@example.com>": "address_form",
    "ana@example.com, b@example.com": "address_form",
    "ana@example.com\r\nX: y": "address_form",
    "ana\0@example.com": "address_form",
    "joão@example.com": "address_local",
    "用户@example.com": "address_local",
    f"{'x' * 65}@example.com": "address_form",
    f"a@{'x.' * 126}com": "address_form",
}
LOOPBACKS = [  # THREATS 13, T19: every spelling of our own computer or network
    "localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1",
    "0.0.0.1", "169.254.169.254", "10.0.0.1", "192.168.0.1", "172.16.0.1",
    "100.64.0.1", "224.0.0.1", "255.255.255.255", "metadata.google.internal",
    "printer.local", "router.lan", "nas.home.arpa",
]  # fmt: skip
HOSTS = {
    "": "empty",
    "imaps://imap.example.com": "host_extra",
    "https://imap.example.com/": "host_extra",
    "imap.example.com/inbox": "host_extra",
    "imap.example.com:993": "host_extra",
    "ana:secret@imap.example.com": "host_extra",
    "imap.example.com@127.0.0.1": "host_extra",
    "imap example.com": "host_extra",
    "imap.example.com\r\nA1 LOGOUT": "host_extra",
    "imap.example.com?x#y": "host_extra",
    "imap.example.com%25": "host_extra",
    "[::1]": "host_extra",
    "::1": "host_extra",
    "::ffff:127.0.0.1": "host_extra",
    "::ffff:7f00:1": "host_extra",
    "64:ff9b::7f00:1": "host_extra",
    "127.1": "host_form",
    "127.0.1": "host_form",
    "0177.0.0.1": "host_form",
    "0x7f.0.0.1": "host_form",
    "0x7f000001": "host_form",
    "127.0.0.0x1": "host_form",
    "2130706433": "host_form",
    "017700000001": "host_form",
    "1.2.3.4.5": "host_form",
    "-imap.example.com": "host_form",
    "imap..example.com": "host_form",
    f"{'x' * 64}.example.com": "host_form",
    f"{'x.' * 127}com": "host_form",
} | dict.fromkeys(LOOPBACKS, "host_private")
PASSWORDS = {
    "": "empty",
    "a\r\nA2 DELETE INBOX": "control",
    "a\nb": "control",
    "a\0b": "control",
    "a\x7fb": "control",
    "\ud800": "control",
    "x" * 1_001: "too_long",
    "x" * 10_000: "too_long",
}
GOOD_PASSWORDS = [
    "sénha çom ãcento",
    "  spaces around and inside  ",
    "quo\"te's \\ back\\\\slash",
    "{3}\\*%s (list) [code] ~",
    "пароль 密码 🎉",
    "colon:comma,semi;",
    "x" * 1_000,
]


@pytest.fixture
def nobody() -> Iterator[socket.socket]:
    """Listen, and fail if anybody comes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()


def cases() -> Iterator[tuple[dict[str, object], str, str]]:
    for address, key in ADDRESSES.items():
        yield {"address": address}, "address", key
    for host, key in HOSTS.items():
        yield {"imap": Server(host, PORT)}, "imap_host", key
        yield {"smtp": Server(host, PORT)}, "smtp_host", key
    for port in (0, 65536, -993, 22, 110, 25):
        yield {"imap": Server("imap.example.com", port)}, "imap_port", "port"
        yield {"smtp": Server("smtp.example.com", port)}, "smtp_port", "port"
    for password, key in PASSWORDS.items():
        yield {"password": Secret(password)}, "password", key
    yield {"login": "ana\r\nA2 LOGOUT"}, "login", "control"
    yield {"login": "\ud800"}, "login", "control"
    yield {"login": "x" * 255}, "login", "too_long"
    yield {"owner": " \t"}, "owner", "empty"
    yield {"owner": "a\0b"}, "owner", "control"


def named(value: object) -> str:
    return ascii(value)[:60] if isinstance(value, (dict, str)) else ""


@pytest.mark.parametrize(("changes", "field", "key"), list(cases()), ids=named)
def test_it_is_told_at_its_field(
    installation: Installation,
    account: Account,
    nobody: socket.socket,
    changes: dict[str, object],
    field: str,
    key: str,
) -> None:
    port = nobody.getsockname()[1]
    here = Server("127.0.0.1", port)
    for side, server in list(changes.items()):
        if isinstance(server, Server) and server.port == PORT:
            changes = {**changes, side: Server(server.host, port)}
    if field.endswith("_host"):  # as in an installation that allows no host
        object.__setattr__(installation.runtime.settings, "allow_hosts", frozenset())
        usual = {"imap": Server("a.example", 993), "smtp": Server("a.example", 465)}
    else:
        usual = {"imap": here, "smtp": here}
    form = installation.form(account, **{**usual, **changes})
    (found,) = problems(form, installation.runtime.policy())
    assert (found.field, found.problem) == (field, key)
    with pytest.raises(BadInput) as refused:
        connect(installation.runtime, form, "test")
    assert refused.value.field == field
    for language in ("en", "pt_BR"):
        words = problem(Texts(language), refused.value)
        assert "{" not in words
        assert not words.startswith("problem.")
        assert Texts(language).has(f"field.{field}")
    assert watch.overview(installation.runtime).empty


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("  ana@example.com  ", "ana@example.com"),
        ("ana@example.com.", "ana@example.com"),
        ("Ana.Souza+x@EXAMPLE.com", "Ana.Souza+x@example.com"),
        ("ana@correio.açaí.com.br", "ana@correio.xn--aa-4iaz.com.br"),
        ("ana@Bücher.example", "ana@xn--bcher-kva.example"),
        ("o'neil&co@example.com", "o'neil&co@example.com"),
    ],
)
def test_addresses_that_can_be_used(
    installation: Installation, account: Account, typed: str, used: str
) -> None:
    form = installation.form(account, address=typed, login=account.user)
    one = connect(installation.runtime, form, "test")
    assert installation.integration(one).address == used


# The name of a shared mailbox goes by LOGIN, every other by AUTHENTICATE PLAIN.
@pytest.mark.parametrize("prefix", ["", "shared/"], ids=["plain", "login"])
def test_passwords_of_every_kind_reach_dovecot(
    installation: Installation, certificates: Certificates, prefix: str
) -> None:
    users = [f"{prefix}u{n}@example.org" for n in range(len(GOOD_PASSWORDS))]
    config = "auth_username_chars =\n" + "".join(
        f"passdb {{\n driver = static\n username_filter = {user}\n"
        f" args = password={{PLAIN.b64}}{b64encode(password.encode()).decode()}\n}}\n"
        for user, password in zip(users, GOOD_PASSWORDS, strict=True)
    )
    with (
        dovecot_server.running(certificates, more_config=config) as dovecot,
        serve(*sending(b"235 2.7.0 ok"), tls=certificates.good) as smtp,
    ):
        account = dovecot.mailbox()
        for user, password in zip(users, GOOD_PASSWORDS, strict=True):
            form = installation.form(
                account,
                login=user,
                password=Secret(password),
                smtp=Server("localhost", smtp.port),
            )
            report = preflight(installation.runtime, form)
            assert report.imap.verdict is Verdict.OK, (password, report.imap.problem)
            assert report.smtp.verdict is Verdict.OK
            sent = b64decode(smtp.said(rb"AUTH PLAIN ")[-1].split()[-1]).decode()
            assert sent == f"\0{user}\0{password}"
            assert password not in report.as_text(Texts("en"))
            assert password not in repr(report)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["--imap", "0x7f.0.0.1"], "host_form"),
        (["--imap", "metadata.google.internal"], "host_private"),
        (["--imap", "x.example", "--imap-port", "65536"], "port"),
    ],
    ids=" ".join,
)
def test_by_command_it_is_one_line(
    installation: Installation, tmp_path: Path, words: list[str], key: str
) -> None:
    password = tmp_path / "password"
    password.write_text("pw\n")
    told = installation.command(
        "connect", "ana@example.com", "--owner", "Ana", "--smtp", "x.example",
        "--accept-limitations", "--password-file", str(password), *words,
    )  # fmt: skip
    assert told.returncode == 2
    assert len(told.stderr.strip().splitlines()) == 1
    expected = Texts("en")(f"problem.{key}", ports="993, 143")
    assert expected in told.stderr
