"""A planted password is in no log, bundle, metric, page, file or process (THREATS T1).

A worker of its own works with it, on a server that lets it in and on servers that
refuse it and repeat it; commands and pages look at what came of that.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from console import runtime as shared
from console.nav import TABLE
from core import bundle, watch
from core.model import Acknowledgement, Integration, Method, Server
from core.secret import Secret
from core.store import credentials, integrations
from core.store.engine import writing
from tests.certificates import Certificates
from tests.console.conftest import visit
from tests.planted import Planted, files, process
from tests.servers import dovecot as dovecots
from tests.servers.device import compose, deliver_by_lmtp
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import HOSTS, Installation
from tests.servers.listening import holds
from tests.servers.scraping import get
from tests.servers.scripted import serve
from tests.servers.steps import POLITE, Answer, Close, Lines, Send, Step
from tests.servers.submitting import sending
from tests.servers.worker_process import WorkerProcess, worker_process

pytestmark = pytest.mark.server
SECRET = "Zq7-CANARY+9f/3e"
LETS_IN = f"""
passdb {{
  driver = static
  username_filter = planted*
  args = password={SECRET}
}}
"""
USER = "echo.{}@example.org"
CODED = b64encode(f"{USER}\0{USER}\0{SECRET}!".encode())
ECHOES: list[Lines] = [  # of a login, each by a server of its own
    [b"{tag} NO [AUTHENTICATIONFAILED] not with " + SECRET.encode()],
    [b"{tag} NO [UNAVAILABLE] later, " + b64encode(SECRET.encode())],
    [b"* BYE [ALERT] who is " + CODED + b" " + SECRET.encode(), Close()],
    [b"* OK [ALERT] you are " + SECRET.encode(), b"{tag} NO " + CODED],
    [b"{tag} OK hello " + SECRET.encode()],  # and then it answers nothing it knows
]
PATHS = ("/metrics", "/healthz", "/readyz", "/" + SECRET)


@pytest.fixture(scope="module")
def server(certificates: Certificates) -> Iterator[Dovecot]:
    """Run a Dovecot that knows the planted password."""
    with dovecots.running(certificates, more_config=LETS_IN) as running:
        yield running


@pytest.fixture
def planted(server: Dovecot) -> Account:
    """Give a mailbox with that password."""
    account = server.mailbox("planted")
    values = {name: getattr(account, name) for name in Account.__slots__}
    return Account(**{**values, "password": SECRET})


@pytest.fixture
def echoing(certificates: Certificates, installation: Installation) -> Iterator[int]:
    """Integrate mailboxes of servers that repeat the password; give how many."""
    with ExitStack() as stack:
        for number, echo in enumerate(ECHOES):
            table = POLITE | {rb"LOGIN ": echo}
            script: list[Step] = [Send(b"* OK ready\r\n"), Answer(table)]
            there = stack.enter_context(serve(*script, tls=certificates.good))
            store(installation, USER.format(number), there.port)
        yield len(ECHOES)


def store(installation: Installation, user: str, port: int) -> int:
    """Store an integration whose password is the planted one, as it is after months."""
    runtime, where = installation.runtime, Server("localhost", port)
    new = Integration(0, f"Owner of {user}", user, user, Method.IMAP, where, where)
    now, vault = runtime.clock(), runtime.vault
    with writing(runtime.engine) as conn:
        one = integrations.create(conn, new, Acknowledgement("1", "test", now), now)
        sealed = vault.seal(Secret(SECRET), one, "password")
        credentials.put_credential(conn, one, "password", vault.key_id, sealed)
    return one


@pytest.mark.parametrize("database_url", [""], ids=["sqlite"])  # looks into its files
def test_a_planted_password_appears_nowhere(
    installation: Installation,
    certificates: Certificates,
    planted: Account,
    echoing: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places: dict[str, bytes] = {}
    typed = tmp_path / "typed"
    typed.write_text(SECRET + "\n")

    def command(*words: str) -> None:
        done = installation.command(
            *words, MALOTE_LOG_LEVEL="debug", MALOTE_LOG_FORMAT="json"
        )
        places[f"malote {words[0]} {len(places)}"] = f"{done}".encode()

    with serve(*sending(b"235 2.7.0 welcome"), tls=certificates.good) as smtp:
        words = connecting(planted, smtp.port, typed)
        command(*words, "--owner", "Planted", "--accept-limitations")
        one = max(each.id for each in watch.live(installation.runtime))
        assert installation.integration(one).address == planted.address
        command("doctor", planted.address, "--password-file", str(typed))
    command(*words, "--owner", "Late", "--accept-limitations")  # SMTP is gone
    denied = connecting(planted, 9, typed)
    command("connect", "deny@example.org", *denied[2:], "--owner", "Denied")
    with worker_process(installation, tmp_path / "log") as worker:
        work(installation, worker, planted, one, echoing)
        places |= seen(installation, worker)
    places["log"] = (tmp_path / "log").read_bytes()
    file = tmp_path / "bundle.zip"
    command("doctor", "--bundle", str(file))
    places["bundle by command"] = file.read_bytes()
    for mailbox in (None, one, 1):
        made = bundle.make(installation.runtime, mailbox)
        places[f"bundle {mailbox}"] = made
    places |= pages(installation, monkeypatch, [one, *range(1, echoing + 1)])
    installation.runtime.engine.dispose()
    places |= files(installation.runtime.settings.data, "key")

    logins = (planted.address, *(USER.format(n) for n in range(echoing)))
    assert Planted(SECRET, logins).found(places) == set()
    told_enough(places, planted.address)


def connecting(account: Account, smtp_port: int, typed: Path) -> list[str]:
    return [
        "connect", account.address, "--imap", account.host,
        "--imap-port", str(account.imap_port), "--smtp", "localhost",
        "--smtp-port", str(smtp_port), "--password-file", str(typed),
    ]  # fmt: skip


def work(
    installation: Installation,
    worker: WorkerProcess,
    account: Account,
    one: int,
    echoing: int,
) -> None:
    """Let the worker sync, watch, and be refused by each server twice."""
    worker.until(lambda: worker.value("malote_integrations_watched") >= 1)
    deliver_by_lmtp(account, compose())
    worker.until(lambda: holds(installation, one, "INBOX", 1))
    failed: Callable[[], float] = lambda: worker.value(  # noqa: E731 - asked often
        "malote_syncs_total", outcome="failed"
    )
    worker.until(lambda: failed() >= echoing)
    for mailbox in range(1, echoing + 1):
        watch.sync_now(installation.runtime, mailbox, "test")
    worker.until(lambda: failed() >= 2 * echoing)


def seen(installation: Installation, worker: WorkerProcess) -> dict[str, bytes]:
    """Give what others see of a running worker: its port, its process, its files."""
    places = {path: get(worker.port, path)[1].encode() for path in PATHS[:3]}
    at_work = process(worker.pid)
    while_at_it = files(installation.runtime.settings.data, "key")
    return places | at_work | {f"at work/{k}": v for k, v in while_at_it.items()}


def pages(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, mailboxes: list[int]
) -> dict[str, bytes]:
    """Open every page on every mailbox; give what is shown and what is remembered."""
    monkeypatch.setenv("MALOTE_DATA", str(installation.runtime.settings.data))
    monkeypatch.setenv("MALOTE_ALLOW_HOSTS", HOSTS)
    shared.runtime.cache_clear()
    try:
        return {
            f"page {entry.name} {mailbox}": shown(
                visit(entry.name, "en", integration=str(mailbox))
            )
            for entry in TABLE
            for mailbox in mailboxes
        }
    finally:
        shared.runtime().engine.dispose()
        shared.runtime.cache_clear()


def shown(at: AppTest) -> bytes:
    """Give all that a page sends to the browser, and all that its session holds."""
    assert not at.exception
    parts = [str(getattr(node, "proto", "")) for node in at._tree]
    state = at.session_state._state
    parts += [repr(state.filtered_state), repr(vars(state))]
    return "\n".join(parts).encode()


def told_enough(places: dict[str, bytes], address: str) -> None:
    """See that there was something to search: nothing is found in nothing."""
    assert b'"event": "sync"' in places["log"]
    assert places["log"].count(b'"outcome": "failed"') >= len(ECHOES)
    assert b"malote_errors_total" in places["/metrics"]
    assert address.encode() in places["malote.db"] + places["at work/malote.db-wal"]
    assert places["bundle by command"].startswith(b"PK")
    assert b"MALOTE_DATA" in places["environ"]
    hidden = [k for k, v in places.items() if b"\\u2026" in v]  # JSON in the database
    assert [k for k in hidden if k.startswith("at work/malote.db")]
    text = b"".join(v for k, v in places.items() if k.startswith("page integrations"))
    assert b"echo.0" in text
