"""All samples: of reports, and of other mail."""

from __future__ import annotations

from tests.reports import bounces, notifications, others, receipts

SAMPLES = [*notifications.samples(), *bounces.samples(), *receipts.samples()]
OTHERS = [*others.samples()]
