/**
 * Keeps the record of what was sent and what was acknowledged, apart from the ledger, and compares
 * it with what the ledger says afterwards. Every payment is one delivery of one member who was
 * referred; amounts are whole tens, so that the shares of 10, 70 and 20 % need no rounding.
 */
import { drawCode } from '#libs/ledger';
import type { HistoryDelivery } from '../reference/histories.js';
import { GENERATIONS } from '../reference/tellings.js';
import { joined, ms } from '../reference/told.js';
import type { Client } from './client.js';
import type * as Said from './said.js';

export const CREATOR = 'biz_kills';
const REFERRERS = 11;
const PAYERS = 400;
const MONTHS = ['2025-01', '2025-02', '2025-03'];
const DAY_MS = 86_400_000;

export interface Verdict {
  /** Payments, all of them different. */
  readonly acknowledged: number;
  readonly unknown: number;
  readonly booked: number;
  /** Acknowledged and not there: must be empty, as all below. */
  readonly lost: readonly string[];
  readonly invented: readonly string[];
  readonly twice: readonly string[];
  /** Sentences: figures that are not those of the payments that are there. */
  readonly wrong: readonly string[];
}

interface Sent {
  readonly payer: number;
  readonly month: string;
  readonly saleMinor: number;
}

export class PaymentsOracle {
  readonly #sent = new Map<string, Sent>();
  readonly #acknowledged = new Set<string>();

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** Their ids, at this moment. */
  acknowledgedIds(): ReadonlySet<string> {
    return new Set(this.#acknowledged);
  }

  /** Whom the payers name: they must be known before anything is compared. */
  readonly referrers: readonly HistoryDelivery[] = Array.from({ length: REFERRERS }, (_, n) => ({
    deliveryId: `msg_referrer${n}`,
    generation: 'v1',
    telling: joined(`r${n}`, '2024-12-01T00:00:00Z', { creatorId: CREATOR, userId: referrer(n) }),
  }));

  /** A payment that was never sent before; from now on it may be in the ledger. */
  next(): HistoryDelivery {
    const n = this.#sent.size;
    const payer = (n * 7) % PAYERS;
    const month = MONTHS[n % MONTHS.length] as string; // never out of its bounds
    const id = `pay_k${n}`;
    const saleMinor = (((n * 7919) % 5_000) + 1) * 10;
    this.#sent.set(id, { payer, month, saleMinor });
    const amount = `${Math.floor(saleMinor / 100)}.${String(saleMinor % 100).padStart(2, '0')}`;
    return {
      deliveryId: `msg_k${n}`,
      generation: GENERATIONS[n % GENERATIONS.length] as (typeof GENERATIONS)[number],
      telling: {
        kind: 'payment',
        id,
        status: 'succeeded',
        creatorId: CREATOR,
        userId: `user_payer${payer}`,
        paidAtMs: ms(`${month}-01T00:00:00Z`) + ((n * 1000) % (27 * DAY_MS)),
        createdAtMs: ms(`${month}-01T00:00:00Z`),
        amount,
        currency: 'usd',
        metadataCode: drawCode(CREATOR, referrer(payer % REFERRERS), 0),
      },
    };
  }

  acknowledge({ telling }: HistoryDelivery): void {
    this.#acknowledged.add(telling.id);
  }

  /** Asks the settled ledger for every payment and every sum of them. */
  async verdict(client: Client): Promise<Verdict> {
    const path = `/api/creators/${CREATOR}`;
    const rows = await client.all<Said.Payment>(`${path}/payments`, {}, 500);
    const ids = rows.map(({ paymentId }) => paymentId);
    const booked = new Set(ids);
    const wrong = rows.flatMap((row) => this.#wrongIn(row));
    const isSame = (what: string, said: unknown, is: unknown): void => {
      if (JSON.stringify(said) !== JSON.stringify(is))
        wrong.push(`${what}: ${JSON.stringify(said)} instead of ${JSON.stringify(is)}`);
    };
    const sent = [...booked].flatMap((id) => this.#sent.get(id) ?? []);
    for (const month of MONTHS) {
      const own = sent.filter((one) => one.month === month);
      const creator = await client.get<Said.Creator>(path, { month });
      isSame(`${month} revenue`, creator.revenueMinor, sumOf(own));
      isSame(`${month} referred`, creator.referredMinor, sumOf(own));
      isSame(`${month} payments`, creator.initialPayments + creator.recurringPayments, own.length);
    }
    const payers = new Set(sent.map(({ payer }) => payer));
    const { totalReferrals } = await client.get<Said.Creator>(path);
    isSame('conversions', totalReferrals, payers.size);
    for (let n = 0; n < REFERRERS; n++) {
      const stats = await client.get<Said.Stats>(`${path}/members/${referrer(n)}/stats`);
      const theirs = sent.filter(({ payer }) => payer % REFERRERS === n);
      const converted = new Set(theirs.map(({ payer }) => payer)).size;
      isSame(`earnings of ${referrer(n)}`, stats.totalEarningsMinor, sumOf(theirs) / 10);
      isSame(`referrals of ${referrer(n)}`, stats.totalReferrals, converted);
    }
    return {
      acknowledged: this.#acknowledged.size,
      unknown: this.#sent.size - this.#acknowledged.size,
      booked: booked.size,
      lost: [...this.#acknowledged].filter((id) => !booked.has(id)),
      invented: ids.filter((id) => !this.#sent.has(id)),
      twice: repeatedIn(ids),
      wrong,
    };
  }

  #wrongIn(row: Said.Payment): string[] {
    const sent = this.#sent.get(row.paymentId);
    if (sent === undefined) return [];
    const { payer, month, saleMinor } = sent;
    const shares = [saleMinor / 10, (saleMinor / 10) * 7, (saleMinor / 10) * 2];
    const person = `user_payer${payer}`;
    const is = [person, referrer(payer % REFERRERS), month, saleMinor, ...shares].join(' ');
    const { member, referrerId, memberMinor, creatorMinor, platformMinor } = row;
    const said = [member.memberId, referrerId, row.month, row.saleMinor, memberMinor];
    const text = [...said, creatorMinor, platformMinor].join(' ');
    return text === is ? [] : [`${row.paymentId}: ${text} instead of ${is}`];
  }
}

function repeatedIn(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size);
}

function referrer(n: number): string {
  return `user_referrer${n}`;
}

function sumOf(payments: readonly Sent[]): number {
  return payments.reduce((sum, { saleMinor }) => sum + saleMinor, 0);
}
