import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { frozenClock } from '#libs/ledger';
import { ensureReadModels } from '#libs/projector';
import { TEST_VAULT, type TestDatabase, testDatabase, testLedger } from '#libs/testing';
import { register } from '#projections';
import { decodeEvent } from '../decisions.js';
import { exportMembers } from './members.js';
import { ReadSide } from './read-side.js';

const CREATOR = 'biz_many';
const MEMBERS = 2_500;
const asked = { creatorId: CREATOR, sort: 'memberId' } as const;

describe('an export', () => {
  let test: TestDatabase;
  let reads: ReadSide;
  let schema = '';
  const insert = (from: number, to: number) =>
    sql`insert into ${sql.id(schema, 'members')} (creator_id, member_id, referral_code)
      select ${CREATOR}, 'user_' || lpad(n::text, 6, '0'), 'CODE-' || n
      from generate_series(${from}::int, ${to}::int) n`.execute(test.db);

  beforeAll(async () => {
    test = await testDatabase({ poolSize: 5 });
    const { store } = await testLedger(test);
    const silent = { info: () => {}, warn: () => {}, error: () => {} };
    const { signal } = new AbortController();
    ({ schema } = await ensureReadModels({
      ...{ db: test.db, store, register, decode: decodeEvent, signal, log: silent },
    }));
    const defaults = JSON.stringify({ timeZone: 'UTC', graceHours: 72, currency: 'usd' });
    await sql`insert into ${sql.id(schema, 'creators')} (creator_id, registered_at, defaults)
      values (${CREATOR}, 0, ${defaults})`.execute(test.db);
    await insert(1, MEMBERS);
    reads = new ReadSide({
      ...{ db: test.db, watch: { pointer: async () => schema } },
      clock: frozenClock(Date.UTC(2026, 2, 14)),
      vault: TEST_VAULT,
    });
  });
  afterAll(() => test.drop());

  it('holds a chunk at a time, all of one moment', async () => {
    const { chunks } = await exportMembers(reads, asked);
    const sizes: number[] = [];
    const ids = new Set<string>();
    for await (const members of chunks) {
      if (sizes.length === 0) await insert(MEMBERS + 1, MEMBERS + 5);
      sizes.push(members.length);
      for (const { memberId } of members) ids.add(memberId);
    }
    expect(sizes).toEqual([1_000, 1_000, 500]);
    expect(ids.size).toBe(MEMBERS);
    const later = await exportMembers(reads, asked);
    let count = 0;
    for await (const members of later.chunks) count += members.length;
    expect(count).toBe(MEMBERS + 5);
  });

  it('is of the position that it names, whatever is booked before its first row is read', async () => {
    const { snapshot } = await reads.snapshot(asked);
    await insert(MEMBERS + 6, MEMBERS + 7);
    const members = sql<{ n: number }>`select count(*) as n from ${sql.id(schema, 'members')}`;
    const { value } = await snapshot.chunks(members).next();
    await snapshot.close();
    expect(value).toEqual([{ n: MEMBERS + 5 }]);
  });

  it('reads on when a replay is promoted meanwhile', async () => {
    const { chunks } = await exportMembers(reads, asked);
    await sql`update projections set schema = 'r_elsewhere'`.execute(test.db);
    let count = 0;
    for await (const members of chunks) count += members.length;
    await sql`update projections set schema = ${schema}`.execute(test.db);
    expect(count).toBe(MEMBERS + 7);
  });

  it('is one of few at a time, and gives its place back even if nobody reads it', async () => {
    const open = [];
    for (let n = 0; n < 3; n++) open.push(await exportMembers(reads, asked));
    await expect(exportMembers(reads, asked)).rejects.toMatchObject({ code: 'exports_busy' });
    await Promise.all(open.map((one) => one.close()));
    const { chunks } = await exportMembers(reads, asked);
    for await (const _ of chunks) break;
    for (let n = 0; n < 4; n++) await (await exportMembers(reads, asked)).close();
    const { rows } = await sql<{ open: string }>`
      select count(*) as open from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'`.execute(test.db);
    expect(rows).toEqual([{ open: '0' }]);
  });

  it('that is refused gives its place back too', async () => {
    for (let n = 0; n < 5; n++) {
      const refused = exportMembers(reads, { ...asked, tier: 'Nobody' });
      await expect(refused).rejects.toMatchObject({ code: 'tier_unknown' });
      const unknown = exportMembers(reads, { ...asked, creatorId: 'biz_none' });
      await expect(unknown).rejects.toMatchObject({ code: 'creator_not_found' });
    }
  });
});
