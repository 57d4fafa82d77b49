"""How much mail, from whom, and when: a first look at an installation.

A notebook as a script: editors show its `# %%` cells one by one, and
`python notebooks/volumes.py [DATA]` runs them all.
"""

# %% Open an installation: the one that is set, or the one that is named
from __future__ import annotations

import sys
from datetime import timedelta

import pandas as pd

from core import analysis

ZONE = "America/Sao_Paulo"
DAYS = 28
malote = analysis.open(sys.argv[1] if len(sys.argv) > 1 else None)
pd.set_option("display.width", 120)

# %% The mailboxes, and how far each is known
mailboxes = malote.integrations()
print(mailboxes[["id", "owner", "state", "held", "on_server", "last_sync_at"]])

# %% Messages per day of the last weeks, in the zone of who reads this
held = malote.days(zone=ZONE)
if held is None:
    sys.exit("Nothing is held yet.")
last = held[1]
per_day = malote.volume(last - timedelta(days=DAYS - 1), last, zone=ZONE)
print(per_day.set_index("day").resample("7D").sum())

# %% Who writes most: read a few thousand at a time, so any number of them will do
senders = pd.Series(dtype="int64")
for frame in malote.messages("kind:person is:received", since=last - timedelta(DAYS)):
    senders = senders.add(frame["from_address"].value_counts(), fill_value=0)
print(senders.astype("int64").nlargest(10))

# %% At what hour people write, in their own zone
newest = malote.messages("kind:person is:received").frame(most=5_000)
print(newest["at"].dt.tz_convert(ZONE).dt.hour.value_counts().sort_index())

# %% Conversations that were answered
threads = malote.threads()
both = threads[(threads["received"] > 0) & (threads["sent"] > 0)]
print(f"{len(both)} of {len(threads)} conversations have mail of both sides")
malote.close()
