"""When things run: the one seam between the product and its job engine.

Embedded (SQLite): `embedded`, APScheduler in the worker process. The rest of the
program does not know which engine runs.
"""
