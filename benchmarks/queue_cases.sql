-- A queue of :cases cases for brand :brand, with spread ranks and times. Every tenth case belongs to
-- one of 200 colleagues, every thousandth carries a promise. All share :posts posts: a page joins fifty of them,
-- wherever they come from. Rows that only stand for load have no customers behind them.
INSERT INTO users (id, login, name, password_hash, must_change_password, language, active, away, shortcuts, created_at)
VALUES (1, 'paolo', 'Paolo', '-', 0, 'it', 1, 0, 1, '2026-01-01 00:00:00.000000');
-- next
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :posts)
INSERT INTO authors (id, channel, origin, native_id, customer_id, handle, name, bio, location, updated_at)
SELECT i, 'import', 'file', i, i, 'author' || i, 'Author ' || i, '', '', '2026-01-01 00:00:00.000000' FROM n;
-- next
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :posts)
INSERT INTO mentions (id, channel, origin, native_id, conversation_id, author_id, text, media, published_at,
                      received_at, is_own, is_repost, is_history, corrected, judged_by)
SELECT i, 'import', 'file', i, i, i, 'The parcel number ' || i || ' is late', '[]', '2026-01-01 00:00:00.000000',
       '2026-01-01 00:00:00.000000', 0, 0, 0, 0, 'm' FROM n;
-- next
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :cases),
t(i, at) AS (SELECT i, strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || (i * 7919 % 500000) || ' seconds') || '.000000' FROM n)
INSERT INTO cases (brand_id, customer_id, state, owner_id, version, channel, last_mention_id, sentiment, kind, urgency,
                   urgency_level, unsure, judged, priority, reasons, arrived_version, contacts, hand_overs, opened_at,
                   waiting_since, last_mention_at)
SELECT :brand, i, CASE WHEN i % 10 THEN 'new' ELSE 'open' END, CASE WHEN i % 10 THEN NULL ELSE 1 + i / 10 % 200 END, 1, 'import',
       1 + i % :posts, 'negative', CASE i % 5 WHEN 0 THEN 'question' ELSE 'complaint' END, i % 4, i % 4, 0, 1,
       ((i * 2654435761) % 1000003) / 1000.0 - 19000, '[{"code": "money", "points": 200.0, "n": null}]', 0, 1, 0,
       at, at, at FROM t;
-- next
INSERT INTO promises (case_id, customer_id, owner_id, text, due_at, status, created_at)
SELECT id, customer_id, 1, 'call back', last_mention_at, 'open', opened_at FROM cases WHERE id % 1000 = 0;
-- next
ANALYZE;
