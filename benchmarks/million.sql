-- :posts posts spread over half a year, each of a customer of their own; one in twenty is a live case of brand :brand,
-- one in five hundred waits for the model. {at}, {no} and {yes} are what each database says for them; "numbers" is
-- replaced by a list of the numbers 1 to :posts with a moment each.
INSERT INTO customers (id, name, about, dont_ask_again, first_seen_at, last_seen_at)
numbers SELECT i, 'Customer ' || i, '', '', at, at FROM t
-- next
INSERT INTO authors (id, channel, origin, native_id, customer_id, handle, name, bio, location, updated_at)
numbers SELECT i, 'sample', 'file', 'a' || i, i, 'author' || i, 'Author ' || i, '', '', at FROM t
-- next
INSERT INTO conversations (id, channel, origin, native_id)
numbers SELECT i, 'sample', 'file', 'c' || i FROM t
-- next
INSERT INTO mentions (id, channel, origin, native_id, conversation_id, author_id, text, media, published_at, received_at,
                      is_own, is_repost, is_history, corrected, judged_by, sentiment, kind, urgency, urgency_level, unsure)
numbers SELECT i, 'sample', 'file', 'm' || i, i, i, 'The parcel number ' || i || ' is late and nobody answers', '[]', at, at,
               {no}, {no}, {no}, {no}, CASE WHEN i % 500 = 0 THEN NULL ELSE 'm' END, 'negative', 'complaint', 1, 1, {no}
FROM t
-- next
INSERT INTO mention_matches (mention_id, watch_id, matched_at)
numbers SELECT i, :watch, at FROM t
-- next
INSERT INTO cases (id, brand_id, customer_id, state, version, channel, last_mention_id, sentiment, kind, urgency,
                   urgency_level, unsure, judged, priority, reasons, arrived_version, contacts, hand_overs, opened_at,
                   waiting_since, last_mention_at)
numbers SELECT i / 20, :brand, i, 'new', 1, 'sample', i, 'negative', 'complaint', i % 4, i % 4, {no}, {yes},
               ((i * 2654435) % 1000003) / 1000.0 - 19000, '[]', 0, 1, 0, at, at, at FROM t WHERE i % 20 = 0
-- next
INSERT INTO case_mentions (case_id, mention_id, added_at)
numbers SELECT i / 20, i, at FROM t WHERE i % 20 = 0
