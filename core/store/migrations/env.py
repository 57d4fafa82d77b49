"""How Alembic finds our tables and our connection."""

from typing import Any, Literal

from alembic import context

from core.store import (  # noqa: F401 - their tables are to be known
    access_tables,
    alert_tables,
    counting_tables,
    search_tables,
    sending_tables,
    watch_tables,
)
from core.store.counts import Count
from core.store.instants import Instant
from core.store.schema import metadata


def render(kind: str, thing: Any, _autogen: Any) -> str | Literal[False]:
    """Write an Instant, or a Count, as what it is in the database."""
    if kind == "type" and isinstance(thing, (Instant, Count)):
        return f"sa.{type(thing.impl).__name__}()"
    return False


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out what one dialect has for itself, with all that it makes of it."""
    own = str(name).startswith(("message_words", "people_word"))
    return not (own and kind in {"table", "index"})


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot ALTER much
    render_item=render,
    include_name=ours,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
