"""The quick way to read FETCH gives what imapclient's parser gives, or nothing."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, strategies as st

from core.errors import MailError
from core.imap.bulk import FlagReader, Found, MessageReader, UnderWay
from core.imap.responses import Reader
from core.model import Fetched, Message
from tests.unit.fetch_responses import TAG, UIDS, answers, broken, chunks

pytestmark = pytest.mark.soak_sized


class Read(NamedTuple):
    """All that came of an answer; `error` when it was refused as a whole."""

    found: dict[int, Fetched]
    bad: frozenset[int]
    said: list[bytes]
    dirty: bool
    tagged: bytes
    rest: bytes
    error: str = ""


class Slowly(MessageReader):
    """The same reader without its quick way: imapclient parses every response."""

    def _quickly(self, buffer: bytes, at: int) -> int:
        return Reader._quickly(self, buffer, at)


def read_whole(found: Found) -> Fetched:
    """Give what was found; its headers have been read."""
    uid, flags, message = found
    assert isinstance(message, Message)
    return Fetched(uid, flags, message)


def read(data: list[bytes], reader: type[MessageReader]) -> Read:
    """Read an answer; ids are given only if they were asked for."""
    whole = b"".join(data)
    under_way = UnderWay(with_id=b"EMAILID" in whole or b"X-GM-MSGID" in whole)
    under_way.asked |= set(UIDS)
    one, error = reader(TAG, under_way), ""
    try:
        for some in data:
            if one.feed(some):
                break
    except MailError as refusal:
        error = refusal.code
    bad = frozenset(under_way.bad.keys() - under_way.found.keys())
    found = {uid: read_whole(one) for uid, one in under_way.found.items()}
    return Read(found, bad, one.said, one.dirty, one.tagged, one.rest, error)


@given(answers())
def test_the_quick_way_reads_what_the_slow_way_reads(data: bytes) -> None:
    quickly = read([data], MessageReader)
    assert quickly == read([data], Slowly)
    assert not quickly.error


@given(broken(answers()))
def test_what_is_broken_is_read_alike_or_refused(data: bytes) -> None:
    """The quick way alone may read a message of which the BODYSTRUCTURE is broken."""
    quickly, slowly = read([data], MessageReader), read([data], Slowly)
    alike = quickly._replace(found=slowly.found, bad=slowly.bad)
    assert alike == slowly
    assert quickly.found.items() >= slowly.found.items()
    assert quickly.found.keys() - slowly.found.keys() == slowly.bad - quickly.bad


@given(st.one_of(answers(), broken(answers())), st.data())
def test_where_the_network_cuts_makes_no_difference(
    data: bytes, draws: st.DataObject
) -> None:
    cut = draws.draw(chunks(data))
    whole, pieces = read([data], MessageReader), read(cut, MessageReader)
    if whole.tagged and not whole.error:  # what comes after the end may not be here yet
        pieces = pieces._replace(rest=whole.rest)
    assert pieces == whole


@given(st.one_of(st.binary(max_size=200), broken(answers())), st.data())
def test_flags_are_read_from_anything(data: bytes, draws: st.DataObject) -> None:
    seen = []
    for some in ([data], draws.draw(chunks(data))):
        reader, error = FlagReader(TAG, 1, 5), ""
        try:
            any(map(reader.feed, some))
        except MailError as refusal:
            error = refusal.code
        seen.append((reader.flags, reader.vanished, reader.tagged, error))
    assert seen[0] == seen[1]
    assert all(1 <= uid <= 5 for uid in seen[0][0])
