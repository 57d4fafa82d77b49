"""Another process reads headers: the same as here, and its end is no harm."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from core.imap.fetch import _Reading
from core.imap.helper import Helper
from core.imap.parse import Unread, read_message
from core.model import Message

BLOCK = (
    b"From: =?utf-8?q?Jo=C3=A3o?= <joao@example.org>\r\n"
    b"To: a@example.net, b@example.net\r\nSubject: Reuni\xc3\xa3o %d\r\n"
    b"Date: Mon, 02 Mar 2026 10:00:00 -0300\r\n"
    b"Message-ID: <%d@example.org>\r\n\r\n"
)
UNREAD: list[Unread] = [
    (
        BLOCK % (n, n),
        n % 2,
        "",
        1_770_000_000_000 + n,
        1000 + n,
        "e:x" if n == 3 else "",
    )
    for n in range(500)
]


@pytest.fixture
def helper() -> Iterator[Helper]:
    started = Helper()
    try:
        yield started
    finally:
        started.close()


def test_it_reads_what_we_read(helper: Helper) -> None:
    promises = [helper.read(UNREAD[:10]), helper.read(UNREAD[10:])]
    fields = [one for promise in promises for one in promise.result(30)]
    assert [Message(*one) for one in fields] == [read_message(*one) for one in UNREAD]
    assert helper.is_ready


def test_a_batch_is_read_here_when_the_helper_dies(helper: Helper) -> None:
    helper.read(UNREAD[:1]).result(30)
    os.kill(helper._process.pid, signal.SIGKILL)
    good = {uid: (uid, 0, one) for uid, one in enumerate(UNREAD, 1)}
    batch = _Reading(list(good), dict(good), {}, helper).batch()
    assert [f.message for f in batch.messages] == [read_message(*u) for u in UNREAD]
    assert not batch.poisoned
    with pytest.raises(ConnectionError):
        helper.read(UNREAD).result(30)
    assert not helper.is_ready


def test_closing_ends_the_process() -> None:
    one = Helper()
    promise = one.read(UNREAD)
    one.close()
    assert one._process.returncode is not None
    assert promise.done()
