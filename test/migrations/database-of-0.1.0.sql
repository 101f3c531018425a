-- A database that Daybook 0.1.0 wrote on SQLite, with the code of 2026-11-27: with all that CHANGELOG.md has as unreleased
-- then, and all migrations up to TaskOrigin1764300000000. answers-of-0.1.0.json has what it answered. Never change either:
-- they stand for the files that people have. Every password is "not-a-real-password".

PRAGMA encoding = 'UTF-8';
PRAGMA page_size = 4096;
PRAGMA auto_vacuum = 2;
PRAGMA application_id = 0;
PRAGMA user_version = 0;
PRAGMA journal_mode = wal;
PRAGMA foreign_keys = OFF;
BEGIN;

CREATE TABLE "migrations" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "timestamp" bigint NOT NULL, "name" varchar NOT NULL);
INSERT INTO "migrations" ("id", "timestamp", "name") VALUES
  (1, 1764000000000, 'CreateTables1764000000000'),
  (2, 1764100000000, 'TaskDetails1764100000000'),
  (3, 1764200000000, 'IndexLogTimes1764200000000'),
  (4, 1764300000000, 'TaskOrigin1764300000000');

CREATE TABLE "logs" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "message" text NOT NULL, "timestamp" varchar(24) NOT NULL);
CREATE INDEX "IDX_682897ba764db30ef8836c9b74" ON "logs" ("timestamp") ;
INSERT INTO "logs" ("id", "message", "timestamp") VALUES
  (3, 'The backup is done', '2026-11-27T22:50:29.296Z'),
  (4, 'Grüße, 世界 🦀', '2026-11-27T22:50:29.306Z'),
  (5, 'He said "no", she asked ''why?''', '2026-11-27T22:50:29.314Z'),
  (6, 'first line' || char(10) || 'second line' || char(13) || char(10) || char(9) || 'third line', '2026-11-20T08:00:00.123Z'),
  (7, '', '2026-11-20T09:00:00.000Z'),
  (8, '''; DROP TABLE logs; -- \n %_ $1 ?', '2025-12-31T23:59:59.999Z'),
  (9, 'null', '1999-01-01T00:00:00.000Z');

CREATE TABLE "tasks" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" text NOT NULL, "done" boolean NOT NULL);
INSERT INTO "tasks" ("id", "name", "done") VALUES
  (1, 'Water the plants', 0),
  (2, 'Read "Momo", it''s good', 1),
  (4, '一' || char(10) || '二' || char(10) || '三', 1),
  (5, 'Feed the cat', 1),
  (6, 'Read the mail', 1),
  (7, 'Of a list that is not there', 0),
  (9, 'Steps of a missing task (T9)', 0);

CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "email" text NOT NULL, "email_key" text NOT NULL, "password_hash" text NOT NULL, "is_active" boolean NOT NULL, CONSTRAINT "UQ_d87b0da10cbb5c0bdb73164f480" UNIQUE ("email_key"));
INSERT INTO "users" ("id", "email", "email_key", "password_hash", "is_active") VALUES
  (1, 'ada@example.com', 'ada@example.com', '$argon2id$v=19$m=19456,t=2,p=1$Q4o7TY1kaunPUOXmt2z3Lw$Ef8I9CF55pz9JLq/YfB7kw0aDmp77NoH3UBx4heblSc', 1),
  (2, 'Bob.Builder@Example.COM', 'bob.builder@example.com', '$argon2id$v=19$m=19456,t=2,p=1$mE+nuxReribu4QhvO6L6sA$KT2ExUCmWUz0cGPahOWWPYSRzVvuAbd9od3snuORoXw', 1),
  (3, 'cy@example.com', 'cy@example.com', '$argon2id$v=19$m=19456,t=2,p=1$8U/inzesVHuSskb/Yt3QBw$xqcBMUIReRBNSi0/C/Ni8qkCUifLGSGvgcj1roC5b8A', 1);

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

CREATE TABLE "task_lists" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "title" text NOT NULL, "position" text, "external_id" text, "source" text, CONSTRAINT "UQ_344fbe8e645d9742591b003ac43" UNIQUE ("external_id"));
INSERT INTO "task_lists" ("id", "title", "position", "external_id", "source") VALUES
  (1, 'Garden', '2020-01-01T00:00:00.0000000Z', 'L1', '{"id":"L1","title":"Garden","position":"2020-01-01T00:00:00.0000000Z","is_owner":true}'),
  (2, 'Ada''s "Wäsche"', NULL, 'L2', '{"id":"L2","title":"Ada''s \"Wäsche\""}'),
  (3, 'Without a list', NULL, NULL, NULL);

CREATE TABLE "task_details" ("task_id" integer PRIMARY KEY NOT NULL, "list_id" integer NOT NULL, "position" text, "note" text, "created_at" text, "created_zone" text, "due_at" text, "due_zone" text, "completed_at" text, "completed_zone" text, "external_id" text NOT NULL, "source" text, CONSTRAINT "UQ_b04623fa59fff729a51e9fefcb3" UNIQUE ("external_id"), CONSTRAINT "FK_cd2e5202bddcb1b0640e419770d" FOREIGN KEY ("task_id") REFERENCES "tasks" ("id") ON DELETE CASCADE, CONSTRAINT "FK_4c9043b4804d6280a258f03fb8a" FOREIGN KEY ("list_id") REFERENCES "task_lists" ("id") ON DELETE CASCADE);
CREATE INDEX "IDX_4c9043b4804d6280a258f03fb8" ON "task_details" ("list_id") ;
INSERT INTO "task_details" ("task_id", "list_id", "position", "note", "created_at", "created_zone", "due_at", "due_zone", "completed_at", "completed_zone", "external_id", "source") VALUES
  (5, 1, '2020-01-02T00:00:00.0000000Z', '<p>Not the cactus,' || char(10) || 'it''s "full"</p>', '2020-05-06T23:06:35.8690000', 'UTC', '2020-05-31T22:00:00.0000000', 'UTC', NULL, NULL, 'T1', '{"id":"T1","list_id":"L1","title":"Feed the 🐈","completed":false,"position":"2020-01-02T00:00:00.0000000Z","created_at":{"date_time":"2020-05-06T23:06:35.8690000","time_zone":"UTC"},"due_date":{"date_time":"2020-05-31T22:00:00.0000000","time_zone":"UTC"},"completed_at":null,"note":"<p>Not the cactus,\nit''s \"full\"</p>","importance":"high"}'),
  (6, 2, '17', NULL, '2020-05-06', 'W. Europe Standard Time', NULL, NULL, '2020-05-07T01:00:00', 'W. Europe Standard Time', 'T2', '{"id":"T2","list_id":"L2","title":"Read the mail","completed":true,"position":17,"created_at":{"date_time":"2020-05-06","time_zone":"W. Europe Standard Time"},"completed_at":{"date_time":"2020-05-07T01:00:00","time_zone":"W. Europe Standard Time"}}'),
  (7, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'T3', '{"id":"T3","list_id":"L9","title":"Of a list that is not there"}'),
  (9, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'T9', NULL);

CREATE TABLE "task_steps" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "task_id" integer NOT NULL, "title" text NOT NULL, "completed" boolean NOT NULL, "position" text, "created_at" text, "created_zone" text, "external_id" text NOT NULL, "source" text NOT NULL, CONSTRAINT "UQ_4286137834a962295b5eab58040" UNIQUE ("external_id"), CONSTRAINT "FK_b8e470caf2d7cafb9340c630587" FOREIGN KEY ("task_id") REFERENCES "tasks" ("id") ON DELETE CASCADE);
CREATE INDEX "IDX_b8e470caf2d7cafb9340c63058" ON "task_steps" ("task_id") ;
INSERT INTO "task_steps" ("id", "task_id", "title", "completed", "position", "created_at", "created_zone", "external_id", "source") VALUES
  (1, 5, 'Fill the can', 1, '2', NULL, NULL, 'S1', '{"id":"S1","task_id":"T1","title":"Fill the can","completed":true,"position":2}'),
  (2, 5, 'Look for it', 0, '1', '2020-05-06T23:07:00.0000000', 'UTC', 'S2', '{"id":"S2","task_id":"T1","title":"Look for it","completed":false,"position":1,"created_at":{"date_time":"2020-05-06T23:07:00.0000000","time_zone":"UTC"}}'),
  (3, 9, 'Of a task that is not there', 0, NULL, NULL, NULL, 'S3', '{"id":"S3","task_id":"T9","title":"Of a task that is not there"}');

CREATE TABLE "task_stores" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" text NOT NULL, "content" text, CONSTRAINT "UQ_ed319609ea466b5173c68db7b31" UNIQUE ("name"));
INSERT INTO "task_stores" ("id", "name", "content") VALUES
  (1, 'settings', '[{"key":"theme","value":{"dark":true}}]'),
  (2, 'lists', NULL),
  (3, 'tasks', NULL),
  (4, 'steps', NULL),
  (5, 'sync_state', 'null');

CREATE TABLE "task_origin" ("uuid" text PRIMARY KEY NOT NULL);
INSERT INTO "task_origin" ("uuid") VALUES
  ('7956120d-bcbb-4ba7-be8e-16d31335c4d8');

-- The last ids that were given, some of them to rows that are deleted.
DELETE FROM sqlite_sequence;
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES
  ('migrations', 4),
  ('logs', 9),
  ('tasks', 10),
  ('users', 3),
  ('items', 4),
  ('notes', 4),
  ('task_lists', 3),
  ('task_steps', 4),
  ('task_stores', 5);

COMMIT;
