"""The block list: whom the organisation does not write to."""

from __future__ import annotations

from core.errors import BadInput
from core.letters import addresses
from core.runtime import Runtime
from core.store import blocked as kept, runs
from core.store.blocked import Blocked
from core.store.engine import reading, writing
from core.text import harmless

REASON_MOST = 200


def blocked(runtime: Runtime) -> list[Blocked]:
    """List all that is blocked, by pattern."""
    with reading(runtime.engine) as conn:
        return kept.listed(conn)


def block(runtime: Runtime, pattern: str, reason: str, actor: str) -> bool:
    """Block an address, or a domain and all below it; False: it is blocked already.

    `pattern`: "ana@example.org"; "@example.org", "*@example.org" or "example.org".

    Raises:
        BadInput: it is neither; or the reason is missing or too long.

    """
    folded = _folded(pattern)
    why = " ".join(harmless(reason).split())
    if not why:
        raise BadInput("reason", "empty")
    if len(why) > REASON_MOST:
        raise BadInput("reason", "too_long")
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        is_new = kept.add(conn, folded, why, actor, now)
        if is_new:
            runs.record(conn, "block", actor, now, pattern=folded, reason=why)
    return is_new


def unblock(runtime: Runtime, blocked_id: int, actor: str) -> None:
    """Take a pattern out of the block list.

    Raises:
        NotFound: there is none with this id.

    """
    with writing(runtime.engine) as conn:
        pattern = kept.take_out(conn, blocked_id)
        runs.record(conn, "unblock", actor, runtime.clock(), pattern=pattern)


def _folded(pattern: str) -> str:
    """Fold as `core.store.blocked` keeps it: no case, the domain in ASCII."""
    local, _, domain = pattern.strip().rpartition("@")
    local = "" if local == "*" else local
    whole = addresses.address(f"{local or 'anybody'}@{domain}", "pattern").casefold()
    return whole if local else f"@{whole.rpartition('@')[2]}"
