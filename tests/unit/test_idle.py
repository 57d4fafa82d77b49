"""What an idling connection makes of what a server says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from core.imap.features import Features
from core.imap.idle import (
    LINE_BYTES,
    LINES_AT_ONCE,
    LINES_MOST,
    Heard,
    Idling,
    Seen,
    Step,
    sweep_command,
)

LIST_STATUS = Features(list_status=True, condstore=True)
SWEEP = sweep_command("INBOX", LIST_STATUS)
INBOX = b"* STATUS INBOX (MESSAGES %d UIDNEXT %d UIDVALIDITY 7 UNSEEN %d)\r\n"
OTHER = b'* STATUS "Other \\"one\\"" (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 8 UNSEEN %d)\r\n'


def sweep(number: int, messages: int = 5, unseen: int = 1, other: int = 0) -> bytes:
    lines = [b'* LIST (\\HasNoChildren) "/" INBOX\r\n', OTHER % other]
    inbox = INBOX % (messages, messages + 10, unseen)
    return b"".join([*lines, inbox, b"S%d OK done\r\n" % number])


def idling(before: Seen | None = None) -> Idling:
    """Give a connection that idles, with one sweep behind it."""
    one = Idling("INBOX", SWEEP, before)
    one.receive(sweep(1))
    one.receive(b"+ idling\r\n")
    assert one.step is Step.IDLING
    one.out = b""
    return one


def renewed(one: Idling, answer: bytes) -> Heard:
    one.renew()
    return one.receive(b"I1 OK idle done\r\n" + answer)


# ---- the conversation


def test_a_conversation():
    one = Idling("INBOX", SWEEP)
    assert one.out == b"S1 " + SWEEP + b"\r\n"
    one.out = b""
    assert one.receive(sweep(1)) & Heard.PROVED
    assert one.out == b"I1 IDLE\r\n"
    one.out = b""
    one.renew()  # not before the server has said "+"
    assert one.out == b""
    one.receive(b"+ idling\r\n")
    one.renew()
    assert one.out == b"DONE\r\nS2 " + SWEEP + b"\r\n"
    one.out = b""
    assert one.receive(b"I1 OK idle done\r\n") == Heard.ALIVE
    assert one.receive(sweep(2)) == Heard.ALIVE | Heard.PROVED
    assert one.out == b"I2 IDLE\r\n"


def test_the_sweep_asks_for_what_the_server_can():
    assert b"HIGHESTMODSEQ" in SWEEP
    assert SWEEP.startswith(b'LIST "" "*" RETURN (STATUS (')
    assert sweep_command('a"b', Features()) == (
        b'STATUS "a\\"b" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)'
    )
    assert sweep_command("Sent", LIST_STATUS, whole=False).startswith(b'STATUS "Sent"')


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        (b"* 6 EXISTS", Heard.CHANGED),
        (b"* 3 EXPUNGE", Heard.CHANGED),
        (b"* 2 FETCH (UID 8 FLAGS (\\Seen))", Heard.CHANGED),
        (b"* VANISHED 3:5", Heard.CHANGED),
        (b"* 8 UIDFETCH (FLAGS (\\Seen))", Heard.CHANGED),
        (b"* 6 exists", Heard.CHANGED),
        (b"* 2 FETCH (BODY[] {5}\r\n* BYE)", Heard.CHANGED),  # a literal is no line
        (b"* OK Still here", Heard.NOTHING),
        (b"* 1 RECENT", Heard.NOTHING),
        (b"* FLAGS (\\Seen)", Heard.NOTHING),
        (b"* 99", Heard.NOTHING),
        (b"*", Heard.OVER),
        (b"", Heard.NOTHING),
        (b"+ still idling", Heard.NOTHING),
        (b"* BYE closing", Heard.OVER),
        (b"I1 OK idle ended", Heard.OVER),  # the server ended IDLE by itself
        (b"X9 OK what?", Heard.OVER),  # fault 59: a tag of nobody
        (b"Server Unavailable. 15", Heard.OVER),  # INTEROP 19
    ],
)
def test_a_line_in_idle(line: bytes, heard: Heard):
    one = idling()
    assert one.receive(line + b"\r\n") == Heard.ALIVE | heard
    assert (one.step is Step.OVER) == bool(heard & Heard.OVER)


@pytest.mark.parametrize("word", [b"NO", b"BAD"])
def test_idle_refused(word: bytes):
    one = Idling("INBOX", SWEEP)
    one.receive(sweep(1))
    heard = one.receive(b"I1 " + word + b" not here\r\n")
    assert heard == Heard.ALIVE | Heard.OVER | Heard.REFUSED


def test_a_sweep_refused_asks_for_less_and_at_last_only_for_life():
    one = Idling("INBOX", SWEEP)
    one.out = b""
    before = one.is_whole
    one.receive(b"S1 BAD what?\r\n")
    assert (before, one.is_whole) == (True, False)
    assert one.out == (
        b'S2 STATUS "INBOX" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)\r\n'
    )
    one.out = b""
    one.receive(b"S2 NO never\r\n")
    assert one.out == b"S3 NOOP\r\n"
    assert one.receive(b"S3 OK\r\n") & Heard.PROVED
    one.receive(b"+\r\n")
    one.out = b""
    one.renew()
    assert one.out == b"DONE\r\nS4 NOOP\r\n"
    assert one.receive(b"I3 OK\r\nS4 OK\r\n") == Heard.ALIVE | Heard.PROVED


def test_a_farewell_is_kept():
    one = idling()
    one.receive(b"* BYE [UNAVAILABLE] come back later\r\n")
    assert one.farewell == b"[UNAVAILABLE] come back later"


# ---- what sweeps tell


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (sweep(2), Heard.NOTHING),
        (sweep(2, other=1), Heard.ELSEWHERE),
        (sweep(2, unseen=2), Heard.CHANGED),  # INTEROP 15: flags are not told by all
        (sweep(2, messages=6), Heard.CHANGED | Heard.DEAF),
        (b"* 6 EXISTS\r\n" + sweep(2, messages=6), Heard.CHANGED),
        (b'* LIST () "/" New\r\n' + sweep(2), Heard.ELSEWHERE),
    ],
)
def test_what_changed_between_two_sweeps(answer: bytes, heard: Heard):
    assert renewed(idling(), answer) == Heard.ALIVE | Heard.PROVED | heard


def test_what_idle_has_told_is_not_deafness():
    one = idling()
    assert one.receive(b"* 6 EXISTS\r\n") & Heard.CHANGED
    assert not renewed(one, sweep(2, messages=6)) & Heard.DEAF


def test_folders_may_come_in_any_order_and_in_any_dress():
    one = idling()
    lines = [
        b'* LIST (\\Marked) "/" inbox\r\n',
        b'* STATUS "inbox" (MESSAGES 5 UIDNEXT 15 UIDVALIDITY 7 UNSEEN 1)\r\n',
        OTHER % 0,
        b"S2 OK done\r\n",
    ]
    assert renewed(one, b"".join(lines)) & Heard.PROVED
    assert not renewed_again(one, sweep(3)) & (Heard.CHANGED | Heard.DEAF)


def renewed_again(one: Idling, answer: bytes) -> Heard:
    one.receive(b"+\r\n")
    one.renew()
    return one.receive(b"I2 OK\r\n" + answer)


def test_a_folder_whose_name_is_a_literal():
    one = Idling("Com \xe7", sweep_command("Com \xe7", Features()))
    one.receive(b"* STATUS {5}\r\nCom \xe7 (MESSAGES 1 UIDNEXT 2)\r\nS1 OK\r\n+\r\n")
    one.renew()
    answer = b"I1 OK\r\n* STATUS {5}\r\nCom \xe7 (MESSAGES 2 UIDNEXT 3)\r\nS2 OK\r\n"
    assert one.receive(answer) & Heard.DEAF


def test_a_new_connection_goes_on_where_the_last_one_was():
    seen = idling().seen
    same, other = Idling("INBOX", SWEEP, seen), Idling("INBOX", SWEEP, seen)
    assert same.receive(sweep(1)) == Heard.ALIVE | Heard.PROVED
    assert other.receive(sweep(1, messages=6)) & Heard.CHANGED


def test_the_first_connection_asks_for_a_whole_sync():
    heard = Idling("INBOX", SWEEP).receive(sweep(1))
    assert heard == Heard.ALIVE | Heard.PROVED | Heard.CHANGED | Heard.ELSEWHERE


# ---- limits


def test_a_flood_is_one_change():
    heard = idling().receive(b"* 6 EXISTS\r\n" * (LINES_AT_ONCE + 1))
    assert heard == Heard.ALIVE | Heard.CHANGED | Heard.FLOOD
    heard = idling().receive(b"* 6 EXISTS\r\n" * LINES_AT_ONCE)
    assert not heard & Heard.FLOOD


def test_a_flood_without_end_is_left():
    one, flood = idling(), b"* 6 EXISTS\r\n" * 1000
    for _ in range(LINES_MOST // 1000 - 1):
        assert not one.receive(flood) & Heard.OVER
    one.receive(flood)
    assert one.receive(flood) & Heard.OVER


@pytest.mark.parametrize("start", [b"* OK ", b"* LIST () {99999999}\r\n"])
def test_a_line_without_end_is_left(start: bytes):
    one = idling()
    one.receive(start)
    assert not one.receive(b"x" * (LINE_BYTES - 100)) & Heard.OVER
    assert one.receive(b"x" * 200) & Heard.OVER
    assert one.receive(b"x" * 200) == Heard.ALIVE  # and nothing is kept of the rest


# ---- in whatever pieces it comes

SAID = (
    b"* OK Still here\r\n* 6 EXISTS\r\nI1 OK\r\n"
    b'* LIST () "/" {12}\r\nA\r\nS2 OK\r\nBC\r\n'
    + sweep(2, messages=6, other=2)
    + b"+ idling\r\n* 7 EXISTS\r\n"
)


@given(st.lists(st.integers(0, len(SAID)), max_size=20))
def test_pieces_change_nothing(cuts: list[int]):
    ends = [0, *sorted(cuts), len(SAID)]
    pieces = [SAID[a:b] for a, b in pairwise(ends)]
    whole, cut = idling(), idling()
    whole.renew()
    cut.renew()
    heard = Heard.NOTHING
    for piece in pieces:
        heard |= cut.receive(piece)
    assert heard == whole.receive(SAID)
    assert (cut.step, cut.out, cut.seen) == (whole.step, whole.out, whole.seen)
    assert whole.step is Step.IDLING


@given(st.lists(st.binary(max_size=60)))
def test_nothing_makes_it_fail(pieces: list[bytes]):
    one = idling()
    for piece in pieces:
        one.receive(piece)
        one.renew()
