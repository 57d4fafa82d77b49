"""Two mailboxes for the messages page, and what its table shows of them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, NamedTuple

from streamlit.testing.v1 import AppTest

from core.clock import to_ms
from core.model import Fetched, Flags, Kind
from core.runtime import Runtime
from tests.store.building import START, connected, listed, made, put
from tests.store.mailbox_made import take_all_in

HOSTILE = "![x](http://tracker.example/p.png) <b>*a*</b> :red[x] =cmd()"
CHIP_MARK = "chip_"
ALL = [1440, 10, 9, 8, 7, 5, 4, 3, 2, 1]


class Boxes(NamedTuple):
    """Two mailboxes: in that of Ana, `uid` n came n hours after the start."""

    ana: int
    bia: int
    inbox: int
    archive: int


def letter(uid: int, flags: int = Flags.SEEN, **more: Any) -> Fetched:
    at = to_ms(START + timedelta(hours=uid))
    values = {
        "identity": f"i{uid}", "message_id": f"<{uid}@x>", "subject": f"Ata {uid}",
        "written_ms": at, "received_ms": at, **more,
    }  # fmt: skip
    return Fetched(uid, int(flags), made(**values))


def shown(at: AppTest) -> list[int]:
    """Give the hours of the messages in the table, as it is."""
    if not at.dataframe:
        return []
    hours = (at.dataframe[0].value["date"] - START).dt.total_seconds() // 3600
    return [int(hour) for hour in hours]


def chips(at: AppTest) -> list[str]:
    return [
        b.label.replace("\\", "") for b in at.button if str(b.key).startswith(CHIP_MARK)
    ]


def table_key(at: AppTest) -> str:
    found = re.search(r"messages-.*", at.dataframe[0].proto.id)
    assert found
    return found.group()


def select(at: AppTest, *rows: int) -> AppTest:
    """Tick rows of the table. What a click writes into the link, see tests/browser."""
    key = table_key(at)
    at.session_state[key] = {
        "selection": {"rows": list(rows), "columns": [], "cells": []}
    }
    return at.run()


def opened(at: AppTest, row: int) -> str:
    """Give the id of the message in a row, as a link names it."""
    return str(at.dataframe[0].value["message_id"].iloc[row])


def fill_boxes(runtime: Runtime) -> Boxes:
    """Fill them."""
    ana = connected(runtime, "Ana")
    ids = listed(runtime, ana, "Inbox", "Archive", "Sent")
    inbox = [
        letter(1, 0),
        letter(2, Flags.SEEN | Flags.FLAGGED, subject="Fatura de março"),
        letter(3, Flags.SEEN | Flags.ANSWERED, size_bytes=5_000_000),
        letter(4, attachment=1, from_name="Bruno", from_address="bruno@acme.example"),
        letter(5, kind=Kind.BOUNCE, recipients="Carla <carla@filial.acme.example>"),
        letter(7, in_reply_to="<3@x>", references="<3@x>", subject="Re: Ata 3"),
        letter(8, subject=HOSTILE, from_name=HOSTILE),
    ]
    put(runtime, ana, ids["Inbox"], inbox)
    put(runtime, ana, ids["Archive"], [letter(10), letter(60 * 24)])
    sent = letter(9, from_address="me@example.org", in_reply_to="<7@x>")
    put(runtime, ana, ids["Sent"], [sent])
    bia = connected(runtime, "Bia", "bia@example.org")
    other = listed(runtime, bia, "INBOX")["INBOX"]
    put(runtime, bia, other, [letter(6)])
    take_all_in(runtime)
    return Boxes(ana, bia, ids["Inbox"], ids["Archive"])
