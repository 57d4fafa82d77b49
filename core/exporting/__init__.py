"""Use case: take messages along, as a table or as they are.

    for frame in exporting.rows(runtime, question): ...        # here
    exporting.make(runtime, Ask(Format.CSV, question), path, on_done)

    export = exporting.start(runtime, Ask(Format.CSV, question), actor)  # a process
    exporting.told(export)          # how far it is
    exporting.cancel(export)        # nothing is left
    exporting.ticket(runtime, export.folder)      # for the address of the download

Memory does not grow with the number of messages, and no transaction is longer than it
takes to read two thousand rows.
"""

from core.exporting.ask import Ask, Format, safe_name
from core.exporting.asked import about
from core.exporting.kept import Download, State, Told, download, forget_old, ticket
from core.exporting.making import Made, OnDone, make, record, record_numbers
from core.exporting.rows import rows
from core.exporting.running import Export, cancel, start, told
from core.exporting.small import as_csv, as_parquet
from core.exporting.tables import Table, beside, write

__all__ = [
    "Ask",
    "Download",
    "Export",
    "Format",
    "Made",
    "OnDone",
    "State",
    "Table",
    "Told",
    "about",
    "as_csv",
    "as_parquet",
    "beside",
    "cancel",
    "download",
    "forget_old",
    "make",
    "record",
    "record_numbers",
    "rows",
    "safe_name",
    "start",
    "ticket",
    "told",
    "write",
]
