"""Sealed passwords, and the keys that they are sealed under."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from core.errors import NotFound
from core.store.access_tables import credential, key_check
from core.store.bulk import put_row


def put_credential(
    conn: Connection, integration_id: int, name: str, key_id: str, sealed: bytes
) -> None:
    """Store a sealed value in place of the one before."""
    here = {"integration_id": integration_id, "field": name}
    put_row(conn, credential, here, {"key_id": key_id, "sealed": sealed})


def credential_of(conn: Connection, integration_id: int, name: str) -> bytes:
    """Give a sealed value.

    Raises:
        NotFound: there is none.

    """
    sealed = conn.scalar(
        select(credential.c.sealed).where(
            credential.c.integration_id == integration_id, credential.c.field == name
        )
    )
    if sealed is None:
        raise NotFound(what="credential", id=integration_id)
    return bytes(sealed)


def swap_credential(
    conn: Connection,
    integration_id: int,
    name: str,
    before: bytes,
    key_id: str,
    sealed: bytes,
) -> bool:
    """Store a sealed value if the one there is still `before`; tell whether it was."""
    done = conn.execute(
        update(credential)
        .where(
            credential.c.integration_id == integration_id,
            credential.c.field == name,
            credential.c.sealed == before,
        )
        .values(key_id=key_id, sealed=sealed)
    )
    return done.rowcount == 1


def delete_credentials(conn: Connection, integration_id: int) -> None:
    """Forget every sealed value of an integration."""
    conn.execute(
        delete(credential).where(credential.c.integration_id == integration_id)
    )


def key_checks(conn: Connection) -> dict[str, bytes]:
    """Give the sealed check text of each key that is in use."""
    return {r.key_id: r.sealed for r in conn.execute(select(key_check))}


def put_key_check(conn: Connection, key_id: str, sealed: bytes) -> None:
    """Remember a key by a text sealed under it."""
    conn.execute(insert(key_check).values(key_id=key_id, sealed=sealed))
