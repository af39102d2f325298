"""Every setting once: name, type, unit, default and help; frozen after start.

Precedence: command line, then environment (``SPORTELLO_<NAME>``), then ``sportello.toml`` in the
repository root or the file named by ``SPORTELLO_CONFIG``, then the default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from domain.errors import Misconfigured

ROOT = Path(__file__).resolve().parent


def _setting(default: Any, help: str, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"help": help, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process. A secret never shows in ``repr``."""

    data_dir: str = _setting("", "Folder of database, logs and the sample's log; default .sportello in the clone")
    database_url: str = _setting("", "SQLAlchemy URL; default a SQLite file in the data folder", secret=True)
    secrets_key: str = _setting(
        "",
        "Key that seals the accounts' secrets (32 bytes, base64), newest first; default: a file of the desk's own",
        secret=True,
    )
    secrets_key_file: str = _setting("", "File with that key; default secrets.key in the data folder")
    desk_url: str = _setting(
        "", "Address of the desk as browsers see it, such as https://desk.example; default: as it was asked for"
    )
    host: str = _setting("127.0.0.1", "Address the desk listens on")
    port: int = _setting(8501, "Port of the desk")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")
    publish: str = _setting("off", "'live' lets accounts publish that are switched on; anything else keeps all silent")
    streams: str = _setting("off", "'on' also hears networks' live streams, within seconds (Bluesky: some 10 GB a day)")
    model: str = _setting(
        "bundled", "Classifier that judges posts: bundled, rules, or hub:NAME (a checkpoint's name or folder)"
    )
    hub_labels: str = _setting(
        "", 'What the labels of a checkpoint mean: LABEL_0=negative, LABEL_1=-, …; "-": left out'
    )
    hub_languages: str = _setting("it, en", "Languages a checkpoint was trained in; posts in others are marked unsure")
    topics_days: int = _setting(14, "Open cases of these last days are looked through for the same problem; 0: none")
    judge_threads: int = _setting(0, "Threads of the model; 0: one a core, at most four (the desk comes first)")
    judge_batch_posts: int = _setting(64, "Posts judged in one go; a live post waits for at most one batch")
    lock_lease_s: int = _setting(90, "How long 'somebody is on it' holds without a sign of life")
    undo_s: int = _setting(15, "Seconds in which a reply can be taken back before it goes out")
    send_lease_s: int = _setting(60, "After this long without an outcome a send counts as uncertain")
    probe_spacing_s: float = _setting(0.0, "Seconds between two look-ups of an uncertain reply; 0: as the channel says")
    reopen_window_days: int = _setting(14, "A customer who writes again within these days reopens the case")
    first_reading_h: int = _setting(
        24, "A new watch, account or feed queues posts of these last hours; older ones are kept and shown as history"
    )
    history_after_days: int = _setting(30, "Imported rows older than this are history, not work")
    least_people: int = _setting(
        5, "Figures about answers and shares that rest on fewer people or posts than this are not shown, nor exported"
    )
    session_h: int = _setting(12, "Hours after which a sign-in ends")
    sign_in_attempts: int = _setting(
        5, "Wrong passwords allowed per name within the window; per address four times as many"
    )
    sign_in_window_s: int = _setting(300, "Window of the sign-in limit")
    import_max_mb: int = _setting(200, "Largest file an import accepts")
    export_keep_days: int = _setting(7, "Days for which the file of an export can be fetched; then it is deleted")
    export_folder: str = _setting("", "Folder for scheduled exports; default exports-by-schedule in the data folder")
    api_requests_min: int = _setting(120, "Requests a minute that a token of the API may make; more are told to wait")
    private_addresses: str = _setting(
        "off",
        "'allow' lets feeds, servers of networks and alerts reach inside your own network (192.168.1.20)",
    )
    alert_unowned_min: int = _setting(
        15, "Minutes after which people are told of a case of the highest urgency that nobody has"
    )
    alert_promise_min: int = _setting(60, "Minutes before a promise falls due at which its owner is told")
    alert_doubt_min: int = _setting(15, "Minutes after which people are told of a reply that may or may not be out")
    alert_again_min: int = _setting(60, "Minutes for which the same cause is not told again")
    mail_server: str = _setting(
        "", "Server that takes the desk's mail, such as smtp.example.it or smtp.example.it:465; empty: no mail is sent"
    )
    mail_security: str = _setting("starttls", "How letters travel to it: starttls, tls (from the first byte) or none")
    mail_user: str = _setting("", "Name to sign in there with; empty: without")
    mail_password: str = _setting("", "Password to that name", secret=True)
    mail_from: str = _setting("", "Sender of the desk's mail, such as desk@example.it; default: mail_user")
    mail_attach_mb: int = _setting(10, "Largest export that goes along with a letter; of a larger one it says where")
    recheck_posts_day: int = _setting(
        20_000, "Kept posts of a channel looked for on their network each day, to delete what was deleted there"
    )
    recheck_paid_posts_day: int = _setting(60, "The same on a network that charges for it, such as X")
    x_access: str = _setting(
        "pay-per-use", "Your contract with X: pay-per-use answers only who calls the account, enterprise anybody"
    )
    x_reads_eur_month: float = _setting(50.0, "Euros a month that an account's reading on X may cost; then it pauses")
    x_replies_eur_month: float = _setting(
        20.0, "Euros a month that an account's replies on X may cost; then they go by hand"
    )
    x_post_read_usd: float = _setting(0.005, "Dollars X charges for a post it hands out")
    x_own_read_usd: float = _setting(
        0.001, "Dollars X charges for a post that names us or is ours, where the app belongs to the account"
    )
    x_user_read_usd: float = _setting(0.010, "Dollars X charges for a profile it hands out")
    x_reply_usd: float = _setting(0.010, "Dollars X charges for a reply to somebody who called us")
    x_reply_link_usd: float = _setting(0.200, "Dollars X charges for a reply that holds an address")
    eur_per_usd: float = _setting(1.0, "Euros of a dollar, for what networks charge; 1.0 counts rather too much")
    timezone: str = _setting("Europe/Rome", "Timezone of a new brand")
    language: str = _setting("it", "Language of a new colleague: it or en")

    @property
    def data_path(self) -> Path:
        """The data folder as an absolute path; not created here."""
        return Path(self.data_dir or ROOT / ".sportello").expanduser().resolve()

    @property
    def export_path(self) -> Path:
        """Where scheduled exports are put; not created here."""
        return Path(self.export_folder).expanduser() if self.export_folder else self.data_path / "exports-by-schedule"

    @property
    def effective_database_url(self) -> str:
        """The database to use."""
        return self.database_url or f"sqlite:///{self.data_path / 'sportello.db'}"

    @property
    def hears_streams(self) -> bool:
        """Whether live streams are listened to beside the polls."""
        return self.streams == "on"

    @property
    def publishing_live(self) -> bool:
        """Whether any account may publish at all."""
        return self.publish == "live"


def _convert(name: str, kind: type, raw: object) -> Any:
    try:
        if kind is int and isinstance(raw, bool):
            raise ValueError
        return kind(raw)
    except (TypeError, ValueError):
        raise Misconfigured(f"Setting {name} must be {kind.__name__}, not {raw!r}.", setting=name) from None


def _from_toml(environ: Mapping[str, str]) -> dict[str, object]:
    path = Path(environ.get("SPORTELLO_CONFIG") or ROOT / "sportello.toml")
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise Misconfigured(f"{path.name} cannot be read: {err}", file=path.name) from err


def load(environ: Mapping[str, str] | None = None, **given: object) -> Settings:
    """Read the settings of this process; ``given`` (None is ignored) wins over all else.

    Raises Misconfigured for an unknown name in the file and for a value of the wrong type or range.
    """
    environ = os.environ if environ is None else environ
    kinds = get_type_hints(Settings)
    names = [f.name for f in fields(Settings)]
    raw = _from_toml(environ)
    if unknown := sorted(set(raw) - set(names)):
        raise Misconfigured(f"Unknown setting in the configuration file: {', '.join(unknown)}.", settings=unknown)
    raw |= {n: environ[f"SPORTELLO_{n.upper()}"] for n in names if f"SPORTELLO_{n.upper()}" in environ}
    raw |= {n: v for n, v in given.items() if v is not None}
    settings = Settings(**{n: _convert(n, kinds[n], v) for n, v in raw.items()})
    for name in names:
        value = getattr(settings, name)
        if isinstance(value, int | float) and value < 0:
            raise Misconfigured(f"Setting {name} cannot be negative.", setting=name)
    return settings
