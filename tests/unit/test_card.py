"""What a server shows of itself, and what of that is a reason for doubt: tables."""

from datetime import UTC, datetime, timedelta

import pytest

from core.card import CODES, Card, Quota, Tls, doubts, succeeding

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOST = "imap.example.org"


def signed(days: float, lives: float | None = 90, issuer: str = "Example CA") -> Tls:
    expires = NOW + days * DAY
    begins = None if lives is None else expires - lives * DAY
    return Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", issuer, "ab", begins, expires)


@pytest.mark.parametrize(
    ("days", "lives", "codes"),
    [
        (90, 90, set()),
        (30.01, 90, set()),
        (30, 90, {"certificate_30"}),
        (7.01, 90, {"certificate_30"}),
        (5, 90, {"certificate_30", "certificate_7"}),
        (1, 90, {"certificate_30", "certificate_7", "certificate_1"}),
        (0.5, None, {"certificate_30", "certificate_7", "certificate_1"}),
        (-1, 90, {"certificate_30", "certificate_7", "certificate_1"}),
        (20, 45, set()),  # its time is short: thirty days of it are no news
        (7, 45, {"certificate_7"}),
        (5, 6, set()),
        (0.9, 6, {"certificate_1"}),
    ],
)
def test_a_certificate_that_expires(
    days: float, lives: float | None, codes: set[str]
) -> None:
    found = doubts(Card(NOW, tls=signed(days, lives)), HOST)
    assert found.there.keys() == codes
    assert found.over == set(CODES) - codes
    for facts in found.there.values():
        expires_at = (NOW + days * DAY).isoformat()
        assert facts == {"host": HOST, "expires_at": expires_at}


NEARLY, FULL = "quota_nearly_full", "quota_full"


@pytest.mark.parametrize(
    ("used", "over", "known", "codes"),
    [
        (0, False, (), set()),
        (899, False, (), set()),
        (900, False, (), {NEARLY}),
        (899, False, (NEARLY,), {NEARLY}),  # it does not flicker
        (850, False, (NEARLY,), {NEARLY}),
        (849, False, (NEARLY,), set()),
        (999, False, (FULL, NEARLY), {NEARLY}),
        (1000, False, (), {FULL, NEARLY}),
        (5000, False, (), {FULL, NEARLY}),
        (10, True, (), {FULL, NEARLY}),  # the server says so
    ],
)
def test_a_quota(
    used: int, over: bool, known: tuple[str, ...], codes: set[str]
) -> None:
    card = Card(NOW, offers_quota=True, quota=Quota(used, 1000), over_quota=over)
    found = doubts(card, HOST, known)
    assert found.there.keys() == codes
    assert found.over == set(CODES) - codes
    for facts in found.there.values():
        assert facts == {"used_kib": str(used), "limit_kib": "1000"}


def test_a_quota_that_was_not_told_stays_as_it_was() -> None:
    found = doubts(Card(NOW, offers_quota=True), HOST, (FULL, NEARLY))
    assert not found.there
    assert found.over == set(CODES) - {FULL, NEARLY}
    assert doubts(Card(NOW), HOST, (FULL, NEARLY)).over == set(CODES)  # offered no more


@pytest.mark.parametrize(
    ("ahead_s", "skewed"),
    [(None, False), (-90_000, False), (0, False), (300, False), (301, True)],
)
def test_a_clock_that_is_ahead(ahead_s: int | None, skewed: bool) -> None:
    found = doubts(Card(NOW, ahead_s=ahead_s), HOST)
    assert found.there == ({"clock_skewed": {"ahead_s": "301"}} if skewed else {})
    assert ("clock_skewed" in found.over) is not skewed


def test_another_issuer_is_told_for_a_week() -> None:
    old = Card(NOW - DAY, tls=signed(40, issuer="Old CA"))
    new = succeeding(Card(NOW, tls=signed(80, issuer="New CA")), old)
    facts = {"host": HOST, "issuer": "New CA", "before": "Old CA"}
    assert doubts(new, HOST).there == {"issuer_changed": facts}
    for days, told in ((6, True), (7, False)):
        at = NOW + days * DAY
        later = succeeding(Card(at, tls=signed(80, issuer="New CA")), new)
        assert ("issuer_changed" in doubts(later, HOST).there) is told
        assert ("issuer_changed" in doubts(later, HOST).over) is not told
        assert (later.issuer_before, later.issuer_changed_at) == ("Old CA", NOW)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (None, signed(80)),  # the first card
        (signed(5), signed(90)),  # renewed
        (None, None),  # never TLS
        (signed(5), None),  # no TLS any more
        (signed(5, issuer=""), signed(90)),  # it was not to be read
    ],
)
def test_no_other_issuer(before: Tls | None, now: Tls | None) -> None:
    old = Card(NOW - DAY, tls=before)
    assert succeeding(Card(NOW, tls=now), old).issuer_changed_at is None
    assert succeeding(Card(NOW, tls=now), None).issuer_changed_at is None
