import type { Type } from '@nestjs/common';
import { CUSTOM_ROUTE_ARGS_METADATA, ROUTE_ARGS_METADATA, RouteParamtypes } from '@nestjs/common/internal';
import type { FastifyRequest } from 'fastify';
import type { CacheOptions, Tag } from './cache-options.js';

/** A part of a request that decides the answer. */
type KeyPart = (request: FastifyRequest) => unknown;

/** Arguments that differ from client to client. */
const PERSONAL = new Set([RouteParamtypes.IP, RouteParamtypes.SESSION, RouteParamtypes.HOST]);

/** A handler whose answers are kept, and what tells its answers apart. */
export class CachedRoute {
  readonly tags: readonly Tag[];
  readonly ttlMs: number;
  /** The headers that answers vary with, in lower case. */
  readonly vary: readonly string[];
  /** Nothing but time ends an answer, so that a client may keep it, too. */
  readonly fixed: boolean;
  private readonly name: string;
  private readonly parts: readonly KeyPart[];

  /** @throws Error where the handler takes what may differ from client to client */
  constructor(controller: Type, method: string, { ttl, tags = [], vary = {} }: CacheOptions) {
    this.name = `${controller.name}.${method}`;
    this.tags = tags;
    this.ttlMs = ttl * 1_000;
    this.fixed = tags.length === 0;
    this.vary = Object.keys(vary).map((name) => name.toLowerCase());
    this.parts = [
      ...queryParts(argumentsOf(controller, method), this.vary, this.name),
      ...Object.entries(vary).map(([name, by]): KeyPart =>
        by === true ? ({ headers }) => headers[name.toLowerCase()] : (request) => by(request),
      ),
    ];
  }

  /**
   * Equal for requests that have the same answer. Parameters are those that the handler sees: a DTO has its
   * defaults and nothing that it does not declare, so that others do not fill the cache.
   */
  keyOf(request: FastifyRequest): string {
    const parts = this.parts.map((part) => part(request));
    // The handler too: one path may have one for browsers beside one for programs.
    return JSON.stringify([this.name, request.routeOptions.url, sorted(request.params), ...parts], plain);
  }
}

interface Argument {
  readonly kind: RouteParamtypes | 'custom';
  readonly data: unknown;
}

/** The handler's arguments, from the metadata of Nest's decorators, whose keys are `kind:index`. */
function argumentsOf(controller: Type, method: string): Argument[] {
  const metadata = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Record<
    string,
    { data?: unknown }
  >;
  return Object.entries(metadata).map(([key, { data }]) => ({
    kind: key.includes(CUSTOM_ROUTE_ARGS_METADATA) ? 'custom' : Number(key.split(':', 1)[0]),
    data,
  }));
}

/** The parts of the query that the handler sees: all of it, some parameters, or nothing. */
function queryParts(args: readonly Argument[], vary: readonly string[], handler: string): KeyPart[] {
  const all: KeyPart = ({ query }) => sorted(query);
  const parts: KeyPart[] = [];
  for (const { kind, data } of args) {
    const name = typeof data === 'string' ? data : undefined;
    if (kind === RouteParamtypes.QUERY && name !== undefined) {
      parts.push(({ query }) => (query as Record<string, unknown>)[name]);
    } else if ([RouteParamtypes.QUERY, RouteParamtypes.REQUEST, 'custom'].includes(kind)) {
      parts.push(all);
    } else if (kind === RouteParamtypes.HEADERS && !vary.includes(name?.toLowerCase() ?? '')) {
      throw new Error(`${handler} is cached and reads the header ${name ?? '(all)'}: name it in vary.`);
    } else if (PERSONAL.has(kind as RouteParamtypes)) {
      throw new Error(`${handler} is cached, so it cannot take what depends on who asks.`);
    }
  }
  return parts.includes(all) ? [all] : parts;
}

function sorted(values: unknown): [string, unknown][] {
  const entries = Object.entries((values ?? {}) as Record<string, unknown>);
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** JSON knows no bigint and no infinity. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' || typeof value === 'number' ? { number: String(value) } : value;
}
