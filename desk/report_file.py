"""How does the champion's report become a file? In one language, on one page, with a name that tells."""

from __future__ import annotations

import re
import unicodedata

from desk import report_words
from desk.i18n import _, speaking
from services.report import Report

MEDIA_TYPE = "application/pdf"


def pdf_file(report: Report, *, language: str) -> bytes:
    """The report in a language as a PDF of one page."""
    from desk.report_pdf import pdf_of  # Brings the library for PDF along.

    with speaking(language):
        page = report_words.page(report)
    return pdf_of(page, language=language, made_at=report.read_at)


def file_name(report: Report, *, language: str) -> str:
    """What the file is called: report-lumen-energia-2026-10.pdf."""
    plain = unicodedata.normalize("NFKD", report.brand).encode("ascii", "ignore").decode().lower()
    brand = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]
    with speaking(language):
        word = _("report")
    return "-".join(part for part in (word, brand, str(report.month)) if part) + ".pdf"
