"""Let what follows a mail to the demo's people arrive after a while."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime

from core.demo.answers import is_automatic, received
from core.demo.folders import INBOX, DemoMail
from core.demo.habits import Reply, person, replies
from core.demo.letters import Desk, Letter

Deliver = Callable[[DemoMail], Awaitable[None]]


class Answering:
    """Answers and reports on their way into the demo's inbox."""

    def __init__(self, deliver: Deliver, after_s: float) -> None:
        """Hand what comes back to `deliver`; nothing does if `after_s` is below 0."""
        self._deliver, self._after_s = deliver, after_s
        self._waiting: set[asyncio.Task[None]] = set()

    def arrived(
        self, raw: bytes, address: str, notify: Collection[str], envelope_id: str = ""
    ) -> None:
        """Let a mail arrive at somebody's; what follows is on its way from then on."""
        who = person(address)
        if who is None or self._after_s < 0:
            return
        letter = received(raw, who, datetime.now(UTC).replace(microsecond=0))
        for reply in replies(
            who,
            notify=notify,
            automatic=is_automatic(raw),
            envelope_id=envelope_id,
        ):
            task = asyncio.create_task(self._later(reply, letter))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    def stop(self) -> None:
        """Forget what has not arrived yet."""
        for task in tuple(self._waiting):
            task.cancel()

    async def _later(self, reply: Reply, letter: Letter) -> None:
        await asyncio.sleep(self._after_s * reply.share)
        now = datetime.now(UTC).replace(microsecond=0)
        seed = f"{letter.message_id} {letter.to.address} {reply.share} {letter.at}"
        desk = Desk(random.Random(seed), "r")  # noqa: S311 - made-up mail
        raw = reply.write(desk, letter, now)
        await self._deliver(DemoMail(INBOX, frozenset(), now, raw))
