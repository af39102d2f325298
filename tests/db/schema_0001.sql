BEGIN TRANSACTION;
CREATE TABLE accounts (
	id INTEGER NOT NULL, 
	brand_id INTEGER NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	handle VARCHAR(200) NOT NULL, 
	base_url VARCHAR(500), 
	secret_ref VARCHAR(300), 
	publishing BOOLEAN NOT NULL, 
	active BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (id), 
	CONSTRAINT fk_accounts_brand_id_brands FOREIGN KEY(brand_id) REFERENCES brands (id) ON DELETE CASCADE, 
	CONSTRAINT uq_accounts_brand_id_channel_handle UNIQUE (brand_id, channel, handle)
);
INSERT INTO "accounts" VALUES(1,1,'fake','aurora',NULL,NULL,0,1,'2026-03-02 09:00:00.000000');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(80) NOT NULL, 
	user_id INTEGER, 
	action VARCHAR(60) NOT NULL, 
	entity VARCHAR(40) NOT NULL, 
	entity_id INTEGER, 
	outcome VARCHAR(20) NOT NULL, 
	reason VARCHAR(500), 
	details JSON NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (id), 
	CONSTRAINT ck_audit_outcome_known CHECK (outcome IN ('done', 'refused'))
);
INSERT INTO "audit" VALUES(1,'2026-03-02 09:00:00.000000','system',NULL,'brand.add','brand',1,'done',NULL,'{}');
INSERT INTO "audit" VALUES(2,'2026-03-02 09:00:00.000000','system',NULL,'watch.add','watch',2,'done',NULL,'{}');
INSERT INTO "audit" VALUES(3,'2026-03-02 09:00:00.000000','system',NULL,'account.add','account',1,'done',NULL,'{}');
CREATE TABLE authors (
	id INTEGER NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	origin VARCHAR(200) NOT NULL, 
	native_id VARCHAR(300) NOT NULL, 
	customer_id INTEGER NOT NULL, 
	handle VARCHAR(300) NOT NULL, 
	name VARCHAR(300) NOT NULL, 
	bio TEXT NOT NULL, 
	location VARCHAR(200) NOT NULL, 
	followers INTEGER, 
	avatar_url VARCHAR(1000), 
	profile_url VARCHAR(1000), 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_authors PRIMARY KEY (id), 
	CONSTRAINT fk_authors_customer_id_customers FOREIGN KEY(customer_id) REFERENCES customers (id), 
	CONSTRAINT uq_authors_channel_origin_native_id UNIQUE (channel, origin, native_id)
);
INSERT INTO "authors" VALUES(1,'fake','fake.invalid','id-mara',1,'mara','Mara','','',100,NULL,NULL,'2026-03-02 09:00:00.000000');
INSERT INTO "authors" VALUES(2,'fake','fake.invalid','id-luca',2,'luca','Luca','','',100,NULL,NULL,'2026-03-02 09:00:00.000000');
INSERT INTO "authors" VALUES(3,'fake','fake.invalid','id-bot',3,'bot','Bot','','',100,NULL,NULL,'2026-03-02 09:00:00.000000');
CREATE TABLE brands (
	id INTEGER NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	slug VARCHAR(60) NOT NULL, 
	timezone VARCHAR(60) NOT NULL, 
	is_sample BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_brands PRIMARY KEY (id), 
	CONSTRAINT uq_brands_name UNIQUE (name), 
	CONSTRAINT uq_brands_slug UNIQUE (slug)
);
INSERT INTO "brands" VALUES(1,'Aurora','aurora','Europe/Rome',0,'2026-03-02 09:00:00.000000');
CREATE TABLE case_events (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor_id INTEGER, 
	kind VARCHAR(40) NOT NULL, 
	details JSON NOT NULL, 
	CONSTRAINT pk_case_events PRIMARY KEY (id), 
	CONSTRAINT fk_case_events_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id) ON DELETE CASCADE
);
INSERT INTO "case_events" VALUES(1,1,'2026-03-02 09:00:00.000000',NULL,'opened','{}');
INSERT INTO "case_events" VALUES(2,2,'2026-03-02 09:00:00.000000',NULL,'opened','{}');
INSERT INTO "case_events" VALUES(3,3,'2026-03-02 09:00:00.000000',NULL,'opened','{}');
INSERT INTO "case_events" VALUES(4,3,'2026-03-02 09:00:00.000000',NULL,'dismissed','{"reason": "spam", "by": "system"}');
CREATE TABLE case_mentions (
	case_id INTEGER NOT NULL, 
	mention_id INTEGER NOT NULL, 
	added_at DATETIME NOT NULL, 
	CONSTRAINT fk_case_mentions_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id) ON DELETE CASCADE, 
	CONSTRAINT fk_case_mentions_mention_id_mentions FOREIGN KEY(mention_id) REFERENCES mentions (id) ON DELETE CASCADE, 
	CONSTRAINT uq_case_mentions_case_id_mention_id UNIQUE (case_id, mention_id)
);
INSERT INTO "case_mentions" VALUES(1,1,'2026-03-02 09:00:00.000000');
INSERT INTO "case_mentions" VALUES(2,2,'2026-03-02 09:00:00.000000');
INSERT INTO "case_mentions" VALUES(3,3,'2026-03-02 09:00:00.000000');
CREATE TABLE cases (
	id INTEGER NOT NULL, 
	brand_id INTEGER NOT NULL, 
	customer_id INTEGER NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	owner_id INTEGER, 
	owned_since DATETIME, 
	version INTEGER NOT NULL, 
	lock_user_id INTEGER, 
	lock_until DATETIME, 
	channel VARCHAR(40) NOT NULL, 
	last_mention_id INTEGER NOT NULL, 
	sentiment VARCHAR(12) NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	urgency FLOAT NOT NULL, 
	urgency_level INTEGER NOT NULL, 
	unsure BOOLEAN NOT NULL, 
	judged BOOLEAN NOT NULL, 
	priority FLOAT NOT NULL, 
	reasons JSON NOT NULL, 
	rerank_at DATETIME, 
	arrived_version BIGINT NOT NULL, 
	contacts INTEGER NOT NULL, 
	hand_overs INTEGER NOT NULL, 
	opened_at DATETIME NOT NULL, 
	waiting_since DATETIME NOT NULL, 
	last_mention_at DATETIME NOT NULL, 
	last_reply_at DATETIME, 
	snoozed_until DATETIME, 
	check_back_at DATETIME, 
	closed_at DATETIME, 
	resolution VARCHAR(30), 
	CONSTRAINT pk_cases PRIMARY KEY (id), 
	CONSTRAINT ck_cases_owned_unless_new CHECK ((state = 'new') = (owner_id IS NULL) OR state IN ('dismissed', 'resolved')), 
	CONSTRAINT ck_cases_state_known CHECK (state IN ('new', 'open', 'waiting', 'resolved', 'dismissed')), 
	CONSTRAINT ck_cases_urgency_level_range CHECK (urgency_level BETWEEN 0 AND 3), 
	CONSTRAINT fk_cases_brand_id_brands FOREIGN KEY(brand_id) REFERENCES brands (id) ON DELETE CASCADE, 
	CONSTRAINT fk_cases_customer_id_customers FOREIGN KEY(customer_id) REFERENCES customers (id), 
	CONSTRAINT fk_cases_last_mention_id_mentions FOREIGN KEY(last_mention_id) REFERENCES mentions (id), 
	CONSTRAINT fk_cases_lock_user_id_users FOREIGN KEY(lock_user_id) REFERENCES users (id), 
	CONSTRAINT fk_cases_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id)
);
INSERT INTO "cases" VALUES(1,1,1,'new',NULL,NULL,1,NULL,NULL,'fake',1,'negative','complaint',2.0,2,0,1,-1.91057142857142862341e+04,'[{"code": "money", "points": 200.0, "n": null}, {"code": "waiting", "points": 0.36, "n": 3600}, {"code": "not_answered", "points": 0.0, "n": null}]','2026-03-09 08:00:00.000000',2,1,0,'2026-03-02 09:00:00.000000','2026-03-02 08:00:00.000000','2026-03-02 08:00:00.000000',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "cases" VALUES(2,1,2,'new',NULL,NULL,1,NULL,NULL,'fake',2,'positive','praise',0.0,0,0,1,-1.93057142857142862331e+04,'[{"code": "waiting", "points": 0.36, "n": 3600}, {"code": "kind", "points": 0.0, "n": null}, {"code": "not_answered", "points": 0.0, "n": null}]','2026-03-09 08:00:00.000000',2,1,0,'2026-03-02 09:00:00.000000','2026-03-02 08:00:00.000000','2026-03-02 08:00:00.000000',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "cases" VALUES(3,1,3,'dismissed',NULL,NULL,2,NULL,NULL,'fake',3,'neutral','spam',0.0,0,0,1,-1.93057142857142862331e+04,'[{"code": "waiting", "points": 0.36, "n": 3600}, {"code": "kind", "points": 0.0, "n": null}, {"code": "not_answered", "points": 0.0, "n": null}]','2026-03-09 08:00:00.000000',2,1,0,'2026-03-02 09:00:00.000000','2026-03-02 08:00:00.000000','2026-03-02 08:00:00.000000',NULL,NULL,NULL,'2026-03-02 09:00:00.000000','spam');
CREATE TABLE changes (
	brand_id INTEGER NOT NULL, 
	version BIGINT NOT NULL, 
	CONSTRAINT pk_changes PRIMARY KEY (brand_id)
);
INSERT INTO "changes" VALUES(1,3);
CREATE TABLE conversations (
	id INTEGER NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	origin VARCHAR(200) NOT NULL, 
	native_id VARCHAR(300) NOT NULL, 
	CONSTRAINT pk_conversations PRIMARY KEY (id), 
	CONSTRAINT uq_conversations_channel_origin_native_id UNIQUE (channel, origin, native_id)
);
INSERT INTO "conversations" VALUES(1,'fake','fake.invalid','1');
INSERT INTO "conversations" VALUES(2,'fake','fake.invalid','2');
INSERT INTO "conversations" VALUES(3,'fake','fake.invalid','3');
CREATE TABLE corrections (
	id INTEGER NOT NULL, 
	mention_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	sentiment VARCHAR(12), 
	kind VARCHAR(12), 
	urgency_level INTEGER, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_corrections PRIMARY KEY (id), 
	CONSTRAINT ck_corrections_urgency_level_range CHECK (urgency_level IS NULL OR urgency_level BETWEEN 0 AND 3), 
	CONSTRAINT fk_corrections_mention_id_mentions FOREIGN KEY(mention_id) REFERENCES mentions (id) ON DELETE CASCADE, 
	CONSTRAINT fk_corrections_user_id_users FOREIGN KEY(user_id) REFERENCES users (id)
);
CREATE TABLE customers (
	id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	about TEXT NOT NULL, 
	dont_ask_again TEXT NOT NULL, 
	preferred_operator_id INTEGER, 
	first_seen_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	CONSTRAINT pk_customers PRIMARY KEY (id), 
	CONSTRAINT fk_customers_preferred_operator_id_users FOREIGN KEY(preferred_operator_id) REFERENCES users (id)
);
INSERT INTO "customers" VALUES(1,'Mara','','',NULL,'2026-03-02 08:00:00.000000','2026-03-02 08:00:00.000000');
INSERT INTO "customers" VALUES(2,'Luca','','',NULL,'2026-03-02 08:00:00.000000','2026-03-02 08:00:00.000000');
INSERT INTO "customers" VALUES(3,'Bot','','',NULL,'2026-03-02 08:00:00.000000','2026-03-02 08:00:00.000000');
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	reply_id INTEGER NOT NULL, 
	act VARCHAR(12) NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	outcome VARCHAR(30), 
	detail VARCHAR(500), 
	CONSTRAINT pk_deliveries PRIMARY KEY (id), 
	CONSTRAINT ck_deliveries_act_known CHECK (act IN ('publish', 'lookup')), 
	CONSTRAINT fk_deliveries_reply_id_replies FOREIGN KEY(reply_id) REFERENCES replies (id) ON DELETE CASCADE
);
CREATE TABLE heartbeats (
	process VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_heartbeats PRIMARY KEY (process)
);
CREATE TABLE import_rejects (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	line INTEGER NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	CONSTRAINT pk_import_rejects PRIMARY KEY (id), 
	CONSTRAINT fk_import_rejects_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE
);
CREATE TABLE imports (
	id INTEGER NOT NULL, 
	brand_id INTEGER NOT NULL, 
	file_name VARCHAR(300) NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	purpose VARCHAR(10) NOT NULL, 
	actor VARCHAR(80) NOT NULL, 
	read INTEGER NOT NULL, 
	stored INTEGER NOT NULL, 
	duplicates INTEGER NOT NULL, 
	rejected INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_imports PRIMARY KEY (id), 
	CONSTRAINT fk_imports_brand_id_brands FOREIGN KEY(brand_id) REFERENCES brands (id) ON DELETE CASCADE
);
CREATE TABLE judgements (
	id INTEGER NOT NULL, 
	mention_id INTEGER NOT NULL, 
	model VARCHAR(80) NOT NULL, 
	language VARCHAR(12) NOT NULL, 
	sentiment VARCHAR(12) NOT NULL, 
	sentiment_scores JSON NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	kind_scores JSON NOT NULL, 
	urgency FLOAT NOT NULL, 
	urgency_level INTEGER NOT NULL, 
	reasons JSON NOT NULL, 
	unsure BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_judgements PRIMARY KEY (id), 
	CONSTRAINT ck_judgements_kind_known CHECK (kind IN ('complaint', 'question', 'praise', 'idea', 'other', 'spam')), 
	CONSTRAINT ck_judgements_sentiment_known CHECK (sentiment IN ('negative', 'neutral', 'positive')), 
	CONSTRAINT ck_judgements_urgency_range CHECK (urgency BETWEEN 0 AND 3), 
	CONSTRAINT fk_judgements_mention_id_mentions FOREIGN KEY(mention_id) REFERENCES mentions (id) ON DELETE CASCADE
);
INSERT INTO "judgements" VALUES(1,1,'fake-rules','en','negative','{"negative": 1.0, "neutral": 0.0, "positive": 0.0}','complaint','{"complaint": 1.0, "question": 0.0, "praise": 0.0, "idea": 0.0, "other": 0.0, "spam": 0.0}',2.0,2,'[{"code": "money", "evidence": [0, 3]}]',0,'2026-03-02 09:00:00.000000');
INSERT INTO "judgements" VALUES(2,2,'fake-rules','en','positive','{"negative": 0.0, "neutral": 0.0, "positive": 1.0}','praise','{"complaint": 0.0, "question": 0.0, "praise": 1.0, "idea": 0.0, "other": 0.0, "spam": 0.0}',0.0,0,'[]',0,'2026-03-02 09:00:00.000000');
INSERT INTO "judgements" VALUES(3,3,'fake-rules','en','neutral','{"negative": 0.0, "neutral": 1.0, "positive": 0.0}','spam','{"complaint": 0.0, "question": 0.0, "praise": 0.0, "idea": 0.0, "other": 0.0, "spam": 1.0}',0.0,0,'[]',0,'2026-03-02 09:00:00.000000');
INSERT INTO "judgements" VALUES(4,3,'fake-1','en','neutral','{"negative": 0.0, "neutral": 1.0, "positive": 0.0}','spam','{"complaint": 0.0, "question": 0.0, "praise": 0.0, "idea": 0.0, "other": 0.0, "spam": 1.0}',0.0,0,'[]',0,'2026-03-02 09:00:00.000000');
INSERT INTO "judgements" VALUES(5,2,'fake-1','en','positive','{"negative": 0.0, "neutral": 0.0, "positive": 1.0}','praise','{"complaint": 0.0, "question": 0.0, "praise": 1.0, "idea": 0.0, "other": 0.0, "spam": 0.0}',0.0,0,'[]',0,'2026-03-02 09:00:00.000000');
INSERT INTO "judgements" VALUES(6,1,'fake-1','en','negative','{"negative": 1.0, "neutral": 0.0, "positive": 0.0}','complaint','{"complaint": 1.0, "question": 0.0, "praise": 0.0, "idea": 0.0, "other": 0.0, "spam": 0.0}',2.0,2,'[{"code": "money", "evidence": [0, 3]}]',0,'2026-03-02 09:00:00.000000');
CREATE TABLE leases (
	name VARCHAR(120) NOT NULL, 
	owner VARCHAR(80) NOT NULL, 
	token BIGINT NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_leases PRIMARY KEY (name)
);
CREATE TABLE mention_matches (
	mention_id INTEGER NOT NULL, 
	watch_id INTEGER NOT NULL, 
	matched_at DATETIME NOT NULL, 
	CONSTRAINT fk_mention_matches_mention_id_mentions FOREIGN KEY(mention_id) REFERENCES mentions (id) ON DELETE CASCADE, 
	CONSTRAINT fk_mention_matches_watch_id_watches FOREIGN KEY(watch_id) REFERENCES watches (id) ON DELETE CASCADE, 
	CONSTRAINT uq_mention_matches_mention_id_watch_id UNIQUE (mention_id, watch_id)
);
INSERT INTO "mention_matches" VALUES(1,2,'2026-03-02 09:00:00.000000');
INSERT INTO "mention_matches" VALUES(2,2,'2026-03-02 09:00:00.000000');
INSERT INTO "mention_matches" VALUES(3,2,'2026-03-02 09:00:00.000000');
CREATE TABLE mentions (
	id INTEGER NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	origin VARCHAR(200) NOT NULL, 
	native_id VARCHAR(300) NOT NULL, 
	conversation_id INTEGER NOT NULL, 
	parent_native_id VARCHAR(300), 
	author_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	language VARCHAR(12), 
	url VARCHAR(2000), 
	media JSON NOT NULL, 
	published_at DATETIME NOT NULL, 
	edited_at DATETIME, 
	received_at DATETIME NOT NULL, 
	deleted_at DATETIME, 
	is_own BOOLEAN NOT NULL, 
	is_repost BOOLEAN NOT NULL, 
	is_history BOOLEAN NOT NULL, 
	judgement_id INTEGER, 
	sentiment VARCHAR(12), 
	kind VARCHAR(12), 
	urgency FLOAT, 
	urgency_level INTEGER, 
	unsure BOOLEAN, 
	judged_by VARCHAR(80), 
	corrected BOOLEAN NOT NULL, 
	CONSTRAINT pk_mentions PRIMARY KEY (id), 
	CONSTRAINT ck_mentions_urgency_level_range CHECK (urgency_level IS NULL OR urgency_level BETWEEN 0 AND 3), 
	CONSTRAINT fk_mentions_author_id_authors FOREIGN KEY(author_id) REFERENCES authors (id), 
	CONSTRAINT fk_mentions_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT uq_mentions_channel_origin_native_id UNIQUE (channel, origin, native_id)
);
INSERT INTO "mentions" VALUES(1,'fake','fake.invalid','1',1,NULL,1,'BAD parcel','en',NULL,'[]','2026-03-02 08:00:00.000000',NULL,'2026-03-02 09:00:00.000000',NULL,0,0,0,6,'negative','complaint',2.0,2,0,'fake-1',0);
INSERT INTO "mentions" VALUES(2,'fake','fake.invalid','2',2,NULL,2,'THANKS','en',NULL,'[]','2026-03-02 08:00:00.000000',NULL,'2026-03-02 09:00:00.000000',NULL,0,0,0,5,'positive','praise',0.0,0,0,'fake-1',0);
INSERT INTO "mentions" VALUES(3,'fake','fake.invalid','3',3,NULL,3,'SPAM','en',NULL,'[]','2026-03-02 08:00:00.000000',NULL,'2026-03-02 09:00:00.000000',NULL,0,0,0,4,'neutral','spam',0.0,0,0,'fake-1',0);
CREATE TABLE meta (
	name VARCHAR(60) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY (name)
);
CREATE TABLE notes (
	id INTEGER NOT NULL, 
	case_id INTEGER, 
	customer_id INTEGER NOT NULL, 
	author_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_notes PRIMARY KEY (id), 
	CONSTRAINT fk_notes_author_id_users FOREIGN KEY(author_id) REFERENCES users (id), 
	CONSTRAINT fk_notes_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id) ON DELETE CASCADE, 
	CONSTRAINT fk_notes_customer_id_customers FOREIGN KEY(customer_id) REFERENCES customers (id)
);
CREATE TABLE notices (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	case_id INTEGER, 
	details JSON NOT NULL, 
	at DATETIME NOT NULL, 
	read_at DATETIME, 
	CONSTRAINT pk_notices PRIMARY KEY (id), 
	CONSTRAINT fk_notices_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE polls (
	id INTEGER NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	watch_id INTEGER NOT NULL, 
	cursor TEXT, 
	next_poll_at DATETIME NOT NULL, 
	lease_owner VARCHAR(80), 
	lease_until DATETIME, 
	last_success_at DATETIME, 
	complete_up_to DATETIME, 
	failing_since DATETIME, 
	last_error VARCHAR(500), 
	stopped BOOLEAN NOT NULL, 
	CONSTRAINT pk_polls PRIMARY KEY (id), 
	CONSTRAINT fk_polls_watch_id_watches FOREIGN KEY(watch_id) REFERENCES watches (id) ON DELETE CASCADE, 
	CONSTRAINT uq_polls_channel_watch_id UNIQUE (channel, watch_id)
);
INSERT INTO "polls" VALUES(1,'fake',2,NULL,'2026-03-02 09:00:00.000000',NULL,NULL,NULL,NULL,NULL,NULL,0);
CREATE TABLE presence (
	user_id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	seen_at DATETIME NOT NULL, 
	CONSTRAINT fk_presence_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT uq_presence_user_id UNIQUE (user_id)
);
CREATE TABLE promises (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	customer_id INTEGER NOT NULL, 
	reply_id INTEGER, 
	owner_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	due_at DATETIME NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	created_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	CONSTRAINT pk_promises PRIMARY KEY (id), 
	CONSTRAINT ck_promises_closed_has_time CHECK ((status = 'open') = (closed_at IS NULL)), 
	CONSTRAINT ck_promises_status_known CHECK (status IN ('open', 'kept', 'broken')), 
	CONSTRAINT fk_promises_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id) ON DELETE CASCADE, 
	CONSTRAINT fk_promises_customer_id_customers FOREIGN KEY(customer_id) REFERENCES customers (id), 
	CONSTRAINT fk_promises_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id), 
	CONSTRAINT fk_promises_reply_id_replies FOREIGN KEY(reply_id) REFERENCES replies (id)
);
CREATE TABLE quarantine (
	id INTEGER NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	raw TEXT NOT NULL, 
	reason VARCHAR(500) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_quarantine PRIMARY KEY (id)
);
CREATE TABLE replies (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	mention_id INTEGER NOT NULL, 
	account_id INTEGER, 
	channel VARCHAR(40) NOT NULL, 
	author_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	version INTEGER NOT NULL, 
	idempotency_key VARCHAR(80) NOT NULL, 
	promise_text TEXT, 
	promise_due_at DATETIME, 
	return_note TEXT, 
	return_reason VARCHAR(40), 
	approver_id INTEGER, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	queued_at DATETIME, 
	send_after DATETIME, 
	attempts INTEGER NOT NULL, 
	lease_owner VARCHAR(80), 
	lease_until DATETIME, 
	first_attempt_at DATETIME, 
	absent_probes INTEGER NOT NULL, 
	next_probe_at DATETIME, 
	denied_once BOOLEAN NOT NULL, 
	remote_id VARCHAR(300), 
	url VARCHAR(2000), 
	sent_at DATETIME, 
	confirmed_at DATETIME, 
	error VARCHAR(500), 
	CONSTRAINT pk_replies PRIMARY KEY (id), 
	CONSTRAINT ck_replies_queued_has_time CHECK (status <> 'queued' OR send_after IS NOT NULL), 
	CONSTRAINT ck_replies_sent_has_time CHECK (status <> 'sent' OR sent_at IS NOT NULL), 
	CONSTRAINT ck_replies_status_known CHECK (status IN ('draft', 'awaiting_approval', 'queued', 'sending', 'uncertain', 'needs_human', 'by_hand', 'failed', 'sent', 'deleted')), 
	CONSTRAINT ck_replies_four_eyes CHECK (approver_id IS NULL OR approver_id <> author_id), 
	CONSTRAINT fk_replies_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id), 
	CONSTRAINT fk_replies_approver_id_users FOREIGN KEY(approver_id) REFERENCES users (id), 
	CONSTRAINT fk_replies_author_id_users FOREIGN KEY(author_id) REFERENCES users (id), 
	CONSTRAINT fk_replies_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id) ON DELETE CASCADE, 
	CONSTRAINT fk_replies_mention_id_mentions FOREIGN KEY(mention_id) REFERENCES mentions (id), 
	CONSTRAINT uq_replies_idempotency_key UNIQUE (idempotency_key)
);
CREATE TABLE sessions (
	token_hash VARCHAR(64) NOT NULL, 
	user_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	CONSTRAINT pk_sessions PRIMARY KEY (token_hash), 
	CONSTRAINT fk_sessions_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE sign_in_attempts (
	id INTEGER NOT NULL, 
	login VARCHAR(80) NOT NULL, 
	address VARCHAR(60) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_sign_in_attempts PRIMARY KEY (id)
);
CREATE TABLE trainings (
	user_id INTEGER NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	mentor BOOLEAN NOT NULL, 
	CONSTRAINT fk_trainings_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT uq_trainings_user_id_channel UNIQUE (user_id, channel)
);
CREATE TABLE user_roles (
	user_id INTEGER NOT NULL, 
	role VARCHAR(12) NOT NULL, 
	CONSTRAINT ck_user_roles_role_known CHECK (role IN ('operator', 'manager', 'marketing', 'admin')), 
	CONSTRAINT fk_user_roles_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT uq_user_roles_user_id_role UNIQUE (user_id, role)
);
CREATE TABLE users (
	id INTEGER NOT NULL, 
	login VARCHAR(80) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	password_hash VARCHAR(300) NOT NULL, 
	must_change_password BOOLEAN NOT NULL, 
	language VARCHAR(5) NOT NULL, 
	active BOOLEAN NOT NULL, 
	away BOOLEAN NOT NULL, 
	shortcuts BOOLEAN NOT NULL, 
	substitute_id INTEGER, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT ck_users_login_lower_case CHECK (login = lower(login)), 
	CONSTRAINT ck_users_substitute_is_another CHECK (substitute_id IS NULL OR substitute_id <> id), 
	CONSTRAINT fk_users_substitute_id_users FOREIGN KEY(substitute_id) REFERENCES users (id), 
	CONSTRAINT uq_users_login UNIQUE (login)
);
CREATE TABLE watches (
	id INTEGER NOT NULL, 
	brand_id INTEGER NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	terms JSON NOT NULL, 
	exclusions JSON NOT NULL, 
	languages JSON NOT NULL, 
	channels JSON NOT NULL, 
	is_competitor BOOLEAN NOT NULL, 
	active BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_watches PRIMARY KEY (id), 
	CONSTRAINT fk_watches_brand_id_brands FOREIGN KEY(brand_id) REFERENCES brands (id) ON DELETE CASCADE, 
	CONSTRAINT uq_watches_brand_id_name UNIQUE (brand_id, name)
);
INSERT INTO "watches" VALUES(1,1,'Aurora','["Aurora"]','[]','[]','[]',0,1,'2026-03-02 09:00:00.000000');
INSERT INTO "watches" VALUES(2,1,'all','[]','[]','[]','["fake"]',0,1,'2026-03-02 09:00:00.000000');
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_entity ON audit (entity, entity_id);
CREATE INDEX ix_accounts_brand_id ON accounts (brand_id);
CREATE INDEX ix_watches_brand_id ON watches (brand_id);
CREATE INDEX ix_polls_watch_id ON polls (watch_id);
CREATE INDEX ix_sign_in_attempts_address ON sign_in_attempts (address, at);
CREATE INDEX ix_sign_in_attempts_login ON sign_in_attempts (login, at);
CREATE INDEX ix_notices_user ON notices (user_id, read_at);
CREATE INDEX ix_sessions_user_id ON sessions (user_id);
CREATE INDEX ix_customers_last_seen_at ON customers (last_seen_at);
CREATE INDEX ix_imports_brand_id ON imports (brand_id);
CREATE INDEX ix_authors_customer_id ON authors (customer_id);
CREATE INDEX ix_import_rejects_import_id ON import_rejects (import_id);
CREATE INDEX ix_mentions_author_id ON mentions (author_id);
CREATE INDEX ix_mentions_author_time ON mentions (author_id, published_at);
CREATE INDEX ix_mentions_conversation_id ON mentions (conversation_id);
CREATE INDEX ix_mentions_time ON mentions (published_at);
CREATE INDEX ix_mentions_unjudged ON mentions (is_history, id) WHERE judged_by IS NULL;
CREATE INDEX ix_mentions_our_answers ON mentions (parent_native_id) WHERE is_own = 1;
CREATE INDEX ix_corrections_mention_id ON corrections (mention_id);
CREATE INDEX ix_judgements_mention ON judgements (mention_id, id);
CREATE INDEX ix_mention_matches_watch_id ON mention_matches (watch_id);
CREATE INDEX ix_cases_arrived ON cases (brand_id, arrived_version) WHERE state IN ('new', 'open');
CREATE INDEX ix_cases_check_back ON cases (check_back_at) WHERE state = 'waiting';
CREATE INDEX ix_cases_customer ON cases (customer_id, id);
CREATE INDEX ix_cases_free ON cases (brand_id, priority DESC, id) WHERE state = 'new';
CREATE INDEX ix_cases_newest ON cases (brand_id, last_mention_at DESC, id) WHERE state IN ('new', 'open');
CREATE INDEX ix_cases_owner ON cases (owner_id, state);
CREATE INDEX ix_cases_queue ON cases (brand_id, priority DESC, id) WHERE state IN ('new', 'open');
CREATE INDEX ix_cases_rerank ON cases (rerank_at) WHERE state IN ('new', 'open');
CREATE INDEX ix_cases_snoozed ON cases (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX ix_cases_waiting ON cases (brand_id, waiting_since, id) WHERE state IN ('new', 'open');
CREATE UNIQUE INDEX uq_cases_live_per_customer ON cases (brand_id, customer_id) WHERE state IN ('new', 'open', 'waiting');
CREATE INDEX ix_case_events_case ON case_events (case_id, id);
CREATE INDEX ix_case_mentions_mention_id ON case_mentions (mention_id);
CREATE INDEX ix_notes_case_id ON notes (case_id);
CREATE INDEX ix_notes_customer_id ON notes (customer_id);
CREATE INDEX ix_replies_case ON replies (case_id, id);
CREATE INDEX ix_replies_pending ON replies (status, send_after);
CREATE UNIQUE INDEX uq_replies_draft ON replies (case_id, author_id) WHERE status = 'draft';
CREATE UNIQUE INDEX uq_replies_remote ON replies (channel, remote_id);
CREATE UNIQUE INDEX uq_replies_under_way ON replies (case_id) WHERE status IN ('awaiting_approval','queued','sending','uncertain','needs_human','by_hand');
CREATE INDEX ix_deliveries_reply_id ON deliveries (reply_id);
CREATE INDEX ix_promises_case_id ON promises (case_id);
CREATE INDEX ix_promises_customer_id ON promises (customer_id);
CREATE INDEX ix_promises_due ON promises (status, due_at);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER case_events_no_update BEFORE UPDATE ON case_events BEGIN SELECT RAISE(ABORT, 'case_events is append-only'); END;
CREATE TRIGGER judgements_no_update BEFORE UPDATE ON judgements BEGIN SELECT RAISE(ABORT, 'judgements is append-only'); END;
CREATE TRIGGER corrections_no_update BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
COMMIT;
