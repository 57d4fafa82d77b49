"""Every server of the table of interoperability is known by each of its signs."""

from dataclasses import fields

import pytest

from core.imap.features import Features
from core.imap.profiles import TABLE, USUAL, Profile, Sign, choose


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("imap.mail.yahoo.com", "yahoo"),
        ("export.imap.mail.yahoo.com", "yahoo"),
        ("imap.aol.com", "yahoo"),
        ("imap.mail.me.com", "icloud"),
        ("p42-imap.mail.me.com", "icloud"),
        ("imap.gmail.com", "gmail"),
        ("outlook.office365.com", "microsoft"),
        ("imap-mail.outlook.com", "microsoft"),
        ("imap.163.com", "coremail"),
        ("imap.126.com", "coremail"),
        ("imap.yeah.net", "coremail"),
        ("imap.qq.com", "qq"),
        ("imap.exmail.qq.com", "qq"),
        ("imap.zoho.com", "zoho"),
        ("imappro.zoho.eu", "zoho"),
        ("imap.gmx.net", "gmx"),
        ("imap.web.de", "gmx"),
        ("poczta.interia.pl", "gmx"),
        ("imap.yandex.ru", "yandex"),
        ("imap.rambler.ru", "rambler"),
        ("imap.purelymail.com", "purelymail"),
        ("imap.mail.us-east-1.awsapps.com", "plain"),
        ("imap.secureserver.net", "godaddy"),
        ("imap.email-ssl.com.br", "usual"),
        ("imap.notgmail.com", "usual"),
        ("outlook.com.evil.example", "usual"),
        ("IMAP.GMAIL.COM.", "gmail"),
    ],
)
def test_by_host(host: str, name: str) -> None:
    assert choose(host).name == name


@pytest.mark.parametrize(
    ("greeting", "identified_as", "capabilities", "name"),
    [
        ("* OK Gimap ready for requests from 192.0.2.1 x", "", "", "gmail"),
        ("* OK The Microsoft Exchange IMAP4 service is ready.", "", "", "microsoft"),
        ("* OK Coremail System IMap Server Ready(163com[1])", "", "", "coremail"),
        ("* OK [CAPABILITY IMAP4] QQMail XMIMAP4Server ready", "", "", "qq"),
        ("* OK IMAP4 Server (Zoho Mail IMAP4rev1 Server version 1.0)", "", "", "zoho"),
        ("* OK Yandex IMAP4rev1 at mail.example.org:993 ready", "", "", "yandex"),
        ("* OK Courier-IMAP ready. Copyright 1998-2018 …", "", "", "courier"),
        ("* OK mail.example.org Zimbra IMAP4rev1 server ready", "", "", "zimbra"),
        ("* OK IMAP4rev1 DavMail 6.0.0-3375 server ready", "", "", "davmail"),
        ("* OK Proton Mail Bridge 03 - gluon session ID 1", "", "", "proton-bridge"),
        ("* OK [CAPABILITY IMAP4rev1] Dovecot (Debian) ready.", "", "", "dovecot"),
        ("* OK ready", "Dovecot 2.4.1", "", "dovecot"),
        ("* OK ready", "Microsoft.Exchange.Imap4.Imap4Server 15.1", "", "microsoft"),
        ("* OK ready", "", "IMAP4rev1 X-GM-EXT-1", "gmail"),
        ("* OK ready", "", "IMAP4rev1 XYMHIGHESTMODSEQ OBJECTID", "yahoo"),
        ("* OK ready", "", "IMAP4rev1 XAPPLELITERAL QRESYNC", "icloud"),
        ("* OK ready", "Cyrus IMAP 3.8", "IMAP4rev1 QRESYNC", "cyrus"),
        ("* OK Lotus Domino IMAP4 Server Release 9 ready", "", "", "usual"),
    ],
)
def test_by_what_a_server_says(
    greeting: str, identified_as: str, capabilities: str, name: str
) -> None:
    words = capabilities.encode().split()
    assert choose("mail.example.org", greeting, identified_as, words).name == name


def test_a_provider_comes_before_the_program_that_it_runs() -> None:
    assert choose("imap.purelymail.com", "* OK Dovecot ready").name == "purelymail"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("imap.mail.yahoo.com", {"uidonly": True, "uids_most": 1_000}),  # INTEROP 1
        ("imap.mail.yahoo.com", {"idle_connections": 1, "connections": 1}),  # 5
        ("imap.mail.me.com", {"deny": frozenset({"QRESYNC"})}),  # 9
        ("outlook.office365.com", {"probe": True, "list_by_level": True}),  # 17, 21
        ("imap.163.com", {"idle": False, "identify": True}),  # 22
        ("imap.gmx.net", {"probe": True}),  # 25
        ("imap.purelymail.com", {"start_gap_s": 1.2}),  # 37
    ],
)
def test_what_it_changes(host: str, expected: dict[str, object]) -> None:
    profile = choose(host)
    assert {name: getattr(profile, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("host", "most_s"),
    [("imap.mail.yahoo.com", 180), ("imap.rambler.ru", 55), ("purelymail.com", 240)],
)
def test_idle_is_renewed_before_the_server_forgets_it(host: str, most_s: int) -> None:
    """INTEROP 4, 37, 38."""
    assert 10 < choose(host).idle_s < most_s
    assert choose("imap.example.org").idle_s < 29 * 60  # RFC 2177


def test_every_row_says_something_and_can_be_found() -> None:
    names = [profile.name for _, profile in TABLE]
    assert len(names) == len(set(names))
    for sign, profile in TABLE:
        assert sign != Sign()
        changed = [f.name for f in fields(Profile) if f.name != "name"]
        assert any(getattr(profile, n) != getattr(USUAL, n) for n in changed), profile


def test_what_is_denied_is_a_capability_that_we_know() -> None:
    everything = Features.of(
        b"IMAP4rev2 CONDSTORE QRESYNC UIDONLY PARTIAL ESEARCH OBJECTID".split()
    )
    for _, profile in TABLE:
        for name in profile.deny:
            assert everything.without([name]) != everything, name


def test_who_stores_what_it_sends() -> None:
    storing = {profile.name for _, profile in TABLE if profile.stores_sent}
    assert storing == {"gmail", "icloud", "microsoft", "zoho"}
    assert not USUAL.stores_sent
