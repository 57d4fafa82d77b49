"""What follows when a watched folder's connection ends."""

from __future__ import annotations

import pytest

from core.errors import (
    CertificateExpired,
    ConnectionLost,
    MailError,
    Throttled,
    WrongPassword,
)
from core.imap.features import Features
from core.imap.idle import Idling, sweep_command
from core.jobs.gate import Bounds, Place
from core.jobs.post import NEVER, STEADY_S, Post, ending_of
from core.model import Role

LOST = ConnectionLost()


def post() -> Post:
    return Post(1, Role.INBOX, Place("host", "ana", Bounds()))


def waits(error: MailError, times: int, jitter: float = 1.0) -> list[float]:
    one = post()
    return [one.fail(error, 0.0, lambda: jitter) for _ in range(times)]


def test_back_off_doubles_up_to_a_quarter_of_an_hour():
    assert waits(LOST, 10) == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert waits(LOST, 3, jitter=0.0) == [1, 1, 1]  # full jitter, and never at once


def test_throttling_waits_from_a_minute_to_an_hour():
    found = waits(Throttled(), 10)
    assert found[0] >= 60
    assert found[-1] == 3600
    assert waits(Throttled(), 1, jitter=0.0) == [60]


def test_what_only_a_person_can_mend_is_not_tried_again():
    refused = WrongPassword(certain="yes")
    assert waits(refused, 1) == [NEVER]
    assert waits(CertificateExpired(), 1) == [3600]


def test_a_connection_that_held_was_no_failure():
    one = post()
    for _ in range(5):
        one.fail(LOST, 0.0, lambda: 1.0)
    assert one.fail(LOST, STEADY_S, lambda: 1.0) == 5
    assert one.failures == 1


@pytest.mark.parametrize(
    ("bye", "error"),
    [
        (b"* BYE Autologout; idle for too long", ConnectionLost),  # fault 41
        (b"* BYE [UNAVAILABLE] server shutting down", ConnectionLost),
        (b"* BYE too many connections", Throttled),  # fault 19
        (b"* BYE [LIMIT] enough", Throttled),
        (b"", ConnectionLost),
    ],
)
def test_what_a_farewell_means(bye: bytes, error: type[MailError]):
    idling = Idling("INBOX", sweep_command("INBOX", Features()))
    idling.receive(bye + b"\r\n")
    assert type(ending_of(idling, "host")) is error


def test_renewals_are_spread_and_never_late():
    class Slow:
        idle_s = 600.0

    one = post()
    one.line = Slow()  # type: ignore[assignment]  # nothing else is asked of it
    assert one.slice_s(lambda: 0.0) == 480
    assert one.slice_s(lambda: 1.0) == 600
    one.idle_s = 100.0  # it went deaf
    assert one.slice_s(lambda: 1.0) == 100


def test_a_bug_while_opening_is_a_failure_like_others():
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    found = post().try_with(broken)  # type: ignore[arg-type]
    assert isinstance(found, MailError)
    assert found.detail == "ZeroDivisionError"
