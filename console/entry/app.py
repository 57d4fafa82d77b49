"""The frame around every page. No `pages` folder may stand beside this file.

Streamlit would route such a folder by itself and let a deep link pass by this frame.
"""

from pathlib import Path

import streamlit as st

from console import nav
from console.language import switch, texts

HERE = Path(__file__).parent / "static"

st.set_page_config(page_title="Malote", page_icon=str(HERE / "icon.png"), layout="wide")
t = texts()
st.logo(str(HERE / "logo.png"), size="large", icon_image=str(HERE / "icon.png"))
chosen = st.navigation(nav.menu(t))
switch(t)
chosen.run()
