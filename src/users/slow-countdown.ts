import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { UsersConfig } from '../config/users.config.js';

/** Makes each caller wait a second less than the one before, down to not at all; one count for the process. */
@Injectable()
export class SlowCountdown {
  private seconds: number;

  constructor(config: UsersConfig) {
    this.seconds = config.slowUsersSeconds;
  }

  async wait(): Promise<void> {
    this.seconds = Math.max(0, this.seconds - 1);
    await delay(this.seconds * 1_000);
  }
}
