/** What the demo sets before its first delivery, and where its clock stands still. */
import { frozenAt, opensAt } from './calendar.js';

/** Settings of the demo's creator; the zone applies from the beginning, before any fact. */
export const demoSettings = {
  creatorId: 'biz_demo',
  communityName: 'Northlight Trading',
  timeZone: 'America/New_York',
  effectiveAt: 'beginning',
  currency: 'usd',
  /** Unix seconds of the first day's opening. */
  opensAt,
  /** Unix seconds of 2025-10-26 14:00 in New York, where the demo's clock stands still. */
  frozenAt,
} as const;
