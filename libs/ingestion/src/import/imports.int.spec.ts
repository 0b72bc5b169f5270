import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Transaction } from '#libs/database';
import { linesOf as bookLinesOf, type LedgerEvent } from '#libs/ledger';
import {
  TEST_VAULT,
  type TestDatabase,
  type TestLedger,
  testDatabase,
  testLedger,
} from '#libs/testing';
import {
  type PaymentFacts,
  renderMembership,
  renderPayment,
  renderReversal,
  WHOP_GENERATIONS,
  type WhopGeneration,
  whopImportProvider,
} from '../providers/whop/index.js';
import { Imports } from './imports.js';
import { importOutcomes } from './outcomes.js';
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
    imports = new Imports(test.db, TEST_VAULT);
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
    const { db, store, keys, vault, defaults } = ledger.intake;
    const parts = { db, store, keys, vault, defaults, providers: [whopImportProvider()] };
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
    const counting = imports.outcomes(id);
    // Who cannot wait asks again, and has nothing counted twice.
    expect(imports.outcomes(id)).toBe(counting);
    const { counts, position } = await counting;
    expect(imports.outcomes(id)).not.toBe(counting);
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

  it('stores chunks in the order in which they come, though later ones are read faster', async () => {
    const { id } = await open();
    const long = linesOf(...Array.from({ length: 1_500 }, (_, n) => facts(n)));
    const short = linesOf(facts(2_000));
    const last = Buffer.from('nonsense');
    const at = long.length + short.length;
    // So that no chunk waits for a connection to be made.
    await Promise.all([1, 2, 3].map(() => imports.find(id)));
    await Promise.all([
      imports.store(id, chunk(0, long, false)),
      imports.store(id, chunk(long.length, short, false)),
      imports.store(id, chunk(at, last)),
    ]);
    expect(await imports.find(id)).toMatchObject({
      position: BigInt(at + last.length),
      stored: 1_501n,
      problems: [{ line: 1_502, code: 'not_json' }],
      complete: true,
    });
    expect(
      await rows(`(select headers->>'line' from deliveries where delivery_id = 'pay_2000')`),
    ).toBe(1_501);
  });

  it('lets a chunk that fails hold up none that comes after', async () => {
    const { id } = await open();
    const bytes = linesOf(facts(1));
    const wrong = imports.store(id, chunk(77, bytes));
    const right = imports.store(id, chunk(0, bytes));
    await expect(wrong).rejects.toMatchObject({ code: 'import_moved' });
    await right;
    expect(await imports.find(id)).toMatchObject({ stored: 1n, complete: true });
  });

  it('moves on only with what it stores: a chunk that fails leaves neither behind', async () => {
    const { id } = await open();
    const { db } = test;
    const broken = new Imports(
      Object.assign(Object.create(db), {
        getExecutor: () => db.getExecutor(),
        transaction: () => ({
          execute: (work: (tx: Transaction) => Promise<void>) =>
            db.transaction().execute(async (tx) => {
              await work(tx);
              throw new Error('killed before the commit');
            }),
        }),
      }),
      TEST_VAULT,
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

  describe('of payments, refunds, disputes and memberships', () => {
    const dispute = { kind: 'dispute', event: 'updated', status: 'lost' } as const;
    /** A payment, refunded in part, and one that was disputed, of one member, in one generation. */
    const told = (generation: WhopGeneration, n: number, cents = '00') => {
      const { membershipId = '', ...rest } = facts(n);
      const back = { ...rest, membershipId, currency: 'usd', createdAt: MARCH + 3_600 };
      const refund = { ...back, kind: 'refund', event: 'updated', status: 'succeeded' } as const;
      return [
        renderPayment(generation, facts(n, { amount: `49.${cents}` })),
        renderPayment(generation, facts(n, { paymentId: `pay_${n}d`, paidAt: MARCH + 60 })),
        renderReversal(generation, { ...refund, reversalId: `rf_${n}`, amount: `20.${cents}` }),
        renderReversal(generation, {
          ...back,
          ...dispute,
          paymentId: `pay_${n}d`,
          reversalId: `dspt_${n}`,
          amount: `49.${cents}`,
        }),
        renderMembership(generation, {
          ...rest,
          membershipId,
          status: 'activated',
          createdAt: MARCH - Number(cents),
          joinedAt: MARCH - Number(cents),
        }),
      ];
    };
    const all = (cents?: string) => WHOP_GENERATIONS.flatMap((one, n) => told(one, n + 1, cents));
    /** As the API lists them: the objects alone. */
    const file = (rendered: ReturnType<typeof all>): Buffer =>
      Buffer.from(rendered.map(({ payload }) => `${JSON.stringify(payload.data)}\n`).join(''));
    const counted = async (id: string) =>
      Object.fromEntries(
        (await importOutcomes(test.db, id)).counts.map(({ type, outcome, code, count }) => [
          `${type} ${code ?? outcome}`,
          Number(count),
        ]),
      );
    const GENERATIONS = WHOP_GENERATIONS.length;

    it('takes money back, of all generations; their webhooks then tell nothing new', async () => {
      const { id } = await open();
      await imports.store(id, chunk(0, file(all())));
      await ledger.decide();
      expect(await counted(id)).toEqual({
        'payment.succeeded applied': 2 * GENERATIONS,
        'refund.updated applied': GENERATIONS,
        'dispute.updated applied': GENERATIONS,
        'membership.activated applied': GENERATIONS,
      });
      const events = (await ledger.events()) as unknown as LedgerEvent[];
      const back = events.flatMap(bookLinesOf).filter(({ kind }) => kind === 'reversal');
      const sales = back.map(({ sourceId, saleMinor }) => `${sourceId} ${saleMinor}`).sort();
      const each = (minor: (n: number) => string) => WHOP_GENERATIONS.map((_, n) => minor(n + 1));
      expect(sales).toEqual([...each((n) => `dspt_${n} 4900`), ...each((n) => `rf_${n} 2000`)]);
      await ledger.deliver(...all());
      await ledger.decide();
      const webhooks = (await ledger.outcomes()).slice(all().length);
      expect(webhooks.map(({ outcome }) => outcome)).toEqual(all().map(() => 'unchanged'));
      expect(await ledger.events()).toHaveLength(events.length);
    });

    it('is foreseen to add to a refund that is known, and to bring a new one', async () => {
      const refund = (n: number, status: string) =>
        renderReversal('v1', {
          ...facts(n),
          currency: 'usd',
          kind: 'refund',
          event: 'updated',
          reversalId: `rf_${n}`,
          amount: '5.00',
          status,
        });
      await ledger.deliver(...[1, 2].map((n) => renderPayment('v1', facts(n))));
      await ledger.deliver(refund(1, 'pending'));
      await ledger.decide();
      const lines = file([refund(1, 'succeeded'), refund(2, 'succeeded')]);
      expect(verdicts(await preview(lines))).toEqual({ more: 1, new: 1 });
    });

    it('changes nothing where it contradicts, and says in which lines', async () => {
      await ledger.deliver(...all());
      await ledger.decide();
      const before = (await ledger.events()).length;
      const { id } = await open();
      const contradictions = file(all('07'));
      const foreseen = await preview(contradictions);
      await imports.store(id, chunk(0, contradictions));
      await ledger.decide();
      const { named } = await importOutcomes(test.db, id);
      const conflicts = named.map(({ line, code, deliveryId }) => [Number(line), code, deliveryId]);
      // The second payment of each is told as it was.
      const expected = WHOP_GENERATIONS.flatMap((_, g) =>
        [`pay_${g + 1}`, '', `rf_${g + 1}`, `dspt_${g + 1}`, `mem_${g + 1}`].flatMap((name, n) =>
          name === '' ? [] : [[g * 5 + n + 1, 'conflict', name]],
        ),
      );
      expect(conflicts).toEqual(expected);
      expect(foreseen.named.map(({ line, code }) => [line, code])).toEqual(
        expected.map(([line, code]) => [line, code]),
      );
      const added = ((await ledger.events()) as unknown as LedgerEvent[]).slice(before);
      expect(added.flatMap(bookLinesOf)).toEqual([]);
    });
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
