/** Where words of erased people could stay, and where money could go with them. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { toldError } from '#libs/application';
import { type IntakeOptions, IntakeWake, renderMembership, runIntake } from '#libs/ingestion';
import { TEST_VAULT, until } from '#libs/testing';
import { wordsInDatabase, wordsOpened } from '../test/canaries.js';
import { type RealApi, realApi } from '../test/real-parts.js';
import { CREATOR, company, ERASE, MARCH, NOW, paid, raw, user, WORDS, ZOE } from '../test/zoe.js';

describe('an erased person', () => {
  let api: RealApi;
  beforeEach(async () => {
    api = await realApi(NOW);
    await api.ledger.deliver(paid('zoe', '2', ZOE));
    await api.ledger.decide();
  });
  afterEach(() => api.close());

  const opened = () => wordsOpened(api.db, TEST_VAULT, WORDS);
  const payment = (id: string, data: object) =>
    raw(id, {
      type: 'payment.succeeded',
      data: { ...{ id, total: '10.00', currency: 'usd', paid_at: MARCH + 50 }, company, ...data },
    });
  /** Decides with other parts than the ledger's own, until nothing is pending. */
  const decideWith = async (parts: Partial<IntakeOptions>): Promise<void> => {
    const stop = new AbortController();
    await sql`update leases set expires_at = now() - interval '1 hour'`.execute(api.db);
    const { intake } = api.ledger;
    const wake = new IntakeWake();
    const running = runIntake({ ...intake, ...parts, signal: stop.signal, wake });
    try {
      await until('nothing is pending', async () =>
        (await api.ledger.outcomes()).every(({ outcome }) => outcome !== 'pending'),
      );
    } finally {
      stop.abort();
      await running;
    }
  };
  const spoil = (table: 'deliveries' | 'profiles', column: string) =>
    sql`update ${sql.table(table)} set ${sql.ref(column)} =
      set_byte(${sql.ref(column)}, 40, (get_byte(${sql.ref(column)}, 40) + 1) % 256)
      where ${sql.ref(column)} is not null`.execute(api.db);

  /** Three letters, as a currency has. */
  const words = [...WORDS, ': Zoe'];
  const hers = {
    'by an email alone': payment('email', {
      ...{ membership_id: 'mem_later', user: { name: ZOE.name, email: ZOE.email } },
    }),
    'behind the name of another creator, in what is ignored': raw('two', {
      type: 'payment.pending',
      data: { metadata: { source: 'biz_partner' }, id: 'pay_p', company, user },
    }),
    'behind the name of another creator, in what makes no sense': raw('two-creators', {
      type: 'payment.succeeded',
      data: { product: { company: { id: 'biz_partner' } }, id: 'pay_q', company, user },
    }),
    'among forty others': raw('many', {
      type: 'members.exported',
      company_id: CREATOR,
      data: { members: [...Array.from({ length: 40 }, (_, n) => ({ id: `user_m${n}` })), user] },
    }),
    'as what kind of event it is': raw('typed', {
      type: `${ZOE.name} <${ZOE.email}> joined`,
      data: { company, user },
    }),
    'as a state': raw('state', {
      type: 'refund.created',
      data: { id: 'rf_1', payment_id: 'pay_zoe2', company, user, status: 'Zoe', amount: '1.00' },
    }),
    'by a known membership, in an amount that is too precise': raw('precise', {
      action: 'payment.succeeded',
      data: {
        ...{ id: 'pay_x', final_amount: '10.001', paid_at: MARCH + 60, membership: 'mem_zoe' },
        user: { username: ZOE.username, name: ZOE.name },
      },
    }),
  };

  it.each(Object.entries(hers))('is not told of %s, before or after', async (_, delivery) => {
    await api.ledger.deliver(delivery);
    await api.ledger.decide();
    await api.delete(ERASE);
    expect([await opened(), await wordsInDatabase(api.db, words)]).toEqual([[], []]);
    await api.ledger.deliver({ ...delivery, deliveryId: 'again', body: `${delivery.body} ` });
    await api.ledger.decide();
    expect([await opened(), await wordsInDatabase(api.db, words)]).toEqual([[], []]);
  });

  it('is not told of by a key that is given twice', async () => {
    const body = `{"type":"payment.succeeded","data":{"id":"pay_d","company":{"id":"biz_a"},
      "user":{"id":"user_zoe","name":"${ZOE.name}"},"user":{"id":"user_other"}}}`;
    await api.ledger.deliver(raw('twice', body));
    await api.ledger.decide();
    await api.delete(ERASE);
    expect(await opened()).toEqual([]);
  });

  it('is not told of by an email of before, in what waits or comes later', async () => {
    const told = (n: string, email: string) => paid('zoe', n, { ...ZOE, email });
    const byEmail = (id: string, email: string) =>
      payment(id, { membership_id: `mem_${id}`, user: { name: ZOE.name, email } });
    await api.ledger.deliver(told('7', 'quastel.old@example.org'), told('8', ZOE.email));
    await api.ledger.decide();
    await api.ledger.deliver(
      byEmail('pay_w1', 'Quastel.Old@example.org'),
      byEmail('pay_w2', ZOE.email),
    );
    await api.ledger.decide();
    await api.delete(ERASE);
    expect(await opened()).toEqual([]);
    await api.ledger.deliver(byEmail('pay_w3', 'quastel.old@example.org'));
    await api.ledger.decide();
    expect(await opened()).toEqual([]);
  });

  it('is not named by a username that was told after it', async () => {
    await api.delete(ERASE);
    await api.ledger.deliver(paid('zoe', '3', { ...ZOE, username: 'quastelnew' }));
    await api.ledger.decide();
    await api.ledger.deliver(paid('bob', '4', { name: 'Bob', affiliateUsername: 'quastelnew' }));
    await api.ledger.decide();
    expect(await opened()).toEqual([]);
    const bob = await api.get(`/creators/${CREATOR}/members/user_bob`);
    expect(bob.json.referrer).toMatchObject({ memberId: 'user_zoe' });
  });

  it('has no token that is labelled with a name', async () => {
    const whose = { role: 'member', creatorId: CREATOR, memberId: 'user_zoe' };
    expect((await api.post('/admin/tokens', { ...whose, label: ZOE.name })).status).toBe(201);
    const other = { role: 'creator', creatorId: CREATOR, label: 'the page' };
    await api.post('/admin/tokens', other);
    await api.delete(ERASE);
    expect(await wordsInDatabase(api.db, WORDS)).toEqual([]);
    const { json } = await api.get('/admin/tokens');
    expect(json.items.map(({ label }) => label)).toEqual(['the page', null]);
  });

  it('loses no money that was set aside: an exclusion can be taken back', async () => {
    await api.ledger.deliver(
      payment('pay_v', { membership_id: 'mem_z9', user: { username: ZOE.username } }),
    );
    await api.ledger.decide();
    const { rows } = await sql<{ id: string }>`
      select id from deliveries where delivery_id = 'pay_v'`.execute(api.db);
    const order = (act: string) =>
      api.post(`/admin/deliveries/${rows[0]?.id}/${act}`, { reason: 'by mistake' });
    expect((await order('exclude')).status).toBe(200);
    await api.delete(ERASE);
    expect(await opened()).toEqual([]);
    expect((await order('redrive')).status).toBe(200);
    await api.ledger.deliver(
      renderMembership('v1', {
        ...{ creatorId: CREATOR, userId: 'user_zoe', membershipId: 'mem_z9' },
        ...{ status: 'activated', joinedAt: MARCH, createdAt: MARCH },
      }),
    );
    await api.ledger.decide();
    const { json } = await api.get(`/creators/${CREATOR}/payments?limit=20`);
    expect(json.items.map(({ paymentId }) => paymentId)).toContain('pay_v');
  });

  it('loses no claim that a later release will read', async () => {
    await api.ledger.deliver(paid('ana', '1', { username: 'ana' }));
    await api.ledger.decide();
    await api.ledger.deliver(
      payment('pay_u', {
        ...{ currency: 'xxq', membership_id: 'mem_cy', affiliate_username: 'ana' },
        user: { id: 'user_cy', name: 'Zerlina Cy', username: 'cyq' },
      }),
      payment('cy', { id: 'pay_cy', paid_at: MARCH + 90, user: { id: 'user_cy' } }),
    );
    await api.ledger.decide();
    await api.delete(`/creators/${CREATOR}/members/user_cy/personal-data`);
    expect(await wordsOpened(api.db, TEST_VAULT, ['Zerlina Cy', 'cyq'])).toEqual([]);
    await sql`
      update deliveries set outcome = 'pending', code = null, detail = null
      where delivery_id = 'pay_u'`.execute(api.db);
    const { providers } = api.ledger.intake;
    await decideWith({
      providers: providers.map((provider) => ({
        ...provider,
        // A release that knows the currency.
        translate: (body, at) =>
          provider.translate(Buffer.from(body.toString().replace('"xxq"', '"usd"')), at),
      })),
    });
    await api.ledger.decide();
    const { json } = await api.get(`/creators/${CREATOR}/payments?limit=20`);
    const booked = json.items.map((one) => [one.paymentId, one.saleMinor, one.referrerId]);
    expect(booked).toContainEqual(['pay_u', 1000, 'user_ana']);
  });

  it('is erased where a body or a profile was altered, which holds up no payment', async () => {
    await api.ledger.deliver(
      payment('pay_v', { membership_id: 'mem_z9', user: { username: ZOE.username } }),
    );
    await api.ledger.decide();
    await spoil('profiles', 'sealed');
    await api.ledger.deliver(paid('zoe', '3', ZOE));
    await decideWith({});
    const outcomes = (await api.ledger.outcomes()).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['applied', 'parked', 'applied']);
    await spoil('profiles', 'sealed');
    await spoil('deliveries', 'body');
    expect((await api.delete(ERASE)).status).toBe(200);
    const { rows } = await sql`select from deliveries where body is not null`.execute(api.db);
    expect(rows).toEqual([]);
  });

  it('is told of neither by what nobody foresaw nor by the log that says so', async () => {
    await api.delete(ERASE);
    await api.ledger.deliver(paid('zoe', '3', ZOE));
    const lines: string[] = [];
    const write = (line: string) => lines.push(line);
    const log = pino({ serializers: { err: toldError } }, { write });
    const providers = api.ledger.intake.providers.map((provider) => ({
      ...provider,
      // What quotes: V8's own words about text that is no JSON.
      translate: (body: Buffer): never =>
        JSON.parse(body.toString('utf8').slice(body.indexOf('Zerlina'))) as never,
    }));
    await decideWith({ providers, log: (level, message, about) => log[level](about, message) });
    const outcomes = (await api.ledger.outcomes()).map(({ outcome, code }) => [outcome, code]);
    expect(outcomes).toEqual([
      ['applied', null],
      ['quarantined', 'intake_failed'],
    ]);
    expect(lines.join('')).toContain('intake failed on a batch of at most 1');
    expect(lines.filter((line) => WORDS.some((word) => line.includes(word)))).toEqual([]);
    expect(await opened()).toEqual([]);
  });

  it('is erased again under the lock of the log, as at first', async () => {
    await api.delete(ERASE);
    let again: Promise<unknown> = Promise.resolve();
    await api.ledger.store.append([], async (tx) => {
      again = api.delete(ERASE);
      await until('it waits for the lock', async () => {
        const { rows } = await sql`
          select from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())`.execute(
          tx,
        );
        return rows.length > 0;
      });
    });
    expect(await again).toMatchObject({ status: 200, json: { changed: false } });
  });
});
