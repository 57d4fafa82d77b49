"""`malote doctor ADDRESS`: the right step, cause and action, in both languages."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.cli import app
from core.connect import Form, Step as Seen, preflight
from core.i18n import Texts
from core.model import Server
from core.secret import Secret
from core.store import integrations
from core.store.engine import writing
from tests.certificates import Certificates
from tests.servers.cyrus import Cyrus
from tests.servers.dovecot import PASSWORD, Account, free_ports
from tests.servers.failures import (
    CA,
    FAILURES,
    READY,
    Failure,
    failing,
    fits,
    imap_login,
    line_of,
    parts,
)
from tests.servers.installation import Installation
from tests.servers.scripted import serve
from tests.servers.steps import POLITE, Answer
from tests.servers.submitting import sending

LANGUAGES = {"en": "en_US.UTF-8", "pt_BR": "pt_BR.UTF-8"}
USER, CANARY = "ana@example.org", "Zq7-CANARY-9f3e"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
pytestmark = pytest.mark.server


def to_do(t: Texts, code: str) -> str:
    """Give what a person is told to do who waits for the outcome."""
    now = f"error.{code}.do_now"
    return t(now if t.has(now) else f"error.{code}.do")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_is_told_with_step_cause_and_action(
    installation: Installation,
    account: Account,
    certificates: Certificates,
    password: Path,
    name: str,
    language: str,
) -> None:
    wanted = FAILURES[name]
    with failing(wanted, certificates) as port:
        options = {**working(account), wanted.side: ("localhost", port)}
        words = [*served_by(options), f"--{wanted.side}-security", wanted.security]
        told = doctor(installation, language, account, password, *words)
    assert told.exit_code == wanted.code, told.output
    t = Texts(language)
    failed, other = parts(told.stdout, wanted.side)
    assert t("verdict.failed") in failed[0]
    assert t("verdict.ok") in other[0]
    at = next(n for n, line in enumerate(failed) if line.startswith("  -- "))
    assert t(f"step.{wanted.step}") in failed[at]
    why = failed[at + 1 : at + 4]
    if wanted.says:
        assert why.pop(0).strip() == t("report.says", words=said(failed, wanted))
    assert fits(t(f"error.{wanted.error}.what"), why[0]), why
    assert fits(to_do(t, wanted.error), why[1]), why
    certificate = [line for line in failed if t("card.certificate") + ":" in line]
    assert all(word in certificate[0] for word in wanted.shows)
    assert (t("card.expired") in "".join(certificate)) == (
        wanted.certificate == "expired"
    )
    assert not CONTROL.search(told.stdout)


def said(lines: list[str], wanted: Failure) -> str:
    """Give what the line of the server's words should hold, found by its words."""
    line = next(line for line in lines if wanted.says in line)
    return line.partition(": ")[2]


@pytest.mark.parametrize(
    "form", [CANARY, b64encode(f"\0{USER}\0{CANARY}".encode()).decode()]
)
def test_a_server_that_repeats_the_password_is_not_quoted(
    installation: Installation, certificates: Certificates, form: str
) -> None:
    raw = form.encode()
    no = imap_login(
        b"* CAPABILITY IMAP4rev1 X-" + raw,
        b"{tag} NO [AUTHENTICATIONFAILED] not " + raw,
    )
    with (
        serve(*no, tls=certificates.good) as imap,
        serve(*sending(b"535 not " + raw), tls=certificates.good) as smtp,
    ):
        servers = (Server("localhost", imap.port), Server("127.0.0.1", smtp.port))
        asked = Form("Ana", USER, Secret(CANARY), *servers)
        seen: list[Seen] = []
        report = preflight(installation.runtime, asked, seen.append)
    assert [str(side.verdict) for side in report.sides] == ["failed", "failed"]
    for shown in (report.as_text(Texts("en")), str(report.as_dict()), repr(report)):
        assert "not …" in shown
        assert form not in shown
    assert form not in "".join(str(step.error and step.error.facts) for step in seen)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_such_host_and_a_refused_port(
    installation: Installation, account: Account, password: Path, language: str
) -> None:
    (port,) = free_ports(1)
    words = [
        "--imap", "no-such-host.invalid",
        "--smtp", "localhost", "--smtp-port", str(port),
    ]  # fmt: skip
    told = doctor(installation, language, account, password, *words)
    assert told.exit_code == 3
    t = Texts(language)
    for side, step, code in (
        ("imap", "dns", "host_unknown"),
        ("smtp", "tcp", "port_closed"),
    ):
        failed, _ = parts(told.stdout, side)
        assert t(f"step.{step}") in next(x for x in failed if x.startswith("  -- "))
        assert any(fits(t(f"error.{code}.what"), line) for line in failed)
        assert any(fits(to_do(t, code), line) for line in failed)


@pytest.mark.parametrize("server", ["dovecot", "cyrus"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_server_that_works_shows_all_of_itself(
    request: pytest.FixtureRequest,
    installation: Installation,
    password: Path,
    server: str,
    language: str,
) -> None:
    account: Account = request.getfixturevalue(server).mailbox()
    t = Texts(language)
    words = served_by(working(account))
    told = doctor(installation, language, account, password, *words)
    assert told.exit_code == 0, told.stdout
    imap, smtp = parts(told.stdout, "imap")
    steps = ["dns", "tcp", "tls", "greeting", "login", "list"]
    for side, names in ((imap, steps), (smtp, steps[:-1])):
        taken = [line for line in side if line.startswith("  ok ")]
        for name, line in zip(names, taken, strict=True):
            assert t(f"step.{name}") in line
        assert not [line for line in side if line.startswith("  -- ")]
        assert "TLSv1.3" in line_of(side, t("card.tls"))
        assert CA in line_of(side, t("card.certificate"))
        assert t("card.days_left", n=89) in line_of(side, t("card.certificate"))
        assert "127.0.0.1" in line_of(side, t("card.addresses"))
    assert "QRESYNC" in line_of(imap, t("card.capabilities"))
    assert server in line_of(imap, t("card.profile"))
    assert server in line_of(imap, t("card.name")).lower()
    assert "AUTH " in line_of(smtp, t("card.capabilities"))
    assert "SIZE 33554432" in line_of(smtp, t("card.capabilities"))
    assert PASSWORD not in told.stdout.split()


def test_by_starttls_and_as_json(
    installation: Installation, cyrus: Cyrus, password: Path
) -> None:
    account = cyrus.mailbox()
    ports = (account.starttls_port, account.smtp_starttls_port)
    words = ["--imap", account.host, "--smtp", "127.0.0.1", "--json"]
    for side, port in zip(("imap", "smtp"), ports, strict=True):
        words += [f"--{side}-port", str(port), f"--{side}-security", "starttls"]
    told = doctor(installation, "en", account, password, *words)
    report = json.loads(told.stdout)
    assert (told.exit_code, report["ok"], report["source"]) == (
        0,
        True,
        "from_options",
    )
    for side in report["sides"].values():
        assert [s["step"] for s in side["steps"]][:5] == [
            "dns", "tcp", "greeting", "tls", "login",
        ]  # fmt: skip
        assert side["steps"][2]["says"] == ""  # said before TLS, by whomever
        assert side["certificate"]["days_left"] == 89
        assert side["tls"] == "TLSv1.3"


def test_without_a_password_nobody_logs_in(
    installation: Installation, account: Account, certificates: Certificates
) -> None:
    t = Texts("pt_BR")
    with serve(READY, Answer(POLITE), tls=certificates.good) as server:
        options = {**working(account), "imap": ("localhost", server.port)}
        told = doctor(installation, "pt_BR", account, None, *served_by(options))
        assert not server.said(rb"LOGIN|AUTHENTICATE")
    assert told.exit_code == 0, told.stdout
    for side in parts(told.stdout, "imap"):
        assert t("verdict.not_tried") in side[0]
        assert t("report.not_tried") in line_of(side, t("step.login"), "")
    assert t("doctor.no_password") in told.stdout


def test_a_live_integration_is_checked_with_what_is_stored(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    told = doctor(installation, "en", account, None, "--json")
    report = json.loads(told.stdout)
    assert (told.exit_code, report["source"]) == (0, "from_integration")
    assert [side["verdict"] for side in report["sides"].values()] == ["ok", "ok"]
    with writing(installation.runtime.engine) as conn:
        integrations.change(conn, one, login="deny@example.org")
    told = doctor(installation, "en", account, None)
    assert told.exit_code == 4
    spoken = installation.command("doctor", account.address, **in_language("pt_BR"))
    assert spoken.returncode == 4
    assert Texts("pt_BR")("error.wrong_password.do") in spoken.stdout


def test_a_stored_password_goes_to_no_other_server(
    installation: Installation, account: Account, certificates: Certificates
) -> None:
    installation.connect(account)
    with serve(READY, Answer(POLITE), tls=certificates.good) as server:
        words = ["--imap", "localhost", "--imap-port", str(server.port)]
        told = doctor(installation, "en", account, None, *words)
        assert told.exit_code == 0, told.stdout
        assert not server.said(rb"LOGIN|AUTHENTICATE")


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["ana@nobody-knows.example"], "problem.servers_unknown"),
        (["ana"], "problem.address_form"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_checked_is_one_line(
    installation: Installation, language: str, words: list[str], key: str
) -> None:
    told = installation.command("doctor", *words, **in_language(language))
    assert told.returncode == 2
    assert Texts(language)(key) in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


# ---- how it is asked and read


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    return path


def doctor(
    installation: Installation,
    language: str,
    account: Account,
    password: Path | None,
    *words: str,
) -> Result:
    """Run the command in this process: there are many."""
    file = ["--password-file", str(password)] if password else []
    short = {"MALOTE_COMMAND_TIMEOUT_S": "2"}
    env = {**installation.environment, **in_language(language), **short}
    return CliRunner().invoke(app, ["doctor", account.address, *words, *file], env=env)


def in_language(language: str) -> dict[str, str]:
    return {"LC_ALL": LANGUAGES[language], "PYTHONUTF8": "1"}


def working(account: Account) -> dict[str, tuple[str, int]]:
    return {
        "imap": (account.host, account.imap_port),
        "smtp": ("127.0.0.1", account.smtp_port),
    }


def served_by(options: dict[str, tuple[str, int]]) -> list[str]:
    words: list[str] = []
    for side, (host, port) in options.items():
        words += [f"--{side}", host, f"--{side}-port", str(port)]
    return words
