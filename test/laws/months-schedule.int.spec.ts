/** The scheduler: late, twice, by several at once, in all zones; what blocks one creator blocks nobody else. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  changeSettings,
  closeDueMonths,
  type DueOutcome,
  type DueParts,
  type MonthScheduleOptions,
  runMonthSchedule,
} from '#libs/application';
import { BlockedMonths, CheckRunner, CreatorFindings } from '#libs/checks';
import { Desk, renderPayment } from '#libs/ingestion';
import { TEST_DEFAULTS } from '#libs/testing';
import { sealsOf } from './months-community.js';
import { type MonthsLedger, monthsLedger } from './months-ledger.js';

const at = (iso: string): number => Date.parse(iso) / 1000;
const HOUR = 3_600;

interface Said {
  readonly level: string;
  readonly message: string;
}

describe('the scheduler', () => {
  let months: MonthsLedger;
  let parts: DueParts;
  let said: Said[];
  let loops: { readonly stop: AbortController; readonly ended: Promise<void> }[];

  beforeEach(async () => {
    months = await monthsLedger(at('2026-02-10T00:00:00Z'));
    const { db, url } = months.test;
    const findings = new CreatorFindings({ db, runner: new CheckRunner({ db, url }) });
    const blocked = new BlockedMonths(db);
    parts = { months: { ...months.parts, findings }, reads: months.reads, blocked };
    said = [];
    loops = [];
  });
  afterEach(async () => {
    for (const { stop } of loops) stop.abort();
    await Promise.all(loops.map(({ ended }) => ended));
    await months.drop();
  });

  async function community(
    creatorId: string,
    settings: { readonly timeZone?: string; readonly graceHours?: number } = {},
  ): Promise<void> {
    const { ledger } = months;
    const ordered = { actor: 'test' };
    const now = at('2025-12-01T00:00:00Z');
    const order = { type: 'ChangeSettings', now, defaults: TEST_DEFAULTS } as const;
    const all = { ...order, effectiveAt: 'beginning' as const, timeZone: 'UTC', ...settings };
    await changeSettings({ store: ledger.store, intake: ledger.notices }, creatorId, all, ordered);
    await pay(creatorId, '2026-01-15T12:00:00Z');
  }
  async function pay(creatorId: string, paidAt: string, currency = 'usd'): Promise<void> {
    await months.ledger.deliver(
      renderPayment('v1', {
        creatorId,
        userId: `user_${creatorId}`,
        membershipId: `mem_${creatorId}`,
        paymentId: `pay_${creatorId}_${at(paidAt)}_${currency}`,
        status: 'succeeded',
        amount: '10.00',
        currency,
        paidAt: at(paidAt),
        createdAt: at(paidAt),
      }),
    );
    await months.ledger.decide();
  }
  const sealed = async (creatorId: string): Promise<string[]> =>
    (await sealsOf(months.ledger, creatorId)).map(({ data }) => data.month);

  /** Runs a scheduler until it has looked so often. */
  async function looks(
    count: number,
    options: Partial<MonthScheduleOptions> = {},
  ): Promise<DueOutcome[]> {
    const stop = new AbortController();
    const outcomes: DueOutcome[] = [];
    const log = (level: string) => (_: object, message: string) =>
      void said.push({ level, message });
    const enough = new Promise<void>((resolve, reject) => {
      const ended = runMonthSchedule({
        parts,
        url: months.test.url,
        signal: stop.signal,
        log: { info: log('info'), warn: log('warn'), error: log('error') },
        askMs: 20,
        quietMs: 0,
        retryBlockedMs: 0,
        ...options,
        onLooked: (outcome) => {
          if (outcomes.push(outcome) >= count) resolve();
        },
      });
      loops.push({ stop, ended });
      ended.catch(reject);
    });
    await enough;
    stop.abort();
    return outcomes;
  }
  const errors = () => said.filter(({ level }) => level === 'error');

  it('closes all that was missed, in order, when it comes months late', async () => {
    await community('biz_late');
    await pay('biz_late', '2026-03-03T00:00:00Z');
    months.setNow(at('2026-07-02T00:00:00Z'));
    const [outcome] = await looks(1);
    expect(outcome?.closed.map(({ seal }) => seal.month)).toEqual([
      '2026-01',
      '2026-02',
      '2026-03',
      '2026-04',
      '2026-05',
    ]);
    expect(outcome?.waiting).toEqual([
      { creatorId: 'biz_late', month: '2026-06', dueAt: at('2026-07-04T00:00:00Z') },
    ]);
    const [again] = await looks(1);
    expect([again?.closed, again?.blocked, errors()]).toEqual([[], [], []]);
  });

  it('seals each month once when several look at the same time', async () => {
    const creators = ['biz_a', 'biz_b', 'biz_c'];
    for (const creatorId of creators) await community(creatorId);
    months.setNow(at('2026-05-10T00:00:00Z'));
    // The second instance waits for its turn, and then finds nothing to do.
    const instances = Promise.all([looks(2), looks(2)]);
    const callers = Array.from({ length: 4 }, () => closeDueMonths(parts, { actor: 'cron' }));
    const outcomes = [...(await Promise.all(callers)), ...(await instances).flat()];
    const four = ['2026-01', '2026-02', '2026-03', '2026-04'];
    for (const creatorId of creators) expect(await sealed(creatorId)).toEqual(four);
    expect(outcomes.flatMap(({ closed }) => closed)).toHaveLength(creators.length * four.length);
    expect(outcomes.flatMap(({ blocked }) => blocked)).toEqual([]);
    expect(errors()).toEqual([]);
  });

  it('goes by the zone of each creator: a day lies between both sides of the date line', async () => {
    await community('biz_kiritimati', { timeZone: 'Pacific/Kiritimati', graceHours: 0 });
    await community('biz_pago', { timeZone: 'Pacific/Pago_Pago', graceHours: 0 });
    const kiritimati = at('2026-01-31T10:00:00Z');
    const pago = at('2026-02-01T11:00:00Z');
    const closedAt = async (now: number): Promise<string[]> => {
      months.setNow(now);
      const [outcome] = await looks(1);
      return (outcome?.closed ?? []).map(({ creatorId }) => creatorId);
    };
    expect(await closedAt(kiritimati - 1)).toEqual([]);
    expect(await closedAt(kiritimati)).toEqual(['biz_kiritimati']);
    expect(await closedAt(pago - 1)).toEqual([]);
    expect(await closedAt(pago)).toEqual(['biz_pago']);
  });

  it('waits for the grace that was set when the month ended', async () => {
    await community('biz_grace', { graceHours: 100 });
    const end = at('2026-02-01T00:00:00Z');
    const { store, notices: intake } = months.ledger;
    const change = (now: number, graceHours: number) =>
      changeSettings(
        { store, intake },
        'biz_grace',
        { type: 'ChangeSettings', now, defaults: TEST_DEFAULTS, graceHours },
        { actor: 'test' },
      );
    await change(end - HOUR, 24);
    // Too late for January: it ended with 24.
    await change(end + HOUR, 1);
    for (const [now, closed] of [
      [end + 2 * HOUR, []],
      [end + 24 * HOUR - 1, []],
      [end + 24 * HOUR, ['2026-01']],
    ] as const) {
      months.setNow(now);
      await looks(1);
      expect(await sealed('biz_grace')).toEqual(closed);
    }
    // February ends with 1.
    months.setNow(at('2026-03-01T01:00:00Z'));
    await looks(1);
    expect(await sealed('biz_grace')).toEqual(['2026-01', '2026-02']);
  });

  it('says once what blocks a creator, goes on with the others, and says when it does no more', async () => {
    await community('biz_a_blocked');
    await community('biz_b_free');
    await pay('biz_a_blocked', '2026-01-20T00:00:00Z', 'xx1');
    const outcomes = await looks(3);
    expect(outcomes.map(({ blocked }) => blocked.map(({ code, isNew }) => [code, isNew]))).toEqual([
      [['month_blocked', true]],
      [['month_blocked', false]],
      [['month_blocked', false]],
    ]);
    expect(await sealed('biz_b_free')).toEqual(['2026-01']);
    expect(await sealed('biz_a_blocked')).toEqual([]);
    expect(errors().map(({ message }) => message)).toEqual([
      expect.stringMatching(/^2026-01 of biz_a_blocked cannot be closed: .*quarantined/),
    ]);
    expect(await parts.blocked.all()).toMatchObject([
      { creatorId: 'biz_a_blocked', month: '2026-01', code: 'month_blocked' },
    ]);
    // A restart does not say it again.
    await looks(1);
    expect(errors()).toHaveLength(1);
    const { intake, keys } = months.ledger;
    const desk = new Desk({ ...intake, keys: async () => keys });
    const rows = await months.test.db
      .selectFrom('deliveries')
      .select('id')
      .where('outcome', '=', 'quarantined')
      .execute();
    const reason = 'a test of the sender';
    await desk.exclude(
      rows.map(({ id }) => BigInt(id)),
      { actor: 'test', reason, dryRun: false },
    );
    await looks(1);
    expect(await sealed('biz_a_blocked')).toEqual(['2026-01']);
    expect(await parts.blocked.all()).toEqual([]);
    expect(said.at(-1)?.message).toBe('nothing blocks biz_a_blocked any more');
  });

  it('leaves a month alone of which something was told just now', async () => {
    await community('biz_told');
    const [told] = await looks(1, { quietMs: 60_000 });
    expect([told?.closed, told?.waiting]).toEqual([
      [],
      [{ creatorId: 'biz_told', month: '2026-01', dueAt: at('2026-02-04T00:00:00Z') }],
    ]);
    // Of a later month anything may be told.
    const [quiet] = await looks(1, { quietMs: 1 });
    expect(quiet?.closed).toHaveLength(1);
  });
});
