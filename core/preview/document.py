"""The page in the frame: a white sheet with the body of a mail on it. Pure."""

from __future__ import annotations

import html
import re

# Sent as a header with the page, and said once more in it. `sandbox` takes every right
# from the page, its origin among them; the rest forbids each way out (STREAMLIT.md §5).
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none';"
    " base-uri 'none'"
)
HEADER_POLICY = (
    f"sandbox allow-popups allow-popups-to-escape-sandbox; {POLICY};"
    " frame-ancestors 'self'"
)
# Mail is written for a white sheet, in light themes and in dark ones.
STYLE = """
:root { color-scheme: light; }
body { margin: 0; padding: 12px 14px; background: #fff; color: #16202e;
  font: 14px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
pre.text { margin: 0; white-space: pre-wrap; font: 13px/1.5 ui-monospace, monospace; }
img { max-width: 100%; height: auto; }
table { max-width: 100%; }
strong.elsewhere { color: #b42318; background: #fef3f2; padding: 0 3px; }
"""
TAG = re.compile(r"<[^>]*>")
IMAGE_LINES = 5
LINE_PX, LEAST_PX, MOST_PX, LINE_CHARS = 21, 180, 640, 110


def page(body: str, title: str, language: str) -> str:
    """Give a whole page around a body that is harmless by itself."""
    policy, name = html.escape(POLICY), html.escape(title)
    return (
        f'<!doctype html><html lang="{html.escape(language)}"><head>'
        f'<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="referrer" content="no-referrer"><title>{name}</title>'
        f"<style>{STYLE}</style></head><body>{body}</body></html>"
    )


def height_px(body: str) -> int:
    """Guess how high a body is; nothing in the frame may tell."""
    ends = sum(
        body.count(end) for end in ("\n", "<br", "</p>", "</tr>", "</h", "</li>")
    )
    chars = len(TAG.sub("", body))
    lines = max(ends, chars // LINE_CHARS) + body.count("<img src=") * IMAGE_LINES
    return min(MOST_PX, max(LEAST_PX, 2 * LINE_PX + lines * LINE_PX))
