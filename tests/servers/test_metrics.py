"""What machines are told of a worker that runs, and what they are told to ask."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from sqlalchemy import insert, update

from core import watch
from core.secret import Secret
from core.store import credentials, incidents
from core.store.engine import writing
from core.store.schema import integration
from core.store.watch_tables import server_card
from core.telemetry import collector
from tests.servers.device import compose, deliver_by_lmtp
from tests.servers.dovecot import Account, free_ports
from tests.servers.installation import Installation
from tests.servers.listening import holds, working
from tests.servers.queries import Selector, asked, dashboard, rules, samples, selectors
from tests.servers.scraping import Scraped, scraping, with_port

pytestmark = pytest.mark.server
DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
OF_A_KIND = ("_total", "_bucket", "_count", "_sum", "_gcount", "_gsum")


@pytest.fixture
def scraped(
    installation: Installation, account: Account, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scraped]:
    """Run a worker with one mailbox, which is watched and has a card and a warning."""
    monkeypatch.setattr(collector, "CACHED_S", 0)
    one, now = installation.connect(account), installation.runtime.clock()
    ends = now + timedelta(days=5)
    card = {"software": "", "capabilities": [], "tls_version": "", "cipher": ""}
    with writing(installation.runtime.engine) as conn:
        incidents.observe(conn, one, "silent", now)
        values = {**card, "issuer": "", "fingerprint": "", "noted_at": now}
        new = insert(server_card).values(integration_id=one, expires_at=ends, **values)
        conn.execute(new)
    with scraping(installation) as running:
        running.worker.until_quiet(one)
        yield running


def test_the_text_is_as_prometheus_wants_it(scraped: Scraped) -> None:
    text = scraped.metrics()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    words = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.MULTILINE))
    found = samples(text)
    assert set(kinds) == set(words)
    assert all(words.values())
    for name, kind in kinds.items():
        assert re.fullmatch(r"(malote|process)_[a-z0-9_]+", name)
        assert (kind == "counter") is name.endswith("_total")
        assert not re.search(r"_(ms|millis\w*|minutes|hours|kb|mb)(_|$)", name)
    assert len(kinds) == text.count("# TYPE")
    series = Counter((one.name, tuple(sorted(one.labels.items()))) for one in found)
    assert set(series.values()) == {1}
    for one in found:
        assert _family(one.name) in {_family(name) for name in kinds}


def test_what_happens_moves_the_numbers(
    scraped: Scraped, installation: Installation, account: Account
) -> None:
    one, worker = 1, scraped.worker
    assert scraped.value("malote_integrations", state="ok") == 1
    assert scraped.value("malote_integrations_watched") == 1
    assert scraped.value("malote_connections", use="idle") >= 1
    before = scraped.value("malote_sync_messages_total", change="added")
    deliver_by_lmtp(account, compose())
    worker.until(lambda: holds(installation, one, "INBOX", 1))
    worker.until_quiet(one)
    assert scraped.value("malote_sync_messages_total", change="added") == before + 1
    assert scraped.value("malote_idle_events_total", event="notice") >= 1
    assert scraped.value("malote_syncs_total", outcome="ok", trigger="notice") >= 1
    assert scraped.value("malote_sync_duration_seconds_count", outcome="ok") >= 1
    assert scraped.value("malote_messages_held") == 1
    assert scraped.value("malote_lag_seconds_bucket", le="60.0") == 1
    assert 0 <= scraped.value("malote_lag_max_seconds") < 60
    assert scraped.value("malote_incidents", code="silent", level="warning") == 1


def test_a_mailbox_that_fails_is_counted(
    scraped: Scraped, installation: Installation
) -> None:
    vault = installation.runtime.vault
    with writing(installation.runtime.engine) as conn:
        sealed = vault.seal(Secret("wrong"), 1, "password")
        credentials.put_credential(conn, 1, "password", vault.key_id, sealed)
    watch.sync_now(installation.runtime, 1, "test")
    scraped.worker.until(
        lambda: scraped.value("malote_errors_total", code="wrong_password") > 0
    )
    assert scraped.value("malote_integrations", state="needs_password") == 1
    assert scraped.value("malote_syncs_total", outcome="failed") >= 1
    name = {"code": "wrong_password", "level": "error"}
    assert scraped.value("malote_incidents", **name) == 1


def test_what_was_not_seen_for_long_lags(
    scraped: Scraped, installation: Installation
) -> None:
    hours = installation.runtime.clock() - timedelta(hours=3)
    with writing(installation.runtime.engine) as conn:
        values = {"seen_at": hours, "failures": 1}  # proofs do not count now
        conn.execute(update(integration).values(**values))
    assert 3 * 3600 <= scraped.value("malote_lag_max_seconds") < 3 * 3600 + 60
    assert scraped.value("malote_lag_seconds_bucket", le="7200.0") == 0
    assert scraped.value("malote_lag_seconds_bucket", le="14400.0") == 1
    with writing(installation.runtime.engine) as conn:
        conn.execute(update(integration).values(paused=True))
    assert scraped.value("malote_lag_max_seconds") == 0
    assert scraped.value("malote_integrations", state="paused") == 1


def test_no_label_names_a_mailbox(
    scraped: Scraped, installation: Installation, account: Account
) -> None:
    one = installation.integration(1)
    names = [one.owner, one.address, one.login, one.imap.host, account.password]
    for path in ("/metrics", "/healthz", "/readyz", "/"):
        said = scraped.get(path)[1]
        assert not [
            name for name in names if re.search(rf"\b{re.escape(name)}\b", said)
        ]


def test_dashboard_and_rules_ask_for_what_there_is(scraped: Scraped) -> None:
    found = samples(scraped.metrics())
    queries = list(asked())
    assert len(queries) > 30
    wanted = {one for query in queries for one in selectors(query)}
    assert unknown(wanted, found) == set()


@pytest.mark.parametrize(
    "query",
    [
        "sum(rate(malote_syncs[5m]))",
        'max(malote_integrations{state="well"})',
        'malote_lag_seconds_bucket{le="901.0"}',
        'sum by (use) (malote_connections{instance=~"$instance", uses="idle"})',
    ],
)
def test_a_query_for_what_there_is_not_is_found(scraped: Scraped, query: str) -> None:
    assert unknown(set(selectors(query)), samples(scraped.metrics()))


def unknown(wanted: set[Selector], found: list[Sample]) -> set[str]:
    """Give the metrics of which a selector selects nothing."""
    return {
        one.metric for one in wanted if not any(one.selects(sample) for sample in found)
    }


def test_every_metric_is_documented_and_every_documented_one_is_there(
    scraped: Scraped,
) -> None:
    families = list(text_string_to_metric_families(scraped.metrics()))
    ours = {_family(f.name) for f in families if f.name.startswith("malote_")}
    rows = re.findall(
        r"^\| `(malote_\w+)` \| ([a-z ]+) \| (.*?) \|",
        DOCUMENT.read_text("utf-8"),
        re.MULTILINE,
    )
    assert {_family(name) for name, _, _ in rows} == ours
    labels: dict[str, set[str]] = {}
    for family in families:
        for sample in family.samples:
            labels.setdefault(_family(family.name), set()).update(sample.labels)
    for name, kind, told in rows:
        own = labels[_family(name)] - ({"le"} if kind == "histogram" else set())
        assert set(re.findall(r"`(\w+)`", told)) == own, name
        assert (kind == "counter") is name.endswith("_total")


def test_the_dashboard_can_be_imported() -> None:
    board = dashboard()
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    assert next(v["type"] for v in board["templating"]["list"]) == "datasource"
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {
            (at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])
        }
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${datasource}"
            assert panel["title"]
            assert panel["description"]


def test_rules_say_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "description"}
    assert len({rule["alert"] for rule in rules()}) == len(rules())


def test_health_and_readiness(
    scraped: Scraped, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    scraped.worker.until(lambda: scraped.get("/readyz")[0] == 200)
    assert scraped.json("/healthz")[0] == 200
    assert scraped.json("/nothing")[0] == 404
    rounds = scraped.worker._rounds
    monkeypatch.setattr(rounds, "age_s", lambda _name: 16.0)
    status, told = scraped.json("/readyz")
    assert (status, told["checks"]["scheduler"]) == (503, False)
    monkeypatch.undo()
    with writing(installation.runtime.engine) as conn:
        conn.exec_driver_sql("UPDATE key_check SET key_id = 'another'")
    status, told = scraped.json("/readyz")
    assert (status, told["checks"]["key"]) == (503, False)
    with writing(installation.runtime.engine) as conn:
        conn.exec_driver_sql("ALTER TABLE key_check RENAME TO away")
    status, told = scraped.json("/readyz")
    assert (status, told["checks"]["store"]) == (503, False)
    assert scraped.json("/healthz")[0] == 200


def test_a_taken_port_does_not_keep_a_worker_from_work(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    with scraping(installation) as first:
        again = with_port(installation, first.port)
        with working(again.runtime) as second:
            second.until_quiet(one)
            assert second.machines.port == 0
            assert first.get("/healthz")[0] == 200


def test_without_a_port_nothing_listens(installation: Installation) -> None:
    assert free_ports(1)
    with working(installation.runtime) as worker:
        worker.until(lambda: worker._rounds.age_s("tick") < 5)
        assert worker.machines.port == 0


def _family(name: str) -> str:
    ending = next((end for end in OF_A_KIND if name.endswith(end)), "")
    return name.removesuffix(ending)
