"""`malote doctor ADDRESS --discover`: what was only found is not trusted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.certificates import DOMAIN
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.names import answering

pytestmark = pytest.mark.server


def test_servers_are_searched_for_and_get_no_password(
    installation: Installation, account: Account, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("pw\n")
    hosts = f"imap.{DOMAIN}", f"smtp.{DOMAIN}"
    records = {
        DOMAIN: ["MX 5 mx.unknown.example."],
        f"_imaps._tcp.{DOMAIN}": [f"SRV 0 0 {account.imap_port} {hosts[0]}."],
        f"_submissions._tcp.{DOMAIN}": [f"SRV 0 0 {account.smtp_port} {hosts[1]}."],
        **{host: ["A 127.0.0.1"] for host in hosts},
    }
    with answering(records) as names:
        words = [f"ana@{DOMAIN}", "--password-file", str(password), "--json"]
        more = {"MALOTE_DNS_SERVER": names.place, "MALOTE_ALLOW_HOSTS": ",".join(hosts)}
        alone = installation.command("doctor", *words, **more)
        told = installation.command("doctor", *words, "--discover", **more)
    assert alone.returncode == 2
    report = json.loads(told.stdout)
    assert (told.returncode, report["source"]) == (0, "from_srv"), told.stderr
    assert not report["login_tried"]
    for side, host in zip(("imap", "smtp"), hosts, strict=True):
        found = report["sides"][side]
        assert (found["host"], found["verdict"]) == (host, "not_tried")
