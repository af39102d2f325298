"""Does a page of an export cost the same wherever in the table it stands?"""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, text

from db import counting_triggers, export_rows
from db.export_rows import Wanted

POSTS, ROWS = 12_000, 500
MANY = f"""
INSERT INTO customers (id, name, about, dont_ask_again, first_seen_at, last_seen_at)
VALUES (1, 'C', '', '', now(), now());
INSERT INTO authors (id, channel, origin, native_id, customer_id, handle, name, bio, location, updated_at)
VALUES (1, 'fake', '', 'a', 1, 'a', 'A', '', '', now());
INSERT INTO conversations (id, channel, origin, native_id) VALUES (1, 'fake', '', 'c');
INSERT INTO mentions (id, channel, origin, native_id, conversation_id, author_id, text, media, published_at,
                      received_at, is_own, is_repost, is_history, corrected)
SELECT i, 'fake', '', 'm' || i, 1, 1, 'The parcel is late and nobody answers', '[]', '2026-03-01', now(),
       false, false, false, false FROM generate_series(1, {POSTS}) i;
INSERT INTO mention_matches (mention_id, watch_id, matched_at)
SELECT i, (SELECT max(id) FROM watches), now() FROM generate_series(1, {POSTS}) i;
ANALYZE
"""


@pytest.mark.databases("postgresql")
def test_a_page_reads_as_much_at_the_end_of_the_table_as_at_its_beginning(ctx, brand, watch) -> None:
    seen = []
    want = Wanted(brand.id, (watch.id,))
    with ctx.store.engine.connect() as tx, tx.begin() as unfinished:
        counting_triggers.take_down(tx)
        for statement in MANY.split(";"):
            tx.execute(text(statement))
        event.listen(tx, "before_cursor_execute", lambda c, cur, said, given, *rest: seen.append((said, given)))
        for after in (0, POSTS - ROWS):
            found = export_rows.page(tx, "mentions", want, after=after, upto=POSTS, rows=ROWS, hidden=True)
            assert found[0] == [*range(after + 1, after + ROWS + 1)]
        asked = [(f"EXPLAIN (ANALYZE, BUFFERS) {said}", given) for said, given in seen]
        plans = [tx.exec_driver_sql(said, given).scalars().all() for said, given in asked]
        unfinished.rollback()
    first, last = ([*map(int, re.findall(r"Buffers: shared hit=(\d+)", "\n".join(plan)))][0] for plan in plans)
    assert abs(first - last) < 30
    for plan in plans:  # Nothing is read that does not leave: neither rows of posts nor of matches.
        rows = re.findall(r"actual (?:time=\S+ )?rows=([\d.]+) loops=(\d+)", "\n".join(plan))
        assert max(float(each) * int(loops) for each, loops in rows) <= ROWS
