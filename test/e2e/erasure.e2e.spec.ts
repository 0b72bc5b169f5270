/**
 * A person is erased from a running ledger, as an operator does it: afterwards no file of the data
 * folder and no dump of the database holds a word of theirs, and the money is what it was.
 */
import { readdir, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Rendered, renderMembership, renderPayment, signStandard } from '#libs/ingestion';
import { instantOf, systemClock } from '#libs/ledger';
import { Client } from './client.js';
import {
  flywheel,
  NotStarted,
  newHome,
  newSecrets,
  type Running,
  removeHome,
  rowOf,
  startUp,
} from './running.js';

const LIMIT_MS = 240_000;
const { secret } = newSecrets();
const MARCH = Date.UTC(2026, 2, 1, 12) / 1000;
const WORDS = ['Zerlina', 'Quastel', 'zerlinaq', 'z.quastel@example.org'];
const ZOE = { name: 'Zerlina Quastel', username: 'zerlinaq', email: 'z.quastel@example.org' };
const CREATOR = 'biz_a';

let home = '';
let running: Running;
let client: Client;

// No token and no data key is given: the folder keeps its own.
const env = { WHOP_WEBHOOK_SECRET: secret, LOG_LEVEL: 'trace' };
const tokenOf = async (): Promise<string> =>
  (await readFile(path.join(home, 'admin-token'), 'utf8')).trim();

beforeAll(async () => {
  home = await newHome();
  running = await startUp({ home, env });
  client = new Client(running.url, await tokenOf());
}, LIMIT_MS);

afterAll(async () => {
  client?.close();
  await running?.stop();
  await removeHome(home);
}, LIMIT_MS);

describe('erasing a person from a running ledger', () => {
  it(
    'leaves none of their words in any file, answer or log, and the money as it was',
    async () => {
      const person = { creatorId: CREATOR, userId: 'user_zoe', membershipId: 'mem_zoe', ...ZOE };
      await send(renderMembership('v1', { ...person, status: 'activated', createdAt: MARCH }));
      for (let n = 0; n < 20; n++)
        await send(
          renderPayment('v1', {
            ...person,
            ...{ paymentId: `pay_z${n}`, status: 'succeeded', amount: '49.99', currency: 'usd' },
            ...{ paidAt: MARCH + n, createdAt: MARCH + n },
          }),
        );
      await client.settled();
      const figures = async () => {
        const { asOf: _asOf, ...revenue } = await client.get<{ asOf: object }>(
          `/api/creators/${CREATOR}/revenue`,
          { from: '2026-03', to: '2026-03' },
        );
        return revenue;
      };
      const before = await figures();
      const member = `/api/creators/${CREATOR}/members/user_zoe`;
      expect(await client.get(member)).toMatchObject({ name: ZOE.name });
      expect((await stat(path.join(home, 'data-key'))).mode & 0o777).toBe(0o600);

      const asked = await flywheel(home, ['member', 'erase', 'user_zoe', '--creator', CREATOR]);
      expect(asked).toMatchObject({ code: 2 });
      expect(asked.stdout).toMatch(/user_zoe +would be erased/);
      const done = await flywheel(home, [
        ...['member', 'erase', 'user_zoe', '--creator', CREATOR, '--apply'],
        ...['--reason', 'they asked', '--json'],
      ]);
      expect(done.code).toBe(0);
      expect(JSON.parse(done.stdout)).toMatchObject({
        ...{ changed: true, profile: true, deliveries: 21, scrubbed: 0 },
      });
      expect(await client.get(member)).toMatchObject({ name: 'user_zoe' });
      expect(await figures()).toEqual(before);

      const backup = path.join(home, 'after.backup');
      expect(await flywheel(home, ['db', 'backup', backup])).toMatchObject({ code: 0 });
      await rowOf(home, `select pg_switch_wal()::text as lsn`);
      expect(await wordsInFiles(home)).toEqual([]);
      for (const said of [running.stdout(), running.stderr(), done.stdout, done.stderr])
        expect(WORDS.filter((word) => said.includes(word))).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'survives a restart, which refuses to start without the key that sealed it',
    async () => {
      client.close();
      await running.stop();
      expect(await wordsInFiles(home)).toEqual([]);
      const key = path.join(home, 'data-key');
      await rename(key, `${key}.elsewhere`);
      const refused = await startUp({ home, env }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(NotStarted);
      expect((refused as NotStarted).ended.code).toBe(78);
      expect((refused as NotStarted).message).toMatch(/sealed with another data key/);
      await rename(`${key}.elsewhere`, key);
      running = await startUp({ home, env });
      client = new Client(running.url, await tokenOf());
      const member = `/api/creators/${CREATOR}/members/user_zoe`;
      expect(await client.get(member)).toMatchObject({ name: 'user_zoe' });
    },
    LIMIT_MS,
  );
});

async function send({ messageId: id, body }: Rendered): Promise<void> {
  const timestamp = instantOf(systemClock.now());
  const headers = signStandard({ secret, id, timestamp, body });
  const { status } = await client.ask('/api/webhooks/whop', { method: 'POST', body, headers });
  expect(status).toBe(200);
}

/** Every file below the folder, whatever it is for; in the letters of any of PostgreSQL's ways to write them. */
async function wordsInFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  let files = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes === undefined) continue; // it has just gone
    files += 1;
    for (const word of WORDS) {
      const hex = Buffer.from(word).toString('hex');
      if (bytes.includes(word) || bytes.includes(hex)) found.push(`${entry.name}: ${word}`);
    }
  }
  if (files < 100) throw new Error('this is no data folder');
  return found;
}
