import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { HttpConfig } from '../../config/http.config.js';
import { ProblemException } from '../problems.js';
import { refuseOtherSites } from './json-body.js';

/** For a handler that takes the bytes of a JSON body as they are, with `@Body() bytes: Buffer`. */
@Injectable()
export class JsonBytesGuard implements CanActivate {
  constructor(private readonly config: HttpConfig) {}

  /** @throws ProblemException 422 without a body, or 415 as for any other body */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!Buffer.isBuffer(request.body) || request.body.length === 0) {
      const faults = [{ loc: ['body'], msg: 'Field required', type: 'missing' }];
      throw new ProblemException('validation-failed', { faults });
    }
    refuseOtherSites(request, this.config.corsOrigins);
    return true;
  }
}
