"""The twelve ways to break a mailbox: what is done, and what is to be told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.servers.breaking import ELSEWHERE, HERE, HOST, Breakable, old_tls
from tests.servers.device import Device
from tests.servers.wire import How

QUOTA_KIB = 100
QUOTA = f"""
mail_plugins = quota
protocol imap {{
  mail_plugins = quota imap_quota imap_zlib
}}
protocol lmtp {{
  mail_plugins = quota
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage={QUOTA_KIB}K
  quota_grace = 50%%
}}
"""
HISTORY = timedelta(weeks=6)
QUIET = timedelta(days=3)


Act = Callable[[Breakable], None]


@dataclass(frozen=True, slots=True)
class Way:
    """How it is broken and mended; the incident, the state and the event of it.

    `prepare` is done before the mailbox is connected.
    """

    code: str
    state: str
    breaks: Act
    mends: Act
    prepare: Act = lambda _: None
    config: str = ""
    unnoticed: bool = False  # a sync would set it right before it is noticed
    breaks_nothing: bool = False  # it is so from the beginning


# ---- what breaks, what mends


def change_password(it: Breakable) -> None:
    it.configure("args = password=pw\n", "args = password=another\n")


def stop(it: Breakable) -> None:
    """Stop the server; the wire would take calls for it, so nobody is led there."""
    it.dovecot.stop()
    it.names.records[HOST] = [f"A {ELSEWHERE}"]


def start(it: Breakable) -> None:
    it.start_again()
    it.names.records[HOST] = [f"A {HERE}"]


def expire(it: Breakable) -> None:
    it.show(it.certificates.expired)


def renew(it: Breakable) -> None:
    it.configure_back()
    it.hang_up()


def deafen(it: Breakable) -> None:
    """Let what is open now say nothing more, and deliver."""
    it.wire.how = How.STALL
    it.wire.cut_now()
    it.deliver(subject="Unheard")


def make_folder(it: Breakable) -> None:
    with Device(it.account) as device:
        device.create("Projects")
        device.deliver("Projects", subject="Kept")


def remove_folder(it: Breakable) -> None:
    with Device(it.account) as device:
        device.remove("Projects")


def fill(it: Breakable) -> None:
    it.deliver(body="x" * 70 + "\n" + ("y" * 70 + "\n") * 1600)


def empty(it: Breakable) -> None:
    with Device(it.account) as device:
        device.delete("INBOX", device.uids("INBOX"))


def throttle(it: Breakable) -> None:
    it.keep_one_open()
    it.configure("userip_connections = 1000", "userip_connections = 1")
    it.cut()


def let_in(it: Breakable) -> None:
    it.let_go()
    it.configure_back()


def grow_old(it: Breakable) -> None:
    """Lead the name to a machine that speaks TLS 1.1 at most."""
    it._kept.enter_context(old_tls(it.certificates.good, it.wire.port))
    it.names.records[HOST] = [f"A {ELSEWHERE}"]
    it.hang_up()


def grow_young(it: Breakable) -> None:
    it.names.records[HOST] = [f"A {HERE}"]
    it.let_go()


def lose_the_name(it: Breakable) -> None:
    it.names.records.clear()
    it.hang_up()


def find_the_name(it: Breakable) -> None:
    it.names.records[HOST] = [f"A {HERE}"]


def skew(it: Breakable) -> None:
    with Device(it.account) as device:
        device.deliver("INBOX", at=datetime.now(UTC) + timedelta(hours=2))


def number_anew(it: Breakable) -> None:
    it.dovecot.set_uidvalidity(it.account, "INBOX", 987_654)


def write_history(it: Breakable) -> None:
    """Put mail of each hour of some weeks into the inbox, but for the last days."""
    now = datetime.now(UTC)
    with Device(it.account) as device:
        at = now - HISTORY
        while at < now - QUIET:
            device.deliver("INBOX", at=at)
            at += timedelta(hours=1)


def deliver(it: Breakable) -> None:
    it.deliver(subject="At last")


def nothing(_: Breakable) -> None:
    """Need no act: it is so already, or mends itself."""


WAYS = {
    "password changed": Way(
        "wrong_password", "needs_password", change_password, Breakable.configure_back
    ),
    "server stopped": Way("port_closed", "retrying", stop, start),
    "certificate expired": Way("certificate_expired", "needs_attention", expire, renew),
    "IDLE deaf": Way("deaf", "ok", deafen, nothing, unnoticed=True),
    "folder vanished": Way(
        "folder_vanished", "ok", remove_folder, make_folder, prepare=make_folder
    ),
    "quota full": Way("quota_full", "ok", fill, empty, config=QUOTA),
    "throttled": Way("throttled", "retrying", throttle, let_in),
    "TLS too old": Way("no_tls", "needs_attention", grow_old, grow_young),
    "DNS gone": Way("host_unknown", "retrying", lose_the_name, find_the_name),
    "clock skewed": Way("clock_skewed", "ok", skew, deliver),
    "UIDVALIDITY reset": Way("renumbered", "ok", number_anew, nothing),
    "mailbox silent": Way(
        "silent", "ok", nothing, deliver, prepare=write_history, breaks_nothing=True
    ),
}
