"""One thread that holds the IDLE connections of all mailboxes of a worker.

A selector waits for all of them, a heap keeps their times; what takes long (connecting,
logging in) is done by a few threads, as the gate allows. Per folder there is a `Post`;
while it is watched the post holds a `Line`. What happens is told to `Ears`.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial

from core.errors import MailError, Retry
from core.imap.idle import Heard, Step
from core.jobs.ears import Ears, Told
from core.jobs.gate import Ask, Gate, Place
from core.jobs.line import RECEIVE_BYTES, Line, Opened, Polled
from core.jobs.loop import Loop, Timed
from core.jobs.openers import Openers
from core.jobs.post import NEVER, Found, OpenLine, Post, Stage, ending_of, silence
from core.model import Role

FLOOD_S = 0.5
POLLED_S = 3600.0  # how long until a server without IDLE is asked again
DEAF_S = 60.0  # no shorter slices than that
OPENERS = 16
STOP_S = 2.0


class Watcher:
    """Watches who is followed. Its public methods may be called from any thread."""

    def __init__(
        self,
        open_line: OpenLine,
        ears: Ears,
        *,
        connections: int = 2,
        answer_s: float = 60.0,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Prepare; a mailbox gets up to `connections`, a probe `answer_s`."""
        self._open_line, self._ears = open_line, ears
        self._most, self._answer_s, self._jitter = connections, answer_s, jitter
        self._loop = Loop(self)
        call = self._loop.call
        self.gate = Gate(self._loop.wake, lambda one: call(partial(self._yield, one)))
        self._posts: dict[int, list[Post]] = {}
        self._watched: set[int] = set()
        self._counts: Counter[str] = Counter()
        self._openers = Openers(OPENERS)
        self._buffer = bytearray(RECEIVE_BYTES)
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    # ---- for everybody

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def follow(self, mailbox: int, place: Place) -> None:
        """Watch a mailbox, from now on; one that is followed begins anew."""
        self._loop.call(partial(self._follow, mailbox, place))

    def forget(self, mailbox: int) -> None:
        """Watch a mailbox no more."""
        self._loop.call(partial(self._forget, mailbox))

    def encourage(self, mailbox: int) -> None:
        """Try a mailbox again that was given up: its last sync went well."""
        self._loop.call(partial(self._encourage, mailbox))

    def replace(self, mailbox: int) -> None:
        """Replace the connection at the inbox: a probe found that it is deaf."""
        if (post := self.post_of(mailbox)) is not None:
            self._loop.call(partial(self._deaf, post))

    def watched(self) -> set[int]:
        """Give who is watched at this moment, by a connection that was proved."""
        return self._watched.copy()

    def post_of(self, mailbox: int) -> Post | None:
        """Give the post at the inbox of a followed mailbox, only to be looked at."""
        posts = self._posts.get(mailbox)
        return posts[0] if posts else None

    def stats(self) -> dict[str, int]:
        """Give how many lines are held, mailboxes watched, and what happened so far."""
        return dict(self._counts, lines=self._loop.lines(), watched=len(self._watched))

    def stop(self) -> None:
        """Close everything and end the thread; what is being opened closes itself."""
        self._loop.stop()
        self._openers.stop()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    # ---- turns of the loop

    def serve(self, line: Line, *, readable: bool) -> None:
        """Read what a line has to say, or write what it waits to."""
        before = line.idling.step
        heard = line.read(self._buffer) if readable else Heard.NOTHING
        self._heed(line, heard, before)

    def be_due(self, what: Timed) -> None:
        """Renew a line, give one up that did not answer, or try a post again."""
        if isinstance(what, Line):
            self._line_due(what)
        elif isinstance(what, Post):
            self._ask(what)

    def next_turn(self, now: float) -> float:
        """Begin what the gate allows now."""
        for ask in self.gate.ready(now):
            ask.start()
        return self.gate.next_at(now)

    def _run(self) -> None:
        try:
            self._loop.run()
        finally:
            for post in [p for posts in self._posts.values() for p in posts]:
                self._drop(post)
                post.stage = Stage.GONE
            self._loop.close()

    def _line_due(self, line: Line) -> None:
        if line.idling.step is not Step.IDLING:
            self._counts["silent"] += 1
            self._lost(line, silence(line.key.place.host))
            return
        line.idling.renew()
        self._loop.set_due(line, self._answer_s)
        self._flush(line)

    def _heed(self, line: Line, heard: Heard, before: Step) -> None:
        """Do what follows from what a line said."""
        post: Post = line.key
        if post.line is not line:
            return
        self._tell(post, line, heard)
        if heard & Heard.REFUSED:
            self._poll(post)
        elif heard & Heard.DEAF:
            self._deaf(post)
        elif heard & Heard.OVER:
            self._lost(line, ending_of(line.idling, post.place.host))
        else:
            self._go_on(line, heard, before)

    def _tell(self, post: Post, line: Line, heard: Heard) -> None:
        lives = heard & Heard.ALIVE and not heard & (Heard.DEAF | Heard.OVER)
        proves = lives and post.role is Role.INBOX
        if proves and heard & Heard.PROVED and post.mailbox not in self._watched:
            self._watched.add(post.mailbox)
            self._ears.told(post.mailbox, Told.WATCHED, None)
        if heard & (Heard.CHANGED | Heard.ELSEWHERE):
            self._counts["notices"] += 1
            whole = heard & Heard.ELSEWHERE and post.role is Role.INBOX
            only = None if whole else frozenset({line.folder})
            self._ears.changed(post.mailbox, only)
        if proves and post.mailbox in self._watched:
            self._ears.proved(post.mailbox)

    def _go_on(self, line: Line, heard: Heard, before: Step) -> None:
        idles = line.idling.step is Step.IDLING
        if idles and before is not Step.IDLING:
            self._loop.set_due(line, line.key.slice_s(self._jitter))
        if self._flush(line) and heard & Heard.FLOOD:
            self._counts["floods"] += 1
            self._loop.pause(line, FLOOD_S)  # THREATS T7

    def _flush(self, line: Line) -> bool:
        """Write what can be written; tell whether the line still stands."""
        if line.write() & Heard.OVER:
            self._lost(line, ending_of(line.idling, line.key.place.host))
            return False
        self._loop.listen(line)
        return True

    # ---- posts

    def _follow(self, mailbox: int, place: Place) -> None:
        self._forget(mailbox)
        post = Post(mailbox, Role.INBOX, place)
        self._posts[mailbox] = [post]
        self._ask(post)

    def _forget(self, mailbox: int) -> None:
        for post in self._posts.pop(mailbox, ()):
            self._drop(post)
            self.gate.give_back(post)
            post.stage, post.due = Stage.GONE, NEVER

    def _encourage(self, mailbox: int) -> None:
        for post in self._posts.get(mailbox, ()):
            if post.stage is Stage.GIVEN_UP:
                post.stage = Stage.RESTING
                self._loop.set_due(post, 900)

    def _yield(self, account: Hashable) -> None:
        """Give up a line, the least needed one, for a sync that has no room else."""
        for post in [p for posts in self._posts.values() for p in reversed(posts)]:
            if post.stage is Stage.HELD and post.place.account == account:
                self._drop(post)
                self.gate.give_back(post)
                self._ask(post)
                return

    def _ask(self, post: Post) -> None:
        post.stage, post.due = Stage.ASKING, NEVER
        self.gate.ask(Ask(post, post.place, partial(self._begin, post)))

    def _begin(self, post: Post) -> None:
        post.stage = Stage.OPENING
        self._openers.submit(partial(self._open, post))

    def _open(self, post: Post) -> None:
        """Open a line; this is done in one of the threads."""
        found = post.try_with(self._open_line)
        self._loop.call(partial(self._opened, post, found))
        if self._loop.stopping and isinstance(found, Opened):
            found.line.close()

    def _opened(self, post: Post, found: Found) -> None:
        if post.stage is not Stage.OPENING:  # forgotten meanwhile
            if isinstance(found, Opened):
                found.line.close()
        elif isinstance(found, Polled):
            self._poll(post)
        elif isinstance(found, MailError):
            self._failed(post, found, 0.0)
        else:
            self._hold(post, found)

    def _hold(self, post: Post, found: Opened) -> None:
        line = found.line
        line.key, line.opened_at = post, time.monotonic()
        post.line, post.stage = line, Stage.HELD
        post.place = replace(post.place, bounds=found.bounds)
        self.gate.started(post)
        self._loop.add(line)
        self._loop.set_due(line, self._answer_s)
        posts = self._posts[post.mailbox]
        if post.role is Role.INBOX and len(posts) < min(self._most, found.room):
            posts.append(Post(post.mailbox, Role.SENT, post.place))
            self._ask(posts[-1])
        self._heed(line, found.early, Step.SWEEPING)

    def _drop(self, post: Post) -> None:
        """Close the line of a post, if it holds one."""
        line, post.line = post.line, None
        if line is None:
            return
        post.seen = line.idling.seen or post.seen
        line.due = NEVER
        self._loop.remove(line)
        line.close()
        if post.role is Role.INBOX:
            self._watched.discard(post.mailbox)

    def _deaf(self, post: Post) -> None:
        """Replace a connection that tells nothing; let the next idle for less."""
        if (line := post.line) is None:
            return
        self._counts["deaf"] += 1
        post.idle_s = max(DEAF_S, min(line.idle_s, post.idle_s) / 2)
        self._ears.told(post.mailbox, Told.DEAF, None)
        self._lost(line, ending_of(line.idling, post.place.host))

    def _lost(self, line: Line, error: MailError) -> None:
        self._counts["lost"] += 1
        self._failed(line.key, error, time.monotonic() - line.opened_at)

    def _failed(self, post: Post, error: MailError, lived_s: float) -> None:
        self._drop(post)
        self.gate.give_back(post)
        wait_s = post.fail(error, lived_s, self._jitter)
        post.stage = Stage.GIVEN_UP if wait_s == NEVER else Stage.RESTING
        self._loop.set_due(post, wait_s)
        # A connection that drops and comes back within seconds is how IDLE is; polling
        # takes over when it does not come back (INTEROP 27).
        troubled = post.failures > 1 or error.retry is Retry.NEVER
        if troubled and post.role is Role.INBOX:
            self._ears.told(post.mailbox, Told.LOST, error)

    def _poll(self, post: Post) -> None:
        self._drop(post)
        self.gate.give_back(post)
        post.stage = Stage.RESTING
        self._counts["polled"] += 1
        self._loop.set_due(post, POLLED_S * (1 + self._jitter()))
        if post.role is Role.INBOX:
            self._ears.told(post.mailbox, Told.POLLED, None)
