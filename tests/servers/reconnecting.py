"""Connect again, and see that what is held is what was held."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core import watch
from core.connect import Form, reconnect
from core.store import rollups
from core.store.engine import reading
from core.store.schema import message
from tests.servers.installation import Installation


def again(installation: Installation, one: int, form: Form) -> None:
    """Connect an integration again, every step of it."""
    reconnect(installation.runtime, one, form, "test")


def everything(installation: Installation, one: int) -> dict[str, Any]:
    """Give what is held of an integration: folders, messages, totals."""
    runtime = installation.runtime
    folders = watch.folders(runtime, one)
    with reading(runtime.engine) as conn:
        totals = rollups.held(conn, one)
        of_it = select(message.c.id).where(message.c.integration_id == one)
        ids = sorted(conn.scalars(of_it))
    held = sorted(zip(folders["id"], folders["title"], folders["held"], strict=True))
    return {"folders": held, "messages": ids, "totals": totals}
