"""What became of mail, for analysts; and what is not to be had at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from core.analysis import Malote
from core.columns import DELIVERIES
from core.outgoing import Evidence, Source, Step
from core.runtime import Runtime
from core.store.engine import writing
from tests.store.building import connected
from tests.store.mails_made import put_mail
from tests.store.responses_drawn import put_in_team


def test_what_became_of_mail_by_day_of_a_zone(runtime: Runtime) -> None:
    ana, bea = connected(runtime, "Ana"), connected(runtime, "Bea", "b@example.org")
    late = datetime(2026, 3, 9, 18, 30, tzinfo=UTC)  # already the next day there
    told = [
        Evidence(Step.ACCEPTED, Source.SMTP, late),
        Evidence(Step.FAILED, Source.DSN, late, status="5.1.1"),
    ]
    with writing(runtime.engine) as conn:
        put_in_team(conn, "Ana", "Sales")
        put_mail(conn, 1, ana, late, told, sent_at=late)
        put_mail(conn, 2, ana, late - timedelta(hours=1), told[:1], sent_at=late)
        put_mail(conn, 3, bea, late)
    malote = Malote(runtime.engine)
    days, zone = (date(2026, 3, 9), date(2026, 3, 10)), "Asia/Kathmandu"
    found = malote.deliveries(*days, zone=zone, by="team")
    assert dict(found.dtypes) == dict(pd.Series(DELIVERIES))
    steps = ["planned", "sent", "accepted", "permanent", "temporary", "answered"]
    assert found.set_index(["team", "day"])[steps].to_dict("list") == {
        "planned": [0, 1, 1, 1],
        "sent": [0, 0, 1, 1],
        "accepted": [0, 0, 1, 1],
        "permanent": [0, 0, 0, 1],
        "temporary": [0, 0, 0, 0],
        "answered": [0, 0, 0, 0],
    }
    one = malote.deliveries(*days, zone=zone, integration=[ana, bea])
    assert list(one["planned"]) == [1, 2]
    assert malote.deliveries(*days, integration=bea)["planned"].sum() == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_opens_are_not_to_be_had(runtime: Runtime) -> None:
    found = Malote(runtime.engine).availability()
    levels = found.set_index(["metric", "method"])["level"]
    assert set(levels["opens"]) == {"none"}
    assert levels["volume", "imap"] == "exact"
    assert not found.isna().any(axis=None)
