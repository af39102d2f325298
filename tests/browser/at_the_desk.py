"""What does a colleague do at the desk? The moves that stories are told with, by mouse or by keyboard."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from desk.i18n import translations
from tests.browser.running_desk import PASSWORD, RunningDesk, wait_for

#: From the moment a post is public until it stands on a desk: a poll, a judgement, and the desk's own next look.
ARRIVAL_S = 60
#: A desk on a busy machine draws slowly; what does not come within this time does not come.
PATIENCE_MS = 30_000
#: The first page after a start or a sign-in has everything to read.
FIRST_PAGE_MS = 60_000


expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True, slots=True)
class AtTheDesk:
    """A colleague at a browser. ``word`` gives the desk's own words in their language."""

    page: Page
    desk: RunningDesk
    language: str

    def word(self, english: str) -> str:
        """A label as the desk shows it; Italian ones must exist and differ from the English."""
        said = translations(self.language).gettext(english)
        assert self.language == "en" or said != english, f"not translated: {english}"
        return said

    def sign_in(self, login: str) -> None:
        """Type name and password; ends on the queue."""
        self.page.set_default_timeout(FIRST_PAGE_MS)
        self.page.goto(f"{self.desk.url}/auth/sign-in?lang={self.language}")
        self.page.get_by_label(self.word("Sign-in name"), exact=True).fill(login)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name=self.word("Sign in")).press("Enter")
        expect(self.queue).to_be_visible(timeout=FIRST_PAGE_MS)

    @property
    def queue(self) -> Locator:
        """The list of cases."""
        return self.page.get_by_role("list", name=self.word("Queue"))

    def row(self, text: str) -> Locator:
        """The row of the case whose latest post holds ``text``."""
        return self.queue.get_by_role("listitem").filter(has_text=text)

    def wait_for_row(self, text: str) -> Locator:
        """Wait until a post stands in the list; new cases wait behind their button, so it is pressed."""
        row = self.row(text)
        wait_for(lambda: row.count() or self._show_new(), limit_s=ARRIVAL_S)
        expect(row).to_be_visible()
        return row

    def _show_new(self) -> bool:
        """Press "n new cases, show" if it is there; false, so that the caller looks again."""
        new_ones = self.page.get_by_role("button", name=self.new_cases)
        if new_ones.count():
            new_ones.first.press("Enter")
            self.page.wait_for_timeout(500)
        return False

    @property
    def new_cases(self) -> re.Pattern[str]:
        """The words of the button before new cases, with any number."""
        catalogue = translations(self.language)
        forms = {catalogue.ngettext("{n} new case, show", "{n} new cases, show", n) for n in (1, 2)}
        return re.compile("|".join(re.escape(form).replace(r"\{n\}", r"\d+") for form in sorted(forms)))

    @property
    def text(self) -> Locator:
        """The box the reply is written in."""
        return self.page.get_by_role("textbox", name=self.word("Public reply"))

    def expect_text(self, english: str) -> None:
        """These words of the desk are on the page."""
        expect(self.page.get_by_text(self.word(english)).first).to_be_visible()
