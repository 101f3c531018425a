import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { MAX_ID } from '../schema/ids.js';
import { ProblemException } from './problems.js';
import { toInteger } from './validation/coercions.js';

/**
 * The id of the last event that a client has had, or null (html.spec.whatwg.org, 9.2.4).
 *
 * @throws ProblemException 422 where it is no id of ours: to begin anywhere else would leave out events
 */
export const LastEventId = createParamDecorator(
  (_data: unknown, context: ExecutionContext): number | null => {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const given = headers['last-event-id'];
    if (given === undefined || given === '') return null;
    const id = toInteger(given);
    if (typeof id === 'number' && id >= 0 && id <= MAX_ID) return id;
    const msg = 'Input should be the id of an event';
    throw new ProblemException('validation-failed', {
      faults: [{ loc: ['header', 'last-event-id'], msg, type: 'int_parsing' }],
    });
  },
);
