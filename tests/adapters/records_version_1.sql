-- A store of record as version 1 left it: one SQLite file for one store, before there were migrations.
BEGIN TRANSACTION;
CREATE TABLE dead_letters (
	position INTEGER NOT NULL,
	received_us BIGINT NOT NULL,
	topic TEXT NOT NULL,
	payload BLOB NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (position)
);
INSERT INTO "dead_letters" VALUES(1,4,'t',X'FF7B','malformed JSON');
CREATE TABLE events (
	position INTEGER NOT NULL,
	event TEXT NOT NULL,
	type TEXT NOT NULL,
	visit TEXT NOT NULL,
	time_us BIGINT NOT NULL,
	payload TEXT NOT NULL,
	PRIMARY KEY (position),
	UNIQUE (event)
);
INSERT INTO "events" VALUES(1,'entry/1','entry_requested','',1,'{"type":"entry_requested","gate":"door","scan":"door/0/1","credential":"c","event":"entry/1","time_us":1,"causes":[],"version":1}');
INSERT INTO "events" VALUES(2,'cart/v1/1','cart_changed','v1',1,'{"type":"cart_changed","cart":{"store":"tiny","visit":"v1","time_us":1,"lines":[],"total":1,"currency":"USD","version":1},"event":"cart/v1/1","time_us":1,"causes":[],"version":1}');
INSERT INTO "events" VALUES(3,'cart/v2/2','cart_changed','v2',2,'{"type":"cart_changed","cart":{"store":"tiny","visit":"v2","time_us":2,"lines":[],"total":2,"currency":"USD","version":1},"event":"cart/v2/2","time_us":2,"causes":[],"version":1}');
INSERT INTO "events" VALUES(4,'ended/v1','visit_ended','v1',9,'{"type":"visit_ended","visit":"v1","event":"ended/v1","time_us":9,"causes":[],"version":1}');
INSERT INTO "events" VALUES(5,'receipt/1','receipt_issued','v1',2,'{"type":"receipt_issued","receipt":{"receipt":"r1","store":"tiny","visit":"v1","account":"ada","entered_us":1,"left_us":1,"lines":[],"subtotal":100,"tax":0,"total":100,"currency":"USD","currency_exponent":2,"prices_include_tax":false,"certainty":1.0,"version":1},"event":"receipt/1","time_us":2,"causes":[],"version":1}');
INSERT INTO "events" VALUES(6,'charge/1','charge_requested','v1',2,'{"type":"charge_requested","visit":"v1","account":"ada","receipt":"r1","amount":100,"currency":"USD","event":"charge/1","time_us":2,"causes":[],"version":1}');
CREATE TABLE facts (
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (name)
);
INSERT INTO "facts" VALUES('database version','1');
INSERT INTO "facts" VALUES('store','tiny');
INSERT INTO "facts" VALUES('boot','2');
INSERT INTO "facts" VALUES('published','2');
CREATE TABLE journal (
	position INTEGER NOT NULL,
	received_us BIGINT NOT NULL,
	topic TEXT NOT NULL,
	payload BLOB NOT NULL,
	PRIMARY KEY (position)
);
INSERT INTO "journal" VALUES(1,2,'stores/tiny/shelves/shelf-2/weights',X'32');
INSERT INTO "journal" VALUES(2,3,'stores/tiny/shelves/shelf-3/weights',X'33');
CREATE TABLE outbox (
	event TEXT NOT NULL,
	state TEXT NOT NULL,
	PRIMARY KEY (event),
	FOREIGN KEY(event) REFERENCES events (event)
);
INSERT INTO "outbox" VALUES('entry/1','done');
INSERT INTO "outbox" VALUES('charge/1','pending');
CREATE TABLE receipts (
	receipt TEXT NOT NULL,
	visit TEXT NOT NULL,
	account TEXT NOT NULL,
	left_us BIGINT NOT NULL,
	total BIGINT NOT NULL,
	currency TEXT NOT NULL,
	payload TEXT NOT NULL,
	PRIMARY KEY (receipt)
);
INSERT INTO "receipts" VALUES('r1','v1','ada',1,100,'USD','{"receipt":"r1","store":"tiny","visit":"v1","account":"ada","entered_us":1,"left_us":1,"lines":[],"subtotal":100,"tax":0,"total":100,"currency":"USD","currency_exponent":2,"prices_include_tax":false,"certainty":1.0,"version":1}');
CREATE TABLE snapshots (
	snapshot INTEGER NOT NULL,
	state BLOB NOT NULL,
	PRIMARY KEY (snapshot)
);
INSERT INTO "snapshots" VALUES(1,X'7374617465');
CREATE INDEX events_of_visit ON events (visit, type);
CREATE INDEX ix_receipts_account ON receipts (account);
CREATE INDEX ix_receipts_visit ON receipts (visit);
CREATE INDEX outbox_state ON outbox (state);
COMMIT;
