"""What a probe reads of servers that answer well, oddly, or with malice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.card import Quota
from core.errors import FolderRefused, MailError, NoAnswer, ProtocolBroken, Throttled
from core.imap import probing
from core.imap.opening import open_session
from core.imap.probing import Shown
from core.secret import Secret
from tests.servers.cyrus import MailServer
from tests.servers.device import Device
from tests.servers.dovecot import Account
from tests.servers.following import Follower
from tests.servers.installation import Installation
from tests.servers.steps import Close, Lines, Stall
from tests.servers.table import OK, ScriptedMailbox

pytestmark = pytest.mark.server
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEWEST = [b'* 3 FETCH (UID 3 INTERNALDATE "01-Mar-2026 12:03:00 +0000")', OK]
ROOT = b'* QUOTAROOT INBOX ""'


def mailbox(**changes: object) -> ScriptedMailbox:
    box = ScriptedMailbox(capabilities="IMAP4rev1 QUOTA", **changes)  # type: ignore[arg-type]
    box.answers |= {rb"UID FETCH \*": NEWEST, rb"GETQUOTAROOT": [ROOT, OK]}
    return box


def look(follower: Follower, box: ScriptedMailbox) -> Shown:
    with follower.session(box) as (session, _):
        return probing.look(session, NOW)


def test_every_server_says_what_is_newest(
    installation: Installation, server: MailServer, box: Account
) -> None:
    began = datetime.now(UTC) - timedelta(seconds=5)
    server.fill(box, {"INBOX": 3})
    with Device(box) as phone:
        uids = phone.uids("INBOX")
        phone.delete("INBOX", uids[1])
        last = phone.deliver("INBOX")
    password, policy = Secret(box.password), installation.runtime.policy()
    with open_session(box.imap, box.user, password, policy) as session:
        shown = probing.look(session, datetime.now(UTC))
    assert shown.status.messages == 3
    assert shown.newest is not None
    assert shown.newest.uid == last
    assert shown.newest.received_at is not None
    assert began < shown.newest.received_at < began + timedelta(minutes=1)
    assert shown.card.quota is None  # none is set
    assert shown.card.clock_ahead_s is None


def test_what_is_newest(follower: Follower) -> None:
    shown = look(follower, mailbox())
    assert (shown.status.uidvalidity, shown.status.uidnext) == (7, 4)
    assert shown.newest is not None
    assert shown.newest.uid == 3
    assert shown.newest.received_at == NOW + timedelta(minutes=3)
    assert shown.card.ahead_s == 180
    assert shown.card.capabilities == ("IMAP4REV1", "QUOTA")
    assert shown.card.tls is not None


def test_nothing_is_changed_and_little_is_asked(follower: Follower) -> None:
    with follower.session(mailbox()) as (session, server):
        before = len(server.lines)
        probing.look(session, NOW)
        commands = [line.split(b" ", 1)[1] for line in server.lines[before:]]
    assert commands == [
        b'EXAMINE "INBOX"',
        b"UID FETCH * (UID INTERNALDATE)",
        b"GETQUOTAROOT INBOX",
    ]


@pytest.mark.parametrize(
    ("lines", "uid"),
    [
        ([b"* 1 FETCH (FLAGS (\\Seen))", *NEWEST], 3),
        ([b"* 1 FETCH (UID 9 FLAGS (\\Seen))", *NEWEST], 3),
        ([b'* 2 FETCH (UID 2 INTERNALDATE "01-Mar-2026 12:00:00 +0000")', *NEWEST], 3),
        ([b'* 3 FETCH (INTERNALDATE " 1-Mar-2026 12:03:00 +0000" UID 3)', OK], 3),
        ([b'* 3 UIDFETCH (INTERNALDATE "01-Mar-2026 12:03:00 +0000")', OK], 3),
        ([b'* 3 FETCH (UID 3 INTERNALDATE "yesterday, I think")', OK], 3),
        ([b'* 3 FETCH (UID 3 INTERNALDATE "01-Mar-9999 12:03:00 +0000")', OK], 3),
        ([b"* 3 FETCH (UID 3)", OK], None),
        ([b"* 4 EXISTS", OK], None),
        ([OK], None),
    ],
)
def test_the_newest_as_servers_tell_of_it(
    follower: Follower, lines: Lines, uid: int | None
) -> None:
    box = mailbox()
    box.answers[rb"UID FETCH \*"] = lines
    newest = look(follower, box).newest
    assert (newest.uid if newest else None) == uid


def test_an_empty_inbox_has_no_newest(follower: Follower) -> None:
    shown = look(follower, mailbox(sizes={"INBOX": 0}))
    assert (shown.newest, shown.card.ahead_s) == (None, None)


@pytest.mark.parametrize(
    ("command", "lines", "error"),
    [
        (rb"EXAMINE", [b"{tag} NO there is no INBOX"], FolderRefused),
        (rb"EXAMINE", [b"{tag} NO [LIMIT] too many connections"], Throttled),
        (rb"EXAMINE", [OK], ProtocolBroken),
        (rb"UID FETCH \*", [b"{tag} BAD what is *"], ProtocolBroken),
        (
            rb"UID FETCH \*",
            [b'* 3 FETCH (UID 4294967296 INTERNALDATE "01-Mar-2026 12:03:00 +0000")'],
            ProtocolBroken,
        ),
        (rb"UID FETCH \*", [Stall()], NoAnswer),
    ],
)
def test_what_ends_a_probe(
    follower: Follower, command: bytes, lines: Lines, error: type[MailError]
) -> None:
    box = mailbox()
    box.answers[command] = lines
    with pytest.raises(error):
        look(follower, box)


@pytest.mark.parametrize(
    ("lines", "quota", "over"),
    [
        ([ROOT, b'* QUOTA "" (STORAGE 10 512)', OK], Quota(10, 512), False),
        ([b"* QUOTA {4}\r\nroot (STORAGE 10 512)", OK], Quota(10, 512), False),
        (
            [b"* NO [OVERQUOTA] soft", b'* QUOTA "" (STORAGE 10 512)', OK],
            Quota(10, 512),
            True,
        ),
        ([b'* QUOTA "" (STORAGE %s 1)' % (b"9" * 5000), OK], None, False),
        ([b'* QUOTA "" (STORAGE 1 %d)' % 2**64, OK], None, False),
        ([b'* QUOTA "" (STORAGE lots all)', OK], None, False),
        ([b'* QUOTA "" (STORAGE "10" "512")', OK], None, False),
        ([b'* QUOTA "" STORAGE 10 512', OK], None, False),
        ([b"* QUOTA", OK], None, False),
        ([OK], None, False),
        ([b"{tag} NO no quota for you"], None, False),
        ([b"{tag} NO [OVERQUOTA] no quota for you"], None, False),
        ([b"{tag} BAD what is that"], None, False),
    ],
)
def test_quotas_as_servers_tell_of_them(
    follower: Follower, lines: Lines, quota: Quota | None, over: bool
) -> None:
    box = mailbox()
    box.answers[rb"GETQUOTAROOT"] = lines
    card = look(follower, box).card
    assert (card.offers_quota, card.quota, card.over_quota) == (True, quota, over)


@pytest.mark.parametrize("lines", [[Stall()], [Close()], [b"what?"]])
def test_who_is_not_up_to_it_is_not_asked_for_a_quota_again(
    follower: Follower, lines: Lines
) -> None:
    box = mailbox()
    box.answers[rb"GETQUOTAROOT"] = lines
    with box.served(follower.certificates) as server:
        for _ in range(2):
            with follower.logged_in(server) as session:
                shown = probing.look(session, NOW)
            assert shown.newest is not None
            assert (shown.card.offers_quota, shown.card.quota) == (True, None)
        assert len(server.said(b"GETQUOTAROOT")) == 1


def test_no_quota_is_asked_for_where_none_is_offered(follower: Follower) -> None:
    box = mailbox()
    box.capabilities = "IMAP4rev1 QUOTASET"
    with follower.session(box) as (session, server):
        card = probing.look(session, NOW).card
        assert (card.offers_quota, card.quota) == (False, None)
        assert not server.said(b"QUOTAROOT")
