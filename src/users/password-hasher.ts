import { Injectable } from '@nestjs/common';
import type { Algorithm } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { ProblemException } from '../http/problems.js';

// The first of OWASP's choices for argon2id (Password Storage Cheat Sheet): 19 MiB, 2 rounds, 1 lane.
const ARGON2ID = {
  algorithm: 2 satisfies Algorithm.Argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};

/** Some two seconds of work. */
const MAX_WAITING = 100;

/** Hashes passwords. One takes some 30 ms of a core: never do it inside a transaction. */
@Injectable()
export class PasswordHasher {
  // libuv has four threads; the syncs of the disk need some of them while many register.
  private readonly limit = pLimit(2);

  /**
   * The argon2id hash with its salt and cost, as the PHC string format has it.
   *
   * @throws ProblemException 503 where too many wait already
   */
  hash(password: string): Promise<string> {
    if (this.limit.pendingCount >= MAX_WAITING) throw new ProblemException('too-busy');
    // Loaded by the first password: it takes 7 MB.
    return this.limit(async () => (await import('@node-rs/argon2')).hash(password, ARGON2ID));
  }
}
