import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderPayment } from '#libs/ingestion';
import { CREATOR, codeOf, PATH, type Told, toldHistory } from '../test/history.js';
import { asAdmin } from '../test/in-memory-parts.js';
import type { Json } from '../test/real-parts.js';

const EVENTS = '/audit/events';
const RUI = 'member-biz_a.user_rui';
const LIA = 'member-biz_a.user_lia';
const MARCH_30 = Date.UTC(2026, 2, 30, 12) / 1000;

describe('the audit trail', () => {
  let api: Told;
  let head: number;
  beforeAll(async () => {
    api = await toldHistory();
    const payment = renderPayment('v1', {
      creatorId: CREATOR,
      userId: 'user_lia',
      membershipId: 'mem_lia',
      paymentId: 'pay_lia1',
      name: 'Lia Fonte',
      status: 'succeeded',
      amount: '49.99',
      currency: 'usd',
      paidAt: MARCH_30,
      createdAt: MARCH_30,
      referralCode: codeOf('rui'),
    });
    await api.ledger.deliver(payment);
    await api.ledger.decide();
    const pin = { tier: 'Star', reason: 'a long-standing friend' };
    const { status } = await api.put(`${PATH}/members/user_rui/tier-pin`, pin);
    expect(status).toBe(200);
    head = Number(await api.ledger.store.head());
  });
  afterAll(() => api.close());

  const positions = (page: Json) => page.items.map(({ position }) => position as number);
  const list = (query = '') => api.read(`${EVENTS}?${query}`);
  const only = async (query: string): Promise<Json> => {
    const { items } = await list(`${query}&limit=1`);
    return items[0] as Json;
  };

  describe('lists events', () => {
    it('newest first, with where they stand, what they say and what caused them', async () => {
      const page = await list('limit=3');
      expect(positions(page)).toEqual([head, head - 1, head - 2]);
      expect(page.items[0]).toMatchObject({
        type: 'TierPinned',
        stream: RUI,
        creatorId: CREATOR,
        memberId: 'user_rui',
        says: 'The tier of user_rui is pinned to Star: a long-standing friend.',
        cause: {
          kind: 'command',
          command: 'PinTier',
          actor: 'admin',
          reason: 'a long-standing friend',
          delivery: null,
        },
      });
      expect(page.items[1]).toMatchObject({ cause: { kind: 'delivery', command: null } });
      expect(page).toMatchObject({ asOf: { position: head }, timeZone: 'UTC', scannedTo: null });
      expect(page.people).toContainEqual({
        creatorId: CREATOR,
        memberId: 'user_rui',
        name: 'Rui Águas',
      });
    });

    it('by type, stream, creator, member and position', async () => {
      const all = await api.ledger.events();
      const expected = (keep: (event: (typeof all)[number]) => boolean) =>
        all.filter(keep).map(({ position }) => Number(position));
      const found = async (query: string) =>
        positions(await list(`${query}&order=oldest&limit=500`));
      expect(await found('type=PaymentReceived')).toEqual(
        expected(({ type }) => type === 'PaymentReceived'),
      );
      expect(await found(`stream=${RUI}`)).toEqual(expected(({ stream }) => stream === RUI));
      expect(await found('creator=biz_a')).toEqual(
        expected(({ stream }) => /^(member-biz_a\.|creator-biz_a$)/.test(stream)),
      );
      expect(await found('creator=biz_b&type=ReferralCodeAssigned')).toEqual(
        expected(
          ({ stream, type }) =>
            stream.startsWith('member-biz_b.') && type === 'ReferralCodeAssigned',
        ),
      );
      expect(await found('member=user_rui')).toEqual(
        expected(({ stream }) => stream.endsWith('.user_rui')),
      );
      expect(await found('member=user_rui&creator=biz_b')).toEqual(
        expected(({ stream }) => stream === 'member-biz_b.user_rui'),
      );
      expect(await found(`after=10&through=14`)).toEqual([11, 12, 13, 14]);
    });

    it('and says how many an export of them holds, where it is asked', async () => {
      const all = await api.ledger.events();
      const payments = all.filter(({ type }) => type === 'PaymentReceived').length;
      expect(await list('type=PaymentReceived&limit=1&count=yes')).toMatchObject({
        counted: { events: payments, isAll: true },
      });
      expect(await list('limit=1&count=yes')).toMatchObject({
        counted: { events: all.length, isAll: true },
      });
      expect(await list('limit=1')).not.toHaveProperty('counted');
    });

    it('by the time of recording: days and months whole, instants to the millisecond', async () => {
      const all = await api.ledger.events();
      const iso = (ms: number) => new Date(ms).toISOString();
      const middle = all[Math.floor(all.length / 2)];
      if (middle === undefined) throw new Error('no events');
      const at = iso(middle.recordedAt);
      const found = positions(await list(`from=${at}&order=oldest&limit=500`));
      expect(found).toEqual(
        all
          .filter(({ recordedAt }) => recordedAt >= middle.recordedAt)
          .map(({ position }) => Number(position)),
      );
      const before = positions(await list(`to=${at}&order=oldest&limit=500`));
      expect([...before, ...found]).toHaveLength(all.length);
      const day = at.slice(0, 10);
      const today = iso(Date.now()).slice(0, 10);
      expect((await list(`from=${day}&to=${today.slice(0, 7)}&limit=500`)).items).toHaveLength(
        all.length,
      );
      expect((await list('to=2020-12')).items).toEqual([]);
    });

    it('page by page, each once, while others are appended', async () => {
      const seen: number[] = [];
      const first = await list('limit=7');
      seen.push(...positions(first));
      await api.put(`${PATH}/members/user_ana/tier-pin`, { tier: 'Star', reason: 'meanwhile' });
      for (let cursor = first.nextCursor; cursor !== null; ) {
        const page = await list(`limit=7&cursor=${cursor}`);
        seen.push(...positions(page));
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(Array.from({ length: head }, (_, n) => head - n));
    });

    it.each([
      ['type=Payment', 'input_invalid'],
      ['creator=user_a', 'input_invalid'],
      ['member=biz_a', 'input_invalid'],
      ['from=2026-02-30', 'input_invalid'],
      ['from=yesterday', 'input_invalid'],
      ['after=-1', 'input_invalid'],
      ['x=1', 'input_invalid'],
      ['limit=501', 'input_invalid'],
      ['cursor=x', 'cursor_invalid'],
      [`stream=${RUI}&creator=biz_a`, 'filter_invalid'],
      ['from=2026-03&to=2026-02', 'filter_invalid'],
      ['format=ndjson&limit=3', 'export_not_paged'],
    ])('but not by %s', async (query, code) => {
      const { status, json } = await api.get(`${EVENTS}?${query}`);
      expect([status, json.code]).toEqual([400, code]);
    });

    it('refuses the cursor of the other order', async () => {
      const { nextCursor } = await list('limit=1');
      const { json } = await api.get(`${EVENTS}?order=oldest&cursor=${nextCursor}`);
      expect(json.code).toBe('cursor_invalid');
    });
  });

  describe('shows one event', () => {
    it('with its delivery, masked, its lines, what it moved, and what else came of it', async () => {
      const { position, id } = await only(`type=PaymentReceived&stream=${LIA}`);
      const event = await api.read(`${EVENTS}/${position}`);
      expect(await api.read(`${EVENTS}/${id}`)).toEqual(event);
      expect(event).toMatchObject({
        says:
          'user_lia paid $49.99 (pay_lia1) on 2026-03-30 in America/New_York; it is a referral of ' +
          'user_rui, who earns $5.00.',
        stored: { version: 1, data: { payment: 'pay_lia1', amountMinor: '4999' } },
        upcast: { version: 1, data: { payment: 'pay_lia1' } },
        delivery: {
          status: 'applied',
          type: 'payment.succeeded',
          body: { type: 'payment.succeeded' },
        },
        people: expect.arrayContaining([
          { creatorId: CREATOR, memberId: 'user_rui', name: 'Rui Águas' },
        ]),
      });
      expect(JSON.stringify(event.delivery)).not.toMatch(/fonte/i);
      const lines = event.lines as readonly Json[];
      expect(lines.map(({ kind, referrerId }) => [kind, referrerId])).toEqual([
        ['signUp', 'user_rui'],
        ['sale', 'user_rui'],
        ['conversion', 'user_rui'],
      ]);
      const changes = event.changes as readonly Json[];
      expect(changes).toContainEqual({
        entity: 'member',
        creatorId: CREATOR,
        memberId: 'user_rui',
        field: 'earnings',
        month: '2026-03',
        currency: 'usd',
        delta: 500,
        value: null,
      });
      const { items } = event.sameCause as { items: readonly Json[] };
      expect(items.map(({ type }) => type).sort()).toEqual([
        'ClaimResolved',
        'ReferralCodeAssigned',
        'ReferralCodeReserved',
      ]);
      expect(event.previous).toMatchObject({ type: 'ClaimResolved' });
      expect(event.next).toBeNull();
    });

    it('with the hash that its line of an export has', async () => {
      const line = (await exported('through=5')).lines[4];
      const { stored } = await api.read(`${EVENTS}/5`);
      expect((stored as Json).sha256).toBe((line as unknown as Json).sha256);
    });

    it('with its command where somebody ordered it', async () => {
      const pin = await api.read(`${EVENTS}/${head}`);
      expect(pin).toMatchObject({
        delivery: null,
        lines: [],
        cause: { kind: 'command', command: 'PinTier' },
        changes: [{ entity: 'member', memberId: 'user_rui', field: 'tierPin', value: 'Star' }],
        sameCause: { items: [], isCut: false },
        next: null,
      });
    });

    it.each([
      ['999999', 404, 'event_not_found'],
      ['00000000-0000-4000-8000-000000000000', 404, 'event_not_found'],
      ['0', 400, 'id_malformed'],
      ['tomorrow', 400, 'id_malformed'],
    ])('but none called %s', async (name, status, code) => {
      const answer = await api.get(`${EVENTS}/${name}`);
      expect([answer.status, answer.json.code]).toEqual([status, code]);
    });
  });

  describe('shows streams', () => {
    it('event by event, oldest first, page by page', async () => {
      const whole = await api.read(`/audit/streams/${LIA}`);
      expect(whole.items.map(({ revision }) => revision)).toEqual(whole.items.map((_, n) => n));
      expect(whole.stream).toMatchObject({ stream: LIA, events: whole.items.length });
      const one = await api.oneByOne(`/audit/streams/${LIA}`);
      expect(one).toEqual(whole.items);
      const newest = await api.read(`/audit/streams/${LIA}?order=newest`);
      expect(newest.items).toEqual([...whole.items].reverse());
    });

    it('by name', async () => {
      const all = new Set((await api.ledger.events()).map(({ stream }) => stream));
      const expected = [...all].filter((name) => name.startsWith('member-biz_b.')).sort();
      const found = await api.oneByOne('/audit/streams?prefix=member-biz_b.');
      expect(found.map(({ stream }) => stream)).toEqual(expected);
      expect((await api.read('/audit/streams?limit=500')).items).toHaveLength(all.size);
    });

    it('by the id of a fact that leads there', async () => {
      const leads = async (fact: string) =>
        (await api.read(`/audit/streams?fact=${fact}`)).items.map(({ stream }) => stream as string);
      expect(await leads('pay_lia1')).toEqual([LIA]);
      expect(await leads('mem_lia')).toEqual([LIA]);
      expect(await leads('pay_nobody')).toEqual([]);
      expect((await api.get('/audit/streams?fact=payment:pay_lia1')).status).toBe(400);
    });

    it('but none that does not exist', async () => {
      const { status, json } = await api.get('/audit/streams/member-biz_a.user_b');
      expect([status, json.code]).toEqual([404, 'stream_not_found']);
      expect((await api.get('/audit/streams/Nobody')).json.code).toBe('id_malformed');
    });
  });

  const exported = async (query = '', accept = 'application/x-ndjson') => {
    const { statusCode, headers, body } = await api.app.inject({
      method: 'GET',
      url: `/api${EVENTS}?${query}`,
      headers: { ...asAdmin, accept },
    });
    const lines = body === '' ? [] : body.trimEnd().split('\n');
    return { statusCode, headers, body, lines: lines.map((line) => JSON.parse(line) as object) };
  };

  describe('is exported', () => {
    it('as it is, an event a line', async () => {
      const all = await api.ledger.events();
      const { statusCode, headers, lines } = await exported();
      expect(statusCode).toBe(200);
      expect(headers).toMatchObject({
        'content-type': 'application/x-ndjson',
        'content-disposition': 'attachment; filename="flywheel-events.ndjson"',
        'flywheel-as-of': expect.stringMatching(`^position=${all.length}; recordedAt=`),
      });
      expect(lines).toEqual(
        all.map((event) => ({
          position: Number(event.position),
          id: event.id,
          stream: event.stream,
          revision: Number(event.revision),
          type: event.type,
          effectiveAt: new Date(event.effectiveAt * 1000).toISOString().replace('.000Z', 'Z'),
          recordedAt: new Date(event.recordedAt).toISOString(),
          data: event.data,
          metadata: event.metadata,
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        })),
      );
    });

    it('in the same bytes, whole or in pieces', async () => {
      const whole = await exported('format=ndjson', 'application/json');
      const parts = await Promise.all(
        ['through=9', 'after=9&through=20', 'after=20'].map((query) => exported(query)),
      );
      expect(parts.map(({ body }) => body).join('')).toBe(whole.body);
    });

    it('filtered like a list', async () => {
      const { lines } = await exported('creator=biz_b&type=PaymentReceived');
      const { items } = await list('creator=biz_b&type=PaymentReceived&order=oldest&limit=500');
      expect(lines.map((line) => (line as unknown as Json).id)).toEqual(items.map(({ id }) => id));
      expect((await exported(`after=${head + 100}`)).body).toBe('');
    });

    it('refused like a list', async () => {
      const { statusCode, headers } = await exported(`stream=${RUI}&member=user_rui`);
      expect([statusCode, headers['content-type']]).toEqual([400, 'application/problem+json']);
    });
  });
});
