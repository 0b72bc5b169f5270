/** Every question about one creator that the HTTP interface answers, and whether answers agree. */
import type { Calendar } from '../reference/calendar.js';
import type { Figures } from '../reference/shapes.js';
import type { Client } from './client.js';
import type * as Said from './said.js';

const NOW = 'now';
export const seconds = (iso: string | null): number | null =>
  iso === null ? null : Date.parse(iso) / 1000;

export interface RankedIn {
  readonly asOf: string;
  readonly row: Said.TopReferrer;
}

/** Reads all there is about one creator, asking twice wherever two answers must agree. */
export class CreatorReader {
  readonly contradictions: string[] = [];

  constructor(
    private readonly client: Client,
    private readonly creatorId: string,
  ) {}

  get<T>(path: string, query = {}): Promise<T> {
    return this.client.get<T>(`/api/creators/${this.creatorId}${path}`, query);
  }

  #all<T>(path: string, query = {}): Promise<T[]> {
    return this.client.all<T>(`/api/creators/${this.creatorId}${path}`, query);
  }

  /** The list in each order and by each tier, and each member alone. */
  async members(): Promise<Said.Member[]> {
    const members = await this.#all<Said.Member>('/members');
    const ids = members.map(({ memberId }) => memberId);
    this.#same('members by id', ids, [...ids].sort(bytewise));
    const byTotal = await this.#all<Said.Member>('/members', { sort: 'totalReferrals' });
    const total = (a: Said.Member, b: Said.Member) =>
      b.totalReferrals - a.totalReferrals || bytewise(a.memberId, b.memberId);
    this.#same('members by total', byTotal, [...members].sort(total));
    const bySignUp = await this.#all<Said.Member>('/members', { sort: 'signedUpAt' });
    this.#same('members by sign-up', bySignUp.map(idOf).sort(bytewise), ids);
    const times = bySignUp.flatMap(({ signedUpAt }) => seconds(signedUpAt) ?? []);
    this.#same(
      'order of sign-ups',
      times,
      [...times].sort((a, b) => b - a),
    );
    for (const tier of new Set(members.map((member) => member.tier))) {
      const found = await this.#all<Said.Member>('/members', { tier });
      this.#same(
        `members in ${tier}`,
        found,
        members.filter((member) => member.tier === tier),
      );
    }
    for (const member of members) {
      const alone = await this.get<Said.Member>(`/members/${member.memberId}`);
      this.#same(`member ${member.memberId}`, picked(alone, member), member);
      const found = await this.#all<Said.Member>('/members', { q: member.referralCode });
      this.#same(`search for ${member.referralCode}`, found, [member]);
    }
    return members;
  }

  /** All payments; and those of each month, kind and member, which must be parts of them. */
  async payments(months: readonly string[], members: readonly Said.Member[]) {
    const all = await this.#all<Said.Payment>('/payments');
    const times = all.map(({ paidAt }) => seconds(paidAt) ?? 0);
    this.#same(
      'order of payments',
      times,
      [...times].sort((a, b) => b - a),
    );
    const part = async (query: object, is: (row: Said.Payment) => boolean) =>
      this.#same(
        `payments of ${JSON.stringify(query)}`,
        await this.#all<Said.Payment>('/payments', query),
        all.filter(is),
      );
    for (const month of months) await part({ month }, (row) => row.month === month);
    await part({ kind: 'initial' }, (row) => row.kind === 'initial');
    await part({ kind: 'recurring' }, (row) => row.kind === 'recurring');
    await part({ kind: 'organic' }, (row) => row.referrerId === null);
    for (const { memberId } of members)
      await part({ member: memberId }, (row) => row.member.memberId === memberId);
    for (const row of all)
      this.#same(`organic of ${row.paymentId}`, row.organic, row.referrerId === null);
    return all;
  }

  /** Whom each member referred; and the creator's conversions, which must be the converted of them. */
  async referrals(members: readonly Said.Member[], payments: readonly Said.Payment[]) {
    const first = new Map(
      payments.flatMap((row) => (row.kind === 'initial' ? [[row.member.memberId, row]] : [])),
    );
    const rows: Figures['referrals'][number][] = [];
    const conversions: string[] = [];
    for (const { memberId: referrerId } of members) {
      const path = `/members/${referrerId}/referrals`;
      const found = await this.#all<Said.Referral>(path);
      for (const status of ['signedUp', 'converted'])
        this.#same(
          `referrals of ${referrerId} by ${status}`,
          await this.#all<Said.Referral>(path, { status }),
          found.filter((row) => row.status === status),
        );
      for (const { memberId, signedUpAt, convertedAt, month, status } of found) {
        this.#same(`status of ${memberId}`, status === 'converted', convertedAt !== null);
        if (convertedAt !== null)
          conversions.push([convertedAt, memberId, referrerId, month].join(' '));
        rows.push({
          creatorId: this.creatorId,
          memberId,
          referrerId,
          signedUpAt: seconds(signedUpAt),
          convertedAt: seconds(convertedAt),
          month,
          paymentId: convertedAt === null ? null : (first.get(memberId)?.paymentId ?? null),
        });
      }
    }
    const recent = await this.#all<Said.Conversion>('/referrals');
    const times = recent.map(({ convertedAt }) => seconds(convertedAt) ?? 0);
    this.#same(
      'order of conversions',
      times,
      [...times].sort((a, b) => b - a),
    );
    const said = recent.map(({ convertedAt, member, referrer, month }) =>
      [convertedAt, member.memberId, referrer.memberId, month].join(' '),
    );
    this.#same('conversions', said.sort(), conversions.sort());
    return rows;
  }

  async rankings(months: readonly string[]): Promise<RankedIn[]> {
    const ranked: RankedIn[] = [];
    for (const month of [...months, undefined]) {
      const rows = await this.#all<Said.TopReferrer>('/top-referrers', { month });
      ranked.push(...rows.map((row) => ({ asOf: month ?? NOW, row })));
    }
    return ranked;
  }

  /** The figures of each member: of each month, and of the current one. */
  async stats(
    months: readonly string[],
    members: readonly Said.Member[],
    rankings: readonly RankedIn[],
  ) {
    const { creatorId } = this;
    const memberMonths: Figures['memberMonths'][number][] = [];
    const memberMonthEarnings: Figures['memberMonthEarnings'][number][] = [];
    const memberTotals: Figures['memberTotals'][number][] = [];
    const memberMonthReversed: Figures['memberMonthReversed'][number][] = [];
    for (const { memberId } of members) {
      const sofar = new Map<string, bigint>();
      for (const month of [...months, undefined]) {
        const of = `${memberId} in ${month ?? NOW}`;
        const each = await this.#inEachCurrency<Said.Stats>(`/members/${memberId}/stats`, month);
        const [stats] = each;
        if (stats === undefined) continue;
        const ranked = rankings.find(
          (one) => one.asOf === (month ?? NOW) && one.row.memberId === memberId,
        )?.row;
        const { rank, totalReferrals, monthlyReferrals } = stats;
        this.#same(`rank of ${of}`, [rank, totalReferrals], rankOf(ranked));
        if (ranked !== undefined) {
          const { tier, monthlyEarningsMinor } = ranked;
          this.#same(
            `row of ${of}`,
            [stats.tier, monthlyReferrals, stats.currency, stats.monthlyEarningsMinor],
            [tier, ranked.monthlyReferrals, ranked.currency, monthlyEarningsMinor],
          );
        }
        const { reversedReferrals } = stats;
        if (month === undefined) {
          this.#same(`current month of ${of}`, [monthlyReferrals, reversedReferrals], [0, 0]);
        } else {
          const own = { creatorId, memberId, month };
          memberMonths.push({ ...own, referrals: monthlyReferrals, signUps: 0 });
          memberMonthReversed.push({ ...own, reversedReferrals });
        }
        for (const { currency, monthlyEarningsMinor, totalEarningsMinor } of each) {
          const total = (sofar.get(currency) ?? 0n) + BigInt(monthlyEarningsMinor);
          sofar.set(currency, total);
          this.#same(`earnings by then of ${of}`, BigInt(totalEarningsMinor), total);
          const earned = { creatorId, memberId, currency };
          if (month === undefined)
            memberTotals.push({ ...earned, earningsMinor: BigInt(totalEarningsMinor) });
          else
            memberMonthEarnings.push({
              ...earned,
              month,
              earningsMinor: BigInt(monthlyEarningsMinor),
            });
        }
      }
    }
    return { memberMonths, memberMonthEarnings, memberTotals, memberMonthReversed };
  }

  /** Of each month; members and total referrals are those by its end. */
  async creatorMonths(
    months: readonly string[],
    members: readonly Said.Member[],
    calendar: Calendar,
  ) {
    const signedUpIn = members.flatMap(({ signedUpAt }) => {
      const at = seconds(signedUpAt);
      return at === null ? [] : [calendar.monthOf(at)];
    });
    let totalReferrals = 0;
    const creatorMonths: Figures['creatorMonths'][number][] = [];
    const creatorMonthRevenue: Figures['creatorMonthRevenue'][number][] = [];
    const creatorMonthRefunds: Figures['creatorMonthRefunds'][number][] = [];
    for (const month of months) {
      const own = { creatorId: this.creatorId, month };
      const each = await this.#inEachCurrency<Said.Creator>('', month);
      for (const [at, row] of each.entries()) {
        if (at === 0)
          creatorMonths.push({ ...own, referrals: row.referrals, signUps: row.signUps });
        if (at === 0) totalReferrals += row.referrals;
        const signedUp = signedUpIn.filter((one) => one <= month).length;
        this.#same(
          `creator by ${month}`,
          [row.members, row.totalReferrals],
          [signedUp, totalReferrals],
        );
        const { currency } = row;
        creatorMonthRefunds.push({ ...own, currency, refundsMinor: BigInt(row.refundsMinor) });
        creatorMonthRevenue.push({
          ...own,
          currency: row.currency,
          revenueMinor: BigInt(row.revenueMinor),
          initialPayments: row.initialPayments,
          initialMinor: BigInt(row.initialMinor),
          recurringPayments: row.recurringPayments,
          recurringMinor: BigInt(row.recurringMinor),
          organicPayments: 0,
          organicMinor: BigInt(row.organicMinor),
          referredPayments: 0,
          referredMinor: BigInt(row.referredMinor),
        });
      }
    }
    return { creatorMonths, creatorMonthRevenue, creatorMonthRefunds };
  }

  /** In the creator's currency first, then in each that the answer names beside it. */
  async #inEachCurrency<T extends Said.InCurrency>(path: string, month?: string): Promise<T[]> {
    const first = await this.get<T>(path, { month });
    const others: T[] = [];
    for (const currency of first.otherCurrencies)
      others.push(await this.get<T>(path, { month, currency }));
    return [first, ...others];
  }

  #same(what: string, one: unknown, other: unknown): void {
    const [a, b] = [one, other].map((value) => JSON.stringify(value, textOfBigint));
    if (a !== b) this.contradictions.push(`${this.creatorId}: ${what}: ${a} and ${b}`);
  }
}

const textOfBigint = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

const idOf = ({ memberId }: Said.Member): string => memberId;

const rankOf = (row: Said.TopReferrer | undefined) => [row?.rank ?? null, row?.totalReferrals ?? 0];

const picked = (alone: Said.Member, like: Said.Member): object =>
  Object.fromEntries(Object.keys(like).map((key) => [key, alone[key as keyof Said.Member]]));

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
