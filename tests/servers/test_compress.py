"""COMPRESS=DEFLATE where a setting says that the link is slow."""

from __future__ import annotations

import socket
import zlib
from dataclasses import replace

import pytest

from core.imap import opening
from core.imap.deflate import DeflatedSocket
from core.imap.profiles import choose
from core.jobs.line import Account as Login, Opened, open_line
from core.model import Outcome, Role, Security, Server
from core.secret import Secret
from tests.servers.cyrus import MailServer
from tests.servers.device import Device
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.wire import between

BEST = pytest.mark.parametrize("place", ["full", "cyrus"], indirect=True)


@pytest.mark.server
@BEST
def test_a_sync_over_a_slow_link_carries_less_and_the_same(
    installation: Installation, server: MailServer, box: Account
) -> None:
    server.fill(box, {"INBOX": 800, "Sent": 200})
    carried = []
    for slow in (False, True):
        hosts = frozenset({box.host} if slow else ())
        one = installation.connect(box, owner=f"Slow {slow}")
        changed = installation.runtime.settings.model_copy(
            update={"compress_hosts": hosts}
        )
        runtime = type(installation.runtime)(
            changed, installation.runtime.engine, installation.runtime.vault
        )
        there = Installation(runtime, installation.ca_file)
        with between(box.imap_port) as wire:
            there.use_port(one, wire.port)
            assert there.sync(one).outcome is Outcome.OK
            carried.append(wire.down)
            there.check(one, box)
            with Device(box) as phone:
                phone.deliver(subject="Depois")
            assert there.sync(one).changes.added == 1
    assert carried[1] < carried[0] / 3, carried


def test_what_is_unpacked_at_a_time_is_bounded() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        bomb = packing.compress(b"a" * 5_000_000) + packing.flush(zlib.Z_SYNC_FLUSH)
        theirs.sendall(bomb)
        theirs.close()
        deflated = DeflatedSocket(ours)
        sizes = []
        while data := deflated.recv(1 << 16):
            sizes.append(len(data))
    assert max(sizes) <= 1 << 16
    assert sum(sizes) == 5_000_000


def test_what_is_not_deflated_is_a_lost_connection() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"\xff\xff\xff\xff not deflated at all")
        with pytest.raises(ConnectionError):
            DeflatedSocket(ours).recv(1000)


@pytest.mark.server
@BEST
def test_a_connection_that_idles_is_not_compressed(
    installation: Installation, box: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its socket is used by itself, whatever the profile says (Gmail)."""
    monkeypatch.setattr(
        opening, "choose", lambda *said: replace(choose(*said), compress=True)
    )
    there = Server(box.host, box.imap_port, Security.TLS)
    login = Login(there, box.user, Secret(box.password))
    policy = installation.runtime.policy()
    opened = open_line(login, Role.INBOX, policy, None)
    assert isinstance(opened, Opened)
    assert isinstance(opened.line.sock, socket.socket)
    opened.line.close()
