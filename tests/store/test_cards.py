"""Cards of servers in the store, and the incidents that follow from them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.card import Card, Quota, Tls
from core.runtime import Runtime
from core.store import cards, incidents, integrations
from core.store.engine import reading, writing
from tests.store.building import connected

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0) + DAY  # after it was connected
TLS = Tls("TLSv1.3", "AES", "Old CA", "ab" * 32, expires_at=NOW + 60 * DAY)
CARD = Card(NOW, "Dovecot", ("IMAP4REV1", "QUOTA"), TLS, offers_quota=True)


def keep(runtime: Runtime, one: int, card: Card) -> set[str]:
    """Keep a card; give what is wrong then."""
    with writing(runtime.engine) as conn:
        cards.keep(conn, one, card)
        return {found.code for found in incidents.open_of(conn, one)}


def test_a_card_comes_back_as_it_was_kept(runtime: Runtime) -> None:
    one = connected(runtime)
    with reading(runtime.engine) as conn:
        assert cards.of(conn, one) is None
    big = Quota(2**62, 2**63 - 1)
    assert keep(runtime, one, replace(CARD, quota=big, ahead_s=2**40)) == {
        "clock_skewed"
    }
    with reading(runtime.engine) as conn:
        kept = cards.of(conn, one)
    assert kept == replace(
        CARD, quota=big, ahead_s=cards.SECONDS_MOST, offers_quota=False
    )
    keep(runtime, one, replace(CARD, tls=None))
    with reading(runtime.engine) as conn:
        kept = cards.of(conn, one)
    assert kept is not None
    assert (kept.tls, kept.quota, kept.ahead_s) == (None, None, None)


def test_what_is_doubted_begins_and_ends(runtime: Runtime) -> None:
    one = connected(runtime)
    nearly = {"quota_nearly_full"}
    assert keep(runtime, one, replace(CARD, quota=Quota(1, 100))) == set()
    assert keep(runtime, one, replace(CARD, quota=Quota(90, 100))) == nearly
    assert keep(runtime, one, replace(CARD, quota=Quota(86, 100))) == nearly
    assert keep(runtime, one, CARD) == nearly  # it was not told this time
    assert keep(runtime, one, replace(CARD, quota=Quota(84, 100))) == set()
    assert keep(runtime, one, replace(CARD, quota=Quota(86, 100))) == set()
    with reading(runtime.engine) as conn:
        (found,) = incidents.history(conn, one, 9)
    assert found.times == 2  # a quota that was not told is not seen again
    assert found.facts == {"used_kib": "86", "limit_kib": "100"}


def test_another_issuer_is_remembered(runtime: Runtime) -> None:
    one = connected(runtime)
    keep(runtime, one, CARD)
    new = replace(TLS, issuer="New CA")
    at = NOW + DAY
    assert keep(runtime, one, replace(CARD, noted_at=at, tls=new)) == {"issuer_changed"}
    week = replace(CARD, noted_at=at + 7 * DAY, tls=new)
    assert keep(runtime, one, week) == set()
    with reading(runtime.engine) as conn:
        kept = cards.of(conn, one)
    assert kept is not None
    assert (kept.issuer_before, kept.issuer_changed_at) == ("Old CA", at)


def test_what_was_before_a_reconnection_is_not_compared(runtime: Runtime) -> None:
    one = connected(runtime)
    keep(runtime, one, CARD)
    with writing(runtime.engine) as conn:
        changed = integrations.get(conn, one)
        integrations.reconnect(conn, changed, NOW + timedelta(hours=1))
    new = replace(CARD, noted_at=NOW + DAY, tls=replace(TLS, issuer="New CA"))
    assert keep(runtime, one, new) == set()
