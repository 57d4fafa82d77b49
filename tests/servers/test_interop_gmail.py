"""What Gmail does to whom fetches much: rows 13 and 14 of the table."""

from __future__ import annotations

import pytest

from core.errors import ConnectionLost, Throttled
from core.model import Outcome
from tests.servers.following import Follower
from tests.servers.steps import Close
from tests.servers.table import ScriptedMailbox

GREETING = b"* OK Gimap ready for requests from 127.0.0.1"
pytestmark = pytest.mark.server


def test_row_13_a_day_s_worth_was_fetched(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sync.folder.FIRST_BATCH", 2)
    box = ScriptedMailbox({"INBOX": 6}, greeting=GREETING)
    asked: list[bytes] = []

    def metered(command: bytes) -> list[bytes | Close]:
        asked.append(command)
        if len(asked) > 1:
            goodbye = b"* BYE Session expired, account exceeded bandwidth limits"
            return [goodbye, Close()]
        return list(box.usual(command))

    box.answers[rb"UID FETCH"] = metered
    with follower.following(box) as one:
        report = one.sync()
        assert report.outcome is Outcome.FAILED
        assert isinstance(report.error, (Throttled, ConnectionLost))
        assert one.uids("INBOX") == [5, 6]  # what came stays
        del box.answers[rb"UID FETCH"]
        assert one.sync().outcome is Outcome.OK
        assert one.uids("INBOX") == [1, 2, 3, 4, 5, 6]


def test_row_14_a_folder_that_imap_shows_a_part_of(follower: Follower) -> None:
    box = ScriptedMailbox({"INBOX": 3}, greeting=GREETING)
    box.answers[rb"STATUS"] = lambda command: [
        line.replace(b"MESSAGES 3", b"MESSAGES 9") for line in box.usual(command)
    ]
    with follower.following(box) as one:
        assert one.sync().outcome is Outcome.OK
        inbox = one.folders().set_index("title").loc["INBOX"]
        assert (inbox["held"], inbox["on_server"]) == (3, 9)
        assert inbox["capped"]
