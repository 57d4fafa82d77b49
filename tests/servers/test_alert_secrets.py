"""What a sink's URL holds is nowhere but in the vault; a URL is checked before that."""

from __future__ import annotations

import io
import logging
from base64 import b64encode
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from core import alerts, log
from core.alerts import sinks
from core.errors import BadInput, NotFound
from core.i18n import LANGUAGES, Texts
from core.secret import Secret
from core.words import explain
from tests.servers.alerting import ACTOR, Alarmed
from tests.servers.hook import hook

CANARY = "Zq7CANARY9f3e"
CODED = [
    b64encode(f"{before}{CANARY}".encode()).decode().rstrip("=")[3:-3]
    for before in ("", "ops:")
]


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """Give everything that is printed and logged meanwhile."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)  # as `log.set_up` makes one
    logging.getLogger().addHandler(handler)
    with redirect_stderr(written), redirect_stdout(written):
        log.set_up("json", "debug")
        yield written
    logging.getLogger().removeHandler(handler)
    log.set_up("console", "error")


@pytest.mark.parametrize(
    "url",
    [
        "json://ops:{secret}@127.0.0.1:{port}/hook",
        "json://127.0.0.1:{port}/hook/{secret}",
        "json://127.0.0.1:{port}/hook?+X-Token={secret}",
        "json://127.0.0.1:{port}/hook?-key={secret}",
        "xml://127.0.0.1:{port}/{secret}/",
        "form://127.0.0.1:{port}/?:field={secret}",
        "gotify://127.0.0.1:{port}/{secret}",
        "ntfy://127.0.0.1:{port}/{secret}",
        "mailto://ops:{secret}@127.0.0.1:{port}/?from=a@example.org&to=b@example.org",
    ],
)
@pytest.mark.parametrize("status", [200, 401, 500, 0])
def test_a_token_is_nowhere_but_in_the_vault(
    alarmed: Alarmed, said: io.StringIO, url: str, status: int
) -> None:
    with hook() as told:
        told.status = status or 200
        port = told.port if status else 1  # where nobody listens
        if url.startswith("mailto"):
            port = 1
        alarmed.rule()
        alarmed.sink(url.format(secret=CANARY, port=port))
        alarmed.wrong(alarmed.mailbox())
        alarmed.settle()
        (sink,) = alerts.all_sinks(alarmed.runtime)
        tried = alerts.test_sink(alarmed.runtime, sink.id, ACTOR)
    shown = [repr(sink), repr(tried), said.getvalue()]
    data = alarmed.runtime.settings.data
    kept = [path.read_bytes() for path in Path(data).rglob("*") if path.is_file()]
    for form in (CANARY, *CODED):
        assert not [text for text in shown if form in text]
        for coding in ("utf-8", "utf-16-le"):
            assert not [part for part in kept if form.encode(coding) in part]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "empty"),
        (f"{CANARY}", "sink_form"),
        (f"https://example.com/{CANARY}", "sink_web"),
        (f"nosuch://{CANARY}", "sink_kind"),
        (f"slack://{CANARY}", "sink_incomplete"),
        (f"tgram://{CANARY}", "sink_incomplete"),
        (f"discord://1/{CANARY}?Template=/data/var/key", "sink_file"),
        (f"mailto://u:{CANARY}@host.example?pgppub=/data/var/key", "sink_file"),
        (f"json://host/{CANARY} x", "control"),
        (f"json://host/{CANARY}\u202ex", "control"),
        (f"json://host/{CANARY}" + "x" * 2000, "too_long"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_and_not_repeated(
    alarmed: Alarmed, said: io.StringIO, url: str, problem: str
) -> None:
    with pytest.raises(BadInput) as caught:
        alarmed.sink(url)
    assert (caught.value.field, caught.value.problem) == ("sink_url", problem)
    assert alerts.all_sinks(alarmed.runtime) == []
    told = [explain(Texts(name), caught.value).line for name in LANGUAGES]
    assert len(set(told)) == len(LANGUAGES)
    assert CANARY not in f"{told} {caught.value!r} {said.getvalue()}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("json://u:pw@host.example:8080/a/b?+X=y", "json://host.example:8080"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#x", "slack://T...2"),
        ("ntfy://a_topic_that_is_secret", "ntfys://a…"),
        ("mailtos://me:pw@smtp.example.com:465/?to=b@example.com",
         "mailtos://smtp.example.com:465"),
    ],
)  # fmt: skip
def test_what_is_shown_of_a_url(url: str, shown: str) -> None:
    assert sinks.check(Secret(url)) == shown


def test_the_url_of_another_sink_does_not_open(alarmed: Alarmed) -> None:
    one = alarmed.sink("json://127.0.0.1:1/a")
    alerts.remove_sink(alarmed.runtime, one, ACTOR)
    with pytest.raises(NotFound):
        alerts.test_sink(alarmed.runtime, one, ACTOR)


def test_a_sink_that_does_not_answer_is_waited_for_a_while_only(
    alarmed: Alarmed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "SEND_S", 0.5)
    with hook() as told:
        told.free.clear()
        one = alarmed.sink(f"{told.url()}?rto=60")
        tried = alerts.test_sink(alarmed.runtime, one, ACTOR)
        told.free.set()
    assert not tried.ok
    assert "did not finish" in tried.words


def test_acts_are_in_the_audit_log_without_the_url(alarmed: Alarmed) -> None:
    one = alarmed.sink(f"json://127.0.0.1:1/{CANARY}")
    alerts.remove_sink(alarmed.runtime, one, ACTOR)
    with alarmed.runtime.engine.connect() as conn:
        rows = conn.exec_driver_sql("SELECT act, facts FROM audit").all()
    assert [row[0] for row in rows] == ["add_sink", "remove_sink"]
    assert CANARY not in str(rows)
