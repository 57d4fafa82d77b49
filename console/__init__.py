"""The Streamlit console. Start it with `malote serve`; `server` is the launcher."""
