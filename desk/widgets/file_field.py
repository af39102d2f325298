"""How does a person hand us a file, in their own language? Streamlit's field, with its English words replaced."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import streamlit as st

from desk.widgets.frame import install_style

#: The field's own words are made in the browser, in English, and those of a refusal show only under the mouse:
#: ours are put in their place.
_CSS = """
.st-key-%(key)s [data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
.st-key-%(key)s [data-testid="stBaseButton-secondary"] p { font-size: 0; }
.st-key-%(key)s [data-testid="stBaseButton-secondary"] p::after { content: %(choose)s; font-size: var(--sp-m); }
.st-key-%(key)s [data-testid="stTooltipErrorHoverTarget"] { pointer-events: none; }
.st-key-%(key)s [data-testid="stTooltipErrorHoverTarget"] button { pointer-events: auto; }
.st-key-%(key)s [data-testid="stFileUploader"]:has([aria-invalid="true"])::after {
  content: %(refused)s; display: block; padding-top: 6px; font-size: var(--sp-s); color: var(--sp-u3);
}
"""


def file_field(label: str, *, choose: str, refused: str, types: Sequence[str], max_mb: int, key: str) -> Any:
    """The chosen file, or None.

    ``label`` has to name kinds and limit, ``choose`` stands on the button, ``refused`` below a file that is larger
    than ``max_mb`` or of another kind: the browser keeps such a file to itself.
    """
    words = {"key": key, "choose": _css_string(choose), "refused": _css_string(refused)}
    install_style(_CSS % words)
    return st.file_uploader(label, type=list(types), max_upload_size=max(1, max_mb), key=key)


def _css_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("<", "\\3c ")
