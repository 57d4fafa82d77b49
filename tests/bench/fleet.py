"""The fleet page over few mailboxes and over many: what the server does for a visitor.

What a page is made of is measured by itself (queries, frame, words, figure), for each
way of asking; the script of the page as Streamlit runs it comes once, with its frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

from streamlit.testing.v1 import AppTest

from console import nav, runtime as shared
from console.fleet_matrix import matrix
from console.fleet_table import told
from core import fleet
from core.fleet import Group, Question, Sort
from core.i18n import Texts
from core.runtime import Runtime, open_runtime
from core.settings import Settings
from tests.bench.rounds import Figure, Measured, Result, Side, interleaved, say, timed
from tests.bench.site import Site
from tests.store.fleet_made import fill

SIZES = (50, 5000)
TIMES = 7  # measured in a round, so that one bad moment does not count
ENTRY = Path(nav.PAGES).parent / "entry" / "app.py"
ZONE = "America/Sao_Paulo"
ASKED = {
    "worst first": Question(),
    "only those that are well": Question(group=Group.OK),
    "searched": Question(search="a"),
    # Of those that are well: what was never seen lags most, and has no cells to draw.
    "by lag": Question(group=Group.OK, sort=Sort.LAG),
    "page 50": Question(page=50),
}
NOTES = "30 days of history, a page of 50 rows: queries, frame, words and matrix"


def measured(site: Site) -> Iterator[Result]:
    """Measure both sizes, interleaved."""
    made = {f"{n:,}": made_up(site.folder(), n) for n in SIZES}
    try:
        yield from _pages(made, site.rounds)
        yield from _scripts(made, site.rounds)
        yield from _sizes(made)
    finally:
        for runtime in made.values():
            runtime.engine.dispose()


def made_up(folder: Path, n: int) -> Runtime:
    """Make an installation with n mailboxes and their history."""
    say(f"  making {n:,} mailboxes with 30 days of history ...")
    runtime = open_runtime(Settings(data=folder))
    fill(runtime, n)
    return runtime


def drawn(runtime: Runtime, asked: Question, t: Texts) -> object:
    """Do what the page does for one visitor."""
    shown = fleet.page(runtime, asked, t.zone)
    slots = fleet.day(runtime)
    names = dict(zip(shown.ids, shown.rows["address"], strict=True))
    cells = fleet.cells(runtime, shown.ids, slots)
    return told(t, shown.rows), matrix(names, cells, slots, t).to_json()


def _pages(made: Mapping[str, Runtime], rounds: int) -> Iterator[Measured]:
    t = Texts("pt_BR", ZONE)
    for name, asked in ASKED.items():
        work = f"fleet page, {name}"
        say(f"{work}:")
        sides = {
            side: _often(partial(drawn, runtime, asked, t))
            for side, runtime in made.items()
        }
        yield Measured(work, fleet.SIZE, "rows", interleaved(sides, rounds), NOTES)


def _scripts(made: Mapping[str, Runtime], rounds: int) -> Iterator[Measured]:
    """Run the page's whole script, menu and frame included."""
    say("fleet page, the whole script:")
    sides = {side: _script(runtime) for side, runtime in made.items()}
    notes = "as Streamlit's AppTest runs it"
    taken = interleaved(sides, rounds)
    yield Measured("fleet page, the whole script", fleet.SIZE, "rows", taken, notes)


def _sizes(made: Mapping[str, Runtime]) -> Iterator[Figure]:
    """Tell how long the totals take, which are counted anew for every visitor."""
    for side, runtime in made.items():
        totals = _often(partial(fleet.totals, runtime, Question()))
        yield Figure(f"totals over {side} mailboxes", totals() * 1000, "ms")


def _often(work: Callable[[], object]) -> Side:
    """Take the median of several times."""
    return lambda: sorted(timed(work) for _ in range(TIMES))[TIMES // 2]


@contextmanager
def _open(runtime: Runtime) -> Iterator[None]:
    """Let the console have this installation."""
    with mock.patch.object(shared, "open_runtime", return_value=runtime):
        shared.runtime.cache_clear()
        yield
    shared.runtime.cache_clear()


def _script(runtime: Runtime) -> Side:
    with _open(runtime):
        at = AppTest.from_file(str(ENTRY), default_timeout=60)
        at.context = {"locale": "pt-BR", "timezone": ZONE}
        at.run()
        at.switch_page(str(nav.path("fleet"))).run()

    def side() -> float:
        with _open(runtime):
            taken = timed(at.run)
        assert not at.exception
        assert len(at.dataframe) == 1
        return taken

    return side
