"""Malote's core: connect, sync, store, measure. It knows no Streamlit.

Read `model` for the words, `sync.plan` for the decisions, `runtime` for how the
parts meet; docs/explain/architecture.md tells who may import whom.
"""
