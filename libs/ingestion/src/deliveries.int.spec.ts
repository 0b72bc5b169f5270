import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { openDatabase } from '#libs/database';
import { TEST_VAULT, type TestDatabase, testDatabase } from '#libs/testing';
import { openBody } from './bodies.js';
import {
  DELIVERIES_CHANNEL,
  DeliveryInbox,
  type InboxOptions,
  InboxUnavailable,
  type NewDelivery,
} from './deliveries.js';

const RECEIVED_AT = 1_761_955_203_123;

const delivery = (deliveryId: string, told: Partial<NewDelivery> = {}): NewDelivery => ({
  provider: 'whop',
  deliveryId,
  generation: 'v1',
  body: Buffer.from(`{"id":"${deliveryId}"}`),
  headers: { 'webhook-id': deliveryId, 'webhook-signature': 'v1,"\\{}=' },
  receivedAt: RECEIVED_AT,
  ...told,
});

describe('the inbox', () => {
  let test: TestDatabase;
  let other: pg.Client;
  beforeAll(async () => {
    test = await testDatabase();
    other = new pg.Client({ connectionString: test.url });
    await other.connect();
  });
  afterEach(() => other.query('truncate deliveries, waiting'));
  afterAll(async () => {
    await other.end();
    await test.drop();
  });

  const inbox = (options: Partial<InboxOptions> = {}) =>
    new DeliveryInbox({ db: test.db, vault: TEST_VAULT, ...options });
  const count = async (what: string): Promise<number> => {
    const { rows } = await other.query<{ n: string }>(`select ${what} as n from deliveries`);
    return Number(rows[0]?.n);
  };
  /** Every commit has a transaction id of its own. */
  const commits = () => count('count(distinct xmin::text)');

  it('answers once the delivery is there for everybody, exactly as it came and sealed', async () => {
    const body = Buffer.from([0x7b, 0x00, 0xff, 0x5c, 0x22, 0x2c, 0x7d]);
    const stored = await inbox().store(delivery('msg_1', { body }));
    const { rows } = await other.query('select * from deliveries');
    expect(rows).toEqual([
      expect.objectContaining({
        id: stored.id,
        provider: 'whop',
        delivery_id: 'msg_1',
        generation: 'v1',
        body_form: 'sealed',
        headers: delivery('msg_1').headers,
        received_at: new Date(RECEIVED_AT),
        outcome: 'pending',
      }),
    ]);
    expect(rows[0].body.includes(body)).toBe(false);
    expect(openBody(TEST_VAULT, rows[0])).toEqual(body);
    expect(stored.status).toBe('stored');
  });

  it('does not answer before the commit', async () => {
    await other.query('begin');
    await other.query('lock table deliveries in share mode');
    let answered = false;
    const answer = inbox()
      .store(delivery('msg_1'))
      .then(() => {
        answered = true;
      });
    await other.query('select pg_sleep(0.1)');
    expect(answered).toBe(false);
    await other.query('commit');
    await answer;
  });

  it('stores 2,000 at once in few commits, each of them once', async () => {
    const one = inbox();
    const answers = await Promise.all(
      Array.from({ length: 2_000 }, (_, n) => one.store(delivery(`msg_${n}`))),
    );
    expect(answers.every((answer) => answer.status === 'stored')).toBe(true);
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(2_000);
    expect(await count('count(*)')).toBe(2_000);
    expect(await commits()).toBeLessThanOrEqual(5);
  });

  it('gathers the next batch while one is being committed', async () => {
    const one = inbox({ maxInFlight: 1 });
    const first = one.store(delivery('msg_first'));
    await new Promise((resolve) => setImmediate(resolve));
    const rest = Array.from({ length: 100 }, (_, n) => one.store(delivery(`msg_${n}`)));
    await Promise.all([first, ...rest]);
    expect(await commits()).toBe(2);
  });

  it('knows a repetition by its id and bytes, also inside one batch', async () => {
    const one = inbox();
    const together = await Promise.all([
      one.store(delivery('msg_1')),
      one.store(delivery('msg_1')),
      one.store(delivery('msg_2')),
    ]);
    const later = await inbox().store(delivery('msg_1', { receivedAt: RECEIVED_AT + 9 }));
    const id = together[0].id;
    expect(together.map(({ status }) => status)).toEqual(['stored', 'duplicate', 'stored']);
    expect(together[1].id).toBe(id);
    expect(later).toEqual({ status: 'duplicate', id });
    expect(await count('count(*)')).toBe(2);
  });

  it('keeps the same id with other bytes, or of another provider, as a delivery of its own', async () => {
    const one = inbox();
    const answers = await Promise.all([
      one.store(delivery('msg_1')),
      one.store(delivery('msg_1', { body: Buffer.from('{}') })),
      one.store(delivery('msg_1', { provider: 'internal' })),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['stored', 'stored', 'stored']);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(3);
  });

  it('stores each once while several processes receive the same ones in any order', async () => {
    const ids = Array.from({ length: 300 }, (_, n) => `msg_${n}`);
    const inboxes = Array.from({ length: 4 }, () => inbox());
    const answers = await Promise.all(
      inboxes.flatMap((one, n) =>
        (n % 2 === 0 ? ids : ids.toReversed()).map((id) => one.store(delivery(id))),
      ),
    );
    expect(answers.filter(({ status }) => status === 'stored')).toHaveLength(300);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(300);
    expect(await count('count(*)')).toBe(300);
  });

  it('lets two processes that hold the same keys in opposite orders pass each other', async () => {
    const ids = Array.from({ length: 9 }, (_, n) => `msg_${n}`);
    // Both must stop at the middle key, each holding what the other wants next.
    await other.query('begin');
    await other.query(
      `insert into deliveries (provider, delivery_id, body_sha256, generation, received_at)
       values ('whop', 'msg_4', sha256($1), 'v1', now())`,
      [delivery('msg_4').body],
    );
    const forward = inbox();
    const backward = inbox();
    const answers = Promise.all([
      ...ids.map((id) => forward.store(delivery(id))),
      ...ids.toReversed().map((id) => backward.store(delivery(id))),
    ]);
    await other.query('select pg_sleep(0.1)');
    await other.query('rollback');
    await answers;
    const { rows } = await other.query<{ deadlocks: string }>(
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    expect(rows).toEqual([{ deadlocks: '0' }]);
    expect(await count('count(*)')).toBe(9);
  });

  it('wakes the intake, here and elsewhere, once a commit and only for what is new', async () => {
    const heard: string[] = [];
    other.on('notification', (message) => heard.push(message.channel));
    await other.query(`listen ${DELIVERIES_CHANNEL}`);
    let woken = 0;
    const one = inbox({ onStored: () => (woken += 1) });
    const first = once(other, 'notification');
    await Promise.all([one.store(delivery('msg_1')), one.store(delivery('msg_2'))]);
    await first;
    await one.store(delivery('msg_1'));
    const second = once(other, 'notification');
    await one.store(delivery('msg_3'));
    await second;
    await other.query('unlisten *');
    expect({ woken, heard }).toEqual({
      woken: 2,
      heard: [DELIVERIES_CHANNEL, DELIVERIES_CHANNEL],
    });
  });

  it('refuses a delivery that PostgreSQL refuses, and stores its neighbours', async () => {
    const one = inbox();
    const answers = await Promise.allSettled(
      Array.from({ length: 64 }, (_, n) =>
        one.store(delivery(n % 20 === 7 ? `msg_${n}\0` : `msg_${n}`)),
      ),
    );
    const refused = answers.flatMap((answer, n) => (answer.status === 'rejected' ? [n] : []));
    expect(refused).toEqual([7, 27, 47]);
    expect(await count('count(*)')).toBe(61);
  });

  it('refuses a whole batch that could not be committed, and goes on with the next', async () => {
    await other.query('alter table deliveries rename to hidden');
    const one = inbox();
    const failed = await Promise.allSettled([
      one.store(delivery('msg_1')),
      one.store(delivery('msg_2')),
    ]);
    await other.query('alter table hidden rename to deliveries');
    for (const answer of failed)
      expect(answer).toMatchObject({
        status: 'rejected',
        reason: { name: 'InboxUnavailable', code: 'inbox_unavailable' },
      });
    expect(await one.store(delivery('msg_1'))).toMatchObject({ status: 'stored' });
    expect(await count('count(*)')).toBe(1);
  });

  it('refuses all when its connection breaks in the middle of a commit', async () => {
    const db = openDatabase(test.url, { max: 1, applicationName: 'doomed' });
    await other.query('begin');
    await other.query('lock table deliveries in share mode');
    const answers = Promise.allSettled([
      inbox({ db }).store(delivery('msg_1')),
      inbox({ db }).store(delivery('msg_2')),
    ]);
    await other.query('select pg_sleep(0.1)');
    await other.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'flywheel doomed' and datname = current_database()`,
    );
    await other.query('commit');
    const states = (await answers).map(({ status }) => status);
    expect(states).toContain('rejected');
    expect(await count('count(*)')).toBe(states.filter((state) => state === 'fulfilled').length);
    await db.destroy();
  });

  it('refuses callers beyond those that may wait, at once', async () => {
    const one = inbox({ maxWaiting: 10 });
    const answers = Array.from({ length: 11 }, (_, n) => one.store(delivery(`msg_${n}`)));
    await expect(answers[10]).rejects.toBeInstanceOf(InboxUnavailable);
    await Promise.all(answers.slice(0, 10));
    expect(await count('count(*)')).toBe(10);
  });

  it('says the same statement whatever the size of its batch, so that it is planned once', async () => {
    const db = openDatabase(test.url, { max: 1, applicationName: 'prepared' });
    for (const size of [1, 2, 17]) {
      const one = inbox({ db });
      const batch = Array.from({ length: size }, (_, n) => one.store(delivery(`msg_${size}_${n}`)));
      await Promise.all(batch);
    }
    const { rows } = await sql`
      select from pg_prepared_statements where statement like ${'%insert into deliveries%'}`.execute(
      db,
    );
    await db.destroy();
    expect(rows).toHaveLength(1);
  });
});
