"""Alerts arrive at real sinks by one worker, and again when a sink was down."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from core import alerts
from core.alerts import sending
from core.alerts.builtin import RULES
from core.alerts.evaluate import evaluate
from core.jobs import embedded
from tests.certificates import Certificates
from tests.servers.alerting import ACTOR, Alarmed
from tests.servers.hook import Hook, hook
from tests.servers.installation import Installation
from tests.servers.listening import working
from tests.servers.smtp import Submission

FIRED = "[Malote] ana1@example.org: password refused"
RECOVERED = "[Malote] Well again: ana1@example.org (password refused)"


def test_a_sink_that_fails_is_shown_and_gets_everything_once_it_is_back(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    webhook.status = 503
    alarmed.wrong(watched_box)
    alarmed.settle()
    first_failed_at = alarmed.now
    (failing,) = alerts.failing_sinks(alarmed.runtime)
    assert failing.failed_at == first_failed_at
    assert "503" in failing.failed_words
    assert alerts.open_alerts(alarmed.runtime)[0].on_its_way
    alarmed.pass_time(29)
    assert webhook.refused == 1  # it waits 30 s, then 1 min, …
    alarmed.well(watched_box)
    for _ in range(10):
        alarmed.pass_time(60)
    assert 4 <= webhook.refused <= 6
    assert alerts.failing_sinks(alarmed.runtime)[0].failed_at == first_failed_at
    webhook.status = 200
    for _ in range(16):
        alarmed.pass_time(60)
    assert webhook.titles == [FIRED, RECOVERED]  # in this order, once
    assert alerts.failing_sinks(alarmed.runtime) == []


def test_a_sink_that_stays_down_is_given_up_after_a_day(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    webhook.status = 500
    alarmed.wrong(watched_box)
    alarmed.settle()
    for _ in range(25 * 4):
        alarmed.pass_time(900)
    refused, webhook.status = webhook.refused, 200
    alarmed.pass_time(7200)
    assert webhook.titles == []
    assert 90 < refused < 110
    assert alerts.failing_sinks(alarmed.runtime)


def test_another_sink_is_not_held_up_by_one_that_fails(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    alarmed.sink("json://127.0.0.1:1/nobody", name="Down")
    alarmed.wrong(watched_box)
    alarmed.settle()
    assert webhook.titles == [FIRED]
    (down,) = alerts.failing_sinks(alarmed.runtime)
    assert "Connection refused" in down.failed_words


def test_a_test_that_succeeds_ends_the_failure(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    webhook.status = 500
    (sink,) = alerts.all_sinks(alarmed.runtime)
    assert not alerts.test_sink(alarmed.runtime, sink.id, ACTOR).ok
    assert alerts.failing_sinks(alarmed.runtime)
    alarmed.wrong(watched_box)
    alarmed.settle()
    webhook.status = 200
    assert alerts.test_sink(alarmed.runtime, sink.id, ACTOR).ok
    assert alerts.failing_sinks(alarmed.runtime) == []
    alarmed.pass_time()  # what waited is due
    assert webhook.titles == ["[Malote] Test", FIRED]


@pytest.mark.parametrize("at_a_time", [2, 6])
def test_of_several_workers_one_tells(
    alarmed: Alarmed, webhook: Hook, watched_box: int, at_a_time: int
) -> None:
    alarmed.wrong(watched_box)
    together(at_a_time, lambda: evaluate(alarmed.runtime))
    alarmed.now += timedelta(seconds=30)
    together(at_a_time, lambda: evaluate(alarmed.runtime))
    webhook.free.clear()  # all of them are sending before the first is done
    threads = begin(at_a_time, lambda: alerts.send_due(alarmed.runtime))
    webhook.free.set()
    for thread in threads:
        thread.join()
    assert webhook.titles == [FIRED]


def test_a_notice_of_a_worker_that_died_is_sent_by_another(
    alarmed: Alarmed, webhook: Hook, watched_box: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise SystemExit

    alarmed.wrong(watched_box)
    with monkeypatch.context() as patched:
        patched.setattr(sending, "_written", dies)
        with pytest.raises(SystemExit):
            alarmed.settle()
    alarmed.pass_time(60)
    assert webhook.titles == []  # it may still be sending
    alarmed.pass_time(61)
    assert webhook.titles == [FIRED]


def test_a_rule_chooses_its_sinks(alarmed: Alarmed, webhook: Hook) -> None:
    with hook() as other:
        chosen = alarmed.sink(other.url(), name="Chosen")
        alarmed.sink(webhook.url())
        alarmed.rule(sinks=(chosen,))
        box = alarmed.mailbox()
        alarmed.wrong(box)
        alarmed.settle()
        assert (other.titles, webhook.titles) == ([FIRED], [])
        alerts.remove_sink(alarmed.runtime, chosen, ACTOR)
        alarmed.well(box)
        alarmed.wrong(box)
        alarmed.settle()
        assert webhook.titles == []  # not all of them, for lack of the chosen one


def test_an_alert_comes_by_e_mail(
    alarmed: Alarmed,
    submission: Submission,
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_file))
    where = f"localhost:{submission.starttls_port}"
    alarmed.rule()
    alarmed.sink(
        f"mailtos://malote%40example.org:pw@{where}/?from=malote@example.org"
        "&to=ops@example.net&mode=starttls&smtp=localhost",
        language="pt_BR",
    )
    alarmed.wrong(alarmed.mailbox())
    alarmed.settle()
    assert alerts.failing_sinks(alarmed.runtime) == []
    (sent,) = submission.sent_by("malote@example.org")
    assert sent.to == ("ops@example.net",)
    assert sent.message["Subject"] == "[Malote] ana1@example.org: senha recusada"
    body = sent.message.get_body(("plain", "html"))
    assert body is not None
    assert "O que fazer:" in body.get_content()


def test_the_worker_does_it_by_itself(
    installation: Installation, webhook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "ALERT_S", 0.1)
    at_once = installation.runtime.settings.model_copy(update={"alert_group_s": 0})
    runtime = replace(installation.runtime, settings=at_once)
    with working(runtime) as worker:
        worker.until(lambda: bool(alerts.all_rules(runtime)))
        names = [rule.name for rule in alerts.all_rules(runtime)]
        assert names == [f"builtin.{key}" for key, *_ in RULES]
        alarmed = Alarmed(runtime, runtime.clock())
        alarmed.sink(webhook.url())
        box = alarmed.mailbox()
        alarmed.wrong(box)
        webhook.until(1)
    assert webhook.titles == [FIRED]


def together(count: int, act: object) -> None:
    for thread in begin(count, act):
        thread.join()


def begin(count: int, act: object) -> list[threading.Thread]:
    barrier = threading.Barrier(count + 1)

    def run() -> None:
        barrier.wait()
        act()  # type: ignore[operator]  # a function of nothing

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    barrier.wait()
    return threads


def test_apprise_does_not_change_how_mail_of_ours_is_written() -> None:
    # In a process of its own: here Apprise may be there already.
    told = (
        "from email import charset; from core.alerts import sinks;"
        "from core.secret import Secret; before = dict(charset.CHARSETS);"
        "sinks.check(Secret('json://localhost/x')); import apprise;"
        "assert charset.CHARSETS == before"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", told], check=True, timeout=60)
