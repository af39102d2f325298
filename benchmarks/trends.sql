-- :posts posts over half a year on five channels, in three languages, with every pair of labels; one in four is about a
-- competitor, one in five has one of six contact reasons, one in twenty is of a case that asked, of which most were
-- answered and some closed. {at}, {no}, {yes} and {json} are what each database says for them; "numbers" is replaced by
-- the numbers 1 to :posts with a moment each.
INSERT INTO customers (id, name, about, dont_ask_again, first_seen_at, last_seen_at)
numbers SELECT i, 'Customer ' || i, '', '', at, at FROM t WHERE i % 20 = 0
-- next
INSERT INTO authors (id, channel, origin, native_id, customer_id, handle, name, bio, location, updated_at)
numbers SELECT i, 'x', 'net', 'a' || i, i, 'author' || i, 'Author ' || i, '', '', at FROM t WHERE i % 20 = 0
-- next
INSERT INTO conversations (id, channel, origin, native_id) VALUES (1, 'x', 'net', 'c')
-- next
INSERT INTO mentions (id, channel, origin, native_id, conversation_id, author_id, text, language, media, published_at,
                      received_at, is_own, is_repost, is_history, corrected, judged_by, sentiment, kind, urgency,
                      urgency_level, unsure, judgement_id)
numbers SELECT i, trim(substr('x        mastodon bluesky  reddit   feeds    ', cast(i % 5 AS integer) * 9 + 1, 9)), 'net', 'm' || i, 1,
               (i / 20 + 1) * 20 - CASE WHEN (i / 20 + 1) * 20 > :posts THEN 20 ELSE 0 END,
               'The parcel number ' || i || ' is late and nobody answers', substr('itende', cast(i / 7 % 3 AS integer) * 2 + 1, 2),
               '[]', at, at, {no}, {no}, {no}, {no}, CASE WHEN i % 500 = 0 THEN NULL ELSE 'm' END,
               trim(substr('negativeneutral positive', cast(i / 11 % 3 AS integer) * 8 + 1, 8)),
               trim(substr('complaintquestion praise   idea     other    spam     ', cast(i / 13 % 6 AS integer) * 9 + 1, 9)),
               1, 1, {no},
               CASE WHEN i % 5 = 2 THEN i END
FROM t
-- next
INSERT INTO judgements (id, mention_id, model, language, sentiment, sentiment_scores, kind, kind_scores, urgency,
                        urgency_level, reasons, unsure, created_at)
numbers SELECT i, i, 'm', 'it', 'negative', '{{}}', 'complaint', '{{}}', 1, 1,
               ('[{{"code": "' || trim(substr('money     outage    safety    legal     churn     time      ',
                cast(i / 5 % 6 AS integer) * 10 + 1, 10)) || '", "evidence": null}}]'){json}, {no}, at
FROM t WHERE i % 5 = 2
-- next
INSERT INTO mention_matches (mention_id, watch_id, matched_at)
numbers SELECT i, CASE WHEN i % 4 = 0 THEN :rival ELSE :watch END, at FROM t
-- next
INSERT INTO cases (id, brand_id, customer_id, state, owner_id, version, channel, last_mention_id, sentiment, kind,
                   urgency, urgency_level, unsure, judged, priority, reasons, arrived_version, contacts, hand_overs,
                   opened_at, waiting_since, last_mention_at, asked_at, language, answered_at, closed_at, resolution)
numbers SELECT i / 20, :brand, i, CASE WHEN i % 60 = 0 THEN 'resolved' ELSE 'open' END, :owner, 1, 'mastodon', i,
               'negative', 'complaint', 1, 1, {no}, {yes}, 0, '[]', 0, 1, 0, at, at, at,
               at, substr('itende', cast(i / 7 % 3 AS integer) * 2 + 1, 2), CASE WHEN i % 100 <> 0 THEN {later} END,
               CASE WHEN i % 60 = 0 THEN at END, CASE WHEN i % 120 = 0 THEN 'customer_confirmed' ELSE 'answered' END
FROM t WHERE i % 20 = 0
-- next
INSERT INTO case_mentions (case_id, mention_id, added_at)
numbers SELECT i / 20, i, at FROM t WHERE i % 20 = 0
