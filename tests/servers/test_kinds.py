"""Kinds of published formats, as a real server tells of them and a sync keeps them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.store.engine import reading
from core.store.schema import message, placement
from tests.kinds.formats import as_synced, formats
from tests.reports.samples import OTHERS, SAMPLES
from tests.servers.dovecot import Account
from tests.servers.filling import FIRST, Filler, Mail
from tests.servers.installation import Installation

EACH = 7  # of so many reports one is taken


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_sync_keeps_is_what_the_tables_are_made_of(
    installation: Installation, account: Account
):
    reports = [*SAMPLES, *OTHERS][::EACH]
    raws = [*(one.raw for one in formats()), *(one.raw for one in reports)]
    with Filler(account) as filler:
        filler.put("INBOX", (Mail(raw, "", FIRST) for raw in raws))
    installation.sync(installation.connect(account))
    query = select(placement.c.uid, message.c.kind).join(message)
    with reading(installation.runtime.engine) as conn:
        kinds = dict(conn.execute(query).all())
    wrong = {
        raw: (kinds[uid], read)
        for uid, raw in enumerate(raws, 1)
        if kinds[uid] != (read := as_synced(raw).kind)
    }
    assert not wrong
