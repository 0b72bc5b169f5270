import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { intakeBatch, renderMembership, renderReversal } from '#libs/ingestion';
import { dumpTables } from '#libs/projector';
import { TEST_VAULT } from '#libs/testing';
import { register } from '#projections';
import { wordsInDatabase, wordsOpened } from '../test/canaries.js';
import { type RealApi, realApi } from '../test/real-parts.js';
import { CREATOR, company, ERASE, MARCH, NOW, paid, raw, user, WORDS, ZOE } from '../test/zoe.js';

const LEASE = { name: 'intake', epoch: '1' };

describe('erasing a person', () => {
  let api: RealApi;
  beforeEach(async () => {
    api = await realApi(NOW);
  });
  afterEach(() => api.close());

  const opened = () => wordsOpened(api.db, TEST_VAULT, WORDS);

  /** Of every kind of delivery some that tell of Zoe, each with her words in it. */
  const tellOfZoe = async (): Promise<void> => {
    const { ledger } = api;
    await ledger.deliver(
      paid('ana', '1', { name: 'Ana Lima', username: 'ana' }),
      renderMembership('v1', {
        creatorId: CREATOR,
        userId: 'user_zoe',
        membershipId: 'mem_zoe',
        status: 'activated',
        joinedAt: MARCH,
        createdAt: MARCH,
        ...ZOE,
        affiliateCode: 'ana',
      }),
    );
    await ledger.decide();
    await ledger.deliver(
      paid('zoe', '2', ZOE),
      paid('zoe', '3', { ...ZOE, status: 'failed', paidAt: null }),
      // Somebody else, who came by her name.
      paid('bob', '4', { name: 'Bob Ash', affiliateUsername: 'zerlinaq' }),
      renderReversal('v1', {
        creatorId: CREATOR,
        userId: 'user_zoe',
        reversalId: 'rf_unknown',
        kind: 'refund',
        event: 'created',
        paymentId: 'pay_unknown',
        status: 'succeeded',
        amount: '5.00',
        currency: 'usd',
        createdAt: MARCH + 9,
        ...ZOE,
      }),
      raw('ignored', { type: 'payment.pending', data: { id: 'pay_p', company, user } }),
      raw('nameless', { type: 'entry.created', data: { email: ZOE.email } }),
      raw('senseless', { type: 'payment.succeeded', data: { id: 'pay_q', company, user } }),
      raw(
        'no-json',
        `{"type": "payment.succeeded", "data": {"user": {"id": "user_zoe", "${ZOE.email}`,
      ),
      raw('parked', {
        type: 'payment.succeeded',
        data: {
          ...{ id: 'pay_w', total: '10.00', currency: 'usd', paid_at: MARCH + 50 },
          ...{ membership_id: 'mem_later', user: { name: ZOE.name, username: ZOE.username } },
          ...{ company, customer_email: ZOE.email, affiliate_code: 'ana' },
        },
      }),
    );
    await ledger.decide();
    await ledger.deliver(paid('zoe', '5', ZOE));
  };

  it('takes their words from profile and deliveries, and says so in the log', async () => {
    await tellOfZoe();
    expect(await wordsInDatabase(api.db, WORDS)).toEqual([]);
    expect((await opened()).sort()).toEqual([
      'applied membership.activated',
      'applied payment.failed',
      'applied payment.succeeded',
      'applied payment.succeeded',
      'ignored entry.created',
      'ignored payment.pending',
      'parked payment.succeeded',
      'pending delivery 13',
      'profile of user_zoe',
      'quarantined delivery 10',
      'quarantined payment.succeeded',
    ]);
    const member = `/creators/${CREATOR}/members/user_zoe`;
    expect((await api.get(member)).json.name).toBe(ZOE.name);
    const before = await api.get(`${member}/stats`);
    const head = await api.ledger.store.head();
    const { status, json } = await api.delete(ERASE, { reason: 'they asked for it' });
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        ...{ creatorId: CREATOR, memberId: 'user_zoe', changed: true, dryRun: false },
        ...{ position: Number(head) + 1, profile: true, deliveries: 6, scrubbed: 5 },
      },
    });
    expect(await opened()).toEqual([]);
    expect(await wordsInDatabase(api.db, WORDS)).toEqual([]);
    expect((await api.get(member)).json.name).toBe('user_zoe');
    const after = await api.get(`${member}/stats`);
    expect(after.json).toEqual({ ...before.json, asOf: after.json.asOf });
    expect((await api.get(`/creators/${CREATOR}/members?q=zerl`)).json.items).toEqual([]);
    const [event] = (await api.ledger.events()).slice(-1);
    expect(event).toMatchObject({
      stream: 'member-biz_a.user_zoe',
      type: 'PersonalDataErased',
      data: {},
      metadata: { command: 'ErasePersonalData', actor: 'admin', reason: 'they asked for it' },
    });
  });

  it('leaves what names nobody of theirs, and of theirs id, hash and outcome', async () => {
    await tellOfZoe();
    const rows = async () => {
      const found = await sql<{ id: string; body: Buffer | null }>`
        select id, delivery_id, encode(body_sha256, 'hex') as sha256, outcome, type, code, received_at
        from deliveries where provider = 'whop' order by id`.execute(api.db);
      return found.rows;
    };
    const before = await rows();
    await api.delete(ERASE);
    expect(await rows()).toEqual(before);
    const kept = await sql<{ ids: string }>`
      select string_agg(delivery_id, ' ' order by id) as ids from deliveries
      where body is not null and provider = 'whop' and body_form = 'sealed'`.execute(api.db);
    expect(kept.rows[0]?.ids.split(' ')).toHaveLength(1); // Ana's
    const left = await sql`
      select from deliveries where provider = 'whop' and body_form <> 'sealed' and headers is not null
        or body is null and (headers is not null or subjects is not null)`.execute(api.db);
    expect(left.rows).toHaveLength(0);
    expect((await api.get(`/creators/${CREATOR}/members/user_ana`)).json.name).toBe('Ana Lima');
  });

  it('loses no money that waits: what is decided later counts, and is then dropped', async () => {
    await tellOfZoe();
    await api.delete(ERASE);
    // Its person is told at last, and so is the payment that the refund waits for.
    await api.ledger.deliver(
      renderMembership('v1', {
        ...{ creatorId: CREATOR, userId: 'user_late', membershipId: 'mem_later' },
        ...{ status: 'activated', joinedAt: MARCH, createdAt: MARCH },
      }),
      paid('zoe', '6', { paymentId: 'pay_unknown', ...ZOE }),
    );
    await api.ledger.decide();
    const outcomes = await api.ledger.outcomes();
    expect(outcomes.filter(({ outcome }) => outcome === 'parked')).toEqual([]);
    const { json } = await api.get(`/creators/${CREATOR}/payments?limit=20`);
    const amounts = json.items.map((one) => [one.paymentId, one.saleMinor, one.referrerId]);
    expect(Object.fromEntries(amounts.map(([id, ...rest]) => [id, rest]))).toEqual({
      pay_ana1: [4999, null],
      pay_zoe2: [4999, 'user_ana'],
      pay_bob4: [4999, 'user_zoe'],
      pay_zoe5: [4999, 'user_ana'],
      pay_unknown: [4999, 'user_ana'],
      // Its claim was kept as a keyed hash.
      pay_w: [1000, 'user_ana'],
    });
    expect(await opened()).toEqual([]);
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from deliveries d join events e on e.metadata ->> 'delivery' = d.id::text
      where d.body is not null and d.provider <> 'internal' and e.stream = 'member-biz_a.user_zoe'`.execute(
      api.db,
    );
    expect(rows[0]?.n).toBe(0);
  });

  it('goes on resolving claims of a username that only an undecided delivery had told', async () => {
    const { ledger } = api;
    await ledger.deliver(paid('zoe', '1'));
    await ledger.decide();
    await ledger.deliver(paid('zoe', '2', ZOE));
    expect((await api.delete(ERASE)).json).toMatchObject({ profile: false, scrubbed: 1 });
    expect(await opened()).toEqual([]);
    await ledger.decide();
    await ledger.deliver(paid('bob', '4', { affiliateUsername: 'zerlinaq' }));
    await ledger.decide();
    const bob = await api.get(`/creators/${CREATOR}/members/user_bob`);
    expect(bob.json.referrer).toEqual({ memberId: 'user_zoe', name: 'user_zoe' });
    expect(await opened()).toEqual([]);
  });

  it('recreates no profile from later deliveries, and keeps no body of them', async () => {
    await tellOfZoe();
    await api.delete(ERASE);
    await api.ledger.decide();
    await api.ledger.deliver(
      paid('zoe', '7', ZOE),
      paid('cy', '8', { affiliateUsername: 'zerlinaq' }),
      raw('ignored-later', { type: 'payment.pending', data: { id: 'pay_r', company, user } }),
    );
    await api.ledger.decide();
    expect(await opened()).toEqual([]);
    const profile = await api.get(`/creators/${CREATOR}/members/user_zoe`);
    expect(profile.json.name).toBe('user_zoe');
    const cy = await api.get(`/creators/${CREATOR}/members/user_cy`);
    expect(cy.json).toMatchObject({ referrer: { memberId: 'user_zoe', name: 'user_zoe' } });
  });

  it('is no change when it was done before, and takes what has come since', async () => {
    await tellOfZoe();
    const [first, second] = [await api.delete(ERASE), await api.delete(ERASE)];
    expect(first.json).toMatchObject({ changed: true, profile: true });
    expect(second).toMatchObject({
      status: 200,
      json: { changed: false, position: null, profile: false, deliveries: 0, scrubbed: 0 },
    });
    await api.ledger.deliver(paid('zoe', '8', ZOE));
    expect((await api.delete(ERASE)).json).toMatchObject({ changed: false, scrubbed: 1 });
    expect(await opened()).toEqual([]);
    const erased = (await api.ledger.events()).filter(({ type }) => type === 'PersonalDataErased');
    expect(erased).toHaveLength(1);
  });

  it('says what a dry run would take, and takes nothing', async () => {
    await tellOfZoe();
    const before = await opened();
    expect(await api.delete(ERASE, { dryRun: true })).toMatchObject({
      status: 200,
      json: {
        changed: true,
        dryRun: true,
        position: null,
        profile: true,
        deliveries: 6,
        scrubbed: 5,
      },
    });
    expect(await opened()).toEqual(before);
  });

  it('knows nobody whom the log does not know', async () => {
    await tellOfZoe();
    const refused = async (path: string) => {
      const { status, json } = await api.delete(path);
      return [status, json.code];
    };
    const of = (creator: string, member: string) =>
      refused(`/creators/${creator}/members/${member}/personal-data`);
    expect(await of(CREATOR, 'user_nobody')).toEqual([404, 'member_not_found']);
    expect(await of('biz_nobody', 'user_zoe')).toEqual([404, 'creator_not_found']);
    expect(await of(CREATOR, 'mem_zoe')).toEqual([400, 'id_malformed']);
  });

  it('takes the words of two who are told of in one delivery that waits', async () => {
    await tellOfZoe();
    const kim = { name: 'Kimbra Vale', username: 'kimbrav' };
    await api.ledger.deliver(paid('kim', '8', { ...kim, affiliateUsername: 'zerlinaq' }));
    await api.delete(ERASE);
    expect(await wordsOpened(api.db, TEST_VAULT, ['kimbra'])).toHaveLength(1);
    await api.ledger.deliver(paid('kim', '9'));
    // Kim is known by the time that she is erased, and that delivery is decided again from nothing.
    await api.ledger.decide();
    await sql`
      update deliveries set outcome = 'parked', code = 'person_unknown'
      where body_form = 'scrubbed' and body is not null and outcome = 'applied'`.execute(api.db);
    await api.delete(`/creators/${CREATOR}/members/user_kim/personal-data`);
    expect(await wordsOpened(api.db, TEST_VAULT, ['kimbra', ...WORDS])).toEqual([]);
  });

  it('is of one community: the same person in another one keeps their name', async () => {
    const elsewhere = { creatorId: 'biz_b', membershipId: 'mem_b', paymentId: 'pay_b' };
    await tellOfZoe();
    await api.ledger.deliver(paid('zoe', '9', { ...ZOE, ...elsewhere }));
    await api.ledger.decide();
    await api.delete(ERASE);
    expect((await opened()).sort()).toEqual(['applied payment.succeeded', 'profile of user_zoe']);
    expect((await api.get('/creators/biz_b/members/user_zoe')).json.name).toBe(ZOE.name);
  });

  it('takes no claim or username from a delivery that may yet turn out to be of another one', async () => {
    const { ledger } = api;
    const inB = { creatorId: 'biz_b', membershipId: 'mem_there' };
    await ledger.deliver(
      paid('zoe', '1', ZOE),
      paid('rui', '2', { creatorId: 'biz_b', username: 'rui' }),
      raw('whose', {
        type: 'payment.succeeded',
        data: {
          ...{ id: 'pay_whose', total: '20.00', currency: 'usd', paid_at: MARCH + 3 },
          ...{ membership_id: 'mem_there', user, affiliate_username: 'rui' },
        },
      }),
    );
    await ledger.decide();
    expect((await api.delete(ERASE)).json).toMatchObject({ deliveries: 1, scrubbed: 1 });
    expect(await wordsOpened(api.db, TEST_VAULT, ['Quastel', ZOE.email])).toEqual([]);
    await ledger.deliver(
      renderMembership('v1', {
        ...{ ...inB, userId: 'user_zoe', status: 'activated' },
        ...{ joinedAt: MARCH + 3, createdAt: MARCH + 3 },
      }),
      paid('eve', '4', { creatorId: 'biz_b', affiliateUsername: 'zerlinaq' }),
    );
    await ledger.decide();
    const referrerOf = async (member: string) =>
      (await api.get(`/creators/biz_b/members/${member}`)).json.referrer;
    expect(await referrerOf('user_zoe')).toMatchObject({ memberId: 'user_rui' });
    expect(await referrerOf('user_eve')).toMatchObject({ memberId: 'user_zoe' });
  });

  it('takes the words from what comes later and has to wait, and it counts all the same', async () => {
    const { ledger } = api;
    await ledger.deliver(paid('ana', '1', { username: 'ana' }), paid('zoe', '2', ZOE));
    await ledger.decide();
    await api.delete(ERASE);
    await ledger.deliver(
      raw('waits', {
        type: 'payment.succeeded',
        data: {
          ...{ id: 'pay_waits', total: '10.00', currency: 'usd', paid_at: MARCH + 9 },
          ...{ membership_id: 'mem_zoe2', company, affiliate_code: 'zerlinaq' },
          user: { name: 'Zerlina', username: ZOE.username },
        },
      }),
      raw('senseless', { type: 'payment.succeeded', data: { id: 'pay_q', company, user } }),
      raw('another', {
        type: 'payment.succeeded',
        data: {
          ...{ id: 'pay_other', total: '10.00', currency: 'usd', paid_at: MARCH + 9 },
          ...{ membership_id: 'mem_kim', company, affiliate_code: 'ana' },
          user: { name: 'Kimbra Vale', username: 'kimbrav' },
        },
      }),
    );
    await ledger.decide();
    const outcomes = (await ledger.outcomes()).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['applied', 'applied', 'parked', 'quarantined', 'parked']);
    expect(await opened()).toEqual([]);
    expect(await wordsOpened(api.db, TEST_VAULT, ['kimbra'])).toHaveLength(1);
    await ledger.deliver(
      renderMembership('v1', {
        ...{ creatorId: CREATOR, userId: 'user_kim', membershipId: 'mem_zoe2' },
        ...{ status: 'activated', joinedAt: MARCH, createdAt: MARCH },
      }),
    );
    await ledger.decide();
    const kim = await api.get(`/creators/${CREATOR}/members/user_kim`);
    expect(kim.json.referrer).toMatchObject({ memberId: 'user_zoe' });
  });

  it('while their deliveries are being decided leaves nothing of theirs either', async () => {
    await tellOfZoe();
    const { ledger } = api;
    let n = 100;
    for (let round = 0; round < 6; round++) {
      await ledger.deliver(...Array.from({ length: 20 }, () => paid('zoe', String(n++), ZOE)));
      const deciding = Array.from({ length: 4 }, () =>
        intakeBatch(ledger.intake, LEASE, 7).catch(() => 0),
      );
      await Promise.all([...deciding, ...(round % 2 === 0 ? [api.delete(ERASE)] : [])]);
    }
    await ledger.decide();
    await api.delete(ERASE);
    expect(await opened()).toEqual([]);
    const { rows } = await sql<{ sales: number }>`
      select count(*)::int as sales from events
      where type = 'PaymentReceived' and stream = 'member-biz_a.user_zoe'`.execute(api.db);
    expect(rows[0]?.sales).toBe(122);
  });

  it('is done within a second among 20,000 deliveries, half of them undecided', async () => {
    await tellOfZoe();
    const { ledger } = api;
    for (let from = 0; from < 20_000; from += 1_000) {
      await ledger.deliver(
        ...Array.from({ length: 1_000 }, (_, n) =>
          raw(`many-${from + n}`, {
            type: 'payment.pending',
            data: { id: `pay_m${from + n}`, company, user: { id: `user_m${from + n}` } },
          }),
        ),
      );
      if (from < 10_000) await ledger.decide();
    }
    const begun = performance.now();
    const { json } = await api.delete(ERASE);
    const tookMs = performance.now() - begun;
    expect(json).toMatchObject({ changed: true, deliveries: 7 });
    expect(await opened()).toEqual([]);
    expect(tookMs).toBeLessThan(1_000);
  }, 180_000);

  it('leaves the read models as they are', async () => {
    await tellOfZoe();
    await api.ledger.decide();
    const schema = async () => {
      await api.get(`/creators/${CREATOR}`);
      const { rows } = await sql<{ schema: string }>`
        select schema from projections limit 1`.execute(api.db);
      return rows[0]?.schema ?? '';
    };
    const before = await dumpTables(api.db, await schema(), register);
    await api.delete(ERASE);
    expect(await dumpTables(api.db, await schema(), register)).toEqual(before);
  });
});
