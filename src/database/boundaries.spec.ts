import { boundaryOf } from './boundaries.js';

describe('boundaryOf', () => {
  it.each([
    // What TypeORM's query runners say.
    ['BEGIN TRANSACTION', 'begin'],
    ['START TRANSACTION', 'begin'],
    ['COMMIT', 'commit'],
    ['ROLLBACK', 'rollback'],
    ['SAVEPOINT typeorm_1', 'savepoint'],
    ['RELEASE SAVEPOINT typeorm_12', 'release'],
    ['ROLLBACK TO SAVEPOINT typeorm_2', 'rollback to'],
    // The same as others may say it.
    ['begin', 'begin'],
    ['BEGIN;', 'begin'],
    ['BEGIN IMMEDIATE', 'begin'],
    ['Begin Isolation Level Serializable', 'begin'],
    ['start\n\ttransaction read only', 'begin'],
    ['  commit ;', 'commit'],
    ['-- now\nCOMMIT', 'commit'],
    ['/* BEGIN */ -- it\n /* all */ rollback', 'rollback'],
    ['COMMIT AND CHAIN', 'commit'],
    ['END', 'commit'],
    ['end transaction', 'commit'],
    ['rollback;', 'rollback'],
    ['ROLLBACK TRANSACTION', 'rollback'],
    ['ABORT', 'rollback'],
    ['release typeorm_1', 'release'],
    ['rollback to typeorm_1;', 'rollback to'],
    ['ROLLBACK  TO\nSAVEPOINT typeorm_3', 'rollback to'],
  ])('knows %j as %s', (sql, boundary) => {
    expect(boundaryOf(sql)).toBe(boundary);
  });

  it.each([
    ['SELECT 1'],
    ['-- COMMIT'],
    ['/* COMMIT */ SELECT 1'],
    ['-- COMMIT\nROLLBACK TO mine'],
    ["SELECT 'COMMIT'"],
    ["INSERT INTO note (text) VALUES ('x'); COMMIT"],
    // Somebody's own savepoints nest inside.
    ['SAVEPOINT mine'],
    ['RELEASE mine'],
    ['RELEASE SAVEPOINT typeorm'],
    ['ROLLBACK TO mine'],
    ['ROLLBACK TO SAVEPOINT typeorm_1_mine'],
    ['SAVEPOINT typeorm_1; DELETE FROM note'],
    // Words that begin like one, and other statements that begin so.
    ['BEGINNING'],
    ['COMMITTED'],
    ['ENDING'],
    ['START_TRANSACTION'],
    ['ROLLBACKS'],
    ["COMMENT ON TABLE note IS 'COMMIT'"],
    [''],
  ])('takes %j for a statement like others', (sql) => {
    expect(boundaryOf(sql)).toBeUndefined();
  });
});
