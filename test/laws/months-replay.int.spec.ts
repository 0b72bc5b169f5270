/** What was sealed does not depend on the tables or the machine: the log alone gives it back, byte for byte. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { closeMonthOf } from '#libs/application';
import { dumpTables, replay } from '#libs/projector';
import { register } from '#projections';
import { projectAll, projecting } from './history-ledger.js';
import { JANUARY_ENDS, openCommunity, pay, sealsOf } from './months-community.js';
import { type MonthsLedger, monthsLedger } from './months-ledger.js';

const CREATOR = 'biz_replayed';
const MONTH = 28 * 86_400;

describe('a log with closed months', () => {
  let months: MonthsLedger;
  /** Another machine: an empty database. */
  let other: MonthsLedger;

  beforeAll(async () => {
    months = await monthsLedger(JANUARY_ENDS + 60);
    const { ledger } = months;
    await openCommunity(ledger, CREATOR);
    const paid = (member: string, n: number, paidAt: number, referrer?: string) =>
      pay(ledger, {
        creatorId: CREATOR,
        member,
        payment: `${member}_${n}`,
        paidAt,
        amountMinor: BigInt(1_999 + n),
        ...(referrer === undefined ? {} : { referrer }),
      });
    for (let n = 0; n < 9; n++)
      await paid(`m${n}`, n, JANUARY_ENDS - 600, n > 2 ? 'm0' : undefined);
    await months.close(CREATOR, '2026-01');
    await paid('late', 20, JANUARY_ENDS - 5, 'm1');
    for (let n = 0; n < 9; n++) await paid(`m${n}`, 100 + n, JANUARY_ENDS + 600 + n);
    months.setNow(JANUARY_ENDS + MONTH + 60);
    await months.close(CREATOR, '2026-02');
    await paid('later', 21, JANUARY_ENDS - 4, 'm2');
    const [january] = await sealsOf(ledger, CREATOR);
    await months.restate({
      creatorId: CREATOR,
      month: '2026-01',
      expectedDigest: january?.data.digest ?? '',
      reason: 'two came late',
    });
    await months.settled();
    other = await monthsLedger(JANUARY_ENDS + 60);
  });
  afterAll(async () => {
    await Promise.all([months.drop(), other.drop()]);
  });

  /** The log up to a position, as it is, into the other database. */
  async function copied(after: bigint, through: bigint): Promise<void> {
    const { rows } = await sql<Record<string, string>>`
      select position::text, stream, revision::text, id::text, type, effective_at::text, recorded_at::text,
        data::text, metadata::text
      from events e where position > ${after}::bigint and position <= ${through}::bigint
      order by e.position`.execute(months.test.db);
    for (const row of rows)
      await sql`insert into events values (${row.position}, ${row.stream}, ${row.revision}, ${row.id}, ${row.type},
        ${row.effective_at}, ${row.recorded_at}, ${row.data}, ${row.metadata})`.execute(
        other.test.db,
      );
    await other.settled();
  }

  it('holds what is closed, carried and restated', async () => {
    const seals = await sealsOf(months.ledger, CREATOR);
    expect(seals.map(({ type, data }) => [type, data.month, data.version])).toEqual([
      ['MonthClosed', '2026-01', 1],
      ['MonthClosed', '2026-02', 1],
      ['MonthRestated', '2026-01', 2],
    ]);
    const origins = (n: number) => [
      ...new Set(seals[n]?.data.totals.creator.map(([origin]) => origin)),
    ];
    expect(origins(0)).toEqual(['2026-01']);
    // What came late in January was carried by February, so the restatement adds only the later one.
    expect(origins(1)).toEqual(['2026-01', '2026-02']);
    expect(origins(2)).toEqual(['2026-01']);
    const referrals = seals.map(({ data }) =>
      data.totals.referrers.map(([origin, , n]) => [origin, n]),
    );
    expect(referrals).toEqual([
      [['2026-01', '6']],
      [
        ['2026-01', '1'],
        ['2026-02', '0'],
      ],
      [['2026-01', '7']],
    ]);
  });

  it('gives the digests that it gave at the first release, in whatever zone the machine is', async () => {
    const seals = await sealsOf(months.ledger, CREATOR);
    expect(seals.map(({ data }) => data.digest)).toEqual([
      'db502a08d21f4f52df856e002a636f8f1eae0361a2a8a3245b2930df431cfd91',
      '04665cdcc86630a524c26395dfcfe5ece485f1f3faca83dbb6e82cd03393f905',
      'f9f0b38a6efa6901949b16ff97f7d3e6405d297ae993933e8f225955a05b9ada',
    ]);
  });

  it('gives every digest again to whoever closes with the log as it was then', async () => {
    let copiedTo = 0n;
    for (const { type, data } of await sealsOf(months.ledger, CREATOR)) {
      await copied(copiedTo, BigInt(data.position));
      copiedTo = BigInt(data.position);
      if (type === 'MonthRestated') continue;
      other.setNow(data.month === '2026-01' ? JANUARY_ENDS + 60 : JANUARY_ENDS + MONTH + 60);
      const { seal } = await closeMonthOf(
        other.parts,
        { creatorId: CREATOR, month: data.month },
        { actor: 'auditor', dryRun: true },
      );
      expect(seal).toEqual(data);
    }
    await copied(copiedTo, await months.ledger.store.head());
  });

  it('gives the same tables, replayed beside them and on the other machine', async () => {
    const live = await projectAll(months.test, months.ledger);
    const expected = await dumpTables(months.test.db, live.schema, register);
    for (const name of ['snapshots', 'snapshot_members', 'snapshot_referrers', 'snapshot_creators'])
      expect(expected[name]?.length).toBeGreaterThan(1);
    const replayed = await replay(projecting(months.test, months.ledger));
    expect(replayed.schema).not.toBe(live.schema);
    expect(await dumpTables(months.test.db, replayed.schema, register)).toEqual(expected);
    const there = await projectAll(other.test, other.ledger);
    expect(await dumpTables(other.test.db, there.schema, register)).toEqual(expected);
  });
});
