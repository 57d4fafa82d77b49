"""What a worker logs in JSON: every line is JSON, and says which mailbox and run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core import watch
from core.secret import Secret
from core.store import credentials
from core.store.engine import writing
from tests.servers.device import compose, deliver_by_lmtp
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import Installation
from tests.servers.listening import holds
from tests.servers.worker_process import worker_process

pytestmark = pytest.mark.server
OF_ALL = {"worker starts", "worker ends", "metrics served", "store unavailable"}
NOISE = """
import logging, threading, warnings
from core import log
log.set_up("json")
log.set_up("json")
log.take_endings()
logging.getLogger("urllib3").warning("broken\\nline of %s", "\\u2028theirs")
logging.getLogger("urllib3").info("not shown")
warnings.warn("old", DeprecationWarning)
warnings.warn("careless", UserWarning)
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("imapclient").exception("of a library")
    with log.bound(integration=7, run=8):
        log.logger().exception("of ours", said="a\\nb")
        logging.getLogger("other").error("inside")
thread = threading.Thread(target=lambda: {}["gone"])
thread.start()
thread.join()
raise SystemError("the end")
"""


def test_every_line_is_json_and_names_its_mailbox_and_run(
    installation: Installation, dovecot: Dovecot, account: Account, tmp_path: Path
) -> None:
    one = installation.connect(account)
    dovecot.fill(account, {"INBOX": 5})
    vault = installation.runtime.vault
    with worker_process(installation, tmp_path / "log") as worker:
        worker.until(lambda: holds(installation, one, "INBOX", 5))
        worker.until(lambda: worker.value("malote_integrations_watched") == 1)
        deliver_by_lmtp(account, compose())
        worker.until(lambda: holds(installation, one, "INBOX", 6))
        with writing(installation.runtime.engine) as conn:
            sealed = vault.seal(Secret("wrong"), one, "password")
            credentials.put_credential(conn, one, "password", vault.key_id, sealed)
        watch.sync_now(installation.runtime, one, "test")
        name = {"code": "wrong_password"}
        worker.until(lambda: worker.value("malote_errors_total", **name) == 1)
    lines = worker.lines()
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
    mine = [line for line in lines if line["event"] not in OF_ALL]
    assert mine
    assert {line.get("integration") for line in mine} == {one}
    runs = [line for line in mine if line["event"] == "sync"]
    assert {line["outcome"] for line in runs} >= {"ok", "failed"}
    assert len({line["run"] for line in runs}) == len(runs)


def test_what_others_print_is_json_too() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", NOISE],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = [json.loads(line) for line in done.stderr.split("\n") if line]
    told = {line["event"]: line for line in lines}
    assert len(lines) == len(told) == 8
    assert told["broken\\x0aline of \\x2028theirs"]["logger"] == "urllib3"
    assert told["of a library"]["level"] == "error"
    assert "ZeroDivisionError" in told["of a library"]["exception"]
    assert (told["of ours"]["integration"], told["of ours"]["run"]) == (7, 8)
    assert told["inside"]["integration"] == 7
    assert "KeyError" in told["thread ended"]["exception"]
    assert "SystemError" in told["program ended"]["exception"]
