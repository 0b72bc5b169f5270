import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type BodyRow, openBody, renderMembership, renderPayment } from '#libs/ingestion';
import { TEST_VAULT } from '#libs/testing';
import { type Json, type RealApi, realApi } from '../test/real-parts.js';

const MARCH = Date.UTC(2026, 2, 1, 12) / 1000;
const PATH = '/admin/deliveries';

let n = 0;
/** People and facts of their own for each test: one ledger serves all. */
const fresh = () => {
  n += 1;
  return { creatorId: `biz_${n}`, userId: `user_${n}`, membershipId: `mem_${n}`, id: `pay_${n}` };
};
type Who = ReturnType<typeof fresh>;

const paid = ({ id, ...who }: Omit<Who, 'userId'> & { userId?: string }, rest: object = {}) =>
  renderPayment('v1', {
    ...who,
    paymentId: id,
    status: 'succeeded',
    amount: '49.99',
    currency: 'usd',
    paidAt: MARCH,
    createdAt: MARCH,
    ...rest,
  });
const joined = ({ id: _, ...who }: Who) =>
  renderMembership('v1', { ...who, status: 'activated', joinedAt: MARCH, createdAt: MARCH });
const nobody = ({ userId: _, ...who }: Who) => who;
const unlisted = (who: Who) => ({
  body: JSON.stringify(JSON.parse(paid(who).body.replaceAll('"usd"', '"xau"'))),
});

describe('deliveries for operators', () => {
  let api: RealApi;
  beforeAll(async () => {
    api = await realApi(Date.UTC(2026, 3, 15));
  });
  afterAll(() => api.close());

  const one = (json: Json): Json => {
    const [item] = json.items;
    if (item === undefined) throw new Error('nothing is listed');
    return item;
  };
  const list = async (query: string): Promise<Json> => (await api.get(`${PATH}?${query}`)).json;
  const inFull = async (id: unknown): Promise<Json> => (await api.get(`${PATH}/${id}`)).json;
  const parkedOf = async (who: Who): Promise<number> => {
    await api.ledger.deliver(paid(nobody(who)));
    await api.ledger.decide();
    return one(await list('status=parked')).id as number;
  };
  const quarantinedOf = async (who: Who): Promise<number> => {
    await api.ledger.deliver(unlisted(who));
    await api.ledger.decide();
    return one(await list(`status=quarantined&creator=${who.creatorId}`)).id as number;
  };
  /** As if a newer version knew what this one could not read: the currency is mended in place. */
  const mend = async (id: number): Promise<void> => {
    const { rows } = await sql<BodyRow>`
      select provider, delivery_id, body_sha256, body_form, body from deliveries
      where id = ${id}`.execute(api.db);
    const [row] = rows;
    if (row === undefined) throw new Error(`there is no delivery ${id}`);
    const text = openBody(TEST_VAULT, row).toString('utf8').replace('"xau"', '"usd"');
    await sql`update deliveries set body = ${Buffer.from(text)}, body_form = 'plain'
      where id = ${id}`.execute(api.db);
  };

  describe('are listed', () => {
    let who: Who;
    beforeAll(async () => {
      who = fresh();
      const contradiction = JSON.parse(paid(who, { messageId: 'msg_c' }).body);
      contradiction.data.total = 1;
      await api.ledger.deliver(
        paid(who),
        paid(who, { messageId: 'msg_again', sentAt: MARCH + 9 }),
        unlisted({ ...who, id: 'pay_unlisted' }),
        { body: JSON.stringify({ type: 'refund.invented', company_id: who.creatorId }) },
      );
      await api.ledger.decide();
      await api.ledger.deliver({ body: JSON.stringify(contradiction) });
      await api.ledger.decide();
    });

    it('newest first, with what became of each and how many of each there are', async () => {
      const { items, counts, nextCursor, timeZone } = await list(`creator=${who.creatorId}`);
      const ids = items.map(({ id }) => id as number);
      expect(ids).toEqual([...ids].sort((a, b) => b - a));
      expect(items.map(({ status }) => status).sort()).toEqual(
        ['applied', 'conflict', 'quarantined', 'unchanged'].sort(),
      );
      expect(counts).toMatchObject({
        applied: 1,
        unchanged: 1,
        conflict: 1,
        quarantined: 1,
        pending: 0,
        excluded: 0,
      });
      expect([nextCursor, timeZone]).toEqual([null, 'UTC']);
    });

    it('by status, code, type and day of receipt', async () => {
      const today = new Date().toISOString().slice(0, 10);
      const of = `creator=${who.creatorId}`;
      const statuses = async (query: string) =>
        (await list(`${of}&${query}`)).items.map(({ status }) => status);
      expect(await statuses('status=conflict')).toEqual(['conflict']);
      expect(await statuses('status=applied')).toEqual(['applied']);
      expect(await statuses('status=unresolved')).toEqual(['quarantined']);
      expect(await statuses('code=currency_unknown')).toEqual(['quarantined']);
      expect(await statuses('type=payment.failed')).toEqual([]);
      expect(await statuses(`from=${today}&to=${today.slice(0, 7)}`)).toHaveLength(4);
      expect(await statuses('to=2020-12')).toEqual([]);
      const counted = await list('status=ignored&type=refund.invented');
      expect(counted.counts).toMatchObject({ ignored: 1, applied: 0 });
    });

    it('page by page, each once, while others arrive', async () => {
      const of = `creator=${who.creatorId}&limit=1`;
      const seen: unknown[] = [];
      let cursor: string | null = null;
      do {
        const page: Json = await list(cursor === null ? of : `${of}&cursor=${cursor}`);
        seen.push(one(page).status);
        expect(page.counts === null).toBe(cursor !== null);
        cursor = page.nextCursor;
        if (seen.length === 2) {
          await api.ledger.deliver(paid({ ...who, id: 'pay_meanwhile' }));
          await api.ledger.decide();
        }
      } while (cursor !== null);
      expect(seen.sort()).toEqual(['applied', 'conflict', 'quarantined', 'unchanged']);
    });

    it('and what cannot be asked is refused', async () => {
      for (const query of ['status=lost', 'from=2026-02-30', 'creator=user_a', 'code=A', 'x=1']) {
        const { status, json } = await api.get(`${PATH}?${query}`);
        expect([query, status, json.code]).toEqual([query, 400, 'input_invalid']);
      }
      expect((await api.get(`${PATH}?cursor=x`)).json.code).toBe('cursor_invalid');
      expect((await api.get(`${PATH}/0`)).json.code).toBe('id_malformed');
      const { status, json } = await api.get(`${PATH}/999999`);
      expect([status, json.code]).toEqual([404, 'delivery_not_found']);
    });
  });

  describe('are shown in full', () => {
    it('with their events, and without anything that might be personal', async () => {
      const who = fresh();
      const { payload } = paid(who, {
        name: 'Ana Lima',
        username: 'ana.lima',
        email: 'ana@example.com',
      });
      const told = structuredClone(payload) as { data: Record<string, unknown> };
      told.data.metadata = { referral_code: 'ANALIMA', note: 'call Ana', 'ana@example.com': 'x' };
      told.data.billing_address = { line1: 'Rua Augusta 1', country: 'PT' };
      told.data.customer_phone = '+351 912 345 678';
      told.data.new_field_of_tomorrow = 'Ana again';
      await api.ledger.deliver({ body: JSON.stringify(told) });
      await api.ledger.decide();
      const found = await inFull(one(await list(`creator=${who.creatorId}`)).id);
      expect(found).toMatchObject({ status: 'applied', next: 'Nothing: it counts.', waitsFor: [] });
      expect((found.events as Json[]).map(({ type }) => type)).toEqual([
        'ReferralCodeAssigned',
        'PaymentReceived',
        'CreatorRegistered',
        'FirstFactStored',
        'ReferralCodeReserved',
      ]);
      const text = JSON.stringify(found);
      expect(text).not.toMatch(/ana|lima|augusta|912 345/i);
      expect(found.body).toMatchObject({
        type: 'payment.succeeded',
        company_id: who.creatorId,
        data: {
          id: who.id,
          total: 49.99,
          currency: 'usd',
          paid_at: expect.stringMatching(/^2026-03-01T/),
          user: { id: who.userId, name: '[masked text]', email: '[masked text]' },
          metadata: { referral_code: '[masked text]', '[masked key 1]': '[masked text]' },
          new_field_of_tomorrow: '[masked text]',
        },
      });
    });

    it('say in words what they wait for, and what to do', async () => {
      const who = fresh();
      const id = await parkedOf(who);
      expect(await inFull(id)).toMatchObject({
        status: 'parked',
        code: 'person_unknown',
        waitsFor: [
          `whose membership ${who.membershipId} is, is not known yet`,
          `whose payment ${who.id} is, is not known yet`,
        ],
        next: expect.stringContaining('decided by itself'),
      });
      expect(await inFull(`d${id}`)).toMatchObject({ id });
    });

    it('that are no JSON are not shown at all', async () => {
      await api.ledger.deliver({ body: '{"email":"ana@example.com"' });
      await api.ledger.decide();
      const found = await inFull(one(await list('code=body_not_json')).id);
      expect(found).toMatchObject({ status: 'quarantined', body: null, bytes: 26 });
    });
  });

  describe('that are redriven', () => {
    let who: Who;
    let id: number;
    beforeEach(async () => {
      who = fresh();
      id = await quarantinedOf(who);
    });
    const redrive = async (body: object): Promise<Json> =>
      (await api.post(`${PATH}/redrive`, body)).json;

    it('would be quarantined again as long as nothing is mended', async () => {
      const { status, json } = await api.post(`${PATH}/${id}/redrive`, { dryRun: true });
      expect(status).toBe(200);
      expect(json).toEqual({
        id,
        status: 'quarantined',
        would: 'quarantined',
        code: 'currency_unknown',
        verdict: 'would be quarantined again: currency_unknown: the currency is unlisted: xau',
        events: [],
        duplicateOf: null,
        redriven: false,
      });
    });

    it('come with the events that are then appended, and a dry run appends none', async () => {
      await mend(id);
      const before = await api.ledger.store.head();
      const dry = (await api.post(`${PATH}/${id}/redrive`, { dryRun: true })).json;
      await api.ledger.decide();
      expect(await api.ledger.store.head()).toBe(before);
      expect(dry.verdict).toBe(
        'would append 5 events: ReferralCodeAssigned, PaymentReceived, CreatorRegistered, ' +
          'FirstFactStored, ReferralCodeReserved',
      );
      const done = (await api.post(`${PATH}/${id}/redrive`, { reason: 'the list knows it' })).json;
      expect(done).toEqual({ ...dry, redriven: true });
      expect((await inFull(id)).status).toBe('pending');
      await api.ledger.decide();
      const found = await inFull(id);
      expect((found.events as Json[]).map(({ type }) => type)).toEqual(dry.events);
      expect(found).toMatchObject({
        status: 'applied',
        orders: [
          {
            ordered: 'redrive',
            actor: 'admin',
            reason: 'the list knows it',
            statusBefore: 'quarantined',
            codeBefore: 'currency_unknown',
          },
        ],
      });
    });

    it('are duplicates of what told the same before', async () => {
      await api.ledger.deliver(paid(who));
      await api.ledger.decide();
      await mend(id);
      const teller = one(await list(`creator=${who.creatorId}&status=applied`)).id;
      const { json } = await api.post(`${PATH}/${id}/redrive`, { dryRun: true });
      expect(json).toMatchObject({
        would: 'unchanged',
        duplicateOf: teller,
        verdict: `duplicate of #${teller}`,
      });
    });

    it('twice are decided once', async () => {
      await mend(id);
      const answers = await Promise.all(
        [1, 2, 3, 4].map(() => api.post(`${PATH}/${id}/redrive`, {})),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(answers.filter(({ json }) => json.redriven === true)).toHaveLength(1);
      expect((await api.post(`${PATH}/${id}/redrive`)).json).toMatchObject({
        would: 'wait',
        verdict: 'is pending already',
        redriven: false,
      });
      await api.ledger.decide();
      expect((await inFull(id)).orders).toHaveLength(1);
      const { status, json } = await api.post(`${PATH}/${id}/redrive`, {});
      expect([status, json.code]).toEqual([409, 'delivery_decided']);
    });

    it('see each other: one that the order would wake is decided behind it', async () => {
      const parked = await parkedOf(who);
      const later = { ...who, id: `${who.id}_2` };
      const known = await quarantinedOf(later);
      await mend(known);
      const { items, wakes } = await redrive({ ids: [parked, known], dryRun: true });
      expect(items.map(({ would }) => would)).toEqual(['applied', 'applied']);
      expect(wakes).toBe(0);
      const alone = await redrive({ ids: [known], dryRun: true });
      expect([one(alone).would, alone.wakes]).toEqual(['applied', 1]);
      const still = await redrive({ ids: [parked], dryRun: true });
      expect(one(still).verdict).toMatch(/^would stay parked: nobody is known for membership/);
    });

    it('are chosen by what they are, of whom they are and since when', async () => {
      const of = { creator: who.creatorId };
      const found = async (body: object) =>
        (await redrive({ ...body, dryRun: true })).items?.map((item) => item.id);
      expect(await found(of)).toEqual([id]);
      expect(await found({ ...of, status: 'parked' })).toEqual([]);
      expect(await found({ ...of, code: 'currency_unknown' })).toEqual([id]);
      expect(await found({ ...of, code: 'amount_missing' })).toEqual([]);
      expect(await found({ ...of, since: '2026-01-01T00:00:00Z' })).toEqual([id]);
      expect(await found({ ...of, since: '2190-01-01T00:00:00Z' })).toEqual([]);
      expect((await redrive({})).code).toBe('selection_missing');
      expect((await redrive({ ids: [id], ...of })).code).toBe('selection_invalid');
      expect((await redrive({ since: 'yesterday' })).code).toBe('since_malformed');
      expect((await redrive({ ids: [] })).code).toBe('input_invalid');
      const { items } = await redrive({ ids: [999_999], dryRun: true });
      expect(items).toMatchObject([{ id: 999_999, would: 'refused', code: 'delivery_not_found' }]);
    });

    it('are refused once their body is gone', async () => {
      const { db } = api.ledger.intake;
      await sql`update deliveries set body = null, headers = null where id = ${id}`.execute(db);
      const { status, json } = await api.post(`${PATH}/${id}/redrive`, {});
      expect([status, json.code]).toEqual([409, 'delivery_body_gone']);
      const many = await redrive({ ids: [id] });
      expect(one(many)).toMatchObject({ would: 'refused', redriven: false });
      expect(await inFull(id)).toMatchObject({ status: 'quarantined', body: null, orders: [] });
    });
  });

  describe('that are excluded', () => {
    it('are set aside with a reason, once, and redriving takes that back', async () => {
      const who = fresh();
      const id = await quarantinedOf(who);
      const exclude = (body: object) => api.post(`${PATH}/${id}/exclude`, body);
      // A body with NUL in it is refused before anybody reads it.
      expect((await exclude({ reason: 'a\u0000' })).json.code).toBe('body_malformed');
      for (const reason of ['', ' ', 'x'.repeat(501)])
        expect((await exclude({ reason })).json.code).toBe('reason_required');
      expect((await exclude({})).json.code).toBe('input_invalid');
      expect((await exclude({ reason: 'a test', dryRun: true })).json.excluded).toBe(false);
      expect((await inFull(id)).status).toBe('quarantined');
      expect((await exclude({ reason: 'a test' })).json).toMatchObject({ id, excluded: true });
      expect((await exclude({ reason: 'again' })).json).toMatchObject({ id, excluded: false });
      expect(await inFull(id)).toMatchObject({
        status: 'excluded',
        code: 'currency_unknown',
        orders: [{ ordered: 'exclude', reason: 'a test', statusBefore: 'quarantined' }],
      });
      await mend(id);
      expect((await api.post(`${PATH}/${id}/redrive`, {})).json.redriven).toBe(true);
      await api.ledger.decide();
      expect(await inFull(id)).toMatchObject({
        status: 'applied',
        orders: [{ ordered: 'exclude' }, { ordered: 'redrive', statusBefore: 'excluded' }],
      });
      const { status, json } = await exclude({ reason: 'too late' });
      expect([status, json.code]).toEqual([409, 'delivery_not_excludable']);
    });

    it('are not woken by what they waited for', async () => {
      const who = fresh();
      const id = await parkedOf(who);
      const { json } = await api.post(`${PATH}/exclude`, { ids: [id, 999_999], reason: 'a test' });
      expect(json.items).toMatchObject([
        { id, excluded: true },
        { id: 999_999, excluded: false, code: 'delivery_not_found' },
      ]);
      await api.ledger.deliver(joined(who));
      await api.ledger.decide();
      expect((await inFull(id)).status).toBe('excluded');
    });
  });

  it('orders are kept whatever happens to the delivery', async () => {
    const { db } = api.ledger.intake;
    await expect(sql`delete from delivery_orders`.execute(db)).rejects.toThrow(/permission denied/);
  });
});
