import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EXIT } from './exit.js';
import { claimHome, readRunFile, runFileOf } from './run-file.js';
import { keptAdminToken, keptWebhookSecret } from './secrets.js';
import { findTarget, webhookSecretFor } from './target.js';

const startedAt = '2026-01-02T03:04:05Z';
let home = '';
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'flywheel-cli-'));
});
afterEach(() => rm(home, { recursive: true }));

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe('the run file', () => {
  it('lets one run have a data folder, and says who', async () => {
    const claim = await claimHome(home, startedAt);
    await claim.say({ url: 'http://127.0.0.1:4310' });
    expect(await modeOf(runFileOf(home))).toBe(0o600);
    await expect(claimHome(home, startedAt)).rejects.toMatchObject({
      exitCode: EXIT.busy,
      code: 'already_running',
      message: expect.stringContaining(String(process.pid)),
      why: expect.stringContaining('http://127.0.0.1:4310'),
    });
    await claim.release();
    expect(await readRunFile(home)).toBeUndefined();
    expect(await readdir(home)).toEqual([]);
  });

  it('lets only one of many that start at once have it', async () => {
    const claims = Array.from({ length: 20 }, () => claimHome(home, startedAt));
    const outcomes = await Promise.allSettled(claims);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('takes over from a process that is gone, even when its number lives on', async () => {
    const reused = { pid: process.pid, born: 'before the machine was started', startedAt };
    for (const stale of [JSON.stringify(reused), '{"pid": 1', '']) {
      await writeFile(runFileOf(home), stale);
      expect(await readRunFile(home)).toBeUndefined();
      const claim = await claimHome(home, startedAt);
      expect(await readRunFile(home)).toMatchObject({ pid: process.pid, startedAt });
      await claim.release();
    }
  });
});

describe('secrets', () => {
  it('are made once, kept for the owner alone, and stay', async () => {
    const token = await keptAdminToken(home);
    expect(token.secret).toMatch(/^fwadm_[\w-]{43}$/);
    expect(token.made).toBe(true);
    expect(await modeOf(token.file)).toBe(0o600);
    expect(await keptAdminToken(home)).toEqual({ ...token, made: false });
    expect((await keptWebhookSecret(home)).secret).toMatch(/^ws_[0-9a-f]{64}$/);
  });

  it('are one and the same for processes that start at once', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => keptWebhookSecret(home)));
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(1);
  });

  it('are made again where a full disk left an empty file', async () => {
    await writeFile(path.join(home, 'admin-token'), '');
    const { secret, file } = await keptAdminToken(home);
    expect(await readFile(file, 'utf8')).toBe(`${secret}\n`);
  });
});

describe('the target', () => {
  it('is the server that runs in the data folder, with its token', async () => {
    const { secret } = await keptAdminToken(home);
    const claim = await claimHome(home, startedAt);
    await claim.say({ url: 'http://127.0.0.1:4399', clock: '2025-10-26T18:00:00.000Z' });
    expect(await findTarget({}, { FLYWHEEL_HOME: home })).toMatchObject({
      url: 'http://127.0.0.1:4399',
      token: secret,
      run: { clock: '2025-10-26T18:00:00.000Z' },
    });
  });

  it('is HOST and PORT where nothing runs', async () => {
    const env = { FLYWHEEL_HOME: home, HOST: '0.0.0.0', PORT: '8080' };
    expect(await findTarget({}, env)).toMatchObject({ url: 'http://127.0.0.1:8080' });
  });

  it('keeps the secrets of the data folder from hosts that are only named', async () => {
    const token = await keptAdminToken(home);
    await keptWebhookSecret(home);
    const env = { FLYWHEEL_HOME: home };
    const stranger = await findTarget({ url: 'https://flywheel.example' }, env);
    expect(stranger.token).toBeUndefined();
    await expect(webhookSecretFor(stranger, env)).rejects.toMatchObject({ exitCode: 77 });
    expect(await findTarget({ url: 'http://localhost:1' }, env)).toMatchObject({
      token: token.secret,
    });
    expect(await findTarget({ url: 'http://127.evil.example' }, env)).toMatchObject({
      token: undefined,
    });
  });
});
