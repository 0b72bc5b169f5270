/**
 * The lines about a referrer are found by the log alone: the index of who is named leads to every
 * stream that has one, also when no read model knows of it any more.
 */
import { afterEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { decodeEvent } from '#libs/application';
import {
  type LinesSelect,
  type LogReading,
  linesNaming,
  linesOfCommunity,
  linesOfMember,
  readLogLines,
} from '#libs/checks';
import { type Line, linesOf } from '#libs/ledger';
import { type TestDatabase, type TestLedger, testDatabase, testLedger } from '#libs/testing';
import { historyOf } from '../reference/histories.js';
import { codeOf, deliverHistory, projectAll, settingsOfHistory } from './history-ledger.js';
import { giveOrders } from './orders-of-people.js';

const SEEDS = [2, 7, 19];

type Placed = Line & { readonly position: bigint; readonly n: number };

describe('the lines of the log', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  afterEach(() => test.drop());

  it.each(SEEDS)('about anybody are found without read models (seed %i)', async (seed) => {
    test = await testDatabase();
    ledger = await testLedger(test);
    const history = historyOf(seed, { codeOf });
    await settingsOfHistory(ledger, history);
    await deliverHistory(ledger, history, seed);
    await giveOrders(test.db, ledger);
    const { schema, position } = await projectAll(test, ledger);
    for (const table of ['lines', 'referrals'])
      await sql`delete from ${sql.id(schema, table)}`.execute(test.db);
    const all = (await ledger.events())
      .map(decodeEvent)
      .flatMap((event): Placed[] =>
        linesOf(event).map((line, n) => ({ ...line, position: event.position, n })),
      );
    const same = async (lines: LinesSelect, expected: readonly Placed[]): Promise<void> => {
      const found = await readLogLines(test.db, lines);
      expect(
        found.map(({ kind, position, n, ...line }) => textOf({ ...line, kind, position, n })),
      ).toEqual(expected.map(textOf));
    };
    const referrers = groups(all, (line) => `${line.creatorId} ${line.referrerId ?? ''}`);
    let compared = 0;
    for (const [key, expected] of referrers) {
      const [creatorId = '', referrerId = ''] = key.split(' ');
      if (referrerId === '') continue;
      const reading: LogReading = { creatorId, position, schema };
      await same(linesNaming(reading, referrerId), expected);
      compared += expected.length;
    }
    expect(compared).toBeGreaterThan(20);
    for (const [key, expected] of groups(all, (line) => `${line.creatorId} ${line.memberId}`)) {
      const [creatorId = '', memberId = ''] = key.split(' ');
      await same(linesOfMember({ creatorId, position, schema }, memberId), expected);
    }
    for (const [key, expected] of groups(all, (line) => `${line.creatorId} ${line.month}`)) {
      const [creatorId = '', month = ''] = key.split(' ');
      const reading = { creatorId, position, schema };
      await same(linesOfCommunity(reading, { from: month, to: month }), expected);
    }
    const [first] = all;
    const { creatorId = '' } = first ?? {};
    const upTo = { creatorId, position: position / 2n, schema };
    await same(
      linesOfCommunity(upTo, { from: '0000-00', to: '9999-99' }),
      all.filter((line) => line.creatorId === creatorId && line.position <= position / 2n),
    );
  });
});

const FIELDS = [
  ...['position', 'n', 'kind', 'sourceId', 'paymentId', 'first', 'at', 'day', 'memberId'],
  ...[
    'referrerId',
    'currency',
    'count',
    'saleMinor',
    'memberMinor',
    'creatorMinor',
    'platformMinor',
  ],
];
const textOf = (line: object): string =>
  FIELDS.map((field) => String((line as Record<string, unknown>)[field])).join(' ');

function groups<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) found.set(keyOf(one), [...(found.get(keyOf(one)) ?? []), one]);
  return found;
}
