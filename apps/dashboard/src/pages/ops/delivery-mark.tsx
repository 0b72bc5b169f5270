/** What became of a delivery, in a word. */
import type { DeliveryStatus } from '../../api/ops-reads.js';
import { Mark, type Tone } from './parts.js';

export const STATUS_NAMES: Readonly<Record<DeliveryStatus, string>> = {
  unresolved: 'Parked and quarantined',
  parked: 'Parked',
  quarantined: 'Quarantined',
  excluded: 'Excluded',
  conflict: 'In conflict',
  ignored: 'Ignored',
  pending: 'Pending',
  applied: 'Applied',
  unchanged: 'Unchanged',
};

const TONES: Readonly<Record<DeliveryStatus, Tone>> = {
  ...{ unresolved: 'warn', parked: 'warn', quarantined: 'bad', conflict: 'warn' },
  ...{ pending: 'busy', applied: 'good', unchanged: 'good', excluded: 'calm', ignored: 'calm' },
};

export const DeliveryMark = ({ status }: { readonly status: DeliveryStatus }) => (
  <Mark tone={TONES[status]}>{STATUS_NAMES[status].toLowerCase()}</Mark>
);
