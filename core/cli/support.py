"""Write a support bundle: `malote doctor --bundle FILE`."""

from __future__ import annotations

import os
from pathlib import Path

from core import bundle
from core.cli.output import runtime, say, texts
from core.errors import BadInput, NotFound
from core.runtime import Runtime
from core.store import integrations
from core.store.engine import reading


def write(file: Path, address: str, *, as_json: bool) -> None:
    """Write a bundle about one address, or about all, to a new file of mode 0600.

    Raises:
        BadInput: there is such a file, or it cannot be written; nothing is changed.
        NotFound: the address has no live integration.

    """
    if file.exists():
        raise BadInput("bundle", "file_exists")
    opened, t = runtime(), texts()
    data = bundle.make(opened, _of(opened, address) if address else None, t)
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise BadInput("bundle", "file_exists") from None
    except OSError as error:
        raise BadInput("bundle", "file_unwritten", reason=error.strerror) from None
    with os.fdopen(handle, "wb") as out:
        out.write(data)
    said = {"file": str(file), "size_bytes": len(data)}
    say(said, as_json=as_json, text=t("bundle.cli_made", file=file))


def _of(opened: Runtime, address: str) -> int:
    with reading(opened.engine) as conn:
        for one in integrations.live(conn):
            if one.address.casefold() == address.casefold():
                return one.id
    raise NotFound(what="integration", id=address)
