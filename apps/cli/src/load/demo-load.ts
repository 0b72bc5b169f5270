/** Loads the demo: settings first, its signed deliveries, what an admin pins, then the proof that all arrived. */
import type { Rendered } from '#libs/ingestion';
import { systemClock } from '#libs/ledger';
import { type ApiClient, pathOf } from '../api-client.js';
import { type TopReferrer, topReferrers } from '../commands/top.command.js';
import {
  type DemoExpectations,
  type DemoScale,
  demoDeliveries,
  demoExpectations,
  demoSettings,
} from '../demo/index.js';
import { CliError } from '../exit.js';
import { count, money, monthName } from '../format.js';
import type { Step } from '../steps.js';
import { type ClosedMonth, closeMonths, type MonthsClosed } from './months.js';
import { orderPins, type Pinned } from './pins.js';
import { IN_FLIGHT, type Sent, sendAll } from './send.js';
import { untilSettled } from './settle.js';

export interface DemoLoadOptions {
  readonly client: ApiClient;
  readonly secret: string;
  readonly scale: DemoScale;
  readonly signal?: AbortSignal;
}

export interface DemoLoaded extends Sent {
  readonly scale: DemoScale;
  readonly creator: string;
  readonly month: string;
  readonly members: number;
  /** Conversions of the month, as the creator's figures say and as the members' add up. */
  readonly conversions: number;
  readonly sumOfThisMonth: number;
  /** Closed, in order; by this load or before it. */
  readonly closedMonths: readonly ClosedMonth[];
  readonly items: readonly TopReferrer[];
  /** What is not as it must be; empty: the demo holds. */
  readonly findings: readonly string[];
  /** What is not the demo's, such as a webhook that somebody sent meanwhile. */
  readonly remarks: readonly string[];
}

export const DEMO_CONNECTIONS = IN_FLIGHT;
const PAGE = 500;
const SHOWN = 10;

export class DemoLoad {
  readonly #expected: DemoExpectations;
  #isFirst = false;
  #sent: Sent | undefined;
  #pinned: readonly Pinned[] = [];
  #months: MonthsClosed = { closed: [], refused: undefined };
  #loaded: DemoLoaded | undefined;

  constructor(private readonly options: DemoLoadOptions) {
    this.#expected = demoExpectations(options.scale);
  }

  readonly steps: readonly Step[] = [
    { title: 'demo loaded', run: (say) => this.#load(say) },
    { title: 'projections caught up', run: (say) => this.#settle(say) },
    { title: 'tier pinned', run: () => this.#pin() },
    { title: 'months closed', run: (say) => this.#closeMonths(say) },
    { title: 'checks', run: () => this.#check() },
  ];

  /** Once every step has run. */
  get loaded(): DemoLoaded {
    if (this.#loaded === undefined) throw new RangeError('the demo is not loaded yet');
    return this.#loaded;
  }

  async #load(say: (progress: string) => void): Promise<string> {
    const { client, secret, scale, signal } = this.options;
    this.#isFirst = await applySettings(client);
    const begun = performance.now();
    const total = this.#expected.deliveries;
    const onProgress = (sent: number) => {
      if (sent % PROGRESS_EVERY !== 0) return;
      const perSecond = Math.round((sent * 1000) / (performance.now() - begun));
      say(`${count(sent)}${total > 0 ? `/${count(total)}` : ''}  ${count(perSecond)}/s`);
    };
    const deliveries: Iterable<Rendered> = demoDeliveries(scale);
    const send = { secret, clock: systemClock, onProgress, ...(signal && { signal }) };
    this.#sent = await sendAll(client, deliveries, send);
    const { sent, stored, duplicates } = this.#sent;
    const perSecond = Math.round((sent * 1000) / (performance.now() - begun));
    const known = stored === 0 ? 'all known already' : `${count(duplicates)} repeated`;
    return `${count(sent)} signed deliveries, ${known}, ${count(perSecond)}/s`;
  }

  async #settle(say: (progress: string) => void): Promise<string> {
    const { client, signal } = this.options;
    const { head } = await untilSettled(client, this.#sent?.settled ?? [], {
      signal,
      onProgress: ({ pendingDeliveries, projections, head: last }) => {
        const lag = Math.max(0, ...projections.map((projection) => projection.lag));
        say(`position ${count(last)}, ${count(pendingDeliveries)} pending, lag ${count(lag)}`);
      },
    });
    return `position ${count(head)}, nothing pending, lag 0`;
  }

  async #pin(): Promise<string> {
    const { client, signal } = this.options;
    this.#pinned = await orderPins(client, this.#expected.creatorId);
    const ordered = this.#pinned.flatMap(({ position }) => position ?? []);
    if (ordered.length > 0) await untilSettled(client, ordered.map(String), { signal });
    const known = ordered.length === 0 ? ', as it was' : ", by an admin's order";
    return `${this.#pinned.map(({ name, tier }) => `${name} ${tier}`).join(', ')}${known}`;
  }

  async #closeMonths(say: (progress: string) => void): Promise<string> {
    const { client } = this.options;
    const { creatorId, closedMonths } = this.#expected;
    this.#months = await closeMonths(client, creatorId, closedMonths, ({ month }) => say(month));
    const { closed, refused } = this.#months;
    if (refused !== undefined) return refused;
    const known = closed.every(({ alreadyClosed }) => alreadyClosed) ? ', as it was' : '';
    return `${monthName(closedMonths[0] ?? '')} to ${monthName(closedMonths.at(-1) ?? '')}${known}`;
  }

  async #check(): Promise<string> {
    const { client, scale } = this.options;
    const { creatorId: creator, month, conversions: expected } = this.#expected;
    const figures = await client.get<CreatorFigures>(pathOf('api', 'creators', creator), { month });
    const { rows, sum } = await wholeRanking(client, creator, month);
    const items = rows.slice(0, SHOWN);
    const findings =
      sum === figures.referrals
        ? []
        : [`the members' "this month" adds up to ${sum}, conversions are ${figures.referrals}`];
    const differing = differences(this.#expected, items, this.#pinned);
    const isAsExpected = differing.length === 0 && sum === expected;
    // Later on others may have sent something of their own: that is no fault of the demo.
    if (!isAsExpected && this.#isFirst) findings.push(...differing, `the sum is not ${expected}`);
    const remarks =
      isAsExpected || this.#isFirst ? [] : ['this ledger holds more than the demo', ...differing];
    const { closed: closedMonths, refused } = this.#months;
    if (refused !== undefined) (this.#isFirst ? findings : remarks).push(refused);
    const sent = this.#sent ?? { sent: 0, stored: 0, duplicates: 0, settled: [] };
    const { members, referrals: conversions } = figures;
    const sums = { members, conversions, sumOfThisMonth: sum };
    const about = { scale, creator, month, closedMonths };
    this.#loaded = { ...sent, ...about, ...sums, items, findings, remarks };
    if (findings.length > 0) return findings.join('; ');
    return `sum of this month ${sum} = conversions ${conversions}${
      isAsExpected ? ', top ten as expected' : ''
    }`;
  }
}

const PROGRESS_EVERY = 50;

interface CreatorFigures {
  readonly members: number;
  /** Conversions of the month. */
  readonly referrals: number;
}

/** Whether the demo was not there before. Settings that are so already change nothing. */
async function applySettings(client: ApiClient): Promise<boolean> {
  const { creatorId, timeZone, effectiveAt } = demoSettings;
  const path = pathOf('api', 'creators', creatorId, 'settings');
  try {
    const { changes } = await client.put<{ changes: readonly object[] }>(path, {
      timeZone,
      effectiveAt,
    });
    return changes.length > 0;
  } catch (error) {
    // Facts are stored already: the beginning is out of reach, and what counts is what is in force.
    if (!(error instanceof CliError) || !(await isInForce(client, path))) throw error;
    return false;
  }
}

async function isInForce(client: ApiClient, path: string): Promise<boolean> {
  const { settings } = await client.get<{
    settings: { timeZone: { inForce: string; since: string } };
  }>(path);
  const { inForce, since } = settings.timeZone;
  return inForce === demoSettings.timeZone && since === 'beginning';
}

async function wholeRanking(
  client: ApiClient,
  creator: string,
  month: string,
): Promise<{ rows: TopReferrer[]; sum: number }> {
  const rows: TopReferrer[] = [];
  for (let cursor: string | undefined, more = true; more; ) {
    const page = await topReferrers(client, creator, {
      month,
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    rows.push(...page.items);
    cursor = page.nextCursor ?? undefined;
    more = cursor !== undefined;
  }
  return { rows, sum: rows.reduce((sum, { monthlyReferrals }) => sum + monthlyReferrals, 0) };
}

/** Rows of the table that are not the demo's own. Loaded later than its month, a pin is not in force in it. */
function differences(
  expected: DemoExpectations,
  items: readonly TopReferrer[],
  pinned: readonly Pinned[],
): string[] {
  const inForce = new Set(
    pinned
      .filter(({ since }) => Date.parse(since) / 1000 < expected.monthEndsAt)
      .map(({ memberId }) => memberId),
  );
  return expected.topReferrers.flatMap((row, index) => {
    const item = items[index];
    const isSame =
      item?.memberId === row.memberId &&
      item.tier === (inForce.has(row.memberId) ? row.tier : row.tierByThreshold) &&
      item.totalReferrals === row.totalReferrals &&
      item.monthlyReferrals === row.monthlyReferrals &&
      BigInt(item.monthlyEarningsMinor) === row.monthlyEarningsMinor;
    return isSame ? [] : [`row ${row.rank}: ${spelled(item)}, the demo's own is ${row.name}`];
  });
}

const spelled = (item: TopReferrer | undefined): string =>
  item === undefined
    ? 'nobody'
    : `${item.name} ${item.totalReferrals}/${item.monthlyReferrals}/` +
      `${money(item.monthlyEarningsMinor, item.currency)} ${item.tier}`;
