"""`malote sink` and `malote alerts`, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

from core import alerts
from tests.servers.alerting import Alarmed
from tests.servers.hook import Hook
from tests.servers.installation import Installation

CANARY = "Zq7CANARY9f3e"


def test_a_sink_is_added_tested_listed_and_removed(
    installation: Installation, webhook: Hook, tmp_path: Path
) -> None:
    file = tmp_path / "url"
    file.write_text(webhook.url(CANARY) + "\n", "utf-8")
    added = installation.command("sink", "add", "Ops", "--url-file", str(file))
    assert added.returncode == 0, added.stderr
    listed = installation.command("sink", "list", "--json")
    (sink,) = json.loads(listed.stdout)
    assert (sink["name"], sink["language"]) == ("Ops", "en")
    number = str(sink["id"])
    tested = installation.command("sink", "test", number)
    assert (tested.returncode, webhook.titles) == (0, ["[Malote] Test"])
    webhook.status = 500
    failed = installation.command("sink", "test", number)
    assert failed.returncode == 3
    assert "500" in failed.stdout
    shown = installation.command("sink", "list")
    assert "Nothing could be sent to “Ops” since" in shown.stdout
    removed = installation.command("sink", "remove", number)
    assert removed.returncode == 0
    assert alerts.all_sinks(installation.runtime) == []
    for said in (added, listed, tested, failed, shown, removed):
        assert CANARY not in said.stdout + said.stderr


def test_a_url_that_cannot_be_used_is_one_line(
    installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "url"
    file.write_text(f"nosuch://{CANARY}", "utf-8")
    said = installation.command("sink", "add", "Ops", "--url-file", str(file))
    assert said.returncode == 2
    assert said.stderr == "malote: URL: Apprise knows no service “nosuch”.\n"
    gone = installation.command("sink", "add", "Ops", "--url-file", "/nowhere")
    assert gone.returncode == 2
    assert gone.stderr.startswith("malote: File with the URL: ")
    assert installation.command("sink", "test", "7").returncode == 2


def test_open_alerts_are_listed(
    installation: Installation, alarmed: Alarmed, watched_box: int
) -> None:
    assert installation.command("alerts").stdout == "No open alerts.\n"
    alarmed.wrong(watched_box)
    alarmed.settle()
    said = installation.command("alerts").stdout
    assert "ana1@example.org" in said
    assert "password refused" in said
    (one,) = json.loads(installation.command("alerts", "--json").stdout)
    assert one["integration_id"] == watched_box
    assert one["rule"] == "A rule"
