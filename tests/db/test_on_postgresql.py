"""Does PostgreSQL keep the promises of the store, and say in our words, without a name, when it cannot?"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import create_engine, insert, inspect, make_url, select, text
from sqlalchemy.exc import IntegrityError

from db import meta, schema
from db.engine import Store
from db.tables import audit, customers, metadata, users
from domain.errors import Invalid, Misconfigured, NotFound, Unavailable

pytestmark = pytest.mark.databases("postgresql")


def described(url):
    """Every table with its columns, constraints and indexes, in a fixed order."""
    engine = create_engine(url)
    found = {}
    look = inspect(engine)
    for name in look.get_table_names():
        columns = {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in look.get_columns(name)}
        checks = sorted((c["name"], c["sqltext"]) for c in look.get_check_constraints(name))
        keys = sorted(str(sorted(k.items())) for k in look.get_foreign_keys(name))
        unique = sorted(str(sorted(u.items())) for u in look.get_unique_constraints(name))
        indexes = sorted(str(sorted(i.items())) for i in look.get_indexes(name))
        found[name] = (columns, checks, keys, unique, indexes, look.get_pk_constraint(name)["name"])
    engine.dispose()
    found.pop("alembic_version", None)
    return found


def test_the_migrations_make_exactly_the_tables_of_the_code(postgres_server, database):
    coded = postgres_server.url_of(postgres_server.empty())
    engine = create_engine(coded)
    metadata.create_all(engine)
    engine.dispose()
    there, here = described(database), described(coded)
    assert there.keys() == here.keys()
    for name in here:
        assert there[name] == here[name], name


def test_four_processes_migrating_at_once_make_one_schema(postgres_server):
    url = postgres_server.url_of(postgres_server.empty())
    words = f"from db.schema import migrate; print(migrate({url!r}))"
    running = [
        subprocess.Popen([sys.executable, "-c", words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = [process.communicate(timeout=60) for process in running]
    assert [out.strip() for out, _ in answers] == [schema.head()] * 4, answers


def test_a_second_writer_waits_for_the_first_whichever_process_it_is_in(store, settings):
    other, order = Store(settings.database_url), []

    def second():
        with other.write() as tx:
            order.append(meta.read(tx, "word"))

    thread = threading.Thread(target=second)
    with store.write() as tx:
        thread.start()
        time.sleep(0.2)
        meta.keep(tx, "word", "first")
        order.append("first is done")
    thread.join(20)
    other.close()
    assert order == ["first is done", "first"]


def test_writers_beside_each_other_do_not_wait_but_an_ordinary_one_does(store, settings, monkeypatch):
    monkeypatch.setattr("db.engine.BUSY_TIMEOUT_MS", 100)
    other = Store(settings.database_url)
    with store.write(beside=True) as tx:
        meta.keep(tx, "a", "1")
        with other.write(beside=True) as beside:
            meta.keep(beside, "b", "2")
        with pytest.raises(Unavailable, match="takes too long"), other.write():
            raise AssertionError("an ordinary writer came in between")
    with other.write() as tx:
        assert (meta.read(tx, "a"), meta.read(tx, "b")) == ("1", "2")
    other.close()


def test_a_reader_cannot_write(store):
    from sqlalchemy.exc import InternalError

    with pytest.raises(InternalError, match="read-only"), store.read() as tx:
        meta.keep(tx, "word", "x")


def test_a_durable_write_waits_for_the_disk_though_the_server_would_not(store):
    def level(**how):
        with store.write(**how) as tx:
            return tx.execute(text("SHOW synchronous_commit")).scalar()

    assert (level(), level(durable=True), level()) == ("off", "on", "off")


def test_a_connection_the_server_ends_is_said_and_the_next_one_works(store):
    end = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(Unavailable, match="does not answer"), store.write() as tx:
        tx.execute(end)
    with store.write() as tx:
        meta.keep(tx, "word", "goes on")
    with store.read() as tx:
        assert meta.read(tx, "word") == "goes on"


def test_an_idle_connection_the_server_has_ended_is_not_noticed_at_all(store, postgres_server):
    with store.read() as tx:
        meta.read(tx, "word")
    name = make_url(store.engine.url).database
    postgres_server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    with store.read() as tx:
        assert meta.read(tx, "word") is None


@pytest.mark.parametrize(
    "change",
    [
        {"host": "127.0.0.1", "port": 55519, "query": {}},
        {"database": "no_such_place"},
        {"username": "no_such_person"},
    ],
)
def test_a_server_that_cannot_be_reached_is_said_without_a_name_or_password(settings, caplog, change):
    url = make_url(settings.database_url).set(username="mario_rossi", password="sesamo1") if "host" in change else None
    url = (url or make_url(settings.database_url)).set(**change)
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as caught:
        with Store(url.render_as_string(hide_password=False)).read() as tx:
            meta.read(tx, "word")
    import traceback

    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "does not answer" in shown
    for secret in ("mario_rossi", "sesamo1", "no_such_person"):
        assert secret not in shown


@pytest.mark.parametrize("url", ["", "not a url", "mysql://a:geheim@b/c", "postgresql://mario:geheim@host:port/db"])
def test_a_wrong_url_is_said_without_quoting_it(url):
    with pytest.raises(Misconfigured) as caught:
        Store(url)
    assert "geheim" not in str(caught.value) and "mario" not in str(caught.value)


def test_a_url_without_a_driver_means_ours(settings):
    plain = settings.database_url.replace("postgresql+psycopg", "postgresql")
    store = Store(plain)
    with store.read() as tx:
        assert meta.read(tx, "word") is None
    store.close()


def test_a_number_too_large_for_a_row_is_a_row_that_is_not_there(store):
    with pytest.raises(NotFound), store.read() as tx:
        tx.execute(select(users.c.id).where(users.c.id == 2**40)).all()
        tx.execute(insert(users).values(id=2**40))


def test_the_character_nul_is_refused_in_one_word(store):
    with pytest.raises(Invalid, match="NUL"), store.write() as tx:
        meta.keep(tx, "word", "a\x00b")


def test_an_error_never_quotes_the_row(store, clock):
    row = {"name": "Mara Bianchi", "about": "", "dont_ask_again": "", "first_seen_at": clock()}
    with pytest.raises(IntegrityError) as caught, store.write() as tx:
        tx.execute(insert(customers).values(**row))
    import traceback

    assert "Mara" not in "".join(traceback.format_exception(caught.value))


def test_history_cannot_be_rewritten(store, clock):
    with store.write() as tx:
        line = {"at": clock(), "actor": "system", "action": "a", "entity": "b", "outcome": "done", "details": {}}
        tx.execute(insert(audit).values(**line))
    for act in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(IntegrityError, match="append-only"), store.write() as tx:
            tx.execute(text(act))
