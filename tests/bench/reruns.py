"""A rerun of the messages page, as a person sees it: Chromium, server and all between.

The time of each goes from the click to the end of the script, with the new rows drawn
and counted; both sizes are served side by side.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

from playwright.sync_api import Page, expect, sync_playwright

from core.runtime import Runtime
from core.store import integrations
from core.store.engine import writing
from tests.bench.rounds import Measured, Result, Side, interleaved, say
from tests.bench.site import Site
from tests.browser.conftest import CHROMIUM_FLAGS, Console, serving_console

TIMES = 5  # measured in a round, so that one bad moment does not count
# Streamlit writes on its root whether the script runs.
CLICKED = """
button => new Promise(resolve => {
  const app = document.querySelector('[data-testid="stApp"]');
  const state = 'data-test-script-state';
  const began = performance.now();
  let ran = false;
  const seen = new MutationObserver(() => {
    if (app.getAttribute(state) === 'running') ran = true;
    if (!ran || app.getAttribute(state) !== 'notRunning') return;
    seen.disconnect();
    resolve(performance.now() - began);
  });
  seen.observe(app, {attributes: true, attributeFilter: [state]});
  button.click();
})
"""


def of_pages(site: Site, made: Mapping[str, tuple[Runtime, int]]) -> Iterator[Result]:
    """Measure going to the next page, for installations by name and their mailbox."""
    work = f"a rerun in Chromium over {list(made)[-1]} messages"
    say(f"{work}:")
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
        )
        stack.callback(browser.close)
        sides: dict[str, Side] = {}
        for name, (runtime, integration_id) in made.items():
            _pause(runtime, integration_id)
            here = runtime.settings.data.parent
            console = stack.enter_context(
                serving_console(
                    here, site.certificates, MALOTE_DATA=str(runtime.settings.data)
                )
            )
            page = stack.enter_context(browser.new_context(locale="en")).new_page()
            sides[name] = _older(console, page, integration_id)
        notes = "next page: from the click to the end of the script, counts included"
        yield Measured(work, 1, "reruns", interleaved(sides, site.rounds), notes)


def _pause(runtime: Runtime, integration_id: int) -> None:
    """Have its worker leave a mailbox alone of which there is no server."""
    with writing(runtime.engine) as conn:
        integrations.change(conn, integration_id, paused=True)


def _older(console: Console, page: Page, integration_id: int) -> Side:
    console.visit(page, f"messages?integration={integration_id}")
    older = page.locator(".st-key-older").get_by_role("button")

    def side() -> float:
        taken: list[float] = []
        for _ in range(TIMES):
            expect(older).to_be_enabled()
            taken.append(float(older.evaluate(CLICKED)) / 1000)
        return sorted(taken)[TIMES // 2]

    expect(older).to_be_enabled()
    older.evaluate(CLICKED)  # the caches warm
    return side
