"""How long to wait after wrong passwords (THREATS T20), and which are sent twice."""

from datetime import UTC, datetime, timedelta

import pytest

from core.connect.attempts import minutes_left
from core.connect.form import Form
from core.connect.trial import is_senseless
from core.errors import AppPasswordNeeded, HostUnknown, MailError, WrongPassword
from core.model import Server
from core.secret import Secret

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ages_s", "minutes"),
    [
        ([], 0),
        ([1, 2, 3, 4], 0),
        ([1, 2, 3, 4, 5], 10),
        ([1, 2, 3, 4, 300], 5),
        ([1, 2, 3, 4, 301], 5),
        ([1, 2, 3, 4, 599], 1),
        ([1, 2, 3, 4, 600], 0),  # ten minutes ago: counts no more
        ([1, 2, 3, 4, 5, 590], 10),  # the sixth does not shorten it
        ([700, 701, 702, 703, 704], 0),
    ],
)
def test_how_long_to_wait(ages_s: list[int], minutes: int) -> None:
    refused = [NOW - timedelta(seconds=age) for age in ages_s]
    assert minutes_left(refused, NOW) == minutes


@pytest.mark.parametrize(
    ("imap", "smtp", "same"),
    [
        ("mail.example.com", "mail.example.com", True),
        ("imap.example.com", "smtp.example.com", True),
        ("imap.mail.example.com", "smtp.mail.example.com", True),
        ("imap.uol.com.br", "smtps.uol.com.br", True),
        ("imap.example.com", "smtp.example.net", False),
        ("127.0.0.1", "127.0.0.2", False),
        ("localhost", "127.0.0.1", False),
    ],
)
def test_a_refused_password_is_not_sent_to_the_same_provider_again(
    imap: str, smtp: str, same: bool
) -> None:
    form = Form("Ana", "a@b.c", Secret("x"), Server(imap, 993), Server(smtp, 465))
    assert is_senseless(WrongPassword(), form) is same
    assert is_senseless(AppPasswordNeeded(), form) is same
    others: list[MailError | None] = [None, HostUnknown()]
    assert not any(is_senseless(error, form) for error in others)
