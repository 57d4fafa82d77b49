"""The demo's servers, as the worker starts them."""

from __future__ import annotations

import json
import smtplib
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from core import watch
from core.connect import Form, connect
from core.demo import endpoint
from core.demo.endpoint import Endpoint
from core.demo.mail import INBOX, mailbox
from core.jobs.demo import DemoServers
from core.jobs.embedded import syncer
from core.model import Outcome, Server, Trigger
from core.runtime import open_runtime
from core.settings import Settings
from core.sync.run import sync

pytestmark = pytest.mark.server


@contextmanager
def running(directory: Path, *more: str) -> Iterator[tuple[Endpoint, dict[str, str]]]:
    """Start the servers, give what they told, and end their standard input."""
    command = [sys.executable, "-m", "core.demo", "--directory", str(directory), *more]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    try:
        told = json.loads(process.stdout.readline())
        found = endpoint.read(directory)
        assert found is not None
        yield found, told
    finally:
        process.stdin.close()
        assert process.wait(10) == 0
        process.stdout.close()


def log_in(found: Endpoint, password: str = "") -> IMAPClient:
    context = ssl.create_default_context(cafile=str(found.ca_file))
    client = IMAPClient(
        found.host, port=found.imap_port, ssl_context=context, timeout=20
    )
    try:
        client.login(found.address, password or found.password.reveal())
    except LoginError:
        client.shutdown()
        raise
    return client


def test_it_serves_what_was_made_and_is_the_same_after_a_restart(
    tmp_path: Path,
) -> None:
    with running(tmp_path, "--arrival-every", "0") as (found, told):
        assert "password" not in told
        expected = Counter(m.folder for m in mailbox(_day(told)))
        with log_in(found) as client:
            before = {n: client.folder_status(n) for n in expected}
        assert {n: s[b"MESSAGES"] for n, s in before.items()} == expected
        with pytest.raises(LoginError):
            log_in(found, "wrong")
    with running(tmp_path, "--arrival-every", "0") as (again, _):
        assert (again.imap_port, again.smtp_port) == (found.imap_port, found.smtp_port)
        assert again.password.reveal() == found.password.reveal()
        with log_in(again) as client:
            after = {n: client.folder_status(n) for n in expected}
    assert after == before


def test_mail_to_the_demo_arrives_in_its_inbox(tmp_path: Path) -> None:
    with running(tmp_path, "--arrival-every", "0") as (found, _):
        context = ssl.create_default_context(cafile=str(found.ca_file))
        with smtplib.SMTP_SSL(found.host, found.smtp_port, context=context) as smtp:
            with pytest.raises(smtplib.SMTPSenderRefused):
                smtp.sendmail(found.address, found.address, "Subject: no login\r\n\r\n")
            smtp.login(found.address, found.password.reveal())
            smtp.sendmail(found.address, found.address, "Subject: hello\r\n\r\nhi\r\n")
        with log_in(found) as client:
            client.select_folder(INBOX, readonly=True)
            assert len(client.search(["SUBJECT", "hello"])) == 1


def test_the_files_are_private(tmp_path: Path) -> None:
    with running(tmp_path / "demo"):
        modes = {
            p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "demo").iterdir()
        }
    assert set(modes.values()) == {0o600}


def test_it_is_connected_and_synced_like_any_other(tmp_path: Path) -> None:
    runtime = open_runtime(Settings(data=tmp_path / "data"))
    servers = DemoServers(runtime)
    watch.want_demo(runtime)
    servers.keep()
    try:
        assert watch.demo_ready(runtime)
        found = runtime.demo()
        assert found is not None
        form = Form(
            owner=found.owner,
            address=found.address,
            password=found.password,
            imap=Server(found.host, found.imap_port),
            smtp=Server(found.host, found.smtp_port),
            acknowledged=True,
        )
        one = connect(runtime, form, "test")
        assert watch.integration(runtime, one).demo
        report = sync(syncer(runtime, "test:0:0"), one, Trigger.COMMAND)
        assert report.outcome is Outcome.OK, report.error
        folders = watch.folders(runtime, one)
        folders = folders[folders["selectable"]]
        assert (folders["held"] == folders["on_server"]).all()
        assert folders["held"].sum() > 1_800
    finally:
        watch.want_demo(runtime, wanted=False)
        servers.keep()
        runtime.engine.dispose()


def _day(told: dict[str, str]) -> date:
    return date.fromisoformat(told["today"])
