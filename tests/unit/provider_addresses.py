"""Forty addresses and what the catalogue says of them."""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """`mx`: who receives the mail of an own domain; "" where the domain is known."""

    address: str
    provider: str
    imap: str
    smtp: str
    login: str
    hints: str
    mx: str = ""


GOOGLE = ("imap.gmail.com:993", "smtp.gmail.com:465")
M365 = ("outlook.office365.com:993", "smtp.office365.com:587")
OUTLOOK = ("outlook.office365.com:993", "smtp-mail.outlook.com:587")
YAHOO = ("imap.mail.yahoo.com:993", "smtp.mail.yahoo.com:465")
BY_GOOGLE = "google_button app_password_instead metered"
BY_MICROSOFT = "microsoft_button microsoft_passwords"
DOUBTED = "user_name_unknown unverified"
CODE = "imap_switch authorization_code"
ZOHO = "imap_switch app_password_two_steps"
LIMITED = "app_password_always newest_only"


def _own(provider: str, mx: str, imap: str, smtp: str, hints: str) -> Known:
    address = "ana@empresa.com.br"
    return Known(address, provider, imap, smtp, address, hints, mx)


def _at(address: str, provider: str, imap: str, smtp: str, hints: str = "") -> Known:
    login = address
    if "user_name_local" in hints:
        login = address.partition("@")[0]
    return Known(address, provider, imap, smtp, login, hints)


ADDRESSES = (
    # Brazil
    _at(
        "ana@uol.com.br", "uol",
        "imap.uol.com.br:993", "smtps.uol.com.br:587", "user_name_local",
    ),
    _at(
        "ana@bol.com.br", "bol",
        "imap.bol.com.br:993", "smtps.bol.com.br:465", "user_name_local",
    ),
    _at(
        "ana@terra.com.br", "terra",
        "imap.terra.com.br:993", "smtp.terra.com.br:587", DOUBTED,
    ),
    _at("ana@ig.com.br", "ig", "imap.ig.com.br:993", "smtp.ig.com.br:587", DOUBTED),
    _at("ana@r7.com", "r7", "imap.r7.com:993", "smtp.r7.com:587", DOUBTED),
    _at(
        "ana@globomail.com", "globo",
        "imap.globo.com:993", "smtp.globo.com:587", DOUBTED,
    ),
    _at("ana@oi.com.br", "oi", "imap.oi.com.br:993", "smtp.oi.com.br:587", DOUBTED),
    _own(
        "locaweb", "mx.core.locaweb.com.br",
        "imap.email-ssl.com.br:993", "email-ssl.com.br:465", "unverified",
    ),
    _own(
        "kinghost", "mx-vip-01.kinghost.net",
        "imap.kinghost.net:993", "smtp.kinghost.net:465", "unverified",
    ),
    _own(
        "hostinger", "mx1.hostinger.com",
        "imap.hostinger.com:993", "smtp.hostinger.com:465", "unverified",
    ),
    _own(
        "titan", "mx2.titan.email",
        "imap.titan.email:993", "smtp.titan.email:465", "unverified",
    ),
    _own(
        "umbler", "mx.umbler.com",
        "imap.umbler.com:993", "smtp.umbler.com:587", "unverified",
    ),
    _own(
        "uol-host", "mx.uhserver.com",
        "imap.uhserver.com:993", "smtps.uhserver.com:465", "unverified",
    ),
    _own(
        "skymail", "mx-ha.skymail.net.br",
        "imap.skymail.net.br:993", "smtp.skymail.net.br:465", "unverified",
    ),
    # by their buttons
    _at("ana@gmail.com", "google", *GOOGLE, BY_GOOGLE),
    _own("google", "ALT2.ASPMX.L.GOOGLE.COM.", *GOOGLE, BY_GOOGLE),
    _own("google", "smtp.google.com", *GOOGLE, BY_GOOGLE),
    _at("ana@outlook.com.br", "outlook", *OUTLOOK, BY_MICROSOFT),
    _at("ana@hotmail.com", "outlook", *OUTLOOK, BY_MICROSOFT),
    _own(
        "microsoft-365", "empresa-com-br.mail.protection.outlook.com",
        *M365, BY_MICROSOFT,
    ),
    _at("ana@empresa.onmicrosoft.com", "microsoft-365", *M365, BY_MICROSOFT),
    # the rest of the world
    _at("ana@yahoo.com.br", "yahoo", *YAHOO, LIMITED),
    _at("ana@cox.net", "cox", *YAHOO, "newest_only"),
    _at("ana@aol.com", "aol", "imap.aol.com:993", "smtp.aol.com:465", LIMITED),
    _at(
        "ana@icloud.com", "icloud",
        "imap.mail.me.com:993", "smtp.mail.me.com:587", "app_password_always",
    ),
    _at("ana@gmx.de", "gmx", "imap.gmx.net:993", "mail.gmx.net:465", ZOHO),
    _at(
        "ana@web.de", "web-de",
        "imap.web.de:993", "smtp.web.de:465", f"{ZOHO} user_name_local",
    ),
    _at(
        "ana@mail.com", "mail-com",
        "imap.mail.com:993", "smtp.mail.com:465", "paid_plan",
    ),
    _own(
        "fastmail", "in1-smtp.messagingengine.com",
        "imap.fastmail.com:993", "smtp.fastmail.com:465", "app_password_always",
    ),
    _at(
        "ana@mailbox.org", "mailbox-org",
        "imap.mailbox.org:993", "smtp.mailbox.org:465", "app_password_two_steps",
    ),
    _at("ana@posteo.com.br", "posteo", "posteo.de:993", "posteo.de:465"),
    _at(
        "ana@proton.me", "proton",
        "127.0.0.1:1143", "127.0.0.1:1025", "bridge_password local_program",
    ),
    _at("ana@tuta.com", "tuta", "", "", "no_imap"),
    _at("ana@yandex.com", "yandex", "imap.yandex.com:993", "smtp.yandex.com:465", ZOHO),
    _at("ana@163.com", "163", "imap.163.com:993", "smtp.163.com:465", CODE),
    _at("ana@qq.com", "qq", "imap.qq.com:993", "smtp.qq.com:465", CODE),
    _at("ana@orange.fr", "orange-fr", "imap.orange.fr:993", "smtp.orange.fr:465"),
    _at(
        "ana@free.fr", "free-fr",
        "imap.free.fr:993", "smtp.free.fr:465", "user_name_local",
    ),
    _at("ana@alice.it", "alice", "in.alice.it:143", "out.alice.it:587"),
    _at(
        "ana@t-online.de", "t-online",
        "secureimap.t-online.de:993", "securesmtp.t-online.de:465", "separate_password",
    ),
    _own(
        "zoho-business", "mx2.zoho.com",
        "imappro.zoho.com:993", "smtppro.zoho.com:465", f"{ZOHO} unverified",
    ),
    _own(
        "godaddy", "mailstore1.secureserver.net",
        "imap.secureserver.net:993", "smtpout.secureserver.net:465", "bans",
    ),
)  # fmt: skip
