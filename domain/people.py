"""The team: who may do what, and who is trained for which channel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles are a set; a person may have several."""

    OPERATOR = "operator"
    MANAGER = "manager"
    MARKETING = "marketing"
    ADMIN = "admin"


class Right(StrEnum):
    """What an act needs. Services ask for a right, never for a role."""

    READ = "read"  # see cases, customers and the outbox
    WORK = "work"  # claim, answer, note, promise, resolve
    JUDGE = "judge"  # correct a judgement
    MODEL = "model"  # see how far the model can be trusted, teach it, take that back
    REASSIGN = "reassign"  # move cases between colleagues
    IMPORT = "import"  # bring in history or work
    TEAM = "team"  # people, roles, training
    SETUP = "setup"  # brands, watches, accounts, publishing
    CHANNELS = "channels"  # ask a channel now, start a stopped one again, hear when one is lost
    AUDIT = "audit"  # read the audit trail
    EXPORT = "export"  # take mention data away, behind pseudonyms
    IDENTIFY = "identify"  # take it away with names, for a purpose
    TOKENS = "tokens"  # give the firm's own tools a way in, and close it
    PROBLEMS = "problems"  # say that a shared problem is solved, or that a spike is no news
    TRENDS = "trends"  # see how the brand is spoken of and how its customers were answered


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OPERATOR: frozenset({Right.READ, Right.WORK, Right.JUDGE}),
    Role.MANAGER: frozenset(
        {
            *(Right.READ, Right.WORK, Right.JUDGE, Right.REASSIGN, Right.IMPORT, Right.AUDIT, Right.EXPORT),
            *(Right.TEAM, Right.CHANNELS, Right.MODEL, Right.TRENDS, Right.IDENTIFY, Right.PROBLEMS),
        }
    ),
    Role.MARKETING: frozenset({Right.READ, Right.IMPORT, Right.EXPORT, Right.TRENDS}),
    Role.ADMIN: frozenset(
        {Right.READ, Right.IMPORT, Right.TEAM, Right.SETUP, Right.CHANNELS, Right.AUDIT, Right.MODEL, Right.TOKENS}
    ),
}


@dataclass(frozen=True, slots=True)
class Training:
    """A person answers in public on ``channel`` alone once trained; a mentor may approve others there."""

    channel: str
    mentor: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A colleague. ``substitute_id`` names who looks after their cases while they are away."""

    id: int
    login: str
    name: str
    roles: frozenset[Role]
    trained: tuple[Training, ...] = ()
    language: str = "it"
    active: bool = True
    away: bool = False
    substitute_id: int | None = None

    @property
    def rights(self) -> frozenset[Right]:
        return frozenset().union(*(RIGHTS[role] for role in self.roles)) if self.roles else frozenset()

    def is_trained(self, channel: str) -> bool:
        return any(t.channel == channel for t in self.trained)

    def may_approve(self, channel: str) -> bool:
        """Approver: a manager, or an operator trained for that channel and marked mentor."""
        mentor = any(t.channel == channel and t.mentor for t in self.trained)
        return Role.MANAGER in self.roles or (Role.OPERATOR in self.roles and mentor)
