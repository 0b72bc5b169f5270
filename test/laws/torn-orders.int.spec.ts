/**
 * The law of an order whose process is killed between the log and what goes along with it, and that
 * nobody gives again: if it is in the log it is done, before anything else is decided.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import {
  assignMembership,
  changeSettings,
  decodeEvent,
  erasePersonalData,
  finishOrders,
  setReferralCode,
} from '#libs/application';
import { RevisionConflict } from '#libs/event-store';
import { Erasure, intakeBatch, type PaymentFacts, renderPayment } from '#libs/ingestion';
import { linesOf, NetLines } from '#libs/ledger';
import {
  TEST_DEFAULTS,
  type TestDatabase,
  type TestLedger,
  testDatabase,
  testLedger,
  textOf,
} from '#libs/testing';
import { KilledStore, TornStore } from './torn-store.js';

const NOW = Date.UTC(2026, 2, 31, 12) / 1000;
const HOUR = 3_600;
const ADMIN = { actor: 'admin' };
const LEASE = { name: 'intake', epoch: '1' };

const paid = (user: string, rest: Partial<PaymentFacts> = {}) =>
  renderPayment('v1', {
    ...{ creatorId: 'biz_a', userId: `user_${user}`, membershipId: `mem_${user}` },
    ...{ paymentId: `pay_${user}`, status: 'succeeded', amount: '10', currency: 'usd' },
    ...{ paidAt: NOW - HOUR, createdAt: NOW - HOUR, name: `Zerlina ${user}` },
    ...rest,
  });

describe('an order that is cut off from what it leaves', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  let killed: KilledStore;
  let whole: TornStore;
  let isCut = true;
  beforeEach(async () => {
    isCut = true;
    test = await testDatabase();
    ledger = await testLedger(test);
    killed = new KilledStore(test, () => isCut);
    whole = new TornStore(test, () => false);
    await ledger.deliver(paid('rui'), paid('ana'));
    await ledger.decide();
  });
  afterEach(() => test.drop());

  const personal = () => new Erasure({ ...ledger.intake, keys: async () => ledger.keys });
  const finish = () =>
    finishOrders({
      db: test.db,
      store: whole,
      intake: ledger.notices,
      erase: (whom) => erasePersonalData({ store: whole, personal: personal() }, NOW, whom, ADMIN),
    });
  const batch = () =>
    intakeBatch({ ...ledger.intake, store: whole, repeats: true, finishOrders: finish }, LEASE);
  const decide = async () => {
    const again = (error: unknown) => {
      if (error instanceof RevisionConflict) return 1;
      throw error;
    };
    while ((await batch().catch(again)) > 0);
  };
  const parts = () => ({ store: killed, intake: ledger.notices });
  const setCode = (user: string, code: string) =>
    setReferralCode(parts(), NOW, { creatorId: 'biz_a', memberId: `user_${user}`, code }, ADMIN);
  const assign = () =>
    assignMembership(
      parts(),
      NOW,
      { creatorId: 'biz_a', membershipId: 'mem_x', userId: 'user_ana', reason: 'as they told us' },
      ADMIN,
    );
  const booksOf = async (user: string) => {
    const net = new NetLines();
    for (const event of await ledger.events())
      for (const line of linesOf(decodeEvent(event))) net.add(line);
    const own = net.lines().filter((line) => line.memberId === `user_${user}`);
    return own.map(textOf).sort().join('\n');
  };
  const open = async () => {
    const { rows } = await sql<{ kind: string }>`
      select notice->>'kind' as kind from open_orders`.execute(test.db);
    return rows.map(({ kind }) => kind);
  };

  it('of a code, leads claims to its member, also those that stood before it when it was cut off', async () => {
    await ledger.deliver(paid('bea', { paidAt: NOW + HOUR, referralCode: 'RUI-2026' }));
    await setCode('rui', 'RUI-2026');
    expect(await open()).toEqual(['code']);
    await decide();
    expect(await booksOf('bea')).toContain('conversion pay_bea by user_rui');
    expect(await open()).toEqual([]);
  });

  it('of a membership, has what waited for it decided, and goes before whatever comes', async () => {
    const ofMembership = { creatorId: undefined, userId: undefined, membershipId: 'mem_x' };
    await ledger.deliver(paid('x1', ofMembership));
    await decide();
    await assign();
    expect(await open()).toEqual(['membership']);
    await ledger.deliver(paid('x2', ofMembership));
    expect(await batch()).toBe(2);
    expect(await booksOf('ana')).toContain('sale pay_x2');
    await decide();
    expect(await booksOf('ana')).toContain('sale pay_x1');
  });

  it('of a split, is applied to what was told ahead', async () => {
    await ledger.deliver(paid('bea', { paidAt: NOW + HOUR }));
    await ledger.decide();
    const before = await booksOf('bea');
    const rates = { memberBps: 1_000, creatorBps: 8_000, platformBps: 1_000 };
    await changeSettings(
      parts(),
      'biz_a',
      { type: 'ChangeSettings', now: NOW, defaults: TEST_DEFAULTS, rates },
      ADMIN,
    );
    expect(await open()).toEqual(['settings']);
    await decide();
    const tasks = await sql<{ type: string }>`
      select type from deliveries where provider = 'internal'`.execute(test.db);
    expect(tasks.rows).toEqual([{ type: 'settings.changed' }]);
    expect(before).not.toBe('');
  });

  it('of a person to be forgotten, takes their words', async () => {
    const order = { creatorId: 'biz_a', memberId: 'user_rui' };
    await erasePersonalData({ store: killed, personal: personal() }, NOW, order, ADMIN);
    expect(await kept()).toBe('2');
    await decide();
    expect(await kept()).toBe('1');
    expect(await open()).toEqual([]);
  });

  const asOwner = async (statement: string) => {
    const client = new pg.Client({ connectionString: test.url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  const kept = async () => {
    const { rows } = await sql<{ n: string }>`
      select count(*) as n from deliveries where body is not null`.execute(test.db);
    return rows[0]?.n;
  };

  it('is not decided past, if it comes between the reading of a batch and its writing', async () => {
    await ledger.deliver(paid('bea', { paidAt: NOW + HOUR, referralCode: 'RUI-2026' }));
    const overtaken = { ...ledger.intake, store: whole, repeats: true };
    const late = async () => {
      await setCode('rui', 'RUI-2026');
      return false;
    };
    await expect(intakeBatch({ ...overtaken, finishOrders: late }, LEASE)).rejects.toMatchObject({
      code: 'batch_overtaken',
    });
    await decide();
    expect(await booksOf('bea')).toContain('conversion pay_bea by user_rui');
  });

  it('is waited for while its event may still come, and forgotten once another has its place', async () => {
    await sql`
      insert into open_orders values (gen_random_uuid(), 'creator-biz_a', 99, '{"kind":"settings"}',
        clock_timestamp())`.execute(test.db);
    await ledger.deliver(paid('bea'));
    await expect(batch()).rejects.toMatchObject({ code: 'orders_outstanding' });
    await sql`update open_orders set made_at = clock_timestamp() - interval '1 minute'`.execute(
      test.db,
    );
    expect(await batch()).toBe(1);
    expect(await open()).toEqual(['settings']);
    await asOwner('update open_orders set revision = 0');
    await batch();
    expect(await open()).toEqual([]);
  });

  it('leaves nothing behind where nobody is cut off', async () => {
    isCut = false;
    await setCode('rui', 'RUI-2026');
    expect(await open()).toEqual([]);
    await expect(setCode('ana', 'RUI-2026')).rejects.toMatchObject({ code: 'code_taken' });
    expect(await open()).toEqual([]);
  });
});
