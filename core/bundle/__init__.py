"""Use case: give support what it needs to help, and nothing of what people write.

    data = bundle.make(runtime, integration_id=None, texts=t)      # a zip

What is in it, and what never is, stands in its README. `shown.Screen` decides what a
text may show; `contents` gathers.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from core.bundle import contents
from core.bundle.contents import Scope
from core.bundle.installation import settings, versions
from core.errors import StoreUnavailable
from core.i18n import Texts
from core.runtime import Runtime
from core.store import integrations
from core.store.engine import reading

MEMBERS = {
    "versions.json": versions,
    "settings.json": settings,
    "integrations.json": contents.integrations,
    "incidents.json": contents.incidents,
    "runs.json": contents.runs,
    "folders.json": contents.folders,
    "servers.json": contents.servers,
    "workers.json": contents.workers,
    "alerts.json": contents.alerts,
    "tables.json": contents.tables,
    "queries.json": contents.queries,
}


def file_name(now: datetime) -> str:
    """Name a bundle by when it was made, in UTC."""
    return f"malote-support-{now:%Y%m%d-%H%M}.zip"


def make(
    runtime: Runtime, integration_id: int | None = None, texts: Texts | None = None
) -> bytes:
    """Make a zip about one integration, or about all of them.

    `texts` are those of who reads its README. What the store cannot tell now is left
    out, and said so; the rest is there.

    Raises:
        NotFound: there is no such integration.

    """
    if integration_id is not None:
        with reading(runtime.engine) as conn:
            integrations.get(conn, integration_id)
    scope, t = Scope(runtime, integration_id), texts or Texts("en")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("README.txt", _readme(t, runtime.clock()))
        for name, text in _members(scope):
            out.writestr(name, text)
    return made.getvalue()


def _members(scope: Scope) -> Iterator[tuple[str, str]]:
    for name, gather in MEMBERS.items():
        yield name, json.dumps(_told(gather, scope), indent=1, default=str)
    lines = _told(contents.recorded, scope)
    if isinstance(lines, list) and lines:
        yield "connections.txt", "\n".join(lines) + "\n"


def _told(gather: Any, scope: Scope) -> Any:
    """Gather, or say what could not be."""
    try:
        return gather(scope)
    except StoreUnavailable as error:
        return {"unavailable": scope.screen.text(error.detail)}


def _readme(t: Texts, now: datetime) -> str:
    named = [*MEMBERS, "connections.txt"]
    said = [
        f"{name:<18} {t('bundle.file.' + name.partition('.')[0])}" for name in named
    ]
    parts = [
        t("bundle.title"),
        t("bundle.made", at=f"{now:%Y-%m-%d %H:%M} UTC"),
        "\n".join(said),
        t("bundle.never"),
        t("bundle.hashes"),
    ]
    return "\n\n".join(parts) + "\n"
