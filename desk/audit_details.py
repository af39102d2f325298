"""What do the details of a line of the audit trail say? Its ids, codes and reasons in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from desk import alert_words, words
from desk.i18n import N_, _, ngettext
from domain.alert import AlertKind, Medium

#: Why something was refused, by the key of the error.
_ERRORS = {
    "not_allowed": N_("not theirs to do"),
    "not_found": N_("there was nothing under that number"),
    "invalid": N_("could not be used as entered"),
    "not_possible": N_("not possible at that moment"),
    "stale_version": N_("changed by somebody meanwhile"),
    "already_claimed": N_("a colleague was faster"),
    "too_long": N_("too long for the channel"),
    "publishing_off": N_("publishing was switched off"),
    "approval_needed": N_("somebody trained had to approve it"),
    "not_our_form": N_("not sent from this desk, or open for too long"),
    "wrong": N_("name or password not right"),
    "too_many": N_("too many attempts"),
    "refused": N_("refused"),
    "malformed": N_("not of the expected shape"),
    "rate_limited": N_("the network asked us to slow down"),
    "unavailable": N_("the network did not answer"),
    "unauthorized": N_("the network did not accept our sign-in"),
    "misconfigured": N_("a setting was wrong"),
}
#: More precisely, by the stable word of the refusal; those without words here are said by the error alone.
_WHY = {
    "promise_open": N_("a promise was open"),
    "reply_pending": N_("a reply was on its way"),
    "reply_under_way": N_("a reply was on its way"),
    "not_owner": N_("not theirs to do"),
    "not_claimed": N_("nobody had the case"),
    "four_eyes": N_("four eyes: their own reply"),
    "not_author": N_("somebody else wrote it"),
    "last_admin": N_("the last administrator"),
    "too_late": N_("too late"),
    "reply_sending": N_("it was going out already"),
    "maybe_sent": N_("it may have been out already"),
    "case_resolved": N_("the case was resolved"),
    "case_dismissed": N_("the case was set aside"),
    "empty": N_("nothing was entered"),
    "note": N_("the note was missing"),
    "reason": N_("the reason was missing"),
    "password_wrong": N_("the old password was not right"),
    "password_short": N_("the password was too short"),
    "login_taken": N_("the sign-in name was taken"),
    "sign_in_unknown": N_("nobody had begun it here"),
    "sign_in_elsewhere": N_("begun in another browser"),
    "sign_in_used": N_("finished already"),
    "sign_in_late": N_("begun too long before"),
    "sign_in_denied": N_("nobody agreed on the network"),
    "sign_in_failed": N_("the network sent no code"),
    "wrong_scope": N_("the network granted too little"),
    "other_account": N_("it was the sign-in of another account"),
    "app_unknown": N_("the network did not know the app"),
}
#: How sending a reply, or looking for it, ended.
_OUTCOMES = {
    "receipt": N_("published"),
    "found": N_("found"),
    "absent": N_("not there"),
    "unknown": N_("no answer"),
    "outcome_unknown": N_("outcome unknown"),
    "refused": N_("refused by the network"),
    "rate_limited": N_("the network asked us to slow down"),
    "unavailable": N_("the network did not answer"),
    "unauthorized": N_("the network did not accept our sign-in"),
    "misconfigured": N_("a setting was wrong"),
}
_ROWS_OF = {"mentions": N_("posts"), "cases": N_("cases"), "replies": N_("replies"), "trends": N_("trends")}
_LABELS = {"urgency": N_("urgency"), "kind": N_("kind"), "sentiment": N_("sentiment"), "level": N_("urgency")}

Names = Mapping[int, str]


def details_words(reason: str | None, details: Mapping[str, object], *, names: Names) -> str:
    """One quiet line; ``names`` are colleagues by id. What has no words in this release keeps its own name."""
    parts = [reason or ""]
    if words_of_refusal := _refusal(details):
        parts.append(words_of_refusal)
    parts += [_said(name, value, names) for name, value in details.items() if name not in ("error", "why")]
    return ", ".join(part for part in parts if part)


def _refusal(details: Mapping[str, object]) -> str:
    why, error = str(details.get("why") or ""), str(details.get("error") or "")
    return _(_WHY[why]) if why in _WHY else _of(_ERRORS, error) if error else ""


def _said(name: str, value: object, names: Names) -> str:
    say = SAYINGS.get(name)
    if value is None:
        return ""
    return say(value, names) if say else f"{name.replace('_', ' ')}: {_plain(value)}"


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _of(known: Mapping[str, str], code: str) -> str:
    return _(known[code]) if code in known else code.replace("_", " ")


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _numbered(template: str) -> Callable[[object, Names], str]:
    return lambda value, _names: _(template).format(id=value)


def _named(template: str) -> Callable[[object, Names], str]:
    return lambda value, names: _(template).format(name=names.get(_number(value)) or _("a colleague"))


def _each(say: Callable[[str], str]) -> Callable[[object, Names], str]:
    def all_of(value: object, _names: Names) -> str:
        given = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        return ", ".join(say(str(one)) for one in given)

    return all_of


def _led(lead: str, say: Callable[[object, Names], str]) -> Callable[[object, Names], str]:
    return lambda value, names: _(lead).format(what=say(value, names) or _("nothing"))


def _trained(channel: str) -> str:
    name = words.channel_word(channel.removesuffix("+mentor"))
    return _("{channel} (mentor)").format(channel=name) if channel.endswith("+mentor") else name


def _resolution(code: str) -> str:
    said = words.resolution_word(code)
    return said[:1].lower() + said[1:]


def _alert(code: str) -> str:
    return alert_words.kind_words(AlertKind(code)) if code in set(AlertKind) else code


def _medium(code: str) -> str:
    return alert_words.medium_words(Medium(code)) if code in set(Medium) else code


def _cases(value: object, _names: Names) -> str:
    given = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return ngettext("{n} case", "{n} cases", len(given))


_roles = _each(words.role_word)
#: Each detail the services record, and how it is said.
SAYINGS: dict[str, Callable[[object, Names], str]] = {
    "in_a_minute": lambda n, _names: ngettext("{n} time in a minute", "{n} times in a minute", _number(n)),
    "reason": _each(_resolution),
    "code": _each(_resolution),
    "outcome": _each(lambda code: _of(_OUTCOMES, code)),
    "labels": _each(lambda name: _of(_LABELS, name)),
    "sessions": lambda n, _names: ngettext("{n} session", "{n} sessions", _number(n)),
    "gaps": lambda n, _names: ngettext("{n} gap", "{n} gaps", _number(n)),
    "posts": lambda n, _names: ngettext("{n} post", "{n} posts", _number(n)),
    "replies": lambda n, _names: ngettext("{n} reply", "{n} replies", _number(n)),
    "roles": _roles,
    "before": _led(N_("before: {what}"), _roles),
    "after": _led(N_("after: {what}"), _roles),
    "trained": _led(N_("trained for: {what}"), _each(_trained)),
    "channel": _each(words.channel_word),
    "format": lambda form, _names: str(form).upper(),
    "rows_of": _each(lambda subject: _(_ROWS_OF.get(subject, subject))),
    "identified": lambda named, _names: _("with names") if named else _("under pseudonyms"),
    "scopes": _each(str),
    "edited": lambda changed, _names: _("with a change") if changed else _("as written"),
    "away": lambda away, _names: _("away") if away else _("here again"),
    "substitute": _named(N_("substitute: {name}")),
    "from": _named(N_("from {name}")),
    "to": _named(N_("to {name}")),
    "owner": _named(N_("owner: {name}")),
    "note": _numbered(N_("note {id}")),
    "promise": _numbered(N_("promise {id}")),
    "reply": _numbered(N_("reply {id}")),
    "case": _numbered(N_("case {id}")),
    "at_network": lambda there, _names: _("the network knows") if there else _("only here"),
    "renewed": lambda done, _names: "" if done else _("the network no longer does"),
    "secrets": lambda n, _names: ngettext("{n} secret", "{n} secrets", _number(n)),
    "lost": lambda n, _names: ngettext("{n} lost", "{n} lost", _number(n)) if n else "",
    "brand": _numbered(N_("brand {id}")),
    "join": _numbered(N_("join {id}")),
    "customer": _numbered(N_("customer {id}")),
    "other": _numbered(N_("customer {id}")),
    "basis": _each(words.basis_word),
    "attempt": _numbered(N_("attempt {id}")),
    "problem": _numbered(N_("problem {id}")),
    "cases": _cases,
    "prepared": lambda n, _names: ngettext("{n} draft prepared", "{n} drafts prepared", _number(n)),
    "kinds": _each(_alert),
    "medium": _each(_medium),
    "team": lambda team, _names: _("for the team") if team else "",
    "seeks_anew": lambda anew, _names: _("other words or channels") if anew else "",
}
