import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { decodeEvent } from '#libs/application';
import { renderPayment } from '#libs/ingestion';
import { ensureReadModels, replay } from '#libs/projector';
import { type TestDatabase, type TestLedger, testDatabase, testLedger } from '#libs/testing';
import { register } from '#projections';
import { type Check, checkOf, contradiction } from './check.js';
import { diagnose } from './diagnose.js';
import { checks, checksNamed } from './register.js';
import { keepResults, lastResults } from './results.js';
import { runChecks } from './run-checks.js';
import { CheckRunner } from './runner.js';
import { runCheckSchedule, tell } from './schedule.js';

const PAID_AT = Date.UTC(2025, 9, 3) / 1000;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

describe('a run of the checks', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  let schema: string;
  beforeEach(async () => {
    test = await testDatabase({ poolSize: 6 });
    ledger = await testLedger(test);
    await pay('biz_one', 1);
    await pay('biz_two', 2);
    const options = {
      ...{ db: test.db, store: ledger.store, register, decode: decodeEvent, log: silent },
      signal: new AbortController().signal,
    };
    await ensureReadModels(options);
    ({ schema } = await replay(options));
  });
  afterEach(() => test.drop());

  const pay = async (creatorId: string, n: number): Promise<void> => {
    await ledger.deliver(
      renderPayment('v1', {
        ...{ creatorId, userId: `user_${n}`, paymentId: `pay_${n}`, status: 'succeeded' },
        ...{ amount: '49.99', currency: 'usd', paidAt: PAID_AT, createdAt: PAID_AT },
      }),
    );
    await ledger.decide();
  };
  const run = (rest: Partial<Parameters<typeof runChecks>[0]> = {}) =>
    runChecks({ db: test.db, url: test.url, ...rest });
  const failing = ({ results }: Awaited<ReturnType<typeof run>>) =>
    results.filter(({ holds }) => !holds).map(({ name }) => name);
  const edit = (text: string) => sql.raw(text.replaceAll('{s}', schema)).execute(test.db);

  it('compares the read models with the log as far as they contain it', async () => {
    const position = await ledger.store.head();
    await pay('biz_one', 3);
    const found = await run();
    expect(failing(found)).toEqual([]);
    expect(found).toMatchObject({ position, head: await ledger.store.head() });
    expect(found.head).toBeGreaterThan(position);
  });

  it('names the row, whose it is, and both numbers', async () => {
    await edit(`update {s}.creator_months set initial_minor = 4998 where creator_id = 'biz_two'`);
    const found = await run();
    expect(failing(found)).toEqual(['table-creator-months']);
    expect(found.results.find(({ holds }) => !holds)).toMatchObject({
      severity: 'error',
      violations: 1,
      first: [
        {
          key: { creatorId: 'biz_two', month: '2025-10', currency: 'usd' },
          creatorId: 'biz_two',
          expected: { initialMinor: '4999' },
          actual: { initialMinor: '4998' },
        },
      ],
    });
  });

  it('finds each column of a line that was changed alone, whatever kind the line is of', async () => {
    const { rows: columns } = await sql<{ name: string; type: string }>`
      select attname as name, atttypid::regtype::text as type from pg_attribute
      where attrelid = ${`${schema}.lines`}::regclass and attnum > 0`.execute(test.db);
    const { rows: lines } = await sql<{ line: object }>`
      select to_jsonb(l) as line from ${sql.id(schema, 'lines')} l`.execute(test.db);
    const asTheyWere = JSON.stringify(lines.map(({ line }) => line));
    const missed: string[] = [];
    for (const kind of ['sale', 'signUp'])
      for (const { name, type } of columns) {
        const other = { boolean: `not ${name}`, text: `${name} || 'x'` }[type] ?? `${name} + 7`;
        await edit(`update {s}.lines set ${name} = ${other}
          where kind = '${kind}' and creator_id = 'biz_one'`);
        if (failing(await run({ checks: checksNamed(['table-lines']) })).length === 0)
          missed.push(`${kind}: ${name}`);
        await edit('delete from {s}.lines');
        await edit(`insert into {s}.lines
          select * from jsonb_populate_recordset(null::{s}.lines, '${asTheyWere}')`);
      }
    expect(missed).toEqual([]);
    expect(columns.length).toBeGreaterThan(15);
    expect(failing(await run())).toEqual([]);
  });

  it('finds an amount that no sum can be made of', async () => {
    const least = '-9223372036854775808';
    await edit(
      `insert into {s}.member_days values ('biz_one', 'user_9', '2025-10-03', 'usd', ${least}, 0)`,
    );
    const found = await run();
    expect(failing(found)).toEqual(
      expect.arrayContaining(['no-negative', 'earnings-equal-commission', 'table-member-days']),
    );
    const days = found.results.find(({ name }) => name === 'table-member-days');
    expect(days).toMatchObject({
      violations: 1,
      first: [{ key: { memberId: 'user_9' }, expected: null, actual: { earnedMinor: least } }],
    });
  });

  it('counts every row and shows the first', async () => {
    await edit('update {s}.lines set sale_minor = sale_minor + 1');
    const { results } = await run({ examples: 1 });
    const lines = results.find(({ name }) => name === 'table-lines');
    expect(lines?.violations).toBe(4);
    expect(lines?.first).toHaveLength(1);
  });

  it('asked for one creator finds what is theirs, and what is the log’s', async () => {
    await edit(`update {s}.creator_months set initial_minor = 1 where creator_id = 'biz_two'`);
    expect(failing(await run({ creatorId: 'biz_one' }))).toEqual([]);
    expect(failing(await run({ creatorId: 'biz_two' }))).toEqual(['table-creator-months']);
    const log = checkOf({
      ...{ name: 'of-the-log', why: 'Never.' },
      violations: () =>
        contradiction({
          key: { n: '1' },
          creator: 'null',
          expected: null,
          actual: null,
          from: sql``,
        }),
    });
    expect(failing(await run({ checks: [log], creatorId: 'biz_one' }))).toEqual(['of-the-log']);
  });

  it('is refused while another is under way, and leaves nothing behind when it is aborted', async () => {
    const stop = new AbortController();
    const started = performance.now();
    const begun = signalled();
    const first = run({ checks: [slow], signal: stop.signal, onProgress: begun.give });
    await begun.given;
    await expect(run({ checks: [quick] })).rejects.toMatchObject({ code: 'checks_running' });
    stop.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(failing(await run())).toEqual([]);
  });

  it('cannot be made while there are no read models', async () => {
    await edit('delete from projections');
    await expect(run()).rejects.toMatchObject({ code: 'read_models_missing' });
  });

  it('is joined by who asks for the same, and kept', async () => {
    const runner = new CheckRunner({ db: test.db, url: test.url });
    const [one, other, third] = await Promise.allSettled([
      runner.run(),
      runner.run(),
      runner.run(['table-lines']),
    ]);
    expect(one.status === 'fulfilled' && other.status === 'fulfilled').toBe(true);
    expect((one as { value?: unknown }).value).toBe((other as { value?: unknown }).value);
    expect(third).toMatchObject({ status: 'rejected', reason: { code: 'checks_running' } });
    const kept = await lastResults(test.db);
    expect(kept.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
    await edit('delete from {s}.members');
    await runner.run(['table-members']);
    expect((await lastResults(test.db)).filter(({ holds }) => !holds)).toMatchObject([
      { name: 'table-members', violations: 2, first: [{ actual: null }, { actual: null }] },
    ]);
  });

  it('is made on schedule, once in an interval, and says what fails', async () => {
    await edit('delete from {s}.members');
    const said: string[] = [];
    const stop = new AbortController();
    const log = {
      info: (_: object, text: string) => void said.push(text),
      warn: silent.warn,
      error: (about: object, text: string) => void said.push(`${text} ${JSON.stringify(about)}`),
    };
    const options = { db: test.db, url: test.url, intervalMs: 3_600_000, signal: stop.signal, log };
    const loops = [runCheckSchedule(options), runCheckSchedule(options)];
    await waitFor(async () => said.find((text) => /were run/.test(text)));
    stop.abort();
    await Promise.all(loops);
    expect(said.filter((text) => /were run/.test(text))).toHaveLength(1);
    expect(said.join('\n')).toMatch(/check table-members FAILS: .*user_1/);
    const again = await run();
    const results = again.results.slice(0, 1).map((result) => ({ ...result, holds: true }));
    tell(log, { ...again, results }, [
      { name: results[0]?.name ?? '', holds: false, violations: 1 },
    ]);
    expect(said.join('\n')).toMatch(/monthly-referrals holds again/);
    await keepResults(test.db, again);
  });

  it('diagnoses a month beside a recount', async () => {
    const asked = { creatorId: 'biz_one', month: '2025-10' };
    const sound = await diagnose(test.db, asked);
    expect(sound).toMatchObject({ findings: 0, position: await ledger.store.head() });
    expect(
      sound.payments.map(({ kind, payments }) => [kind, payments.field, payments.recount]),
    ).toEqual([
      ['initial', 1n, 1n],
      ['recurring', 0n, 0n],
      ['organic', 1n, 1n],
      ['referred', 0n, 0n],
    ]);
    await edit(`update {s}.creator_months set organic_minor = 1 where creator_id = 'biz_one'`);
    await edit(`insert into {s}.rankings values ('biz_one', 'user_9', 3, 0, 1)`);
    const broken = await diagnose(test.db, asked);
    expect(broken.findings).toBe(2);
    expect(broken.top).toMatchObject([
      { memberId: 'user_9', totalReferrals: { field: 3n, recount: 0n } },
    ]);
    await expect(diagnose(test.db, { ...asked, creatorId: 'biz_none' })).rejects.toMatchObject({
      code: 'creator_not_found',
    });
  });
});

const sleeping = (name: string, seconds: number): Check =>
  checkOf({
    ...{ name, why: 'Sleeps.' },
    violations: () =>
      contradiction({
        ...{ key: { n: '1' }, creator: 'null', expected: null, actual: null },
        // A condition that the planner cannot know, or nobody would sleep.
        from: sql`from pg_sleep(${sql.lit(seconds)}) as slept where slept::text = 'well'`,
      }),
  });
const slow = sleeping('slow', 60);
const quick = sleeping('quick', 0);

/** A promise and who fulfils it. */
function signalled(): { readonly given: Promise<void>; readonly give: () => void } {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}

/** Asks until there is an answer, for half a minute. */
async function waitFor<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let asked = 0; asked < 600; asked++) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await pause(50);
  }
  throw new Error('there was no answer');
}
