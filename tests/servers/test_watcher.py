"""Watching by IDLE: what real servers tell, and what bad ones do to it."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest

from core.jobs.ears import Told
from core.jobs.gate import Ask, Bounds
from core.model import Security, Server
from core.network import Policy
from tests.certificates import Certificates
from tests.servers.device import Device, compose, deliver_by_lmtp
from tests.servers.dovecot import Account, Dovecot, Kind
from tests.servers.listening import place_of, watching
from tests.servers.scripted import ScriptedServer, serve
from tests.servers.steps import POLITE, Answer, Close, Flood, Send, Stall, Step, Table
from tests.servers.wire import How, between

pytestmark = pytest.mark.server
HELLO = Send(b"* OK ready\r\n")
INBOX, WHOLE = frozenset({"INBOX"}), None
CAPABLE = [b"* CAPABILITY IMAP4rev1 IDLE", b"{tag} OK done"]


@pytest.fixture
def policy(certificates: Certificates) -> Policy:
    hosts = frozenset({"127.0.0.1", "127.0.0.2", "127.0.0.3"})
    return Policy(
        allow_hosts=hosts,
        plaintext_hosts=hosts,
        ca_files=(certificates.ca_file,),
        connect_timeout_s=3,
        command_timeout_s=5,
    )


def status(messages: int) -> list[bytes | Send]:
    numbers = b"MESSAGES %d UIDNEXT %d UIDVALIDITY 1 UNSEEN 0"
    line = b"* STATUS INBOX (" + numbers + b")"
    return [line % (messages, messages + 1), b"{tag} OK done"]


IDLES: Table = POLITE | {
    rb"CAPABILITY": CAPABLE,
    rb"EXAMINE": [b"* 5 EXISTS", b"* OK [UIDVALIDITY 1] ok", b"{tag} OK done"],
    rb"STATUS": status(5),
    rb"IDLE": [b"+ idling"],
    rb"$": [b"{tag} OK idle done"],  # DONE has no tag
}


def at(server: ScriptedServer) -> dict[int, tuple[Server, str]]:
    return {1: (Server("127.0.0.1", server.port, Security.NONE), "ana")}


def through(port: int, account: Account) -> dict[int, tuple[Server, str]]:
    return {1: (Server(account.host, port, Security.TLS), account.user)}


# ---- real servers


@pytest.mark.parametrize("security", list(Security))
def test_what_happens_to_a_folder_is_told(
    policy: Policy, account: Account, security: Security
) -> None:
    port = account.imap_port if security is Security.TLS else account.starttls_port
    server = Server(account.host, port, security)
    with Device(account) as phone, watching({1: (server, account.user)}, policy) as w:
        w.until_watched()
        assert w.ears.changes == [(1, WHOLE)]  # the first sight of it
        uid = phone.deliver("INBOX")
        w.ears.until(lambda: len(w.ears.changes) > 1)
        phone.read("INBOX", uid)
        w.ears.until(lambda: len(w.ears.changes) > 2)
        phone.delete("INBOX", uid)
        w.ears.until(lambda: len(w.ears.changes) > 3)
        assert set(w.ears.changes[1:]) == {(1, INBOX)}
        assert w.ears.news == [(1, Told.WATCHED, "")]
        assert w.count("lines") == 1


def test_a_second_connection_watches_sent_mail(
    policy: Policy, account: Account
) -> None:
    with (
        Device(account) as phone,
        watching(through(account.imap_port, account), policy, connections=2) as w,
    ):
        w.ears.until(lambda: (1, frozenset({"Sent"})) in w.ears.changes)
        w.ears.changes.clear()
        phone.deliver("Sent")
        w.ears.until(lambda: w.ears.changes == [(1, frozenset({"Sent"}))])


@pytest.mark.parametrize("kind", [Kind.FULL, Kind.NO_CONDSTORE])
def test_a_renewal_shows_what_idle_does_not_tell(
    policy: Policy, dovecot: Dovecot, kind: Kind
) -> None:
    account = dovecot.mailbox(kind=kind)
    with (
        Device(account) as phone,
        watching(through(account.imap_port, account), policy, idle_s=0.2) as w,
    ):
        w.until_watched()
        w.ears.until(lambda: len(w.ears.proofs) > 5)
        assert w.ears.changes == [(1, WHOLE)]  # nothing happens, nothing is told
        phone.deliver("Archive")
        w.ears.until(lambda: w.ears.changes[1:] == [(1, WHOLE)])
        phone.create("New")
        w.ears.until(lambda: w.ears.changes[2:] == [(1, WHOLE)])
        phone.deliver("INBOX")
        w.ears.until(lambda: (1, INBOX) in w.ears.changes[3:])
        assert w.count("deaf") == 0


def test_who_is_hung_up_on_comes_back_and_has_missed_nothing(
    policy: Policy, dovecot: Dovecot, account: Account
) -> None:
    with watching(through(account.imap_port, account), policy) as w:
        w.until_watched()
        dovecot.hang_up(account)
        deliver_by_lmtp(account, compose())
        w.ears.until(lambda: len(w.ears.changes) > 1)
        assert w.count("lost") == 1
        assert {what for _, what, _ in w.ears.news} == {Told.WATCHED}  # IDLE drops
        deliver_by_lmtp(account, compose())
        w.ears.until(lambda: len(w.ears.changes) > 2)


def test_a_server_without_idle_is_polled(policy: Policy, dovecot: Dovecot) -> None:
    account = dovecot.mailbox(kind=Kind.BARE)
    with watching(through(account.imap_port, account), policy) as w:
        w.ears.until(lambda: w.ears.news == [(1, Told.POLLED, "")])
        assert w.count("lines") == 0


@pytest.mark.parametrize(
    "how", [How.CLOSE, How.RESET, How.STALL], ids=lambda how: how.name.lower()
)
def test_a_connection_that_dies_is_replaced(
    policy: Policy, account: Account, how: How
) -> None:
    with (
        between(account.imap_port) as wire,
        watching(through(wire.port, account), policy, idle_s=0.3, answer_s=0.5) as w,
    ):
        w.until_watched()
        wire.how = how
        wire.cut_now()
        w.ears.until(lambda: w.count("lost") > 0 and 1 not in w.watcher.watched())
        assert (w.count("silent") > 0) == (how is How.STALL)  # only its probe tells
        proofs = len(w.ears.proofs)
        w.until_watched()
        w.ears.until(lambda: len(w.ears.proofs) > proofs)


def test_who_is_forgotten_is_hung_up_on(policy: Policy, account: Account) -> None:
    with watching(through(account.imap_port, account), policy) as w:
        w.until_watched()
        w.watcher.forget(1)
        w.ears.until(lambda: w.count("lines") == 0)
        assert w.watcher.watched() == set()
        assert w.watcher.gate.open_of(account.host) == 0
        w.watcher.follow(1, place_of(*w.servers[1]))
        w.until_watched()


def test_nothing_is_left_open(policy: Policy, dovecot: Dovecot) -> None:
    before = open_files()
    boxes = {n: dovecot.mailbox() for n in range(8)}
    servers = {n: through(box.imap_port, box)[1] for n, box in boxes.items()}
    with watching(servers, policy, connections=2) as w:
        w.ears.until(lambda: w.count("lines") == 16)
        assert open_files() > before
    assert open_files() == before


def open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_sync_gets_the_only_connection_and_gives_it_back(
    policy: Policy, account: Account
) -> None:
    one = Bounds(account=1, gap_s=0.0)  # INTEROP 5
    servers = through(account.imap_port, account)
    with watching(servers, policy, connections=2, bounds=one) as w:
        w.until_watched()
        entered = threading.Event()
        place = place_of(*servers[1], one)
        w.watcher.gate.ask(Ask("sync", place, entered.set, first=True))
        assert entered.wait(5)
        assert w.watcher.watched() == set()
        assert w.watcher.gate.open_of(account.host) == 1
        w.watcher.gate.give_back("sync")
        w.until_watched()
        assert w.count("lost") == 0
        assert w.ears.changes == [(1, WHOLE)]  # nothing had changed meanwhile


# ---- servers that misbehave


def test_a_deaf_connection_is_replaced(policy: Policy) -> None:
    # INTEROP 37, fault 39: a message came, and IDLE said nothing.
    deaf: list[Step] = [
        HELLO,
        Answer(IDLES, until=rb"STATUS"),
        Answer(IDLES | {rb"STATUS": status(6)}),
    ]
    with serve(*deaf) as server, watching(at(server), policy, idle_s=0.2) as w:
        w.ears.until(lambda: (1, Told.DEAF, "") in w.ears.news)
        assert (1, INBOX) in w.ears.changes
        proofs = len(w.ears.proofs)
        w.ears.until(lambda: server.connections > 1)
        w.until_watched()
        w.ears.until(lambda: len(w.ears.proofs) > proofs)


def test_a_farewell_in_idle_is_no_trouble(policy: Policy) -> None:
    # Faults 40, 41; INTEROP 27.
    leaves: Table = {rb"IDLE": [b"+ idling", b"* BYE autologout", Close()]}
    with (
        serve(HELLO, Answer(IDLES | leaves)) as server,
        watching(at(server), policy) as w,
    ):
        w.ears.until(lambda: server.connections > 1)
        assert (1, Told.WATCHED, "") in w.ears.news
        w.ears.until(lambda: (1, Told.LOST, "connection_lost") in w.ears.news)


@pytest.mark.parametrize("word", [b"NO", b"BAD"])
def test_idle_that_is_refused_is_polling(policy: Policy, word: bytes) -> None:
    refuses: Table = {rb"IDLE": [b"{tag} " + word + b" not today"]}  # fault 37
    with (
        serve(HELLO, Answer(IDLES | refuses)) as server,
        watching(at(server), policy) as w,
    ):
        w.ears.until(lambda: (1, Told.POLLED, "") in w.ears.news)
        assert w.count("lines") == 0
        assert server.connections == 1


def test_a_flood_is_told_once_in_a_while_and_others_are_heard(
    policy: Policy, account: Account
) -> None:
    # THREATS T7, idle-flood.
    floods: Table = {rb"IDLE": [b"+ idling", Flood(b"* 6 EXISTS\r\n" * 1000)]}
    with serve(HELLO, Answer(IDLES | floods)) as server:
        servers = {**at(server), 2: through(account.imap_port, account)[1]}
        with watching(servers, policy) as w:
            w.until_watched(2)
            w.ears.until(lambda: w.count("floods") > 1)
            told = len(w.ears.changes)
            deliver_by_lmtp(account, compose())
            w.ears.until(lambda: (2, INBOX) in w.ears.changes)
            assert len(w.ears.changes) - told < 50


def test_a_refused_password_is_not_tried_again(policy: Policy) -> None:
    wrong: Table = {rb"LOGIN ": [b"{tag} NO [AUTHENTICATIONFAILED] no"]}
    with (
        serve(HELLO, Answer(IDLES | wrong)) as server,
        watching(at(server), policy) as w,
    ):
        w.ears.until(lambda: w.ears.news == [(1, Told.LOST, "wrong_password")])
        assert w.watcher.gate.next_at(0.0) == float("inf")
        assert server.connections == 1


def test_a_server_that_says_nothing_is_given_up_for_now(policy: Policy) -> None:
    silent: Table = {rb"STATUS": [Stall()]}
    with (
        serve(HELLO, Answer(IDLES | silent)) as server,
        watching(at(server), policy, answer_s=0.3) as w,
    ):
        w.ears.until(lambda: (1, Told.LOST, "no_answer") in w.ears.news)
        assert w.watcher.watched() == set()
        assert server.connections > 1


def test_idle_is_renewed_in_short_slices_where_a_server_wants_them(
    policy: Policy,
) -> None:
    # INTEROP 4, 38: Yahoo 3 minutes, Rambler 55 seconds.
    with (
        serve(HELLO, Answer(IDLES)) as server,
        watching(at(server), policy, idle_s=0.1) as w,
    ):
        w.ears.until(lambda: len(server.said(rb"^DONE")) > 4)
        assert server.connections == 1
        assert w.count("lost") == 0
        order = [line for line in server.lines if line != b"DONE"][-6:]
        assert {line.split()[1] for line in order} == {b"STATUS", b"IDLE"}
