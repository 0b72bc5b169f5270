/** What an operator is told of a delivery that does not count: what it waits for, and what to do next. */
import type { DeliveryOutcome } from '#libs/database';

/** A status is an outcome, and `conflict`: applied, but it contradicted what was told before. */
export type DeliveryStatus = DeliveryOutcome | 'conflict';

export const DELIVERY_STATUSES: readonly DeliveryStatus[] = [
  'pending',
  'applied',
  'unchanged',
  'conflict',
  'ignored',
  'parked',
  'quarantined',
  'excluded',
];

/** @param key a key of `waiting`: `payment:pay_…` or `membership:mem_…` */
export function waitsInWords(key: string, type: string | null): string {
  const at = key.indexOf(':');
  const [kind, id] = [key.slice(0, at), key.slice(at + 1)];
  if (kind === 'payment' && !isOfPayment(type)) return `its payment ${id} is not known yet`;
  return `whose ${kind} ${id} is, is not known yet`;
}

const isOfPayment = (type: string | null): boolean =>
  /^(app_)?payment[._]/.test(type ?? 'payment.');

/** What to do about a delivery, one sentence. */
export function nextStep(status: DeliveryStatus, code: string | null, hasBody: boolean): string {
  if (!hasBody && !/^(applied|unchanged|conflict)$/.test(status))
    return 'Nothing can be done: its body is no longer kept.';
  switch (status) {
    case 'pending':
      return 'Nothing: it is decided in a moment. If it stays, no worker is running.';
    case 'applied':
    case 'unchanged':
      return 'Nothing: it counts.';
    case 'conflict':
      return 'Compare it with what was told first: the first telling stands.';
    case 'ignored':
      return 'Nothing: its type moves no figure. Redrive it if a newer version uses the type.';
    case 'parked':
      return (
        'Nothing if what it waits for is still to come: it is then decided by itself. ' +
        'Otherwise have the sender repeat that, or exclude this one with a reason.'
      );
    case 'excluded':
      return 'Nothing: it was set aside. Redriving it takes that back.';
    case 'quarantined':
      return STEP_OF_CODE[code ?? ''] ?? WRONG_AT_THE_SENDER;
  }
}

const WRONG_AT_THE_SENDER =
  'It cannot be decided as it is: have the sender tell it rightly, in a delivery of its own, and ' +
  'exclude this one with a reason.';

const STEP_OF_CODE: Readonly<Record<string, string>> = {
  intake_failed:
    "Nobody foresaw it: the worker's log says what failed. Redrive it when that is mended.",
  provider_unknown: 'Configure its provider, then redrive it.',
  currency_unknown:
    'The ledger does not list the currency. Redrive it when it does, or exclude it with a reason.',
  time_in_future:
    'It is dated more than a day after its receipt. Have the sender correct the time, and exclude ' +
    'this one with a reason.',
  codes_exhausted: 'Every referral code that was drawn is taken: redrive it.',
};
