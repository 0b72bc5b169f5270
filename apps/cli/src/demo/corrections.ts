/** What an admin would put right in the demo; none of it touches the table of October. */
import { plantedCases } from './planted-cases.js';

export type DemoCorrection =
  | {
      /** Beats every claim, for all the member's payments. */
      readonly what: 'referrer';
      readonly memberId: string;
      readonly referrerId: string;
      readonly reason: string;
    }
  | {
      /** Whose the membership is, of which no delivery says it: what waits for it is booked. */
      readonly what: 'person';
      readonly membershipId: string;
      readonly userId: string;
      readonly reason: string;
    }
  | {
      /** Resolves claims dated after it only; the old code resolves for ever. */
      readonly what: 'referral code';
      readonly memberId: string;
      readonly code: string;
    };

export const demoCorrections: readonly DemoCorrection[] = [
  {
    what: 'referrer',
    memberId: caseOf('claim-after-the-first-payment').userId,
    referrerId: caseOf('thirds-that-do-not-divide').userId,
    reason: 'They came to the open evening together; the checkout lost the code.',
  },
  {
    what: 'person',
    membershipId: caseOf('nobody-knows-whose').membershipId,
    userId: caseOf('nobody-knows-whose').userId,
    reason: 'Found in the dashboard of the provider.',
  },
  {
    what: 'referral code',
    memberId: caseOf('thirds-that-do-not-divide').userId,
    code: 'NORTHLIGHT',
  },
];

function caseOf(id: string) {
  const found = plantedCases.find((planted) => planted.id === id);
  if (found === undefined) throw new RangeError(`no planted case is called ${id}`);
  return found;
}
