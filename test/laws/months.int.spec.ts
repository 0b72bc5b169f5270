/**
 * Conservation (product.md, "Months"): whatever is paid, refunded, learned late, closed and restated,
 * the latest versions, what they carry, what is pending and the open months add up to the whole log,
 * per member and currency, after every step; and every snapshot ever sealed proves itself.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeEvent, monthOf, monthsOf } from '#libs/application';
import {
  type Amounts,
  addMonths,
  CREATOR_FIGURES,
  type LedgerEvent,
  linesOf,
  type MonthsEvent,
  provenLines,
  REFERRER_FIGURES,
  type SnapshotLine,
  type SnapshotPage,
} from '#libs/ledger';
import { referrerAmounts } from '../../projections/earned.js';
import { creatorAmounts } from '../../projections/sold.js';
import { historyOf } from '../reference/histories.js';
import { bodyOf } from '../reference/wire.js';
import { codeOf, NOW, settingsOfHistory } from './history-ledger.js';
import { type MonthsLedger, monthsLedger } from './months-ledger.js';

const SEEDS = [3, 11, 29, 47];
const STEPS = 14;

/** Sums by `month subject currency figure`; what is zero is not there. */
class Sums {
  readonly values = new Map<string, bigint>();

  add(key: string, value: bigint): void {
    const sum = (this.values.get(key) ?? 0n) + value;
    if (sum === 0n) this.values.delete(key);
    else this.values.set(key, sum);
  }
  addAll<F extends string>(key: string, names: readonly F[], amounts: Amounts<F>): void {
    for (const name of names) this.add(`${key} ${name}`, amounts[name]);
  }
  entries(): string[] {
    return [...this.values].map(([key, value]) => `${key} ${value}`).sort();
  }
}

const creatorKey = (creatorId: string, month: string, currency: string): string =>
  `${creatorId} ${month} creator ${currency}`;
const memberKey = (creatorId: string, month: string, memberId: string, currency: string): string =>
  `${creatorId} ${month} ${memberId} ${currency}`;

/** What a line of the log adds, wherever it is counted. */
function addLines(sums: Sums, event: LedgerEvent): void {
  for (const line of linesOf(event)) {
    const { creatorId, month, referrerId } = line;
    const currency = line.currency ?? '';
    sums.addAll(creatorKey(creatorId, month, currency), CREATOR_FIGURES, creatorAmounts(line));
    const amounts = referrerAmounts(line);
    if (amounts === undefined) continue;
    const key = memberKey(creatorId, month, referrerId ?? '', currency);
    sums.addAll(key, REFERRER_FIGURES, amounts);
  }
}

function addSnapshot(sums: Sums, creatorId: string, lines: readonly SnapshotLine[]): void {
  for (const line of lines) {
    if (line.kind === 'creator')
      sums.addAll(creatorKey(creatorId, line.origin, line.currency), CREATOR_FIGURES, line.amounts);
    if (line.kind === 'referrer') {
      const key = memberKey(creatorId, line.origin, line.memberId, line.currency);
      sums.addAll(key, REFERRER_FIGURES, line.amounts);
    }
  }
}

interface Sealed {
  readonly creatorId: string;
  readonly event: MonthsEvent;
  readonly lines: readonly SnapshotLine[];
}

/** Every snapshot ever sealed, proved from its pages. */
function sealedIn(log: readonly LedgerEvent[]): Sealed[] {
  const pages = new Map<string, SnapshotPage[]>();
  for (const event of log) {
    if (event.type !== 'SnapshotPage') continue;
    const known = pages.get(event.stream);
    if (known === undefined) pages.set(event.stream, [event]);
    else known.push(event);
  }
  return log.flatMap((event) => {
    if (event.type !== 'MonthClosed' && event.type !== 'MonthRestated') return [];
    const lines = provenLines(event.data, pages.get(event.data.snapshot) ?? []);
    return [{ creatorId: event.stream.slice('months-'.length), event, lines }];
  });
}

describe('months of random histories', () => {
  let months: MonthsLedger;
  const met = { closed: 0, restated: 0, pending: 0, carried: 0 };
  beforeEach(async () => {
    months = await monthsLedger(NOW, { withDeliveries: false });
  });
  afterEach(() => months.drop());

  const logOf = async (): Promise<LedgerEvent[]> => (await months.ledger.events()).map(decodeEvent);

  /** The law, as the product states it: open months are those that no snapshot covers. */
  async function holds(): Promise<{ pending: number; carried: number }> {
    await months.settled();
    const log = await logOf();
    const whole = new Sums();
    for (const event of log) addLines(whole, event);
    const parts = new Sums();
    const latest = new Map<string, Sealed>();
    for (const one of sealedIn(log)) latest.set(`${one.creatorId} ${one.event.data.month}`, one);
    const last = new Map<string, string>();
    for (const { creatorId, event, lines } of latest.values()) {
      addSnapshot(parts, creatorId, lines);
      const { month } = event.data;
      if (month > (last.get(creatorId) ?? '')) last.set(creatorId, month);
    }
    for (const event of log) {
      const open = new Sums();
      addLines(open, event);
      for (const [key, value] of open.values) {
        const [creatorId = '', month = ''] = key.split(' ');
        if (month > (last.get(creatorId) ?? '')) parts.add(key, value);
      }
    }
    let pending = 0;
    for (const creatorId of last.keys()) {
      const { items } = await monthsOf(months.reads, creatorId);
      for (const { month, status, pending: listed } of items) {
        if (status !== 'closed') continue;
        pending += await addPending(parts, creatorId, month, listed);
      }
    }
    expect(parts.entries()).toEqual(whole.entries());
    const carried = [...latest.values()].reduce(
      (count, { event, lines }) =>
        count + lines.filter((line) => 'origin' in line && line.origin !== event.data.month).length,
      0,
    );
    return { pending, carried };
  }

  /** What is pending by figure, which must be what is pending by event. */
  async function addPending(parts: Sums, creatorId: string, month: string, listed: unknown) {
    const detail = await monthOf(months.reads, { creatorId, month, limit: 10_000 });
    expect(detail.pending.creator).toEqual(listed);
    const byFigure = new Sums();
    for (const { currency, amounts } of detail.pending.creator)
      byFigure.addAll(creatorKey(creatorId, month, currency), CREATOR_FIGURES, amounts);
    for (const { memberId, currency, amounts } of detail.pending.referrers) {
      const key = memberKey(creatorId, month, memberId, currency);
      byFigure.addAll(key, REFERRER_FIGURES, amounts);
    }
    const byEvent = new Sums();
    const positions = new Set(detail.pending.lines.map(({ position }) => position));
    const through = detail.versions.at(-1)?.throughPosition ?? 0n;
    for (const event of await logOf()) {
      if (!positions.has(event.position)) continue;
      expect(event.position).toBeGreaterThan(through);
      const of = new Sums();
      addLines(of, event);
      for (const [key, value] of of.values)
        if (key.startsWith(`${creatorId} ${month} `)) byEvent.add(key, value);
    }
    expect(byEvent.entries()).toEqual(byFigure.entries());
    for (const [key, value] of byFigure.values) parts.add(key, value);
    return byFigure.values.size;
  }

  it.each(SEEDS)('are conserved at every step (seed %i)', async (seed) => {
    const { ledger } = months;
    const history = historyOf(seed, { codeOf });
    await settingsOfHistory(ledger, history);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state ^ (state >>> 13), 1_540_483_477) + 12_345) >>> 0;
      return state % below;
    };
    const size = Math.ceil(history.deliveries.length / STEPS);
    const digests = new Map<string, string>();
    for (let step = 0; step < STEPS; step++) {
      for (const delivery of history.deliveries.slice(step * size, (step + 1) * size))
        await ledger.deliver({ body: bodyOf(delivery), deliveryId: delivery.deliveryId });
      await ledger.decide();
      met.pending += (await holds()).pending;
      const creators = (await logOf()).flatMap(({ type, stream }) =>
        type === 'CreatorRegistered' ? [stream.slice('creator-'.length)] : [],
      );
      for (const creatorId of creators) met.closed += await closeSome(creatorId, 1 + random(3));
      for (const creatorId of creators) met.restated += await restateOne(creatorId, random(100));
      const { pending, carried } = await holds();
      met.pending += pending;
      met.carried = Math.max(met.carried, carried);
      for (const { event } of sealedIn(await logOf())) {
        const { snapshot, digest } = event.data;
        expect(digests.get(snapshot) ?? digest).toBe(digest);
        digests.set(snapshot, digest);
      }
    }
  });

  it('were met in all the states that the law is about', () => {
    expect(Math.min(met.closed, met.restated, met.pending, met.carried)).toBeGreaterThan(5);
  });

  async function closeSome(creatorId: string, count: number): Promise<number> {
    await months.settled();
    const { items } = await monthsOf(months.reads, creatorId);
    const lastClosed = items.findLast(({ sealed }) => sealed !== null)?.month;
    const next = lastClosed === undefined ? items[0]?.month : addMonths(lastClosed, 1);
    if (next === undefined) return 0;
    let closed = 0;
    for (let n = 0; n < count; n++) {
      const month = addMonths(next, n);
      const item = items.find((one) => one.month === month);
      if (item === undefined || item.closableAt > NOW) break;
      const { alreadyClosed } = await months.close(creatorId, month);
      expect(alreadyClosed).toBe(false);
      closed += 1;
    }
    return closed;
  }

  async function restateOne(creatorId: string, n: number): Promise<number> {
    await months.settled();
    const { items } = await monthsOf(months.reads, creatorId);
    const closed = items.filter(({ sealed }) => sealed !== null);
    const found = closed[n % Math.max(closed.length, 1)];
    if (found?.sealed == null || n % 3 === 0) return 0;
    const { changed } = await months.restate({
      creatorId,
      month: found.month,
      expectedDigest: found.sealed.digest,
      reason: 'learned late',
    });
    return changed ? 1 : 0;
  }
});
