/**
 * PostgreSQL dies under a replay, its difference or its switch (a backend is killed, so that the server
 * throws away all that was not committed, and what unlogged tables held): what served serves again, and
 * the next replay ends well.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  type Database,
  type EmbeddedPostgres,
  migrate,
  openDatabase,
  startEmbeddedPostgres,
} from '#libs/database';
import {
  buildDifference,
  buildReplay,
  dropOldSchemas,
  dumpTables,
  promote,
  type ReplayProgress,
  readCheckpoint,
} from '#libs/projector';
import { letTestsProject, type TestLedger, testLedger } from '#libs/testing';
import { migrations } from '#migrations';
import { register } from '#projections';
import { projectAll, projecting } from './history-ledger.js';
import { JANUARY_ENDS, openCommunity, pay } from './months-community.js';

const CREATOR = 'biz_crash';
const LIMIT_MS = 240_000;
type Moment = ReplayProgress['phase'] | 'switch';
const MOMENTS: readonly Moment[] = ['events', 'tables', 'difference', 'switch'];

describe('a replay whose database server dies', () => {
  let home: string;
  let server: EmbeddedPostgres;
  let db: Database;
  let ledger: TestLedger;
  let test: { url: string; db: Database; drop: () => Promise<void> };

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'flywheel-crash-'));
    server = await startEmbeddedPostgres({ home });
    await migrate(server.url, migrations);
    await letTestsProject(server.url);
    db = openDatabase(server.url, { max: 8, applicationName: 'test' });
    test = { url: server.url, db, drop: async () => {} };
    ledger = await testLedger(test);
    await openCommunity(ledger, CREATOR);
    for (let n = 0; n < 20; n++)
      await pay(ledger, {
        creatorId: CREATOR,
        member: `m${n % 6}`,
        payment: `${n}`,
        paidAt: JANUARY_ENDS - 3_600 + n,
        amountMinor: 4_999n,
        ...(n % 6 === 0 ? {} : { referrer: 'm0' }),
      });
    await projectAll(test, ledger);
  }, LIMIT_MS);
  afterAll(async () => {
    await db?.destroy();
    await server?.stop();
    await rm(home, { recursive: true, force: true });
  }, LIMIT_MS);

  /** Kills a session of this server, with which all others end. */
  async function crash(): Promise<void> {
    const victim = openDatabase(server.url, { max: 1, as: 'owner' });
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(victim);
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
    await victim.destroy().catch(() => undefined);
  }

  async function back(): Promise<void> {
    for (let tries = 0; tries < 1_000; tries++) {
      const answers = await sql`select 1`.execute(db).then(
        () => true,
        () => false,
      );
      if (answers) return;
      await delay(50);
    }
    throw new Error('the server did not come back');
  }

  const schemas = async (): Promise<string[]> => {
    const { rows } = await sql<{ name: string }>`
      select nspname as name from pg_namespace where nspname like 'rm\\_%'`.execute(db);
    return rows.map(({ name }) => name);
  };

  it.each(MOMENTS)(
    '(%s) changes nothing, and the next one ends well',
    async (moment) => {
      const before = await readCheckpoint(db, register);
      const expected = await dumpTables(db, before.schema, register);
      let crashing: Promise<void> | undefined;
      const dieAt = (now: Moment): void => {
        if (now === moment) crashing ??= crash();
      };
      const options = {
        ...projecting(test, ledger),
        batchSize: 10,
        maxBatchRows: 20,
        onProgress: ({ phase }: ReplayProgress) => dieAt(phase),
      };
      const run = async (rest: object): Promise<string> => {
        const { schema } = await buildReplay({ ...options, ...rest });
        const { hash } = await buildDifference({ ...options, ...rest }, schema);
        const within = async (): Promise<void> => {
          if (moment === 'switch' && !('onProgress' in rest)) {
            dieAt('switch');
            await crashing;
            await delay(300);
          }
        };
        await promote({ ...options, differenceHash: hash, within, ...rest }, schema);
        return schema;
      };
      await expect(run({})).rejects.toThrow();
      await crashing;
      await back();
      expect(await readCheckpoint(db, register)).toEqual(before);
      expect(await dumpTables(db, before.schema, register)).toEqual(expected);
      // Whatever was left waits for the next, and hinders nobody.
      const served = await run({ onProgress: undefined });
      expect(await readCheckpoint(db, register)).toMatchObject({ schema: served });
      expect(await dumpTables(db, served, register)).toEqual(expected);
      await dropOldSchemas(db, { graceSeconds: 0, builtSeconds: 0 });
      expect(await schemas()).toEqual([served]);
    },
    LIMIT_MS,
  );
});
