"""Another process reads headers: the same as here, and its end is no harm."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from core.imap.fetch import _Reading
from core.imap.parse import Unread, read_message
from core.imap.reader_process import ReaderProcess
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
        n % 2 == 1,
        "",
        1_770_000_000_000 + n,
        1000 + n,
        "e:x" if n == 3 else "",
    )
    for n in range(500)
]


@pytest.fixture
def elsewhere() -> Iterator[ReaderProcess]:
    started = ReaderProcess()
    try:
        yield started
    finally:
        started.close()


def test_it_reads_what_we_read(elsewhere: ReaderProcess) -> None:
    promises = [elsewhere.read(UNREAD[:10]), elsewhere.read(UNREAD[10:])]
    fields = [one for promise in promises for one in promise.result(30)]
    assert [Message(*one) for one in fields] == [read_message(*one) for one in UNREAD]
    assert elsewhere.is_ready


def test_a_batch_is_read_here_when_the_helper_dies(elsewhere: ReaderProcess) -> None:
    elsewhere.read(UNREAD[:1]).result(30)
    os.kill(elsewhere._process.pid, signal.SIGKILL)
    good = {uid: (uid, 0, one) for uid, one in enumerate(UNREAD, 1)}
    batch = _Reading(list(good), dict(good), {}, elsewhere).batch()
    assert [f.message for f in batch.messages] == [read_message(*u) for u in UNREAD]
    assert not batch.poisoned
    with pytest.raises(ConnectionError):
        elsewhere.read(UNREAD).result(30)
    assert not elsewhere.is_ready


def test_closing_ends_the_process() -> None:
    one = ReaderProcess()
    promise = one.read(UNREAD)
    one.close()
    assert one._process.returncode is not None
    assert promise.done()
