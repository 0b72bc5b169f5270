/** `flywheel webhooks trigger`: deliveries of our own making, signed as Whop signs them. */
import { randomBytes } from 'node:crypto';
import {
  type PaymentFacts,
  type Rendered,
  renderMembership,
  renderPayment,
  type WhopGeneration,
} from '#libs/ingestion';
import { type Instant, instantOf, systemClock } from '#libs/ledger';
import type { Assignment } from '../arguments.js';
import { connect, creatorOf, type Invocation, type Outcome } from '../invocation.js';
import { sendOne } from '../load/send.js';
import { isSettled } from '../load/settle.js';
import { tableOf } from '../table.js';
import { type Target, webhookSecretFor } from '../target.js';

export type TriggerType =
  | 'payment.succeeded'
  | 'payment.failed'
  | 'membership.activated'
  | 'membership.deactivated';

export interface TriggerOptions {
  readonly ref?: string;
  readonly user?: string;
  readonly amount: string;
  readonly currency: string;
  readonly at?: Instant;
  readonly count: number;
  readonly name?: string;
  readonly generation: WhopGeneration;
  readonly set?: readonly Assignment[];
  readonly wait: boolean;
}

interface SentRow {
  readonly status: string;
  readonly type: string;
  readonly id: string;
  readonly userId: string;
  readonly settled: string | undefined;
}

export async function trigger(
  invocation: Invocation,
  type: TriggerType,
  options: TriggerOptions,
): Promise<Outcome> {
  const { terminal, globals, env } = invocation;
  const { client, target } = await connect(invocation, globals.creator);
  const creatorId = await creatorOf(invocation, client);
  const secret = await webhookSecretFor(target, env);
  const sent: SentRow[] = [];
  for (let n = 0; n < options.count; n++) {
    const delivery = deliveryOf(type, creatorId, ledgerNow(target), options);
    const { status, token: settled } = await sendOne(client, delivery.rendered, {
      secret,
      clock: systemClock,
    });
    const { userId, factId, rendered } = delivery;
    sent.push({ status, type: rendered.type, id: factId, userId, settled });
  }
  const last = sent.at(-1)?.settled;
  const booked = options.wait && target.token !== undefined && last !== undefined;
  const settled = booked ? await isSettled(client, last) : undefined;
  if (settled === false) terminal.note('not booked yet: flywheel status shows what is pending');
  terminal.answer(
    'flywheel.webhooks-trigger/1',
    { creator: creatorId, settled, deliveries: sent },
    () =>
      tableOf(
        terminal,
        ['status', 'type', 'id', 'member', 'settled'].map((title) => ({ title })),
        sent.map((row) => [row.status, row.type, row.id, row.userId, row.settled ?? '']),
      ),
  );
}

/** What the ledger takes for now: a frozen clock's instant, so that it falls into its month. */
const ledgerNow = ({ run }: Target): Instant =>
  instantOf(run?.clock === undefined ? systemClock.now() : Date.parse(run.clock));

interface Delivery {
  readonly rendered: Rendered;
  readonly userId: string;
  /** Of the payment or membership. */
  readonly factId: string;
}

function deliveryOf(
  type: TriggerType,
  creatorId: string,
  now: Instant,
  options: TriggerOptions,
): Delivery {
  const { generation, ref, name, set = [] } = options;
  const at = options.at ?? now;
  const userId = options.user ?? newId('user_');
  const membershipId = newId('mem_');
  const common = {
    creatorId,
    userId,
    membershipId,
    createdAt: at,
    sentAt: at,
    messageId: newId('msg_'),
    ...(name === undefined ? {} : { name }),
    ...(ref === undefined ? {} : { referralCode: ref }),
  };
  if (type === 'membership.activated' || type === 'membership.deactivated') {
    const status = type === 'membership.activated' ? 'activated' : 'deactivated';
    const rendered = renderMembership(generation, { ...common, status, joinedAt: at });
    return { rendered: withSet(rendered, set), userId, factId: membershipId };
  }
  const status = type === 'payment.succeeded' ? 'succeeded' : 'failed';
  const facts: PaymentFacts = {
    ...common,
    paymentId: newId('pay_'),
    status,
    amount: options.amount,
    currency: options.currency,
    paidAt: status === 'succeeded' ? at : null,
    billingReason: 'subscription_create',
  };
  const rendered = renderPayment(generation, facts);
  return { rendered: withSet(rendered, set), userId, factId: facts.paymentId };
}

const newId = (prefix: string): string => `${prefix}${randomBytes(7).toString('hex')}`;

/** The payload with values of the caller's own; what lies on the way and is no object becomes one. */
export function withSet(rendered: Rendered, set: readonly Assignment[]): Rendered {
  if (set.length === 0) return rendered;
  const payload = structuredClone(rendered.payload) as Record<string, unknown>;
  for (const { path, value } of set) {
    let at = payload;
    for (const part of path.slice(0, -1)) at = objectIn(at, part);
    const last = path.at(-1);
    if (last !== undefined) at[last] = value;
  }
  return { ...rendered, payload, body: JSON.stringify(payload) };
}

function objectIn(parent: Record<string, unknown>, key: string): Record<string, unknown> {
  const found = parent[key];
  if (typeof found === 'object' && found !== null) return found as Record<string, unknown>;
  const made: Record<string, unknown> = {};
  parent[key] = made;
  return made;
}
