import { Logger } from '@nestjs/common';

const logger = new Logger('Database');

/** Does something whose failure is nobody's but the log's. Never throws. */
export async function logged(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    // Not the error itself: it may hold parameters, and so what people wrote.
    logger.error(error instanceof Error ? error.stack : String(error));
  }
}
