"""The frame around every page. No `pages` folder may stand beside this file.

Streamlit would route such a folder by itself and let a deep link pass by this frame.
"""

from pathlib import Path

import streamlit as st

from console import nav
from console.language import switch, texts

HERE = Path(__file__).parent
STATIC = HERE / "static"

st.set_page_config(
    page_title="Malote", page_icon=str(STATIC / "icon.png"), layout="wide"
)
t = texts()
st.html(HERE / "words.css")
st.html(f"<style>:root {{ --choose-file: '{t('page.choose_file')}' }}</style>")
st.logo(str(STATIC / "logo.png"), size="large", icon_image=str(STATIC / "icon.png"))
chosen = st.navigation(nav.menu(t), expanded=True)
switch(t)
chosen.run()
