import { Controller, Get, Headers, Ip, Param, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CachedRoute } from './cached-route.js';

@Controller()
class PagesController {
  @Get() none() {}
  @Get() some(@Query('q') _q: string, @Query('page') _page: string) {}
  @Get() all(@Query() _query: object) {}
  @Get() request(@Req() _request: unknown) {}
  @Get() path(@Param('id') _id: string) {}
  @Get() header(@Headers('Accept-Language') _language: string) {}
  @Get() headers(@Headers() _headers: object) {}
  @Get() address(@Ip() _ip: string) {}
}

type Handler = keyof PagesController;

const request = (query: object, { params = {}, headers = {}, url = '/pages' } = {}) =>
  ({ query, params, headers, routeOptions: { url } }) as unknown as FastifyRequest;

const route = (handler: Handler, vary = {}) => new CachedRoute(PagesController, handler, { ttl: 1, vary });

describe('the key of a cached route', () => {
  const same = (handler: Handler, a: object, b: object) =>
    route(handler).keyOf(request(a)) === route(handler).keyOf(request(b));

  it('has the parameters in no order', () => {
    expect(same('all', { a: '1', b: '2' }, { b: '2', a: '1' })).toBe(true);
  });

  it.each<[object, object]>([
    [{ q: 'a' }, { q: 'b' }],
    [{ q: '' }, {}],
    [
      { q: 'a', page: 'b' },
      { q: 'b', page: 'a' },
    ],
    [{ q: 1 }, { q: '1' }],
    [{ q: 9n }, { q: '9' }],
    [{ q: 1n << 70n }, { q: (1n << 70n) + 1n }],
    [{ q: Infinity }, { q: null }],
    [{ q: 'a","b' }, { q: 'a', b: '' }],
  ])('tells %o from %o', (a, b) => {
    expect(same('all', a, b)).toBe(false);
    expect(same('request', a, b)).toBe(false);
    if (!('b' in b)) expect(same('some', a, b)).toBe(false);
  });

  it('has only what the handler sees', () => {
    expect(same('none', { q: 'a' }, { q: 'b', other: '1' })).toBe(true);
    expect(same('some', { q: 'a', other: '1' }, { q: 'a', other: '2' })).toBe(true);
  });

  it('has the path and its parameters', () => {
    const key = (id: string, url: string) => route('path').keyOf(request({}, { params: { id }, url }));
    expect(new Set([key('1', '/a/:id'), key('2', '/a/:id'), key('1', '/b/:id')]).size).toBe(3);
  });

  it('has the headers that are named, or what is in them', () => {
    const key = (vary: object, value: string) =>
      route('none', vary).keyOf(request({}, { headers: { accept: value, other: value } }));
    expect(key({ Accept: true }, 'a')).not.toBe(key({ Accept: true }, 'b'));
    expect(key({}, 'a')).toBe(key({}, 'b'));
    const length = { accept: ({ headers }: FastifyRequest) => String(headers.accept?.length) };
    expect(key(length, 'a')).toBe(key(length, 'b'));
    expect(key(length, 'a')).not.toBe(key(length, 'bc'));
  });

  it('is refused to a handler that takes what it has not named', () => {
    expect(() => route('header')).toThrow(
      'PagesController.header is cached and reads the header Accept-Language',
    );
    expect(() => route('header', { 'accept-language': true })).not.toThrow();
    expect(() => route('headers', { accept: true })).toThrow('(all)');
    expect(() => route('address')).toThrow('depends on who asks');
  });
});
