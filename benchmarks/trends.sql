-- :posts posts over two years, oldest first, most of a day's in its busy hours; on five channels in three languages, with
-- every pair of labels. One in four is about a competitor, one in ten about a second brand; one in five has one of six
-- contact reasons, of which a few have two, and only these have rows of judgements. A person writes twenty of them; one of each twenty opened a case that asked, four in
-- five of which were answered, and half of whose customers wrote again five days later. {at}, {at_of}, {later}, {no},
-- {yes} and {json} are what each database says for them; "numbers" is replaced by the numbers 1 to :posts, each with
-- a moment and a number h below a million that looks like chance.
INSERT INTO customers (id, name, about, dont_ask_again, first_seen_at, last_seen_at)
numbers SELECT i / 20, 'Customer ' || (i / 20), '', '', at, at FROM t WHERE i % 20 = 0
-- next
INSERT INTO authors (id, channel, origin, native_id, customer_id, handle, name, bio, location, updated_at)
numbers SELECT i / 20, 'mastodon', 'net', 'a' || (i / 20), i / 20, 'author' || (i / 20), 'Author ' || (i / 20), '', '', at
FROM t WHERE i % 20 = 0
-- next
INSERT INTO conversations (id, channel, origin, native_id)
numbers SELECT i / 5, 'mastodon', 'net', 'c' || (i / 5) FROM t WHERE i % 5 = 0
-- next
INSERT INTO mentions (id, channel, origin, native_id, conversation_id, author_id, text, language, media, published_at,
                      received_at, recheck_at, is_own, is_repost, is_history, corrected, judged_by, sentiment, kind,
                      urgency, urgency_level, unsure, judgement_id)
numbers SELECT i, trim(substr('x        mastodon bluesky  reddit   feeds    ', cast(h % 5 AS integer) * 9 + 1, 9)), 'net', 'm' || i,
               (i - 1) / 5 + 1,
               CASE WHEN i % 20 = 0 THEN i / 20 WHEN i % 20 = 1 AND i / 20 > :posts / 2920 THEN i / 20 - :posts / 2920
                    ELSE i * 7919 % (:posts / 20) + 1 END,
               'The parcel number ' || i || ' is late, nobody answers the telephone and I have been waiting for days',
               substr('itende', cast(h / 5 % 3 AS integer) * 2 + 1, 2), '[]', at, at, at, {no}, h % 50 = 7, {no}, {no},
               CASE WHEN i % 500 = 3 THEN NULL ELSE 'm' END,
               trim(substr('negativeneutral positive', cast(h / 90 % 3 AS integer) * 8 + 1, 8)),
               CASE WHEN i % 20 = 0 THEN 'complaint' ELSE
               trim(substr('complaintquestion praise   idea     other    spam     ', cast(h / 15 % 6 AS integer) * 9 + 1, 9)) END,
               1, 1, {no}, CASE WHEN h / 270 % 5 = 2 THEN i END
FROM t
-- next
INSERT INTO judgements (id, mention_id, model, language, sentiment, sentiment_scores, kind, kind_scores, urgency,
                        urgency_level, reasons, unsure, created_at)
numbers SELECT i, i, 'm', 'it', 'negative', '{{"negative": 0.8, "neutral": 0.1, "positive": 0.1}}'{json}, 'complaint',
               '{{"complaint": 0.7, "question": 0.2, "other": 0.1}}'{json}, 1, 1,
               ('[{{"code": "' || trim(substr('money     outage    safety    legal     churn     time      ',
                cast(h / 1350 % 6 AS integer) * 10 + 1, 10)) || '", "evidence": null}}' ||
                CASE WHEN h / 8100 % 9 = 1 THEN ', {{"code": "privacy", "evidence": null}}' ELSE '' END || ']'){json},
               {no}, at
FROM t WHERE h / 270 % 5 = 2
-- next
INSERT INTO mention_matches (mention_id, watch_id, matched_at)
numbers SELECT i, CASE WHEN i % 4 = 3 THEN :rival WHEN i % 10 = 2 THEN :second ELSE :watch END, at FROM t
-- next
INSERT INTO cases (id, brand_id, customer_id, state, owner_id, version, channel, last_mention_id, sentiment, kind,
                   urgency, urgency_level, unsure, judged, priority, reasons, arrived_version, contacts, hand_overs,
                   opened_at, waiting_since, last_mention_at, closed_at, resolution)
numbers SELECT i / 20, :brand, i / 20, CASE WHEN i < :posts / 50 * 49 THEN 'resolved' ELSE 'open' END, :owner, 1,
               trim(substr('x        mastodon bluesky  reddit   feeds    ', cast(h % 5 AS integer) * 9 + 1, 9)), i,
               'negative', 'complaint', 1, 1, {no}, {yes}, 0, '[]', 0, 1, 0, at, at, at,
               CASE WHEN i < :posts / 50 * 49 THEN {later} END,
               CASE WHEN i < :posts / 50 * 49 THEN CASE WHEN h % 3 = 0 THEN 'customer_confirmed' ELSE 'answered' END END
FROM t WHERE i % 20 = 0
-- next
INSERT INTO case_mentions (case_id, mention_id, added_at)
numbers SELECT i / 20, i, at FROM t WHERE i % 20 = 0
-- next
INSERT INTO case_mentions (case_id, mention_id, added_at)
numbers SELECT i / 20 - :posts / 2920, i, at FROM t WHERE i % 40 = 1 AND i / 20 > :posts / 2920
-- next
INSERT INTO replies (id, case_id, mention_id, channel, author_id, text, status, idempotency_key, created_at, updated_at,
                     sent_at, remote_id, version, prepared, attempts, absent_probes, denied_once)
numbers SELECT i / 20, i / 20, i, 'mastodon', :owner, 'We are sorry and look into it', 'sent', 'k' || i, at, at, {later},
               'r' || i, 1, '', 1, 0, {no}
FROM t WHERE i % 20 = 0 AND i % 100 <> 0
-- next
INSERT INTO case_events (case_id, at, kind, details)
numbers SELECT i / 20, at, 'customer_wrote', '{{}}'{json} FROM t WHERE i % 20 = 0
