"""How each kind of server wants to be treated: one table, chosen from once. Pure.

What servers do is in the table of interoperability; the numbers beside the rows are
its rows. Elsewhere the code asks the profile, never who the server is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Profile:
    """What to do otherwise than usual; the defaults suit a server without quirks.

    `deny`: capabilities that are not to be used, whatever the server says.
    `idle`: whether IDLE is of use; `idle_s`: after how long it is renewed.
    `idle_connections`: how many folders of an account may be in IDLE (1: INBOX).
    `connections`: sessions of an account at once, beside those in IDLE.
    `connections_per_host`, `start_gap_s`: bounds over all accounts of a host.
    `uids_most`: of how many messages one command may ask.
    `compress`: whether the server is far enough for COMPRESS to pay.
    `uidonly`: whether UIDONLY shows more of a mailbox (RFC 9586).
    `identify`: send ID even if it is not offered.
    `probe`: a login that was accepted may still not open the mailbox: try.
    `list_by_level`: LIST of all folders is cut short: ask level by level, and LSUB.
    `select_not_examine`: UIDVALIDITY is not to be believed after EXAMINE.
    `status_id`: STATUS tells MAILBOXID, and tells it right (RFC 8474 §4.3).
    `stores_sent`: its submission server files a copy of what it sends in Sent by
    itself, if its owner did not switch that off.
    """

    name: str = "usual"
    deny: frozenset[str] = frozenset()
    idle: bool = True
    idle_s: float = 600.0
    idle_connections: int = 1
    connections: int = 1
    connections_per_host: int = 10_000
    start_gap_s: float = 0.02
    uids_most: int = 10_000
    compress: bool = False
    uidonly: bool = False
    identify: bool = False
    probe: bool = False
    list_by_level: bool = False
    select_not_examine: bool = False
    status_id: bool = True
    stores_sent: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """How to know a server: any one of these is enough.

    `hosts` are names or ends of names; the others are patterns, whatever their case:
    for the words of the greeting, the name given by ID, one capability.
    """

    hosts: tuple[str, ...] = ()
    greeting: str = ""
    named: str = ""
    capability: str = ""


USUAL = Profile()

# Providers first, then programs: who runs a program in a way of its own comes before
# it. The first row that fits is taken.
TABLE: tuple[tuple[Sign, Profile], ...] = (
    (  # 1, 4, 5: capped unless UIDONLY is on; IDLE dies after 3 min; few connections
        Sign(
            ("mail.yahoo.com", "mail.yahoo.co.jp", "yahoodns.net", "imap.aol.com"),
            named=r"yahoo|\baol\b",
            capability=r"XYMHIGHESTMODSEQ",
        ),
        Profile(
            "yahoo", idle_s=170, connections_per_host=500, start_gap_s=0.2,
            uids_most=1_000, uidonly=True,
        ),
    ),
    (  # 9, 10: QRESYNC tells of deletions that were none
        Sign(
            ("mail.me.com", "icloud.com", "mail.mac.com"), capability=r"XAPPLELITERAL"
        ),
        Profile(  # 11: its copy in Sent was seen by some clients, and not by others
            "icloud", frozenset({"QRESYNC"}), uids_most=1_000, start_gap_s=0.1,
            stores_sent=True,
        ),
    ),
    (  # 12, 13, 15: metered by the byte, so COMPRESS is welcome; 15 connections
       # Google, "Recommended IMAP client settings" (answer 78892): sent messages are
       # copied to [Gmail]/Sent Mail; clients are not to store them.
        Sign(
            ("imap.gmail.com", "imap.googlemail.com"),
            greeting=r"\bGimap\b",
            capability=r"X-GM-EXT-1",
        ),
        Profile(
            "gmail", idle_connections=2, compress=True, start_gap_s=0.05,
            stores_sent=True,
        ),
    ),
    (  # 17, 18, 19, 21: login accepted and session refused; LIST cut short; throttled
       # smtp.office365.com and smtp-mail.outlook.com file a copy in Sent, and may give
       # it another Message-ID (MailKit 1193, omamail 60, FairEmail 109).
        Sign(
            ("office365.com", "outlook.com", "hotmail.com", "office365.us"),
            greeting=r"Microsoft Exchange",
            named=r"Microsoft\.Exchange",
        ),
        Profile(
            "microsoft", probe=True, list_by_level=True, start_gap_s=0.2, uids_most=500,
            stores_sent=True,
        ),
    ),
    (  # 22: nothing opens until ID was sent; no IDLE
        Sign(
            ("163.com", "126.com", "yeah.net", "188.com", "qiye.163.com"),
            greeting=r"Coremail",
            named=r"Coremail",
        ),
        Profile("coremail", idle=False, identify=True, uids_most=500),
    ),
    (  # 23: as 22, and slow with long sets
        Sign(("imap.qq.com", "exmail.qq.com"), greeting=r"QQMail|XMIMAP"),
        Profile("qq", identify=True, uids_most=500),
    ),
    (  # 24, 36: an empty LIST is asked for again, at every server; it saves Sent itself
        Sign(
            ("zoho.com", "zoho.eu", "zoho.in", "zoho.com.au", "zohocloud.ca"),
            greeting=r"Zoho",
            named=r"Zoho",
        ),
        Profile("zoho", start_gap_s=0.2, stores_sent=True),
    ),
    (  # 25, 26: the login is accepted while IMAP is switched off
        Sign(
            (
                "gmx.net", "gmx.com", "gmx.de", "gmx.at", "gmx.ch", "web.de",
                "interia.pl", "1und1.de",
            ),
        ),
        Profile("gmx", probe=True, start_gap_s=0.2),
    ),
    (  # 27: IDLE ends at random; few connections
        Sign(
            ("imap.yandex.ru", "imap.yandex.com", "yandex.net", "yandex.com.tr"),
            greeting=r"Yandex",
            named=r"Yandex",
        ),
        Profile("yandex", start_gap_s=0.2),
    ),
    (Sign(("imap.rambler.ru",)), Profile("rambler", idle_s=50)),  # 38
    (  # 37: deaf after some minutes of IDLE; a limit per address
        Sign(("purelymail.com",)),
        Profile("purelymail", idle_s=230, connections_per_host=20, start_gap_s=1.2),
    ),
    (  # 34: SEARCH ALL of the plainest kind
        Sign(
            ("awsapps.com", "sina.com", "sina.cn", "aliyun.com", "mail2world.com"),
            named=r"Beehive",
        ),
        Profile("plain", frozenset({"ESEARCH"}), uids_most=500),
    ),
    (  # 47: many logins from one address are a reason for a ban
        Sign(("secureserver.net",)),
        Profile("godaddy", connections_per_host=20, start_gap_s=1.2),
    ),
    (  # 39
        Sign(greeting=r"Proton ?Mail Bridge|\bgluon\b", named=r"Proton ?Mail|gluon"),
        Profile("proton-bridge", connections_per_host=5),
    ),
    (Sign(greeting=r"DavMail"), Profile("davmail", idle_s=240, uids_most=500)),  # 40
    (  # 28: UIDVALIDITY is settled by SELECT only
        Sign(greeting=r"Courier-IMAP", named=r"Courier"),
        Profile("courier", select_not_examine=True),
    ),
    (  # 31: a heavy sync keeps others waiting
        Sign(greeting=r"Zimbra", named=r"Zimbra"),
        Profile("zimbra", uids_most=1_000),
    ),
    # Cyrus 3.6.1 gives garbage for MAILBOXID in STATUS when other items are asked too.
    (Sign(greeting=r"Cyrus", named=r"Cyrus"), Profile("cyrus", status_id=False)),
    (  # 29: 10 connections per user and address
        Sign(greeting=r"Dovecot", named=r"Dovecot"),
        Profile("dovecot", idle_connections=2),
    ),
)  # fmt: skip


def choose(
    host: str,
    greeting: str = "",
    identified_as: str = "",
    capabilities: Iterable[bytes] = (),
) -> Profile:
    """Find the row of a server: by its host alone, or by all that it has said."""
    return _choose(host, greeting, identified_as, tuple(capabilities))


@lru_cache(1_000)
def _choose(
    host: str, greeting: str, identified_as: str, capabilities: tuple[bytes, ...]
) -> Profile:
    caps = [c.decode("latin-1") for c in capabilities]
    fitting = (p for s, p in TABLE if _fits(s, host, greeting, identified_as, caps))
    return next(fitting, USUAL)


def _fits(
    sign: Sign, host: str, greeting: str, identified_as: str, caps: list[str]
) -> bool:
    host = host.lower().rstrip(".")
    return (
        any(host == end or host.endswith("." + end) for end in sign.hosts)
        or _found(sign.greeting, greeting)
        or _found(sign.named, identified_as)
        or any(_found(sign.capability, c, whole=True) for c in caps)
    )


def _found(pattern: str, text: str, *, whole: bool = False) -> bool:
    look = re.fullmatch if whole else re.search
    return bool(pattern) and look(pattern, text, re.IGNORECASE) is not None
