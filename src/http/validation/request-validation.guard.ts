import { type CanActivate, type ExecutionContext, Injectable, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA, RouteParamtypes } from '@nestjs/common/internal';
import type { FastifyRequest } from 'fastify';
import { HttpConfig } from '../../config/http.config.js';
import { type Fault, ProblemException } from '../problems.js';
import { DtoReader, type Source } from './dto-reader.js';
import { fieldsOf } from './fields.js';
import { readJsonBody } from './json-body.js';

/** In the order in which their faults are told. */
const SOURCES: readonly [RouteParamtypes, Source][] = [
  [RouteParamtypes.PARAM, 'path'],
  [RouteParamtypes.QUERY, 'query'],
  [RouteParamtypes.BODY, 'body'],
];

/**
 * Turns `@Param() dto`, `@Query() dto` and `@Body() dto` of every handler into checked instances of their classes.
 *
 * A guard and not Nest's ValidationPipe: a pipe sees one argument, and all faults of a request belong in
 * one answer (docs/adr/0006-validation-in-a-guard.md).
 */
@Injectable()
export class RequestValidationGuard implements CanActivate {
  private readonly readers = new Map<unknown, readonly DtoReader[]>();

  constructor(private readonly config: HttpConfig) {}

  /** @throws ProblemException 422 with every fault, or 415 */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const faults: Fault[] = [];
    for (const reader of this.readersOf(context)) {
      if (reader.source === 'path') request.params = reader.read(request.params, faults);
      else if (reader.source === 'query') request.query = reader.read(request.query, faults);
      else request.body = this.readBody(reader, request, faults);
    }
    if (faults.length > 0) throw new ProblemException('validation-failed', { faults });
    return true;
  }

  private readBody(reader: DtoReader, request: FastifyRequest, faults: Fault[]): unknown {
    const before = faults.length;
    const body = readJsonBody(request, this.config.corsOrigins, faults);
    return faults.length > before ? undefined : reader.read(body, faults);
  }

  private readersOf(context: ExecutionContext): readonly DtoReader[] {
    const handler = context.getHandler();
    let readers = this.readers.get(handler);
    if (!readers) {
      readers = dtosOf(context.getClass(), handler.name);
      this.readers.set(handler, readers);
    }
    return readers;
  }
}

/** Readers for the DTO arguments of a handler, from the metadata that Nest's and TypeScript's decorators leave. */
function dtosOf(controller: Type, method: string): DtoReader[] {
  // Nest's keys are `kind:index`; `data` is there for @Param('name') and the like, which are no DTOs.
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Record<
    string,
    { index: number; data?: unknown }
  >;
  const types = Reflect.getMetadata(
    'design:paramtypes',
    controller.prototype as object,
    method,
  ) as Type<object>[];
  return SOURCES.flatMap(([kind, source]) =>
    Object.entries(args)
      .filter(([key, { data }]) => key.startsWith(`${kind}:`) && data === undefined)
      .map(([, { index }]) => types[index] as Type<object>)
      .filter((dto) => fieldsOf(dto).length > 0)
      .map((dto) => new DtoReader(source, dto)),
  );
}
