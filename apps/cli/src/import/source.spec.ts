import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LineChunk, sourceOf } from './source.js';

const LINES = Array.from(
  { length: 500 },
  (_, n) => `{"id":"pay_${n}","x":"${'x'.repeat(n % 97)}"}`,
);
const TEXT = LINES.join('\n'); // the last line has no end
const CHUNK = 1_000;

describe('the lines of a file', () => {
  let folder = '';
  const file = (name: string): string => path.join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'flywheel-source-'));
    await writeFile(file('plain'), TEXT);
    await writeFile(file('packed'), gzipSync(TEXT)); // known by its bytes, not by its name
    await writeFile(file('empty'), '');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const read = async (name: string, from = 0, stdin?: Readable): Promise<LineChunk[]> => {
    const source = await sourceOf(name === '-' ? name : file(name), stdin ?? Readable.from([]));
    const chunks: LineChunk[] = [];
    for await (const chunk of source.chunks(from, CHUNK)) chunks.push(chunk);
    return chunks;
  };
  const textOf = (chunks: readonly LineChunk[]): string =>
    Buffer.concat(chunks.map(({ bytes }) => bytes)).toString();
  const piped = (bytes: Buffer, part: number): Readable => {
    const parts = Array.from({ length: Math.ceil(bytes.length / part) }, (_, n) =>
      bytes.subarray(n * part, (n + 1) * part),
    );
    return Readable.from(parts);
  };

  it('are cut at their ends, and none is missing', async () => {
    const chunks = await read('plain');
    expect(textOf(chunks)).toBe(TEXT);
    for (const { bytes, last } of chunks) {
      expect(bytes.length).toBeLessThanOrEqual(CHUNK);
      expect(last || bytes.at(-1) === 10).toBe(true);
    }
    expect(chunks.map(({ last }) => last)).toEqual(chunks.map((_, n) => n === chunks.length - 1));
    let from = 0;
    for (const chunk of chunks) {
      expect(chunk.from).toBe(from);
      from += chunk.bytes.length;
    }
  });

  it('are cut alike from any place on where a chunk begins, compressed, piped or neither', async () => {
    const chunks = await read('plain');
    const third = chunks[3]?.from ?? 0;
    expect(await read('plain', third)).toEqual(chunks.slice(3));
    expect(await read('packed')).toEqual(chunks);
    expect(await read('packed', third)).toEqual(chunks.slice(3));
    for (const part of [1, 7, 5_000, 100_000]) {
      expect(await read('-', 0, piped(Buffer.from(TEXT), part))).toEqual(chunks);
    }
    expect(await read('-', 0, piped(gzipSync(TEXT), 333))).toEqual(chunks);
  });

  it('that are longer than a chunk make one of their own', async () => {
    const long = `{"x":"${'x'.repeat(3 * CHUNK)}"}\n`;
    const chunks = await read('-', 0, Readable.from([Buffer.from(`{}\n${long}{}\n`)]));
    expect(chunks.map(({ bytes }) => bytes.toString())).toEqual(['{}\n', long, '{}\n']);
  });

  it('that never end are refused', async () => {
    const endless = Readable.from([Buffer.alloc(5 * 1024 * 1024, 'x')]);
    await expect(read('-', 0, endless)).rejects.toMatchObject({ code: 'line_too_long' });
  });

  it('may be none', async () => {
    expect(await read('empty')).toEqual([{ from: 0, bytes: Buffer.alloc(0), last: true }]);
    await expect(sourceOf(file('missing'), Readable.from([]))).rejects.toMatchObject({
      code: 'file_unreadable',
    });
  });

  it('are known by the hash of their file, a pipe by nothing', async () => {
    const [plain, packed] = await Promise.all([
      sourceOf(file('plain'), Readable.from([])),
      sourceOf(file('packed'), Readable.from([])),
    ]);
    expect(plain.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(packed.sha256).not.toBe(plain.sha256);
    expect([plain.bytes, packed.bytes]).toEqual([TEXT.length, undefined]);
    expect((await sourceOf('-', Readable.from([]))).sha256).toBeUndefined();
  });
});
