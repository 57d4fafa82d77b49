"""What servers do, row by row of the table of interoperability: limits of FETCH."""

from __future__ import annotations

import re

import pytest

from core.model import Outcome
from tests.servers.following import Follower
from tests.servers.table import ScriptedMailbox

pytestmark = pytest.mark.server
YAHOO = "IMAP4rev1 ENABLE UIDONLY PARTIAL MESSAGELIMIT=10 XYMHIGHESTMODSEQ"
WHOLE = "IMAP4rev1 CONDSTORE ESEARCH LIST-EXTENDED LIST-STATUS"
SET = re.compile(rb"((?:FETCH|UID) )[\d:*,]+")


@pytest.fixture(params=["IMAP4rev1", "IMAP4rev1 ESEARCH", WHOLE])
def box(request: pytest.FixtureRequest) -> ScriptedMailbox:
    """Give a mailbox of 40 messages on servers that can little and much."""
    return ScriptedMailbox({"INBOX": 40, "Empty": 0}, request.param)


def yahoo() -> ScriptedMailbox:
    """Give a mailbox that answers by UIDFETCH, and 10 messages at a time.

    Of a larger set the highest come, and where that ended (RFC 9738 §3.1).
    """
    box = ScriptedMailbox({"INBOX": 45}, YAHOO)

    def a_few(command: bytes) -> list[bytes]:
        chosen = box.chosen(command)[-10:]
        if len(chosen) == len(box.chosen(command)):
            return box.usual(command)
        few = b",".join(b"%d" % mail.uid for _, mail in chosen)
        *rows, _ = box.usual(SET.sub(rb"\g<1>" + few, command, count=1))
        return [*rows, b"{tag} OK [MESSAGELIMIT 10 %d] in part" % chosen[0][1].uid]

    def fetch(command: bytes) -> list[bytes]:
        uid = re.compile(rb"\A\* \d+ FETCH \(UID (\d+) ?")  # RFC 9586 §3.3
        return [uid.sub(rb"* \1 UIDFETCH (", line) for line in a_few(command)]

    box.answers = {rb"UID FETCH": fetch, rb"UID SEARCH .*UID": a_few}
    return box


def test_row_01_yahoo_answers_by_uidfetch(follower: Follower) -> None:
    box = yahoo()
    with follower.following(box) as one:
        report = one.sync()
        assert report.outcome is Outcome.OK, report.error
        assert one.server.said(rb"ENABLE .*UIDONLY")
        assert one.uids("INBOX") == list(range(1, 46))
        box.boxes["INBOX"].mails[3].flags = r"\Seen"
        box.boxes["INBOX"].mails.pop(20)
        one.sync()
        assert one.flags("INBOX")[4] == {r"\Seen"}
        assert one.uids("INBOX") == [n for n in range(1, 46) if n != 21]


@pytest.mark.parametrize(
    "word", [b"[UNAVAILABLE] UID FETCH Server error", b"[SERVERBUG]"]
)
def test_row_03_yahoo_cannot_give_one_message(follower: Follower, word: bytes) -> None:
    box = ScriptedMailbox({"INBOX": 40})

    def fetch(command: bytes) -> list[bytes]:
        rows = box.usual(command)
        bad = [i for i, line in enumerate(rows) if b"UID 23 " in line]
        return [*rows[: bad[0]], b"{tag} NO " + word] if bad else rows

    box.answers[rb"UID FETCH .*BODY"] = fetch
    with follower.following(box) as one:
        report = one.sync()
        assert report.outcome is Outcome.OK, report.error
        assert one.uids("INBOX") == [n for n in range(1, 41) if n != 23]
        box.boxes["INBOX"].add()  # the cursor is not frozen
        assert one.sync().outcome is Outcome.OK
        assert 41 in one.uids("INBOX")


def test_row_03_yahoo_says_goodbye_in_mid_answer(follower: Follower) -> None:
    box = ScriptedMailbox({"INBOX": 40})
    with follower.following(box) as one:
        usual = box.usual
        box.answers[rb"UID FETCH"] = lambda c: [
            *usual(c)[:10],
            b"* BYE [UNAVAILABLE] try again",
        ]
        report = one.sync()
        assert report.error is not None
        assert report.error.code == "server_unavailable"
        box.answers.clear()
        assert one.sync().outcome is Outcome.OK
        assert one.uids("INBOX") == list(range(1, 41))


def test_row_12_gmail_shows_a_message_under_every_label(follower: Follower) -> None:
    box = ScriptedMailbox(
        {"INBOX": 5, "[Gmail]/All Mail": 12}, "IMAP4rev1 X-GM-EXT-1 SPECIAL-USE"
    )
    box.boxes["[Gmail]/All Mail"].attributes = r"\All"

    def fetch(command: bytes) -> list[bytes]:
        if b"X-GM-MSGID" not in command:
            return box.usual(command)
        uid = re.compile(rb"\(UID (\d+) ")
        return [
            uid.sub(rb"(X-GM-MSGID 1234\1 UID \1 ", ln) for ln in box.usual(command)
        ]

    box.answers[rb"UID FETCH"] = fetch
    with follower.following(box) as one:
        assert one.sync().changes.added == 12  # not 17
        assert one.uids("INBOX") == list(range(1, 6))
        assert one.uids("[Gmail]/All Mail") == list(range(1, 13))


@pytest.mark.parametrize(
    ("item", "instead"),
    [
        (rb"BODYSTRUCTURE \(.*?1\)", b"BODYSTRUCTURE NIL"),
        (rb"BODYSTRUCTURE \(.*?1\)", b'BODYSTRUCTURE ("TEXT" "PLAIN" NIL -1)'),
        (rb"BODYSTRUCTURE \(.*?1\)", b"BODYSTRUCTURE ((((("),
        (rb"RFC822.SIZE \d+", b"RFC822.SIZE 9.37e+06"),
        (rb"INTERNALDATE \"[^\"]*\"", b'INTERNALDATE "99-Foo-2026 25:61:61 +9999"'),
        (rb"FLAGS \(\)", b"FLAGS"),
    ],
)  # fmt: skip
def test_row_26_one_odd_message_does_not_spoil_the_others(
    follower: Follower, box: ScriptedMailbox, item: bytes, instead: bytes
) -> None:
    def fetch(command: bytes) -> list[bytes]:
        return [
            re.sub(item, instead, line) if b"UID 7 " in line else line
            for line in box.usual(command)
        ]

    box.answers[rb"UID FETCH .*BODYSTRUCTURE"] = fetch
    with follower.following(box) as one:
        report = one.sync()
        assert report.outcome is Outcome.OK, report.error
        held = set(one.uids("INBOX"))
        assert held >= set(range(1, 41)) - {7}
        poisoned = one.folders().set_index("name")["poisoned"]["INBOX"]
        assert (7 in held) + int(poisoned) == 1


def test_row_32_an_empty_folder_is_not_fetched_from(
    follower: Follower, box: ScriptedMailbox
) -> None:
    def refuse_if_empty(command: bytes) -> list[bytes]:
        if not box.boxes[box.opened].mails:
            return [b"{tag} BAD Invalid messageset"]
        return box.usual(command)

    box.answers[rb"UID FETCH"] = refuse_if_empty
    with follower.following(box) as one:
        for _ in range(2):
            report = one.sync()
            assert report.outcome is Outcome.OK, report.error
            assert [f.problem for f in report.folders] == ["", ""]
        box.boxes["INBOX"].mails.clear()
        report = one.sync()
        assert [f.problem for f in report.folders] == ["", ""]
        box.boxes["Empty"].add()
        one.sync()
        assert one.uids("Empty") == [1]


def test_row_37_literals_without_content(follower: Follower) -> None:
    box = ScriptedMailbox({"INBOX": 12})
    empty = re.compile(rb"\{\d+\}\r\n.*?\r\n\r\n\)", re.DOTALL)
    box.answers[rb"UID FETCH"] = lambda c: [
        empty.sub(b"{0}\r\n)", line) for line in box.usual(c)
    ]
    with follower.following(box) as one:
        report = one.sync()
        assert report.outcome is Outcome.OK, report.error
        assert len(one.uids("INBOX")) == 12


@pytest.mark.parametrize("lie", [rb"UID SEARCH", rb"UID FETCH .*FLAGS", rb"EXAMINE"])
@pytest.mark.parametrize("condstore", ["", " CONDSTORE"])
def test_threat_10_no_mass_deletion_on_one_answer(
    follower: Follower, lie: bytes, condstore: str
) -> None:
    box = ScriptedMailbox({"INBOX": 400}, f"IMAP4rev1{condstore}")

    def nothing_once(command: bytes) -> list[bytes]:
        del box.answers[lie]
        lines = [re.sub(rb"400 EXISTS", b"0 EXISTS", ln) for ln in box.usual(command)]
        return [ln for ln in lines if b"* SEARCH" not in ln and b"FETCH" not in ln]

    with follower.following(box) as one:
        one.sync()
        box.boxes["INBOX"].modseq = 2
        box.answers[lie] = nothing_once
        changes = one.sync().changes
        assert (changes.gone, changes.moved, changes.added) == (0, 0, 0)
        assert len(one.uids("INBOX")) == 400
        assert one.sync().outcome is Outcome.OK
        assert len(one.uids("INBOX")) == 400


def test_row_43_padding_by_nul(follower: Follower) -> None:
    box = ScriptedMailbox({"INBOX": 12})
    for mail in box.boxes["INBOX"].mails:
        mail.subject = f"Number {mail.uid}\0\0\0"
    with follower.following(box) as one:
        assert one.sync().outcome is Outcome.OK
        assert len(one.uids("INBOX")) == 12
