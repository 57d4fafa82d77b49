"""How an integration stands after each kind of end, and when it is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import (
    AppPasswordNeeded,
    CertificateExpired,
    ConnectionLost,
    HostUnknown,
    ImapDisabled,
    MailError,
    ServerUnavailable,
    Throttled,
    WrongPassword,
)
from core.model import State
from core.sync.state import after_failure, after_success

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def most(error: MailError, failures: int) -> tuple[State, float | None]:
    follows = after_failure(error, failures, NOW, lambda: 1.0)
    wait = (follows.at - NOW).total_seconds() if follows.at else None
    return follows.state, wait


@pytest.mark.parametrize(
    ("error", "failures", "state", "longest_s"),
    [
        (ConnectionLost(), 0, State.RETRYING, 5),
        (ConnectionLost(), 1, State.RETRYING, 10),
        (HostUnknown(), 3, State.RETRYING, 40),
        (HostUnknown(), 60, State.RETRYING, 900),
        (Throttled(), 0, State.RETRYING, 120),
        (ServerUnavailable(), 60, State.RETRYING, 3600),
        (WrongPassword(certain="yes"), 0, State.NEEDS_PASSWORD, None),
        (WrongPassword(certain="no"), 0, State.RETRYING, 600),
        (WrongPassword(certain="no"), 1, State.NEEDS_PASSWORD, None),
        (AppPasswordNeeded(), 0, State.NEEDS_ATTENTION, None),
        (ImapDisabled(), 0, State.NEEDS_ATTENTION, None),
        (CertificateExpired(), 5, State.NEEDS_ATTENTION, 3600),
    ],
)
def test_after_a_failure(
    error: MailError, failures: int, state: State, longest_s: float | None
) -> None:
    assert most(error, failures) == (state, longest_s)


def test_back_off_is_jittered_down_to_a_second() -> None:
    follows = after_failure(ConnectionLost(), 9, NOW, lambda: 0.0)
    assert follows.at == NOW + timedelta(seconds=1)


def test_success_forgets_the_failures() -> None:
    follows = after_success(NOW, 60)
    assert (follows.state, follows.failures) == (State.OK, 0)
    assert follows.at == NOW + timedelta(seconds=60)
