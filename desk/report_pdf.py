"""How does the champion's report look on paper? One A4 page, as a file that a director opens, prints and passes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from desk.report_font import BOLD, MISSING, REGULAR, Letters, letters_for, printable
from desk.report_sections import Quote, Section
from desk.report_words import Page

if TYPE_CHECKING:
    from fpdf import FPDF

#: Millimetres: the sheet, its margins, the column of headings and the gap beside it.
WIDTH, HEIGHT, MARGIN, TOP, BOTTOM = 210.0, 297.0, 20.0, 19.0, 15.0
HEADINGS, GAP = 41.0, 6.0
#: The light colours of the desk (``widgets/tokens.css``).
TEXT, MUTED, ACCENT, LINE = (20, 37, 43), (82, 100, 107), (10, 98, 115), (217, 225, 227)
#: Tried in this order until the page holds everything: how large, and how many quotations.
FITS = ((1.0, 3), (1.0, 2), (0.95, 2), (0.95, 1), (0.9, 1), (0.85, 1), (0.85, 0), (0.75, 0), (0.65, 0))
_POINT_MM = 25.4 / 72
#: What a printer's own Latin letters lack, and what stands for it there.
_PLAIN = {"’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "–": "-", "—": "-", "−": "-", "→": ">", "•": "·"}


@dataclass(slots=True)
class _Sheet:
    """The page being drawn. ``scale``: how large its letters are."""

    pdf: FPDF
    letters: Letters
    scale: float

    def font(self, size: float, colour: tuple[int, int, int], *, weight: int = REGULAR) -> float:
        """Set the letters; returns the height of a line in millimetres."""
        family = "desk" if self.letters.files else "helvetica"
        self.pdf.set_font(family, "B" if weight == BOLD else "", size * self.scale)
        self.pdf.set_text_color(*colour)
        return size * self.scale * _POINT_MM * 1.42

    def said(self, text: str) -> str:
        """The text in signs that can be printed."""
        if self.letters.files:
            return printable(text, self.letters.known)
        known = self.letters.known | set(_PLAIN)
        return "".join(_PLAIN.get(sign, sign) for sign in printable(text, known))

    def paragraph(self, text: str, *, x: float, width: float, line: float) -> None:
        """Plain text in a column; the next thing stands below it."""
        self.pdf.set_x(x)
        self.pdf.multi_cell(width, line, self.said(text), align="L", new_x="LEFT", new_y="NEXT")

    def figures(self, text: str, size: float, *, x: float) -> None:
        """Our own sentences, in which what stands between ``**`` is bold."""
        line = self.font(size, TEXT)
        self.pdf.set_x(x)
        width = WIDTH - MARGIN - x
        # Our own words and numbers alone: nothing in them could be taken for a mark but the two stars.
        self.pdf.multi_cell(width, line, self.said(text), align="L", markdown=True, new_x="LEFT", new_y="NEXT")


def pdf_of(page: Page, *, language: str, made_at: datetime) -> bytes:
    """The report as a PDF of one page. Takes a second or two the first time, then some tenths of one."""
    letters = letters_for(_texts(page))
    if any(MISSING in printable(text, letters.known | set(_PLAIN)) for text in _texts(page)):
        page = replace(page, basis=(*page.basis, page.lacking))
    for scale, quotes in FITS:
        sheet = _Sheet(_empty(page, letters, language=language, made_at=made_at), letters, scale)
        if _drawn(sheet, page, quotes):
            break
    return bytes(sheet.pdf.output())


def _texts(page: Page) -> Iterator[str]:
    yield from (page.title, page.about, page.opening, *page.basis, page.lacking.replace(MISSING, ""))
    for section in page.sections:
        yield from (section.heading, section.text)
        for quote in section.quotes:
            yield from (quote.where, quote.day, quote.before, quote.after)


def _empty(page: Page, letters: Letters, *, language: str, made_at: datetime) -> FPDF:
    from fpdf import FPDF, ViewerPreferences

    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margins(MARGIN, TOP, MARGIN)
    pdf.c_margin = 0
    with TemporaryDirectory(prefix="sportello-letters-") as folder:
        for weight, font in letters.files.items():  # A font is taken from a file alone, and read at once.
            file = Path(folder) / f"{weight}.ttf"
            file.write_bytes(font)
            pdf.add_font("desk", "B" if weight == BOLD else "", file)
    pdf.set_lang(language)
    pdf.set_title(page.title)
    pdf.set_subject(page.about)
    pdf.set_creator("Sportello")
    pdf.set_creation_date(made_at)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    pdf.add_page()
    return pdf


def _drawn(sheet: _Sheet, page: Page, quotes: int) -> bool:
    """Draw everything; False where it does not fit."""
    pdf, inner = sheet.pdf, WIDTH - 2 * MARGIN
    foot = _foot_height(sheet, page.basis, inner)
    _head(sheet, page, inner)
    for section in page.sections:
        _section(sheet, section, quotes)
    fits = pdf.get_y() <= HEIGHT - BOTTOM - foot - 2
    _foot(sheet, page.basis, inner, top=HEIGHT - BOTTOM - foot)
    return fits


def _head(sheet: _Sheet, page: Page, inner: float) -> None:
    pdf = sheet.pdf
    pdf.set_fill_color(*ACCENT)
    pdf.rect(0, 0, WIDTH, 3.2, style="F")
    line = sheet.font(21, TEXT, weight=BOLD)
    sheet.paragraph(page.title, x=MARGIN, width=inner, line=line * 0.85)
    line = sheet.font(9.5, MUTED)
    pdf.set_y(pdf.get_y() + 1.2)
    sheet.paragraph(page.about, x=MARGIN, width=inner, line=line)
    pdf.set_y(pdf.get_y() + 4.5 * sheet.scale)
    sheet.figures(page.opening, 13.5, x=MARGIN)
    pdf.set_y(pdf.get_y() + 3.5 * sheet.scale)


def _section(sheet: _Sheet, section: Section, quotes: int) -> None:
    pdf, x = sheet.pdf, MARGIN + HEADINGS + GAP
    _rule(sheet, pdf.get_y())
    pdf.set_y(pdf.get_y() + 3.2 * sheet.scale)
    top = pdf.get_y()
    line = sheet.font(10.5, ACCENT, weight=BOLD)
    sheet.paragraph(section.heading, x=MARGIN, width=HEADINGS, line=line)
    below_heading = pdf.get_y()
    pdf.set_y(top)
    sheet.figures(section.text, 10.5, x=x)
    for quote in section.quotes[:quotes]:
        _quote(sheet, quote, x)
    pdf.set_y(max(pdf.get_y(), below_heading) + 3.2 * sheet.scale)


def _quote(sheet: _Sheet, quote: Quote, x: float) -> None:
    """The complaint, quieter, and the thanks below it, beside one line."""
    pdf, width = sheet.pdf, WIDTH - MARGIN - x - 4
    pdf.set_y(pdf.get_y() + 1.8 * sheet.scale)
    top = pdf.get_y()
    line = sheet.font(9.5, MUTED)
    sheet.paragraph(quote.before, x=x + 4, width=width, line=line)
    line = sheet.font(9.5, TEXT)
    sheet.paragraph(quote.after, x=x + 4, width=width, line=line)
    line = sheet.font(8, MUTED)
    where = f"{quote.where}, {quote.day}"
    pdf.set_x(x + 4)
    pdf.cell(width, line, sheet.said(where), link=quote.url or "", new_x="LEFT", new_y="NEXT")
    pdf.set_fill_color(*ACCENT)
    pdf.rect(x, top + 0.4, 0.7, pdf.get_y() - top - 0.8, style="F")


def _rule(sheet: _Sheet, y: float) -> None:
    sheet.pdf.set_draw_color(*LINE)
    sheet.pdf.set_line_width(0.2)
    sheet.pdf.line(MARGIN, y, WIDTH - MARGIN, y)


def _foot_height(sheet: _Sheet, basis: Iterable[str], inner: float) -> float:
    line = sheet.font(8, MUTED)
    lines = [sheet.pdf.multi_cell(inner, line, sheet.said(t), align="L", dry_run=True, output="LINES") for t in basis]
    return 3 + sum(len(each) * line + 0.8 for each in lines if isinstance(each, list))


def _foot(sheet: _Sheet, basis: Iterable[str], inner: float, *, top: float) -> None:
    """What everything rests on, at the lower edge."""
    _rule(sheet, top)
    sheet.pdf.set_y(top + 2.4)
    line = sheet.font(8, MUTED)
    for text in basis:
        sheet.paragraph(text, x=MARGIN, width=inner, line=line)
        sheet.pdf.set_y(sheet.pdf.get_y() + 0.8)
