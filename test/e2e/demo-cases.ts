/** The planted cases of the demo, as the program tells of them: read over HTTP, in the shape of their expectations. */
import {
  type CaseExpectation,
  caseExpectations,
  type ExpectedPayment,
  type ExpectedShares,
  hostExpectations,
  type PlantedCase,
  plantedCases,
  refundExpectations,
} from '../../apps/cli/src/demo/index.js';
import type { Client } from './client.js';
import type * as Said from './said.js';

const CREATOR = 'biz_demo';
const PATH = `/api/creators/${CREATOR}`;
const NEW_YORK = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/New_York',
  year: 'numeric',
  month: '2-digit',
});

interface Delivery {
  readonly deliveryId: string;
  readonly status: string;
  readonly code: string | null;
}
type PaymentSaid = Said.Payment & { readonly reversals: readonly Said.Reversal[] };

/** What the ledger says of every case; equals `caseExpectations` where all is well. */
export async function casesSaid(client: Client): Promise<CaseExpectation[]> {
  const unresolved = await client.all<Delivery>('/api/admin/deliveries', { status: 'unresolved' });
  const conflicts = await client.all<Delivery>('/api/admin/deliveries', { code: 'conflict' });
  const said: CaseExpectation[] = [];
  for (const planted of plantedCases) {
    const isOwn = ({ deliveryId }: Delivery) => planted.deliveryIds.includes(deliveryId);
    const [waiting] = unresolved.filter(isOwn);
    said.push({
      id: planted.id,
      member: await memberSaid(client, planted),
      payments: await paymentsSaid(client, planted),
      ...(waiting && { unresolved: waiting.status as 'parked' | 'quarantined' }),
      ...(conflicts.some(isOwn) && { conflict: true as const }),
    });
  }
  return said;
}

async function memberSaid(
  client: Client,
  { userId }: PlantedCase,
): Promise<CaseExpectation['member']> {
  const { items } = await client.get<{ items: readonly Said.Member[] }>(`${PATH}/members`, {
    q: userId,
  });
  const member = items.find(({ memberId }) => memberId === userId);
  if (member === undefined) return null;
  const isHost = member.referrer?.memberId === hostExpectations.userId;
  const referrer = isHost ? 'host' : (member.referrer?.name ?? null);
  return {
    referrer: referrer as NonNullable<CaseExpectation['member']>['referrer'],
    signedUpIn: monthOf(member.signedUpAt) ?? 'never',
    convertedIn: monthOf(member.convertedAt),
  };
}

async function paymentsSaid(
  client: Client,
  { userId, paymentIds }: PlantedCase,
): Promise<ExpectedPayment[]> {
  const payments = await client.all<PaymentSaid>(`${PATH}/payments`, { member: userId });
  return payments.reverse().map((payment) => ({
    index: paymentIds.indexOf(payment.paymentId),
    month: payment.month,
    kind: payment.kind,
    organic: payment.organic,
    currency: payment.currency,
    shares: sharesOf(payment),
    reversals: payment.reversals.map((one) => ({ month: one.month, shares: sharesOf(one) })),
  }));
}

/** What the member earns whom the later cases name, in the shape of `hostExpectations`. */
export async function hostSaid(client: Client) {
  const { userId } = hostExpectations;
  const read = (month: string, currency: string) =>
    client.get<Said.Stats>(`${PATH}/members/${userId}/stats`, { month, currency });
  const months = [];
  for (const { month, currency } of hostExpectations.months) {
    const { monthlyReferrals, reversedReferrals, monthlyEarningsMinor } = await read(
      month,
      currency,
    );
    months.push({
      month,
      currency,
      referrals: monthlyReferrals,
      reversed: reversedReferrals,
      earningsMinor: monthlyEarningsMinor,
    });
  }
  const { totalReferrals } = await read('2025-10', 'usd');
  return { userId, totalReferrals, months };
}

/** Months in which money was taken back, in the shape of `refundExpectations`. */
export async function refundsSaid(client: Client) {
  const range = { from: '2025-01', to: '2025-10', currency: 'usd' };
  const { items } = await client.get<{ items: { month: string; refundsMinor: number }[] }>(
    `${PATH}/revenue`,
    range,
  );
  return items
    .filter(({ refundsMinor }) => refundsMinor !== 0)
    .map(({ month, refundsMinor }) => ({ month, refundsMinor }));
}

export const expected = {
  cases: caseExpectations,
  host: hostExpectations,
  refunds: refundExpectations,
} as const;

function sharesOf(said: Omit<Said.Reversal, 'reversalId' | 'month'>): ExpectedShares {
  return [said.saleMinor, said.memberMinor, said.creatorMinor, said.platformMinor];
}

function monthOf(time: string | null): string | null {
  return time === null ? null : NEW_YORK.format(Date.parse(time)).slice(0, 7);
}
