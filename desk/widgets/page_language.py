"""Which language is the page in? Told to the browser and to screen readers, and given to Streamlit's own few words."""

from __future__ import annotations

import streamlit as st

from desk.i18n import N_, _
from desk.widgets.assets import read_asset

_mount = st.components.v2.component(
    "sportello.page_language", css=":host { display: none; }\n", js=read_asset("page_language.js")
)
#: What Streamlit 1.67 says by itself on the widgets this desk uses, as it stands in its scripts.
STREAMLIT_WORDS = (
    N_("Skip to main content"),
    N_("Press Enter to apply"),
    N_("Press Ctrl+Enter to apply"),
    N_("Press ⌘+Enter to apply"),
    N_("Press Enter to submit form"),
    N_("Press Ctrl+Enter to submit form"),
    N_("Press ⌘+Enter to submit form"),
    N_("Collapse sidebar"),
    N_("Expand sidebar"),
    N_("Choose an option"),
    N_("Choose options"),
    N_("Clear value"),
    N_("Clear all"),
    N_("Select all"),
    N_("No results"),
    N_("No options"),
    N_("No options to select"),
    N_("No options to select."),
    N_("Show password"),
    N_("Hide password"),
    N_("Show password text"),
    N_("Hide password text"),
    N_("Drag and drop file here"),
    N_("Drag and drop a file here"),
    N_("Upload"),
    N_("Browse files"),
    N_("Connecting"),
    N_("Connecting to Streamlit server"),
    N_("Unable to connect to Streamlit server"),
    N_("Connection error"),
    N_("Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:"),
    N_("Connection lost. Please wait for the app to reconnect, then try again."),
    N_("Streamlit server is not responding. Are you connected to the internet?"),
    N_("Page not found"),
    N_("The page that you have requested does not seem to exist. Running the app's main page."),
    N_("Error"),
    N_("Running..."),
    N_("Stop"),
    N_("Rerun"),
    N_("Close"),
    N_("Done"),
    N_("view more"),
    N_("view less"),
    N_("Copy to clipboard"),
    N_("Fullscreen"),
    N_("Close fullscreen"),
)


def tell_language(language: str) -> None:
    """Mark the whole page as being in ``language`` ("it" or "en"); posts carry their own."""
    said = {english: _(english) for english in STREAMLIT_WORDS} if language != "en" else {}
    words = {english: ours for english, ours in said.items() if ours != english}
    _mount(key="sp_page_language", data={"language": language, "words": words})
