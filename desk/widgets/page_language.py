"""Which language the page is in, told to the browser and to screen readers: Streamlit itself always says English."""

from __future__ import annotations

import streamlit as st

_JS = """export default function ({ data }) {
  document.documentElement.lang = data.language;
}
"""
_mount = st.components.v2.component("sportello.page_language", css=":host { display: none; }\n", js=_JS)


def tell_language(language: str) -> None:
    """Mark the whole page as being in ``language`` ("it" or "en"); posts carry their own."""
    _mount(key="sp_page_language", data={"language": language})
