"""Set how a person sends: name, signature, further addresses, bounds."""

from __future__ import annotations

from dataclasses import replace

from core.errors import BadInput
from core.letters import addresses, characters
from core.runtime import Runtime
from core.store import integrations, runs, senders
from core.store.engine import writing
from core.store.senders import SenderSettings

SIGNATURE_MOST = 4_000
ALIASES_MOST = 20
PER_HOUR_MOST, PER_DAY_MOST = 10_000, 100_000


def set_sender(
    runtime: Runtime, integration_id: int, settings: SenderSettings, actor: str
) -> None:
    """Set how a mailbox sends.

    Raises:
        BadInput: a field cannot be used.
        NotFound: there is no such mailbox.

    """
    clean = _clean(settings)
    with writing(runtime.engine) as conn:
        integrations.get(conn, integration_id)
        senders.put(conn, integration_id, clean)
        facts = {
            "per_hour": str(clean.per_hour),
            "per_day": str(clean.per_day),
            "aliases": ", ".join(clean.aliases),
        }
        now = runtime.clock()
        runs.record(conn, "set_sender", actor, now, integration_id, **facts)


def _clean(settings: SenderSettings) -> SenderSettings:
    signature = settings.signature.replace("\r\n", "\n").strip()
    if len(signature) > SIGNATURE_MOST:
        raise BadInput("signature", "too_long")
    characters.check_text(signature, "signature")
    found = [addresses.address(text, "aliases") for text in settings.aliases]
    if len(found) > ALIASES_MOST:
        raise BadInput("aliases", "too_many_aliases", most=ALIASES_MOST)
    _within("per_hour", settings.per_hour, PER_HOUR_MOST)
    _within("per_day", settings.per_day, PER_DAY_MOST)
    return replace(
        settings,
        name=addresses.name(settings.name, "sender_name"),
        signature=signature,
        aliases=tuple(dict.fromkeys(found)),
    )


def _within(field: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise BadInput(field, "sending_bound", most=most)
