import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type TestDatabase, type TestLedger, testDatabase, testLedger } from '#libs/testing';
import { type PaymentFacts, renderPayment, whopImportProvider } from '../providers/whop/index.js';
import { Imports, importOutcomes } from './imports.js';
import { type Preview, previewLines } from './preview.js';

const MARCH = Date.UTC(2026, 2, 1, 12) / 1000;
const NOW = Date.UTC(2026, 2, 20);

const facts = (n: number, rest: Partial<PaymentFacts> = {}): PaymentFacts => ({
  creatorId: 'biz_a',
  userId: `user_${n}`,
  membershipId: `mem_${n}`,
  paymentId: `pay_${n}`,
  status: 'succeeded',
  amount: '49.99',
  currency: 'usd',
  paidAt: MARCH + n,
  createdAt: MARCH + n,
  ...rest,
});
const lineOf = (one: PaymentFacts): string => JSON.stringify(renderPayment('v1', one).payload.data);
const linesOf = (...all: readonly PaymentFacts[]): Buffer =>
  Buffer.from(all.map((one) => `${lineOf(one)}\n`).join(''));

describe('an import', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  let imports: Imports;
  beforeEach(async () => {
    test = await testDatabase();
    ledger = await testLedger(test);
    imports = new Imports(test.db);
  });
  afterEach(() => test.drop());

  const open = (sha256 = Buffer.alloc(32, 7)) => imports.open({ name: 'a.ndjson', sha256 }, NOW);
  const chunk = (from: number, bytes: Buffer, last = true) => ({
    from: BigInt(from),
    bytes,
    last,
    receivedAt: NOW,
  });
  const rows = async (what: string): Promise<number> => {
    const { rows } = await sql<{ n: number }>`select ${sql.raw(what)}::int as n`.execute(test.db);
    return rows[0]?.n ?? -1;
  };
  const deliveries = () => rows('(select count(*) from deliveries)');
  const preview = (bytes: Buffer): Promise<Preview> => {
    const { db, store, keys, defaults } = ledger.intake;
    const parts = { db, store, keys, defaults, providers: [whopImportProvider()] };
    return previewLines(parts, { bytes, before: 0, receivedAt: NOW });
  };
  const verdicts = ({ counts }: Preview) =>
    Object.fromEntries(counts.map(({ verdict, count }) => [verdict, count]));

  it('books what it brings, and says how far it is', async () => {
    const { id } = await open();
    const bytes = Buffer.concat([linesOf(facts(1), facts(2)), Buffer.from('nonsense\n\n')]);
    await imports.store(id, chunk(0, bytes));
    expect(await imports.find(id)).toMatchObject({
      position: BigInt(bytes.length),
      lines: 4n,
      stored: 2n,
      known: 0n,
      unreadable: 1n,
      problems: [{ line: 3, code: 'not_json' }],
      complete: true,
      decided: 0n,
      settled: false,
    });
    await ledger.decide(1);
    expect(await imports.find(id)).toMatchObject({ decided: 2n, settled: true });
    const { counts, position } = await importOutcomes(test.db, id);
    expect(counts).toEqual([
      { outcome: 'applied', type: 'payment.succeeded', code: null, count: 2n },
    ]);
    expect(position).toBeGreaterThan(1n);
    expect(position).toBeLessThanOrEqual(await ledger.store.head());
  });

  it('goes on where it stopped when the same file is read again the same way', async () => {
    const first = await open();
    const [one, two] = [linesOf(facts(1)), linesOf(facts(2))];
    await imports.store(first.id, chunk(0, one, false));
    const again = await open();
    expect(again).toMatchObject({ id: first.id, position: BigInt(one.length), complete: false });
    await imports.store(again.id, chunk(one.length, two));
    expect(await imports.find(again.id)).toMatchObject({ stored: 2n, known: 0n, complete: true });
    const other = await imports.open(
      { name: 'a', sha256: Buffer.alloc(32, 7), creatorId: 'biz_a' },
      NOW,
    );
    expect(other).toMatchObject({ position: 0n });
    expect(other.id).not.toBe(first.id);
  });

  it('takes a chunk once: sent again, or out of turn, it is refused and changes nothing', async () => {
    const { id } = await open();
    const bytes = linesOf(facts(1));
    await imports.store(id, chunk(0, bytes, false));
    const moved = { code: 'import_moved' };
    await expect(imports.store(id, chunk(0, bytes))).rejects.toMatchObject(moved);
    await expect(imports.store(id, chunk(9_999, bytes))).rejects.toMatchObject(moved);
    await expect(imports.store('77', chunk(0, bytes))).rejects.toMatchObject({
      code: 'import_not_found',
    });
    expect(await imports.find(id)).toMatchObject({ lines: 1n, stored: 1n, known: 0n });
    expect(await deliveries()).toBe(1);
  });

  it('moves on only with what it stores: a chunk that fails leaves neither behind', async () => {
    const { id } = await open();
    const broken = new Imports(
      new Proxy(test.db, {
        get: (db, name) =>
          name === 'transaction'
            ? () => ({
                execute: (work: (tx: unknown) => Promise<void>) =>
                  db.transaction().execute(async (tx) => {
                    await work(tx);
                    throw new Error('killed before the commit');
                  }),
              })
            : Reflect.get(db, name),
      }),
    );
    await expect(broken.store(id, chunk(0, linesOf(facts(1))))).rejects.toThrow('killed');
    expect(await imports.find(id)).toMatchObject({ position: 0n, lines: 0n, stored: 0n });
    expect(await deliveries()).toBe(0);
  });

  it('stores a line once, however often and in whatever file it comes', async () => {
    const bytes = linesOf(facts(1), facts(2), facts(1));
    await imports.store((await open()).id, chunk(0, bytes));
    const other = await open(Buffer.alloc(32, 8));
    await imports.store(other.id, chunk(0, bytes));
    expect(await imports.find(other.id)).toMatchObject({ stored: 0n, known: 3n, settled: true });
    expect(await deliveries()).toBe(2);
  });

  it('tells facts that webhooks told, and the other way round: the books are the same', async () => {
    await ledger.deliver(renderPayment('v5', facts(1)));
    await ledger.decide();
    const { id } = await open();
    const contradiction = facts(1, { amount: '50' });
    await imports.store(id, chunk(0, linesOf(facts(1), facts(2), contradiction)));
    await ledger.decide();
    await ledger.deliver(renderPayment('v1-pinned', facts(2)));
    await ledger.decide();
    const outcomes = (await ledger.outcomes()).map(({ outcome, code }) => code ?? outcome);
    expect(outcomes).toEqual(['applied', 'unchanged', 'applied', 'conflict', 'unchanged']);
    const received = (await ledger.events()).filter(({ type }) => type === 'PaymentReceived');
    expect(received).toHaveLength(2);
    expect((await importOutcomes(test.db, id)).named).toEqual([
      expect.objectContaining({ line: 3n, code: 'conflict', deliveryId: 'pay_1' }),
    ]);
  });

  it('does not mix with another that is stored between its chunks, nor with webhooks', async () => {
    const a = await open();
    const b = await open(Buffer.alloc(32, 8));
    const first = linesOf(facts(1));
    await imports.store(a.id, chunk(0, first, false));
    await imports.store(b.id, chunk(0, linesOf(facts(2), facts(3))));
    await ledger.deliver(renderPayment('v1', facts(4)));
    await imports.store(a.id, chunk(first.length, linesOf(facts(5))));
    await ledger.decide();
    const stored = async (id: string) =>
      (await importOutcomes(test.db, id)).counts.map(({ count }) => count);
    expect([await stored(a.id), await stored(b.id)]).toEqual([[2n], [2n]]);
    // A webhook that is stored while a chunk is: its id lies between those of the chunk.
    const c = await open(Buffer.alloc(32, 9));
    await imports.store(c.id, chunk(0, linesOf(facts(6), facts(5), facts(7))));
    await sql`insert into deliveries
        (id, provider, delivery_id, body_sha256, generation, received_at, outcome)
      overriding system value
      select max(id) - 1, 'whop', 'msg_between', ''::bytea, 'v1', now(), 'parked'
      from deliveries`.execute(test.db);
    await ledger.decide();
    expect(await imports.find(c.id)).toMatchObject({ stored: 2n, known: 1n, settled: true });
    expect(await stored(c.id)).toEqual([2n]);
  });

  describe('as a dry run', () => {
    const nobody = { ...facts(6), userId: undefined } as unknown as PaymentFacts;

    it('foresees what will become of each line, and writes nothing', async () => {
      await ledger.deliver(
        renderPayment('v1', facts(1)),
        renderPayment('v1', facts(2)),
        renderPayment('v1', facts(8, { status: 'failed', paidAt: null })),
      );
      await ledger.decide();
      await imports.store((await open()).id, chunk(0, linesOf(facts(3))));
      await ledger.decide();
      const bytes = Buffer.concat([
        linesOf(
          facts(1),
          facts(2, { amount: '50' }),
          facts(3),
          facts(4),
          facts(5, { amount: '10', paidAt: Date.UTC(2026, 1, 3) / 1000 }),
          nobody,
          facts(7, { currency: 'xx1' }),
          facts(8),
        ),
        Buffer.from('nonsense\n'),
      ]);
      const before = [await ledger.store.head(), BigInt(await deliveries())];
      const judged = await preview(bytes);
      expect([await ledger.store.head(), BigInt(await deliveries())]).toEqual(before);
      expect(verdicts(judged)).toEqual({
        known: 1,
        conflict: 1,
        stored: 1,
        new: 2,
        parked: 1,
        quarantined: 1,
        more: 1,
      });
      expect(judged.facts.map(({ id, sale }) => [id, sale?.month, sale?.amountMinor])).toEqual([
        ['pay_4', '2026-03', 4999n],
        ['pay_5', '2026-02', 1000n],
      ]);
      expect(judged.named.map(({ line, code }) => [line, code])).toEqual([
        [2, 'conflict'],
        [6, 'person_unknown'],
        [7, 'currency_unknown'],
      ]);
      expect(judged.unreadable).toMatchObject([{ line: 9, code: 'not_json' }]);
      const { id } = await open(Buffer.alloc(32, 9));
      await imports.store(id, chunk(0, bytes));
      await ledger.decide();
      const became = Object.fromEntries(
        (await importOutcomes(test.db, id)).counts.map(({ outcome, code, count }) => [
          code ?? outcome,
          Number(count),
        ]),
      );
      expect(became).toEqual({
        applied: 3,
        unchanged: 1,
        conflict: 1,
        person_unknown: 1,
        currency_unknown: 1,
      });
    });

    it('sees the lines before in the same chunk', async () => {
      const told = [facts(1), facts(1, { name: 'Ana' }), nobody, facts(6)];
      expect(verdicts(await preview(linesOf(...told)))).toEqual({ new: 2, known: 1, parked: 1 });
    });
  });
});
