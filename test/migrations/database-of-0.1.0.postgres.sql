-- The database of database-of-0.1.0.sql on PostgreSQL, brought there by `daybook export` and `daybook import` of 0.1.0.
-- The statements are those of its migrations. The id in task_origin is the one of SQLite, so that both answer the same.

BEGIN;

CREATE TABLE "migrations" ("id" SERIAL NOT NULL, "timestamp" bigint NOT NULL, "name" character varying NOT NULL, CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY ("id"));
INSERT INTO "migrations" ("id", "timestamp", "name") VALUES
  (1, 1764000000000, 'CreateTables1764000000000'),
  (2, 1764100000000, 'TaskDetails1764100000000'),
  (3, 1764200000000, 'IndexLogTimes1764200000000'),
  (4, 1764300000000, 'TaskOrigin1764300000000');

CREATE TABLE "logs" ("id" SERIAL NOT NULL, "message" text NOT NULL, "timestamp" varchar(24) NOT NULL, CONSTRAINT "PK_fb1b805f2f7795de79fa69340ba" PRIMARY KEY ("id"));
CREATE INDEX "IDX_682897ba764db30ef8836c9b74" ON "logs"  ("timestamp");
INSERT INTO "logs" ("id", "message", "timestamp") VALUES
  (3, 'The backup is done', '2026-11-27T22:50:29.296Z'),
  (4, 'Grüße, 世界 🦀', '2026-11-27T22:50:29.306Z'),
  (5, 'He said "no", she asked ''why?''', '2026-11-27T22:50:29.314Z'),
  (6, 'first line' || chr(10) || 'second line' || chr(13) || chr(10) || chr(9) || 'third line', '2026-11-20T08:00:00.123Z'),
  (7, '', '2026-11-20T09:00:00.000Z'),
  (8, '''; DROP TABLE logs; -- \n %_ $1 ?', '2025-12-31T23:59:59.999Z'),
  (9, 'null', '1999-01-01T00:00:00.000Z');

CREATE TABLE "tasks" ("id" SERIAL NOT NULL, "name" text NOT NULL, "done" boolean NOT NULL, CONSTRAINT "PK_8d12ff38fcc62aaba2cab748772" PRIMARY KEY ("id"));
INSERT INTO "tasks" ("id", "name", "done") VALUES
  (1, 'Water the plants', false),
  (2, 'Read "Momo", it''s good', true),
  (4, '一' || chr(10) || '二' || chr(10) || '三', true),
  (5, 'Feed the cat', true),
  (6, 'Read the mail', true),
  (7, 'Of a list that is not there', false),
  (9, 'Steps of a missing task (T9)', false);

CREATE TABLE "users" ("id" SERIAL NOT NULL, "email" text NOT NULL, "email_key" text NOT NULL, "password_hash" text NOT NULL, "is_active" boolean NOT NULL, CONSTRAINT "UQ_d87b0da10cbb5c0bdb73164f480" UNIQUE ("email_key"), CONSTRAINT "PK_a3ffb1c0c8416b9fc6f907b7433" PRIMARY KEY ("id"));
INSERT INTO "users" ("id", "email", "email_key", "password_hash", "is_active") VALUES
  (1, 'ada@example.com', 'ada@example.com', '$argon2id$v=19$m=19456,t=2,p=1$Q4o7TY1kaunPUOXmt2z3Lw$Ef8I9CF55pz9JLq/YfB7kw0aDmp77NoH3UBx4heblSc', true),
  (2, 'Bob.Builder@Example.COM', 'bob.builder@example.com', '$argon2id$v=19$m=19456,t=2,p=1$mE+nuxReribu4QhvO6L6sA$KT2ExUCmWUz0cGPahOWWPYSRzVvuAbd9od3snuORoXw', true),
  (3, 'cy@example.com', 'cy@example.com', '$argon2id$v=19$m=19456,t=2,p=1$8U/inzesVHuSskb/Yt3QBw$xqcBMUIReRBNSi0/C/Ni8qkCUifLGSGvgcj1roC5b8A', true);

CREATE TABLE "items" ("id" SERIAL NOT NULL, "title" text NOT NULL, "description" text, "owner_id" integer NOT NULL, CONSTRAINT "FK_3dfe6bec02ed2b26ded4bd89253" FOREIGN KEY ("owner_id") REFERENCES "users" ("id") ON DELETE CASCADE, CONSTRAINT "PK_ba5885359424c15ca6b9e79bcf6" PRIMARY KEY ("id"));
CREATE INDEX "IDX_3dfe6bec02ed2b26ded4bd8925" ON "items"  ("owner_id");
INSERT INTO "items" ("id", "title", "description", "owner_id") VALUES
  (1, 'Lamp', 'Brass, with a green shade', 1),
  (2, 'Chair', NULL, 1),
  (3, 'Fön „Sturm“', 'It''s "loud"' || chr(10) || 'and hot', 2),
  (4, '', '', 1);

CREATE TABLE "notes" ("id" SERIAL NOT NULL, "text" text NOT NULL, "completed" boolean NOT NULL, CONSTRAINT "PK_af6206538ea96c4e77e9f400c3d" PRIMARY KEY ("id"));
INSERT INTO "notes" ("id", "text", "completed") VALUES
  (1, 'Buy milk', false),
  (3, 'Käse – "reif" – für O''Neill' || chr(10) || '🧀', true);

CREATE TABLE "task_lists" ("id" SERIAL NOT NULL, "title" text NOT NULL, "position" text, "external_id" text, "source" text, CONSTRAINT "UQ_344fbe8e645d9742591b003ac43" UNIQUE ("external_id"), CONSTRAINT "PK_cc6852381026e4f7082bf50a885" PRIMARY KEY ("id"));
INSERT INTO "task_lists" ("id", "title", "position", "external_id", "source") VALUES
  (1, 'Garden', '2020-01-01T00:00:00.0000000Z', 'L1', '{"id":"L1","title":"Garden","position":"2020-01-01T00:00:00.0000000Z","is_owner":true}'),
  (2, 'Ada''s "Wäsche"', NULL, 'L2', '{"id":"L2","title":"Ada''s \"Wäsche\""}'),
  (3, 'Without a list', NULL, NULL, NULL);

CREATE TABLE "task_details" ("task_id" integer NOT NULL, "list_id" integer NOT NULL, "position" text, "note" text, "created_at" text, "created_zone" text, "due_at" text, "due_zone" text, "completed_at" text, "completed_zone" text, "external_id" text NOT NULL, "source" text, CONSTRAINT "UQ_b04623fa59fff729a51e9fefcb3" UNIQUE ("external_id"), CONSTRAINT "FK_cd2e5202bddcb1b0640e419770d" FOREIGN KEY ("task_id") REFERENCES "tasks" ("id") ON DELETE CASCADE, CONSTRAINT "FK_4c9043b4804d6280a258f03fb8a" FOREIGN KEY ("list_id") REFERENCES "task_lists" ("id") ON DELETE CASCADE, CONSTRAINT "PK_cd2e5202bddcb1b0640e419770d" PRIMARY KEY ("task_id"));
CREATE INDEX "IDX_4c9043b4804d6280a258f03fb8" ON "task_details"  ("list_id");
INSERT INTO "task_details" ("task_id", "list_id", "position", "note", "created_at", "created_zone", "due_at", "due_zone", "completed_at", "completed_zone", "external_id", "source") VALUES
  (5, 1, '2020-01-02T00:00:00.0000000Z', '<p>Not the cactus,' || chr(10) || 'it''s "full"</p>', '2020-05-06T23:06:35.8690000', 'UTC', '2020-05-31T22:00:00.0000000', 'UTC', NULL, NULL, 'T1', '{"id":"T1","list_id":"L1","title":"Feed the 🐈","completed":false,"position":"2020-01-02T00:00:00.0000000Z","created_at":{"date_time":"2020-05-06T23:06:35.8690000","time_zone":"UTC"},"due_date":{"date_time":"2020-05-31T22:00:00.0000000","time_zone":"UTC"},"completed_at":null,"note":"<p>Not the cactus,\nit''s \"full\"</p>","importance":"high"}'),
  (6, 2, '17', NULL, '2020-05-06', 'W. Europe Standard Time', NULL, NULL, '2020-05-07T01:00:00', 'W. Europe Standard Time', 'T2', '{"id":"T2","list_id":"L2","title":"Read the mail","completed":true,"position":17,"created_at":{"date_time":"2020-05-06","time_zone":"W. Europe Standard Time"},"completed_at":{"date_time":"2020-05-07T01:00:00","time_zone":"W. Europe Standard Time"}}'),
  (7, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'T3', '{"id":"T3","list_id":"L9","title":"Of a list that is not there"}'),
  (9, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'T9', NULL);

CREATE TABLE "task_steps" ("id" SERIAL NOT NULL, "task_id" integer NOT NULL, "title" text NOT NULL, "completed" boolean NOT NULL, "position" text, "created_at" text, "created_zone" text, "external_id" text NOT NULL, "source" text NOT NULL, CONSTRAINT "UQ_4286137834a962295b5eab58040" UNIQUE ("external_id"), CONSTRAINT "FK_b8e470caf2d7cafb9340c630587" FOREIGN KEY ("task_id") REFERENCES "tasks" ("id") ON DELETE CASCADE, CONSTRAINT "PK_6819d839f341f840be6b40d2c82" PRIMARY KEY ("id"));
CREATE INDEX "IDX_b8e470caf2d7cafb9340c63058" ON "task_steps"  ("task_id");
INSERT INTO "task_steps" ("id", "task_id", "title", "completed", "position", "created_at", "created_zone", "external_id", "source") VALUES
  (1, 5, 'Fill the can', true, '2', NULL, NULL, 'S1', '{"id":"S1","task_id":"T1","title":"Fill the can","completed":true,"position":2}'),
  (2, 5, 'Look for it', false, '1', '2020-05-06T23:07:00.0000000', 'UTC', 'S2', '{"id":"S2","task_id":"T1","title":"Look for it","completed":false,"position":1,"created_at":{"date_time":"2020-05-06T23:07:00.0000000","time_zone":"UTC"}}'),
  (3, 9, 'Of a task that is not there', false, NULL, NULL, NULL, 'S3', '{"id":"S3","task_id":"T9","title":"Of a task that is not there"}');

CREATE TABLE "task_stores" ("id" SERIAL NOT NULL, "name" text NOT NULL, "content" text, CONSTRAINT "UQ_ed319609ea466b5173c68db7b31" UNIQUE ("name"), CONSTRAINT "PK_d21ab20762d1380fd334ec304a6" PRIMARY KEY ("id"));
INSERT INTO "task_stores" ("id", "name", "content") VALUES
  (1, 'settings', '[{"key":"theme","value":{"dark":true}}]'),
  (2, 'lists', NULL),
  (3, 'tasks', NULL),
  (4, 'steps', NULL),
  (5, 'sync_state', 'null');

CREATE TABLE "task_origin" ("uuid" text NOT NULL, CONSTRAINT "PK_44fe28267fa7d30e8b40d2b34fb" PRIMARY KEY ("uuid"));
INSERT INTO "task_origin" ("uuid") VALUES
  ('7956120d-bcbb-4ba7-be8e-16d31335c4d8');

-- The last ids that were given, some of them to rows that are deleted.
SELECT setval('migrations_id_seq', 4);
SELECT setval('logs_id_seq', 9);
SELECT setval('tasks_id_seq', 10);
SELECT setval('users_id_seq', 3);
SELECT setval('items_id_seq', 4);
SELECT setval('notes_id_seq', 4);
SELECT setval('task_lists_id_seq', 3);
SELECT setval('task_steps_id_seq', 4);
SELECT setval('task_stores_id_seq', 5);

COMMIT;
