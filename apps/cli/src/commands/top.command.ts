/** `flywheel top`: the Top Referrers table. */
import { type ApiClient, pathOf } from '../api-client.js';
import { count, money, monthName } from '../format.js';
import { connect, creatorOf, type Invocation, type Outcome } from '../invocation.js';
import { tableOf } from '../table.js';
import type { Terminal } from '../terminal.js';
import { figures } from './asked-figures.js';

export interface TopReferrer {
  readonly rank: number;
  readonly memberId: string;
  readonly name: string;
  readonly referralCode: string;
  readonly tier: string;
  /** The tier is an admin's order. */
  readonly pinned: boolean;
  readonly totalReferrals: number;
  readonly monthlyReferrals: number;
  readonly monthlyEarningsMinor: number;
  readonly currency: string;
}

export interface TopReferrers {
  readonly items: readonly TopReferrer[];
  readonly nextCursor: string | null;
  readonly month?: string;
  readonly timeZone: string;
  readonly asOf: { readonly position: number; readonly recordedAt: string | null };
}

export interface TopOptions {
  readonly month?: string;
  readonly limit: number;
  readonly currency?: string;
}

export async function top(
  invocation: Invocation,
  { csv, ...options }: TopOptions & { readonly csv?: boolean },
): Promise<Outcome> {
  const { terminal } = invocation;
  if (csv) {
    const question = { path: ['top-referrers'], query: { ...options }, schema: 'flywheel.top/1' };
    return figures(invocation, { ...question, csv, title: () => '', text: () => '' });
  }
  const { client } = await connect(invocation, invocation.globals.creator);
  const creator = await creatorOf(invocation, client);
  const found = await topReferrers(client, creator, options);
  const month = found.month ?? options.month;
  if (!terminal.json)
    terminal.note(
      `Top referrers${month === undefined ? '' : `, ${monthName(month)}`} · ${creator}`,
    );
  terminal.answer('flywheel.top/1', { creator, ...found }, () =>
    found.items.length === 0 ? 'Nobody has referred anybody yet.' : topTable(terminal, found.items),
  );
}

export const topReferrers = (
  client: ApiClient,
  creator: string,
  { month, limit, currency, cursor }: TopOptions & { readonly cursor?: string },
): Promise<TopReferrers> =>
  client.get(`${pathOf('api', 'creators', creator)}/top-referrers`, {
    month,
    limit,
    currency,
    cursor,
  });

export function topTable(
  terminal: Pick<Terminal, 'colors'>,
  items: readonly TopReferrer[],
): string {
  return tableOf(
    terminal,
    [
      { title: '#', align: 'right' },
      { title: 'name' },
      { title: 'total', align: 'right' },
      { title: 'this month', align: 'right' },
      { title: 'earned this month', align: 'right' },
      { title: 'tier' },
    ],
    items.map((item) => [
      String(item.rank),
      item.name,
      count(item.totalReferrals),
      count(item.monthlyReferrals),
      money(item.monthlyEarningsMinor, item.currency),
      item.tier,
    ]),
  );
}
