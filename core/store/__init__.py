"""What we keep: tables, the queries on them, and the totals beside them.

One file of queries per noun. Rows end here: what leaves is a dataclass of
`core.model` or a pandas frame. Functions take a `Connection` inside the caller's
transaction (`engine.writing`, `engine.reading`).
"""
