"""Each hostile vector by itself in the frame: cleaned, and raw, by the policy alone."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from console import preview_routes, server
from core.mime.sanitising import clean
from core.preview.document import page as document
from tests.browser.canary import Canary, listening
from tests.browser.hostile import PLAIN, vectors
from tests.servers.serving import serving

pytestmark = pytest.mark.browser
# As Streamlit's own: the policy of what is inside takes away what this would give.
FRAME = (
    '<iframe src="{src}" width=800 height=600 sandbox="allow-forms allow-modals'
    " allow-popups allow-popups-to-escape-sandbox allow-same-origin allow-scripts"
    ' allow-downloads"></iframe>'
)


# In place of the console's own, which would close a page that has none.
OPEN = {"content-security-policy": "default-src * data: 'unsafe-inline'"}


@dataclass
class Stage:
    """A page around the frame, and all that is seen of what the frame does."""

    page: Page
    url: str
    canary: Canary
    seen: list[str] = field(default_factory=list)

    def show(self, kind: str, name: str) -> None:
        """Open a vector in the frame, and wait until it has loaded and had its time."""
        self.page.goto(f"{self.url}/{kind}/{name}", wait_until="load")
        self.page.mouse.click(100, 60)
        self.page.evaluate("() => new Promise(r => requestAnimationFrame(() => r()))")
        assert self.page.title() == "around"
        assert self.page.evaluate(COUNT) == [1, False]
        assert self.page.url.startswith(self.url)


POLICY = "content-security-policy"
COUNT = "() => [document.body.childElementCount, !!window.owned]"


async def around(request: Request) -> Response:
    kind, name = request.path_params["kind"], request.path_params["name"]
    frame = FRAME.format(src=f"/inside/{kind}/{html.escape(name)}")
    return HTMLResponse(f"<!doctype html><title>around</title><body>{frame}</body>")


@pytest.fixture
def canary() -> Iterator[Canary]:
    with listening() as canary:
        yield canary


@pytest.fixture
def stage(browser: Browser, canary: Canary) -> Iterator[Stage]:
    known = dict(vectors(canary.host))

    async def inside(request: Request) -> Response:
        raw = known[request.path_params["name"]]
        match request.path_params["kind"]:
            case "open":
                return HTMLResponse(raw, headers=OPEN)
            case "raw":
                return preview_routes.answer(f"<!doctype html>{raw}")
        return preview_routes.answer(document(clean(raw).html, "x", "en"))

    routes = [Route("/inside/{kind}/{name}", inside), Route("/{kind}/{name}", around)]
    closed = Starlette(routes=routes, middleware=[Middleware(server.Headers)])
    with serving(closed) as port:
        context = browser.new_context()
        yield _stage(context, f"http://127.0.0.1:{port}", canary)
        context.close()


def _stage(context: BrowserContext, url: str, canary: Canary) -> Stage:
    page = context.new_page()
    made = Stage(page, url, canary)

    def dialog(opened: Dialog) -> None:
        made.seen.append(f"dialog {opened.message}")
        opened.dismiss()

    def asked(where: str) -> None:
        if not where.startswith((url, "data:", "about:")):
            made.seen.append(where)

    page.on("dialog", dialog)
    page.on("requestfinished", lambda r: asked(r.url))
    page.on("popup", lambda p: made.seen.append(f"popup {p.url}"))
    return made


def test_there_are_enough_vectors():
    assert len(PLAIN) >= 60


@pytest.mark.parametrize("name", ["script", "img_onerror", "svg_onload"])
def test_without_the_policy_the_stage_sees_script(stage: Stage, name: str) -> None:
    stage.page.goto(f"{stage.url}/open/{name}", wait_until="load")
    assert "dialog 1" in stage.seen
    assert stage.page.evaluate(COUNT)[1] is True  # and it reached the page around


@pytest.mark.parametrize("name", ["img", "css_url", "video_poster", "link_stylesheet"])
def test_without_the_policy_the_canary_hears_it(stage: Stage, name: str) -> None:
    stage.page.goto(f"{stage.url}/open/{name}", wait_until="load")
    assert any(name in line for line in stage.canary.heard)


def test_cleaned_vectors_do_nothing(stage: Stage) -> None:
    for name in PLAIN:
        stage.show("clean", name)
        assert stage.seen == [], name
        assert stage.canary.heard == [], name
    stage.show("clean", "fragment_text")  # what comes late is heard by now
    assert stage.canary.heard == []


def test_raw_vectors_do_nothing_by_the_policy_alone(stage: Stage) -> None:
    for name in PLAIN:
        stage.show("raw", name)
        assert stage.seen == [], name
        assert stage.canary.heard == [], name
    stage.show("raw", "fragment_text")  # what comes late is heard by now
    assert stage.canary.heard == []


def test_the_route_sends_its_own_policy_once(stage: Stage) -> None:
    answer = stage.page.request.get(f"{stage.url}/inside/raw/img")
    sent = [
        h["value"]
        for h in answer.headers_array
        if h["name"].lower() == "content-security-policy"
    ]
    assert sent == [preview_routes.HEADERS["content-security-policy"]]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    around = stage.page.request.get(f"{stage.url}/clean/img")
    assert around.headers[POLICY] == server.policy()
