"""What probes of a running worker learn of a server, and warn of."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.store import integrations
from core.store.engine import writing
from tests.certificates import Certificates, Pair
from tests.servers.device import Device, compose, deliver_by_lmtp
from tests.servers.dovecot import Account, running
from tests.servers.installation import Installation, installed
from tests.servers.listening import working
from tests.servers.probing import PROBED_S, card_of, often, told, until_probed, wrong
from tests.servers.smtp import Submission

pytestmark = pytest.mark.server

# ---- quota


QUOTA = """
protocol lmtp {
  mail_plugins = quota
}
protocol imap {
  mail_plugins = imap_zlib quota imap_quota
}
plugin {
  quota = count:User quota
  quota_rule = *:storage=100K
  quota_vsizes = yes
  quota_grace = 50%%
}
"""


def test_a_mailbox_that_fills_up(
    installation: Installation, certificates: Certificates, submission: Submission
) -> None:
    ports = (submission.port, submission.starttls_port)
    with running(certificates, ports, QUOTA) as server:
        account = server.mailbox()
        one = installation.connect(account)
        with working(often(installation)) as worker, Device(account) as phone:
            until_probed(worker)
            assert wrong(installation, one) == {}
            phone.deliver(raw=sized(95_000))
            nearly = "quota_nearly_full"
            worker.until(lambda: nearly in wrong(installation, one), PROBED_S)
            assert "quota_full" not in wrong(installation, one)
            facts = wrong(installation, one)[nearly].facts
            assert facts["limit_kib"] == "100"
            assert 90 <= int(facts["used_kib"]) < 100
            deliver_by_lmtp(account, sized(20_000))  # within the grace for the last one
            worker.until(lambda: "quota_full" in wrong(installation, one), PROBED_S)
            assert nearly in wrong(installation, one)
            phone.delete("INBOX", phone.uids("INBOX"))
            worker.until(lambda: wrong(installation, one) == {}, PROBED_S)


def sized(size_bytes: int) -> bytes:
    """Write a message of about so many bytes."""
    return compose(body=("x" * 70 + "\n") * (size_bytes // 72))


# ---- certificates


def test_a_certificate_that_expires_soon_is_told_until_it_is_renewed(
    certificates: Certificates, submission: Submission, tmp_path: Path
) -> None:
    other = Certificates(tmp_path, "Another test CA")
    both = tmp_path / "both.pem"
    both.write_bytes(certificates.ca_file.read_bytes() + other.ca_file.read_bytes())
    pair = Pair(tmp_path / "shown.pem", tmp_path / "shown.key")
    show(certificates.lasting(5), pair)
    config = f"ssl_cert = <{pair.cert}\nssl_key = <{pair.key}\n"
    ports = (submission.port, submission.starttls_port)
    with (
        installed(tmp_path / "data", both) as installation,
        running(certificates, ports, config) as server,
    ):
        one = installation.connect(server.mailbox())
        with working(often(installation)) as worker:
            until_probed(worker)
            codes = set(wrong(installation, one))
            assert codes == {"certificate_30", "certificate_7"}
            facts = wrong(installation, one)["certificate_7"].facts
            assert facts["host"] == "127.0.0.1"
            left = datetime.fromisoformat(facts["expires_at"]) - datetime.now(UTC)
            assert timedelta(days=4) < left < timedelta(days=5)
            show(certificates.lasting(80), pair)
            server.doveadm("reload")
            worker.until(lambda: wrong(installation, one) == {}, PROBED_S)
            show(other.lasting(85), pair)
            server.doveadm("reload")
            worker.until(lambda: "issuer_changed" in wrong(installation, one), PROBED_S)
            until_probed(worker)
    found = wrong(installation, one)
    assert set(found) == {"issuer_changed"}
    names = {"issuer": "Another test CA", "before": "Malote test CA"}
    assert found["issuer_changed"].facts == {"host": "127.0.0.1", **names}
    card = card_of(installation, one)
    assert card is not None
    assert card.issuer_before == "Malote test CA"


def show(pair: Pair, instead: Pair) -> None:
    """Put a certificate where the server reads its own."""
    shutil.copy(pair.key, instead.key)
    shutil.copy(pair.cert, instead.cert)


# ---- clocks


def test_a_message_of_the_future_shows_a_clock_that_is_ahead(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    with working(often(installation)) as worker, Device(account) as phone:
        until_probed(worker)
        now = datetime.now(UTC)
        uid = phone.deliver(at=now + timedelta(hours=2))
        worker.until(lambda: "clock_skewed" in wrong(installation, one), PROBED_S)
        ahead_s = int(wrong(installation, one)["clock_skewed"].facts["ahead_s"])
        assert 7100 < ahead_s <= 7200
        card = card_of(installation, one)
        assert card is not None
        assert 7100 < (card.clock_ahead_s or 0) <= 7200
        phone.delete("INBOX", uid)
        phone.deliver()
        worker.until(lambda: wrong(installation, one) == {}, PROBED_S)


# ---- whose card it is


def test_another_issuer_at_other_servers_is_no_news(
    certificates: Certificates, submission: Submission, tmp_path: Path
) -> None:
    other = Certificates(tmp_path, "Another test CA")
    both = tmp_path / "both.pem"
    both.write_bytes(certificates.ca_file.read_bytes() + other.ca_file.read_bytes())
    ports = (submission.port, submission.starttls_port)
    with (
        installed(tmp_path / "data", both) as installation,
        running(certificates, ports) as here,
        running(other, ports) as there,
    ):
        one = installation.connect(here.mailbox())
        with working(often(installation)) as worker:
            until_probed(worker)
            moved = installation.integration(one)
            port = there.ports["IMAP_PORT"]
            imap = replace(moved.imap, port=port)
            with writing(installation.runtime.engine) as conn:
                now = installation.runtime.clock()
                integrations.reconnect(conn, replace(moved, imap=imap), now)
            worker.until(lambda: issuer(installation, one) == "Another test CA", 15)
        assert "issuer_changed" not in {found.code for found in told(installation, one)}


def issuer(installation: Installation, one: int) -> str:
    card = card_of(installation, one)
    return card.tls.issuer if card and card.tls else ""
