import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EXIT } from '../exit.js';
import { Terminal } from '../terminal.js';
import { exportEvents } from './events-export.command.js';

const HEAD = 40;
const line = (position: number): string =>
  `${JSON.stringify({ position, id: `id-${position}`, data: { text: 'x'.repeat(position) } })}\n`;
const lines = (after: number, through: number): string =>
  Array.from({ length: Math.max(0, through - after) }, (_, n) => line(after + 1 + n)).join('');

describe('flywheel events export', () => {
  let folder: string;
  let server: http.Server;
  let asked: URLSearchParams[];
  /** What becomes of the lines of the next answer. */
  let deform: (text: string, response: http.ServerResponse) => void;
  const whole = (text: string, response: http.ServerResponse): void => void response.end(text);

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'flywheel-export-'));
    asked = [];
    deform = whole;
    server = http.createServer((request, response) => {
      const { searchParams: query } = new URL(request.url ?? '', 'http://localhost');
      if (request.headers.accept !== 'application/x-ndjson') {
        response.end(JSON.stringify({ items: [], asOf: { position: HEAD }, nextCursor: null }));
        return;
      }
      asked.push(query);
      deform(lines(Number(query.get('after')), Number(query.get('through') ?? HEAD)), response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  const run = async (options: Parameters<typeof exportEvents>[1] = {}) => {
    const said: string[] = [];
    const out = { write: (text: string | Uint8Array) => void said.push(String(text)) };
    const terminal = new Terminal({ json: false, quiet: true, verbose: false, color: false }, out, {
      write: () => {},
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const globals = { url, quiet: true };
    const outcome = await exportEvents({ terminal, globals, env: {} }, options);
    return { outcome, said: said.join('') };
  };
  const file = (): string => path.join(folder, 'log.ndjson');
  const text = (): Promise<string> => readFile(file(), 'utf8');

  it('writes all of the log as it was when it began, and nothing else', async () => {
    expect((await run({ out: file() })).outcome).toBe(EXIT.done);
    expect(await text()).toBe(lines(0, HEAD));
    expect(await readdir(folder)).toEqual(['log.ndjson']);
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({ after: '0', through: '40' });
  });

  it('goes on after the last whole line of what broke off', async () => {
    deform = (all, response) => {
      // Cut in the middle of a line.
      response.write(all.slice(0, lines(0, 17).length + 9), () => response.destroy());
    };
    await expect(run({ out: file() })).rejects.toMatchObject({ code: 'answer_incomplete' });
    const [part, ...others] = await readdir(folder);
    expect([others, part]).toEqual([
      [],
      expect.stringMatching(/^\.log\.ndjson\.[0-9a-f]{8}\.part$/),
    ]);
    deform = whole;
    await run({ out: file() });
    expect(asked.map((query) => query.get('after'))).toEqual(['0', '17']);
    expect(await text()).toBe(lines(0, HEAD));
    expect(await readdir(folder)).toEqual(['log.ndjson']);
  });

  it('begins anew when another question is asked', async () => {
    deform = (all, response) => {
      response.write(all.slice(0, 200), () => response.destroy());
    };
    await expect(run({ out: file() })).rejects.toMatchObject({ code: 'answer_incomplete' });
    deform = whole;
    await run({ out: file(), after: 30 });
    expect(await text()).toBe(lines(30, HEAD));
  });

  it('leaves what was there until it is whole', async () => {
    await run({ out: file() });
    deform = (_, response) => response.end(lines(0, 12) + lines(13, HEAD));
    await expect(run({ out: file() })).rejects.toMatchObject({ code: 'export_incomplete' });
    expect(await text()).toBe(lines(0, HEAD));
  });

  it('writes to standard output where no file is named', async () => {
    const { said } = await run({ after: 35, type: 'RatesSet' });
    expect(said).toBe(lines(35, HEAD));
    expect(asked[0]?.get('type')).toBe('RatesSet');
  });
});
