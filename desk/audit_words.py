"""What is each act of the audit trail, and each thing it was about, called on the screen?"""

from __future__ import annotations

from collections.abc import Mapping

from desk.i18n import N_, _

#: Acts as the services name them, in the order of the filter.
ACTS = {
    "sign_in": N_("signed in"),
    "sign_out": N_("signed out"),
    "sign_out_everywhere": N_("signed out everywhere"),
    "sign_in.form": N_("a foreign sign-in form"),
    "sign_out.form": N_("a foreign sign-out form"),
    "password.form": N_("a foreign password form"),
    "case.read": N_("opened a case"),
    "case.claim": N_("claimed a case"),
    "case.take": N_("took a case over"),
    "case.release": N_("released a case"),
    "case.hand_over": N_("handed a case over"),
    "case.lock": N_("locked a case"),
    "case.note": N_("wrote a note"),
    "case.snooze": N_("snoozed a case"),
    "case.unsnooze": N_("woke a case up"),
    "case.check_back": N_("set a check-back"),
    "case.resolve": N_("resolved a case"),
    "case.dismiss": N_("set a case aside"),
    "case.reopen": N_("reopened a case"),
    "judgement.correct": N_("corrected a judgement"),
    "model.read": N_("looked at how far the model can be trusted"),
    "model.teach": N_("taught the model from corrections"),
    "model.undo": N_("took back what the model was taught"),
    "draft.save": N_("saved a draft"),
    "reply.submit": N_("handed a reply in"),
    "reply.undo": N_("took a reply back"),
    "reply.withdraw": N_("withdrew a reply"),
    "reply.discard": N_("discarded a draft"),
    "reply.approve": N_("approved a reply"),
    "reply.reject": N_("sent a reply back"),
    "reply.send": N_("began to send a reply"),
    "reply.record": N_("noted how sending ended"),
    "reply.expired": N_("found a reply without outcome"),
    "reply.probe": N_("looked a reply up"),
    "reply.confirm": N_("confirmed that a reply is out"),
    "reply.deny": N_("said that a reply is not out"),
    "reply.give_up": N_("gave up posting by hand"),
    "reply.edit": N_("mended a refused reply"),
    "promise.read": N_("read the promises"),
    "promise.add": N_("noted a promise"),
    "promise.kept": N_("closed a promise as kept"),
    "promise.broken": N_("closed a promise as not kept"),
    "promise.reopen": N_("took back that a promise was closed"),
    "customer.read": N_("opened a profile"),
    "customers.read": N_("listed the customers"),
    "customer.about": N_("changed what a customer shared"),
    "customer.dont_ask": N_("changed “don’t ask again”"),
    "customer.note": N_("wrote a note on a customer"),
    "customer.join": N_("joined two profiles"),
    "customer.separate": N_("separated two profiles"),
    "approvals.read": N_("opened the approvals"),
    "outbox.read": N_("opened the outbox"),
    "queue.read": N_("opened the queue"),
    "coverage.read": N_("asked how complete listening is"),
    "source.call": N_("a source called"),
    "older.read": N_("looked at posts from before anybody listened"),
    "older.queue": N_("queued posts from before anybody listened"),
    "gap.known": N_("noted that a gap is known"),
    "import.preview": N_("looked at a file"),
    "import.run": N_("imported a file"),
    "team.read": N_("opened the team"),
    "team.first_admin": N_("made the first colleague"),
    "team.add": N_("added a colleague"),
    "team.change": N_("changed a colleague"),
    "team.roles": N_("changed roles"),
    "team.training": N_("changed training"),
    "team.away": N_("changed who is away"),
    "team.disable": N_("switched a colleague off"),
    "team.enable": N_("switched a colleague on"),
    "team.password": N_("gave a new password"),
    "team.own_password": N_("changed their own password"),
    "team.preferences": N_("changed their own settings"),
    "brand.add": N_("added a brand"),
    "brand.remove": N_("removed a brand"),
    "brand.read": N_("listed the brands"),
    "watch.add": N_("added a watch"),
    "watch.change": N_("changed a watch"),
    "watch.remove": N_("let a watch rest"),
    "watch.restore": N_("woke a watch"),
    "watch.read": N_("listed the watches"),
    "watch.preview": N_("tried a watch"),
    "channel.poll": N_("asked a channel at once"),
    "account.read": N_("listed the accounts"),
    "account.add": N_("added an account"),
    "account.remove": N_("removed an account"),
    "account.begin": N_("began to connect an account"),
    "account.connect": N_("connected an account"),
    "account.rotate": N_("replaced the secret of an account"),
    "account.revoke": N_("took the sign-in of an account back"),
    "account.renew": N_("renewed the sign-in of an account"),
    "key.rotate": N_("sealed the secrets with a new key"),
    "publishing.on": N_("switched publishing on"),
    "publishing.off": N_("switched publishing off"),
    "sample.install": N_("brought the sample in"),
    "sample.remove": N_("took the sample out"),
    "database.restore": N_("restored a backup"),
    "audit.read": N_("opened the audit"),
}
_ABOUT = {
    "account": N_("account {id}"),
    "brand": N_("brand {id}"),
    "case": N_("case {id}"),
    "customer": N_("customer {id}"),
    "import": N_("import {id}"),
    "join": N_("join {id}"),
    "mention": N_("post {id}"),
    "model": N_("lesson {id}"),
    "promise": N_("promise {id}"),
    "reply": N_("reply {id}"),
    "user": N_("colleague {id}"),
    "watch": N_("watch {id}"),
}


def act_words(action: str) -> str:
    """The act in words; one this release does not know keeps its own name."""
    return _(ACTS[action]) if action in ACTS else action


def about_words(entity: str, entity_id: int | None, *, names: Mapping[int, str] | None = None) -> str:
    """What the act was about; nothing when it was about no single thing. ``names`` are colleagues by id."""
    if entity_id is None:
        return ""
    if entity == "user" and names and entity_id in names:
        return names[entity_id]
    return _(_ABOUT[entity]).format(id=entity_id) if entity in _ABOUT else f"{entity} {entity_id}"
