/** What an admin orders in the demo: one tier that the thresholds would not give. */
import { type DemoPerson, personOf } from './people.js';

export interface DemoPin {
  readonly person: DemoPerson;
  readonly tier: string;
  readonly reason: string;
}

/** By the thresholds the second of the table would be Gold. */
export const demoPins: readonly DemoPin[] = [
  {
    person: personOf(1),
    tier: 'Silver',
    reason: 'Gold begins with the new terms, from next season on.',
  },
];
