"""What servers do, row by row of the table of interoperability: messages.

Tests are about what is held afterwards, never about how it was asked for, but where a
row is about a command that some servers do not survive.
"""

from __future__ import annotations

import re

import pytest

from core.model import Changes, Outcome
from tests.servers.following import Follower
from tests.servers.table import OK, Mail, ScriptedMailbox

pytestmark = pytest.mark.server
WHOLE = "IMAP4rev1 CONDSTORE ESEARCH LIST-EXTENDED LIST-STATUS"


@pytest.fixture(params=["IMAP4rev1", "IMAP4rev1 ESEARCH", WHOLE])
def box(request: pytest.FixtureRequest) -> ScriptedMailbox:
    """Give a mailbox of 40 messages on servers that can little and much."""
    return ScriptedMailbox({"INBOX": 40, "Empty": 0}, request.param)


def test_row_02_and_34_no_charset_and_no_parentheses(
    follower: Follower, box: ScriptedMailbox
) -> None:
    box.answers[rb"UID SEARCH.*(CHARSET|\(UID|\(ALL\) \()"] = [b"{tag} BAD [CLIENTBUG]"]
    with follower.following(box) as one:
        assert one.sync().outcome is Outcome.OK
        assert len(one.uids("INBOX")) == 40
        assert not one.server.said(rb"CHARSET")
        assert not one.server.said(rb'HEADER\.FIELDS \("')  # INTEROP 34: quoted names


@pytest.mark.parametrize("order", ["reversed", "odd ones first"])
def test_row_04_answers_in_any_order(
    follower: Follower, box: ScriptedMailbox, order: str
) -> None:
    def fetch(command: bytes) -> list[bytes]:
        *rows, end = box.usual(command)
        if order == "reversed":
            return [*rows[::-1], end]
        return [*rows[1::2], *rows[::2], end]

    box.answers[rb"UID (FETCH|SEARCH)"] = fetch
    with follower.following(box) as one:
        assert one.sync().outcome is Outcome.OK
        box.boxes["INBOX"].add()
        box.boxes["INBOX"].add()
        assert one.sync().outcome is Outcome.OK
        assert one.uids("INBOX") == list(range(1, 43))


def test_row_05_one_connection_at_a_time(
    follower: Follower, box: ScriptedMailbox
) -> None:
    seen: list[int] = []
    with follower.following(box) as one:

        def fetch(command: bytes) -> list[bytes]:
            seen.append(len(one.server._open))
            return box.usual(command)

        box.answers[rb"UID FETCH"] = fetch
        assert one.sync().outcome is Outcome.OK
    assert seen
    assert set(seen) == {1}


def test_row_07_nothing_is_asked_for_by_rfc822(
    follower: Follower, box: ScriptedMailbox
) -> None:
    with follower.following(box) as one:
        one.sync()
        assert not one.server.said(rb"RFC822(?!\.SIZE)")
        assert not one.server.said(rb"BODY\[")  # THREATS T11: it would set \Seen


def test_row_08_icloud_empty_search(follower: Follower, box: ScriptedMailbox) -> None:
    box.boxes["INBOX"].mails.clear()
    box.boxes["INBOX"].gap = 40
    box.answers[rb"UID SEARCH"] = [OK]
    with follower.following(box) as one:
        report = one.sync()
        assert report.outcome is Outcome.OK, report.error
        assert one.uids("INBOX") == []


def test_row_10_changes_since_are_ignored(
    follower: Follower, box: ScriptedMailbox
) -> None:
    def fetch(command: bytes) -> list[bytes]:
        return box.usual(re.sub(rb" \(CHANGEDSINCE \d+\)", b"", command))

    box.answers[rb"UID FETCH"] = fetch
    with follower.following(box) as one:
        one.sync()
        inbox = box.boxes["INBOX"]
        inbox.mails[4].flags, inbox.modseq = r"\Seen", 9
        inbox.mails[4].modseq = 9
        changes = one.sync().changes
        assert changes == Changes(read=1)
        assert one.flags("INBOX")[5] == {r"\Seen"}


def test_row_10_phantom_uids_are_never_given(
    follower: Follower, box: ScriptedMailbox
) -> None:
    """SEARCH and EXAMINE count a message that FETCH does not know."""
    box.answers[rb"UID FETCH"] = lambda c: [
        line for line in box.usual(c) if b"UID 7 " not in line and b"UID 7)" not in line
    ]
    with follower.following(box) as one:
        for _ in range(2):
            report = one.sync()
            assert report.outcome is Outcome.OK, report.error
            assert one.uids("INBOX") == [n for n in range(1, 41) if n != 7]


def test_row_11_one_message_in_two_folders(
    follower: Follower, box: ScriptedMailbox
) -> None:
    box.boxes["Empty"].mails.append(Mail(1))
    with follower.following(box) as one:
        report = one.sync()
        assert report.changes.added == 40
        assert one.uids("Empty") == [1]
        box.boxes["INBOX"].mails.pop(0)
        one.sync()
        assert one.uids("INBOX") == list(range(2, 41))
        assert one.uids("Empty") == [1]


def test_row_20_messages_that_nobody_asked_for(
    follower: Follower, box: ScriptedMailbox
) -> None:
    def fetch(command: bytes) -> list[bytes]:
        stray = box.fetched(3, Mail(900), command)
        nobody = b"* 4 FETCH (FLAGS (\\Deleted))"  # THREATS, fault 29
        return [stray, nobody, b"* 41 EXISTS", *box.usual(command)]

    box.answers[rb"UID FETCH"] = fetch
    with follower.following(box) as one:
        assert one.sync().outcome is Outcome.OK
        assert one.uids("INBOX") == list(range(1, 41))
        assert not any(one.flags("INBOX").values())


def test_row_23_sets_are_ascending(follower: Follower, box: ScriptedMailbox) -> None:
    with follower.following(box) as one:
        one.sync()
        for line in one.server.said(rb"UID FETCH"):
            numbers = [int(n) for n in re.findall(rb"\d+", line.split()[3])]
            assert numbers == sorted(numbers), line


def test_row_27_and_42_search_is_by_uid_only(
    follower: Follower, box: ScriptedMailbox
) -> None:
    box.capabilities += " XLIST"
    with follower.following(box) as one:
        one.sync()
        one.sync()
        words = rb"XLIST|SINCE|BEFORE|\bON\b|HEADER [^.]|SUBJECT \"|SENTON|TEXT"
        assert not [line for line in one.server.said(words) if b"BODY.PEEK" not in line]


def test_row_33_the_last_message_answers_for_those_after_it(
    follower: Follower, box: ScriptedMailbox
) -> None:
    """RFC 9051 §9: with 40 messages 41:* is 40:41, and this server keeps to it."""
    with follower.following(box) as one:
        one.sync()
        box.boxes["INBOX"].gap = 5  # came and went between two syncs
        report = one.sync()
        assert report.outcome is Outcome.OK
        assert report.changes.added == 0
        assert one.uids("INBOX") == list(range(1, 41))


def test_row_40_items_in_any_order(follower: Follower, box: ScriptedMailbox) -> None:
    """The UID last of all, after the literal."""

    def fetch(command: bytes) -> list[bytes]:
        uid = re.compile(rb"\(UID (\d+) (.*)\)\Z", re.DOTALL)
        return [uid.sub(rb"(\2 UID \1)", line) for line in box.usual(command)]

    box.answers[rb"UID FETCH"] = fetch
    with follower.following(box) as one:
        assert one.sync().outcome is Outcome.OK
        assert one.uids("INBOX") == list(range(1, 41))


@pytest.mark.parametrize(
    ("item", "instead"),
    [
        (rb"INTERNALDATE \"(0\d)", b'INTERNALDATE "1'),  # one digit
        (rb" ?INTERNALDATE \"[^\"]*\"", b""),
        (rb" ?FLAGS \(\)", b""),
        (rb" ?RFC822.SIZE \d+", b""),
        (rb" ?BODYSTRUCTURE \(.*?1\)", b""),
    ],
)
def test_row_43_what_is_left_out_does_not_matter(
    follower: Follower, box: ScriptedMailbox, item: bytes, instead: bytes
) -> None:
    box.answers[rb"UID FETCH .*BODYSTRUCTURE"] = lambda c: [
        re.sub(item, instead, line) for line in box.usual(c)
    ]
    with follower.following(box) as one:
        report = one.sync()
        assert report.outcome is Outcome.OK, report.error
        assert one.uids("INBOX") == list(range(1, 41))


def test_row_43_a_line_of_a_megabyte(follower: Follower, box: ScriptedMailbox) -> None:
    padded = b'BODYSTRUCTURE ("TEXT" "PLAIN" ("X" "%s")' % (b"x" * 1_500_000)

    def fetch(command: bytes) -> list[bytes]:
        old = b'BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "us-ascii")'
        return [
            line.replace(old, padded) if b"UID 7 " in line else line
            for line in box.usual(command)
        ]

    box.answers[rb"UID FETCH .*BODYSTRUCTURE"] = fetch
    with follower.following(box) as one:
        assert one.sync().outcome is Outcome.OK
        assert one.uids("INBOX") == list(range(1, 41))
