/** Figures over ranges, and statements, of one creator: in the reference model's shape, and against the figures of single months. */
import type { AccountLine } from '../reference/figures.js';
import type { Figures } from '../reference/shapes.js';
import { type CreatorReader, seconds } from './creator-reader.js';
import type * as Said from './said.js';

/** Longer than any history. */
const GROWTH_MONTHS = 240;
const DAYS_AT_ONCE_MONTHS = 24;

type Stats = Pick<Figures, 'memberMonths' | 'memberMonthEarnings'>;
type OfCreator = Pick<Figures, 'creatorMonths' | 'creatorMonthRevenue' | 'creatorMonthRefunds'>;
type Growth = readonly Said.GrowthMonth[];

/** Asks for all the months of a creator's facts at once; there is one at least. */
export class SeriesReader {
  constructor(
    private readonly reader: CreatorReader,
    private readonly creatorId: string,
    private readonly months: readonly string[],
  ) {}

  /** Every month there is between the first and the last, in every currency. */
  async revenue(single: OfCreator): Promise<Figures['creatorMonthRevenue'][number][]> {
    const { creatorId } = this;
    const each = await this.#inEachCurrency<Said.RevenueMonth>('/revenue', this.#range);
    const rows = each.flat().map((row) => ({
      creatorId,
      month: row.month,
      currency: row.currency,
      revenueMinor: BigInt(row.revenueMinor),
      initialPayments: row.initialPayments,
      initialMinor: BigInt(row.initialMinor),
      recurringPayments: row.recurringPayments,
      recurringMinor: BigInt(row.recurringMinor),
      organicPayments: row.organicPayments,
      organicMinor: BigInt(row.organicMinor),
      referredPayments: row.referredPayments,
      referredMinor: BigInt(row.referredMinor),
    }));
    for (const one of single.creatorMonthRevenue) {
      const { organicPayments: _, referredPayments: __, ...alone } = one;
      const found = rows.find(
        ({ month, currency }) => month === one.month && currency === one.currency,
      );
      const among = Object.fromEntries(
        Object.keys(alone).map((key) => [key, found?.[key as keyof typeof alone]]),
      );
      this.reader.same(`revenue of ${one.month} in ${one.currency}`, among, alone);
    }
    for (const { month, currency, refundsMinor } of single.creatorMonthRefunds) {
      const found = each.flat().find((row) => row.month === month && row.currency === currency);
      this.reader.same(`refunds of ${month}`, BigInt(found?.refundsMinor ?? 0), refundsMinor);
    }
    return rows;
  }

  async growth(single: OfCreator): Promise<void> {
    const items = await this.#growth('/growth');
    for (const { month, referrals, signUps } of single.creatorMonths)
      this.reader.same(
        `growth of ${month}`,
        items.find((one) => one.month === month),
        {
          month,
          referrals,
          signUps,
        },
      );
  }

  /** With the sign-ups that no other answer has. */
  async memberGrowth(
    members: readonly Said.Member[],
    single: Stats,
  ): Promise<Figures['memberMonths'][number][]> {
    const { creatorId } = this;
    const rows: Figures['memberMonths'][number][] = [];
    for (const { memberId } of members) {
      const items = await this.#growth(`/members/${memberId}/growth`);
      rows.push(...items.map((item) => ({ creatorId, memberId, ...item })));
      for (const one of single.memberMonths.filter((row) => row.memberId === memberId))
        this.reader.same(
          `growth of ${memberId} in ${one.month}`,
          items.find(({ month }) => month === one.month)?.referrals,
          one.referrals,
        );
    }
    return rows;
  }

  /** By day; by month they must be what each month says alone. */
  async earnings(
    members: readonly Said.Member[],
    single: Stats,
  ): Promise<Figures['memberDayEarnings'][number][]> {
    const { creatorId } = this;
    const rows: Figures['memberDayEarnings'][number][] = [];
    for (const { memberId } of members) {
      const path = `/members/${memberId}/earnings`;
      const byMonth = (await this.#inEachCurrency<Said.EarningsPeriod>(path, this.#range)).flat();
      for (const one of single.memberMonthEarnings.filter((row) => row.memberId === memberId)) {
        const found = byMonth.find(
          (row) => row.month === one.month && row.currency === one.currency,
        );
        // Stats name currencies of months before, too: zero then, and absent here.
        const minor = BigInt(found?.earningsMinor ?? 0);
        this.reader.same(`earnings of ${memberId} in ${one.month}`, minor, one.earningsMinor);
      }
      for (const range of this.#stretches()) {
        const each = await this.#inEachCurrency<Said.EarningsPeriod>(path, { ...range, by: 'day' });
        for (const { day, currency, earningsMinor, ...of } of each.flat()) {
          const net = of.earnedMinor - of.reversedMinor;
          this.reader.same(`earnings of ${memberId} on ${day}`, earningsMinor, net);
          rows.push({
            ...{ creatorId, memberId, day: day ?? '', currency },
            earningsMinor: BigInt(earningsMinor),
          });
        }
      }
    }
    return rows;
  }

  /** Every line of every account. Totals, lines and the months next to each other must agree. */
  async statements(members: readonly Said.Member[]): Promise<AccountLine[]> {
    const lines: AccountLine[] = [];
    for (const { memberId } of members) {
      const closed = new Map<string, number>();
      for (const month of this.months) {
        const path = `/members/${memberId}/statement`;
        const { totals } = await this.reader.get<Said.Statement>(path, { month });
        const items = await this.reader.all<Said.StatementLine>(path, { month });
        for (const total of totals) {
          const { currency, openingMinor, earnedMinor, reversedMinor, closingMinor } = total;
          const own = items.filter((item) => item.currency === currency);
          const moved = own.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
          const of = `${memberId} in ${month}, ${currency}`;
          this.reader.same(`opening of ${of}`, openingMinor, closed.get(currency) ?? 0);
          this.reader.same(`lines of ${of}`, moved, earnedMinor - reversedMinor);
          this.reader.same(`closing of ${of}`, closingMinor, openingMinor + moved);
          this.reader.same(
            `balance of ${of}`,
            own.at(-1)?.balanceMinor ?? openingMinor,
            closingMinor,
          );
          closed.set(currency, closingMinor);
        }
        const named = new Set(totals.map(({ currency }) => currency));
        this.reader.same(
          `currencies of ${memberId} in ${month}`,
          items.filter(({ currency, amountMinor }) => amountMinor !== 0 && !named.has(currency)),
          [],
        );
        lines.push(...items.map((item) => this.#lineOf(memberId, month, item)));
      }
    }
    return lines;
  }

  #lineOf(memberId: string, month: string, item: Said.StatementLine): AccountLine {
    return {
      creatorId: this.creatorId,
      memberId,
      month,
      day: item.day,
      at: seconds(item.at) ?? 0,
      paymentId: item.paymentId,
      reversalId: item.reversalId,
      payerId: item.member.memberId,
      kind: item.paymentKind,
      currency: item.currency,
      saleMinor: BigInt(item.saleMinor),
      amountMinor: BigInt(item.amountMinor),
      balanceMinor: BigInt(item.balanceMinor),
    };
  }

  async #growth(path: string): Promise<Growth> {
    const query = { months: GROWTH_MONTHS };
    return (await this.reader.get<Said.Series<Said.GrowthMonth>>(path, query)).items;
  }

  get #range(): { from: string; to: string } {
    return { from: this.months[0] ?? '', to: this.months.at(-1) ?? '' };
  }

  /** The same in pieces that are short enough to be asked for by day. */
  #stretches(): { from: string; to: string }[] {
    const { from, to } = this.#range;
    const index = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;
    const name = (n: number) => `${Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, '0')}`;
    const stretches = [];
    for (let n = index(from); n <= index(to); n += DAYS_AT_ONCE_MONTHS)
      stretches.push({
        from: name(n),
        to: name(Math.min(n + DAYS_AT_ONCE_MONTHS - 1, index(to))),
      });
    return stretches;
  }

  async #inEachCurrency<Item>(path: string, query: object): Promise<(readonly Item[])[]> {
    type Answer = Said.Series<Item> & Said.InCurrency;
    const first = await this.reader.get<Answer>(path, query);
    const each = [first.items];
    for (const currency of first.otherCurrencies)
      each.push((await this.reader.get<Answer>(path, { ...query, currency })).items);
    return each;
  }
}
