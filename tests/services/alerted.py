"""What do tests about alerts share? Settings with a mail server, and a post office that remembers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from db import alert_outbox
from desk.alert_words import speak
from domain.alert import AlertKind, Medium
from services import alert_addresses, alert_delivering, alert_looking
from services.alert_post import Message, Outcome
from services.context import Context
from settings import Settings


@dataclass
class PostOffice:
    """Takes every message; ``outcomes`` are what it says to the next ones."""

    letters: list[tuple[str, Message]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def __call__(self, ctx: Context, address: str, medium: Medium, message: Message) -> Outcome:
        outcome = self.outcomes.pop(0) if self.outcomes else Outcome(True)
        if outcome.ok:
            self.letters.append((address, message))
        return outcome

    def read(self) -> list[tuple[str, str]]:
        """Who got which kind since last time."""
        found = [(address.partition("@")[0], str(message.fields["kind"])) for address, message in self.letters]
        self.letters.clear()
        return sorted(found)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A desk that can send mail and has an address of its own."""
    return replace(settings, mail_server="mail.invalid", mail_from="desk@aurora.test", desk_url="https://desk.test/")


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def told(ctx: Context, office: PostOffice):
    """Look for what is worth telling, send what is due, and say who got what."""

    def run() -> list[tuple[str, str]]:
        alert_looking.look(ctx)
        alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
        return office.read()

    return run


def listen(person: Context, *kinds: AlertKind, team: bool = False, name: str | None = None) -> int:
    """Be told of these kinds (default: all one may) by mail; returns the number of the address."""
    member = person.actor.member
    typed = f"{name or (member.login if member else 'team')}@aurora.test"
    wanted = kinds or alert_addresses.kinds_for(person, team=team)
    return alert_addresses.add(person, typed, wanted, team=team).address_id


def states(ctx: Context) -> list[tuple[str, str | None]]:
    """Every message, the oldest first: its state and what was wrong."""
    with ctx.store.read() as tx:
        return [(str(row.state), row.error) for row in reversed(alert_outbox.newest_of_all(tx, rows=50))]
