/**
 * A tally of the demo's data for its specs: written from the rules of meaning, fed with the bodies
 * as the endpoint reads them, sharing nothing with the generator but how referral codes are drawn.
 */
import { type Telling, whopProvider } from '#libs/ingestion';
import { drawCode } from '#libs/ledger';
import { type DemoDelivery, type DemoScale, demoDeliveries } from './deliveries.js';
import { demoSettings } from './settings.js';
import type { Story } from './story.js';

export interface Payment {
  readonly id: string;
  readonly at: number;
  readonly month: string;
  readonly minor: bigint;
}
export interface Claim {
  readonly id: string;
  readonly at: number;
  readonly words: readonly string[];
}
export interface Member {
  name?: string;
  payments: Map<string, Payment>;
  claims: Claim[];
}

/** Everybody's payments and claims, whoever spelled them. */
export class Tally {
  readonly members = new Map<string, Member>();
  private readonly bearers = new Map<string, string>();
  /** Whether any telling named a code: drawing a hundred thousand of them takes seconds. */
  private named = false;

  member(userId: string, name?: string, username?: string): Member {
    const member: Member = this.members.get(userId) ?? { payments: new Map(), claims: [] };
    if (name !== undefined) member.name = name;
    if (username !== undefined) this.bearers.set(username, userId);
    this.members.set(userId, member);
    return member;
  }

  told(telling: Telling): void {
    if (telling.kind !== 'payment' && telling.kind !== 'membership')
      throw new Error('no reversals here');
    const { userId, name, username } = telling.person;
    if (userId === undefined) throw new Error('a telling without a person');
    const member = this.member(userId, name, username);
    const { metadataCode, membershipMetadataCode, affiliateCode, affiliateUsername } =
      telling.claims;
    this.named = true;
    const words = [metadataCode, membershipMetadataCode, affiliateCode, affiliateUsername].flatMap(
      (word) => word ?? [],
    );
    if (telling.kind === 'membership') {
      const at = telling.joinedAt ?? telling.createdAt ?? Number.NaN;
      member.claims.push({ id: telling.membershipId, at, words });
    } else if (telling.status === 'succeeded') {
      const { paymentId: id, paidAt: at = Number.NaN, amount } = telling;
      if (amount?.currency !== 'usd') throw new Error(`${id} is not in dollars`);
      member.claims.push({ id, at, words });
      member.payments.set(id, { id, at, month: monthIn(at), minor: minorOf(amount.decimal) });
    }
  }

  /** The same from a story, for the scale that is too large to be spelled out in a fast test. */
  happened({ person, referrer, signUpAt, payments }: Story): void {
    const member = this.member(person.userId, person.name, person.username);
    if (referrer) {
      member.claims.push({ id: person.membershipId, at: signUpAt, words: [referrer.username] });
    }
    payments.forEach(({ at, offer, outcome, currency = 'usd' }, index) => {
      if (outcome === 'failed' || currency !== 'usd') return;
      const id = String(index);
      member.payments.set(id, { id, at, month: monthIn(at), minor: offer.amountMinor });
    });
  }

  books(creatorId: string, month: string) {
    const byWord = new Map(this.bearers);
    for (const userId of this.named ? this.members.keys() : []) {
      byWord.set(drawCode(creatorId, userId, 0), userId);
    }
    const referrers = new Map<string, { conversions: Payment[]; earned: bigint }>();
    const initial: bigint[] = [];
    const recurring: bigint[] = [];
    for (const [userId, member] of this.members) {
      const [first, ...later] = [...member.payments.values()]
        .filter(({ minor }) => minor > 0n)
        .sort(byTime);
      if (first === undefined) continue;
      const [referrerId] = member.claims
        .filter((claim) => byTime(claim, first) <= 0)
        .sort(byTime)
        .flatMap(({ words }) => words.map((word) => byWord.get(word)))
        .filter((referrer) => referrer !== undefined && referrer !== userId);
      if (first.month === month) initial.push(first.minor);
      const inMonth = later.filter((payment) => payment.month === month);
      recurring.push(...inMonth.map(({ minor }) => minor));
      if (referrerId === undefined) continue;
      const referrer = referrers.get(referrerId) ?? { conversions: [], earned: 0n };
      referrers.set(referrerId, referrer);
      referrer.conversions.push(first);
      for (const payment of [first, ...later]) {
        if (payment.month === month) referrer.earned += memberShare(payment.minor);
      }
    }
    return { referrers, initial, recurring };
  }

  ranking(creatorId: string, month: string) {
    const { referrers } = this.books(creatorId, month);
    return [...referrers]
      .map(([memberId, { conversions, earned }]) => ({
        memberId,
        name: this.members.get(memberId)?.name,
        total: conversions.length,
        inMonth: conversions.filter((payment) => payment.month === month).length,
        before: conversions.filter((payment) => payment.month < month).length,
        earned,
        reachedAt: Math.max(...conversions.map(({ at }) => at)),
      }))
      .sort((a, b) => b.total - a.total || a.reachedAt - b.reachedAt);
  }
}

export const byTime = (a: { at: number; id: string }, b: { at: number; id: string }): number =>
  a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const newYorkMonth = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/New_York',
  year: 'numeric',
  month: '2-digit',
});
const hours = new Map<number, string>();
/** Months begin on full hours, so that one look an hour is enough. */
export function monthIn(at: number): string {
  const hour = Math.floor(at / 3600);
  const month = hours.get(hour) ?? newYorkMonth.format(hour * 3_600_000).slice(0, 7);
  hours.set(hour, month);
  return month;
}

function minorOf(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(2, '0'));
}

/** 10 / 70 / 20 %, largest remainder, ties to the member, then the creator, then the platform. */
function memberShare(minor: bigint): bigint {
  const exact = [1000n, 7000n, 2000n].map((bps) => minor * bps);
  const shares = exact.map((share) => share / 10_000n);
  const rest = minor - shares.reduce((sum, share) => sum + share, 0n);
  const order = [0, 1, 2].sort((a, b) => Number(remainder(b) - remainder(a)) || a - b);
  function remainder(index: number): bigint {
    return (exact[index] ?? 0n) % 10_000n;
  }
  return (shares[0] ?? 0n) + (order.indexOf(0) < Number(rest) ? 1n : 0n);
}

const { translate } = whopProvider({ secrets: [] });
const receivedAt = demoSettings.frozenAt;
export const translated = ({ body }: DemoDelivery) => translate(Buffer.from(body), receivedAt);

/** Every scale and seed is rendered and read once. */
const delivered = new Map<string, { tally: Tally; deliveries: DemoDelivery[] }>();
export function load(scale: DemoScale, seed = 1) {
  const key = `${scale} ${seed}`;
  const known = delivered.get(key);
  if (known) return known;
  const tally = new Tally();
  const deliveries = [...demoDeliveries(scale, seed)];
  for (const delivery of deliveries) {
    const translation = translated(delivery);
    if (translation.outcome === 'telling') tally.told(translation.telling);
  }
  delivered.set(key, { tally, deliveries });
  return { tally, deliveries };
}
