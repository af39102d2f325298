"""What is particular to PostgreSQL: how a connection is made, how writers share it, what an error means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from domain.errors import DeskError, Invalid, Misconfigured, NotFound, Unavailable

#: The advisory lock of all writers of one database (the bytes of "desk").
WRITERS = 0x6465736B
#: A transaction that does nothing for so long belongs to a process that hangs: the server ends it.
IDLE_MS = 300_000
CONNECT_S = 10

#: An administrator may have chosen not to wait for the disk, or to wait for more than this one.
_ON_DISK = "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_OUT_OF_RANGE = "22003"
_WORDS = {
    "08": "the connection was lost",
    "28": "it refuses the name or password of the setting database_url",
    "3D": "it has no database of that name",
    "40": "another writer was in the way",
    "53": "it is out of connections, memory or disk",
    "55": "another writer takes too long",
    "57": "it stopped the work, or is starting or stopping",
    "58": "its disk or its system failed",
}


def make_engine(url: URL, *, wait_ms: int) -> Engine:
    """An engine whose connections wait ``wait_ms`` for a lock, speak UTC and are tested before use."""
    given = url.query.get("options", "")
    ours = f"-c lock_timeout={wait_ms} -c idle_in_transaction_session_timeout={IDLE_MS} -c timezone=UTC"
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=25,
            pool_timeout=wait_ms / 1000,
            connect_args={"options": f"{given} {ours}", "connect_timeout": CONNECT_S, "application_name": "sportello"},
        )
    except ImportError:  # the package, or the C library below it
        raise Misconfigured(
            "PostgreSQL needs its driver psycopg, which is missing here. Remove .venv: `./sportello` makes it anew.",
            what="driver",
        ) from None
    event.listen(engine, "handle_error", _without_values)
    return engine


@contextmanager
def writing(connection: Connection, *, durable: bool, beside: bool, patient: bool) -> Iterator[None]:
    """A write transaction that sees everything committed before it began to write.

    An ordinary one is alone: services read, decide and write, and no other writer comes in between.
    ``beside``: together with others of its kind, never with an ordinary one. ``patient``: waits as long
    as it takes. ``durable`` holds even where the server's own setting does not wait for the disk.
    """
    with connection.begin():
        if patient:
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        shared = "_shared" if beside else ""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{shared}({WRITERS})")
        if durable:
            connection.exec_driver_sql(_ON_DISK)
        yield


@contextmanager
def reading(connection: Connection) -> Iterator[Connection]:
    """One snapshot; never waits for a writer."""
    reader = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with reader.begin():
        yield reader


def meaning(error: Exception) -> DeskError | None:
    """What an error of the driver says to the caller; None when it is a mistake of ours."""
    if isinstance(error, TimeoutError):
        return Unavailable("The store does not answer: all its connections are busy.", retry_after_s=10.0)
    if not isinstance(error, DBAPIError):
        return None
    state: str = getattr(error.orig, "sqlstate", None) or ""
    if state == _OUT_OF_RANGE:
        return NotFound("There is nothing with a number that large.")
    if "NUL" in str(error.orig) and not state:
        return Invalid("The text holds the character NUL, which cannot be stored.", reason="nul")
    lost = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    if not lost and state[:2] not in _WORDS:
        return None
    words = _WORDS.get(state[:2]) or ("the connection was lost" if error.connection_invalidated else _refusal(error))
    return Unavailable(f"The store does not answer: {words}.", retry_after_s=1.0 if state[:2] == "40" else 10.0)


def _refusal(error: DBAPIError) -> str:
    """Why no connection came about. The driver's own words name who signs in, so they are not passed on."""
    said = str(error.orig)
    if "authentication failed" in said or "no password supplied" in said or 'role "' in said:
        return _WORDS["28"]
    if 'database "' in said:
        return _WORDS["3D"]
    if "too many clients" in said or "connection slots" in said:
        return _WORDS["53"]
    if "starting up" in said or "shutting down" in said:
        return _WORDS["57"]
    return "no connection to the server of the setting database_url"


def _without_values(context: ExceptionContext) -> None:
    """Cut an error down to its first sentence: the server's details quote the row, which may be a customer's words."""
    original, wrapped = context.original_exception, context.sqlalchemy_exception
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    if primary and wrapped is not None:
        original.args = (primary,)
        wrapped.args = (f"({type(original).__module__}.{type(original).__name__}) {primary}",)
