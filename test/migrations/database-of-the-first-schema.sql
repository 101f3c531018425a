-- A database that Daybook 0.1.0 wrote on SQLite, with the code of 2026-11-22, the day of 0.1.0 in CHANGELOG.md: with the first
-- migration only, and without auto_vacuum. answers-of-the-first-schema.json has what it answered. Never change either.
-- Every password is "not-a-real-password".

PRAGMA encoding = 'UTF-8';
PRAGMA page_size = 4096;
PRAGMA auto_vacuum = 0;
PRAGMA application_id = 0;
PRAGMA user_version = 0;
PRAGMA journal_mode = wal;
PRAGMA foreign_keys = OFF;
BEGIN;

CREATE TABLE "migrations" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "timestamp" bigint NOT NULL, "name" varchar NOT NULL);
INSERT INTO "migrations" ("id", "timestamp", "name") VALUES
  (1, 1764000000000, 'CreateTables1764000000000');

CREATE TABLE "logs" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "message" text NOT NULL, "timestamp" varchar(24) NOT NULL);
INSERT INTO "logs" ("id", "message", "timestamp") VALUES
  (1, 'The backup is done', '2026-11-27T22:53:39.515Z'),
  (2, 'Grüße, 世界 🦀', '2026-11-27T22:53:39.534Z'),
  (3, 'He said "no", she asked ''why?''', '2026-11-27T22:53:39.549Z'),
  (4, 'first line' || char(10) || 'second line' || char(13) || char(10) || char(9) || 'third line', '2026-11-27T22:53:39.558Z'),
  (5, '', '2026-11-27T22:53:39.561Z'),
  (6, '''; DROP TABLE logs; -- \n %_ $1 ?', '2026-11-27T22:53:39.565Z'),
  (7, 'null', '2026-11-27T22:53:39.568Z');

CREATE TABLE "tasks" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" text NOT NULL, "done" boolean NOT NULL);
INSERT INTO "tasks" ("id", "name", "done") VALUES
  (1, 'Water the plants', 0),
  (2, 'Read "Momo", it''s good', 1),
  (4, '一' || char(10) || '二' || char(10) || '三', 1);

CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "email" text NOT NULL, "email_key" text NOT NULL, "password_hash" text NOT NULL, "is_active" boolean NOT NULL, CONSTRAINT "UQ_d87b0da10cbb5c0bdb73164f480" UNIQUE ("email_key"));
INSERT INTO "users" ("id", "email", "email_key", "password_hash", "is_active") VALUES
  (1, 'ada@example.com', 'ada@example.com', '$argon2id$v=19$m=19456,t=2,p=1$A8N2I9LPPHu4i6HeaQCIgQ$BK7fvgDMnuavnBLuHopuBrGV+mSyOnsbrsNN8HDSc8A', 1),
  (2, 'Bob.Builder@Example.COM', 'bob.builder@example.com', '$argon2id$v=19$m=19456,t=2,p=1$u3bpg+T/U70j/dNdmNcUbw$9u3LaHj2JaZR6zT65ytjm0iTbZLknd0CQePwxTDBeSs', 1),
  (3, 'cy@example.com', 'cy@example.com', '$argon2id$v=19$m=19456,t=2,p=1$loNPZcR7M8SDNQxuuOvWzg$8ZaOxgnPiftrCPVWw1ZIMpN9zTk+/j+5iwMCmb96xGc', 1);

CREATE TABLE "items" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "title" text NOT NULL, "description" text, "owner_id" integer NOT NULL, CONSTRAINT "FK_3dfe6bec02ed2b26ded4bd89253" FOREIGN KEY ("owner_id") REFERENCES "users" ("id") ON DELETE CASCADE);
CREATE INDEX "IDX_3dfe6bec02ed2b26ded4bd8925" ON "items" ("owner_id") ;
INSERT INTO "items" ("id", "title", "description", "owner_id") VALUES
  (1, 'Lamp', 'Brass, with a green shade', 1),
  (2, 'Chair', NULL, 1),
  (3, 'Fön „Sturm“', 'It''s "loud"' || char(10) || 'and hot', 2),
  (4, '', '', 1);

CREATE TABLE "notes" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "text" text NOT NULL, "completed" boolean NOT NULL);
INSERT INTO "notes" ("id", "text", "completed") VALUES
  (1, 'Buy milk', 0),
  (3, 'Käse – "reif" – für O''Neill' || char(10) || '🧀', 1);

-- The last ids that were given, some of them to rows that are deleted.
DELETE FROM sqlite_sequence;
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES
  ('migrations', 1),
  ('logs', 7),
  ('tasks', 5),
  ('users', 3),
  ('items', 4),
  ('notes', 4);

COMMIT;
