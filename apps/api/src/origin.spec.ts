import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { isSecure, type OriginParts, ownOrigins } from './origin.js';

const originsOf = (parts: OriginParts, localPort?: number): readonly string[] =>
  ownOrigins(parts)({ socket: { localPort } } as unknown as FastifyRequest);

describe('our own pages', () => {
  it('are those of the configured address alone, where there is one', () => {
    expect(originsOf({ publicUrl: 'https://l.example', host: '127.0.0.1', port: 1 }, 4310)).toEqual(
      ['https://l.example'],
    );
  });

  it('are otherwise those of the address that the request came to, by each name of this machine', () => {
    const here = ['http://127.0.0.1:5000', 'http://localhost:5000', 'http://[::1]:5000'];
    expect(originsOf({ host: '127.0.0.1', port: 0 }, 5000)).toEqual(here);
    expect(originsOf({ host: '0.0.0.0', port: 0 }, 5000)).toEqual(here);
    expect(originsOf({ host: 'ledger.lan', port: 0 }, 5000)).toEqual([
      'http://ledger.lan:5000',
      ...here,
    ]);
    expect(originsOf({ host: 'fd00::1' }, 5000)[0]).toBe('http://[fd00::1]:5000');
  });

  it('are written as browsers write them', () => {
    expect(originsOf({ host: 'localhost', port: 80 })).toEqual([
      'http://127.0.0.1',
      'http://localhost',
      'http://[::1]',
    ]);
  });

  it('keep the cookie for encrypted connections where there are such', () => {
    expect(isSecure({ publicUrl: 'https://l.example' })).toBe(true);
    expect(isSecure({ publicUrl: 'http://l.example' })).toBe(false);
    expect(isSecure({})).toBe(false);
  });
});
