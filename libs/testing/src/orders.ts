/** What admins order, complete and valid: a test names only what it is about. */
import {
  type AssignMembership,
  type MemberCommand,
  type MembershipAssigned,
  type ReferrerCorrected,
  type Settings,
} from '#libs/ledger';
import { at, CREATOR, MEMBER, settingsWith } from './builders.js';

type Of<T extends MemberCommand['type']> = Extract<MemberCommand, { type: T }>;

/** Ordered on 2026-06-01: Rui referred the member. */
export const correctReferrer = (
  order: {
    readonly at?: string;
    readonly referrer?: string | null;
    readonly reason?: string;
    readonly settings?: Settings;
  } = {},
): Of<'CorrectReferrer'> => ({
  type: 'CorrectReferrer',
  at: at(order.at ?? '2026-06-01T00:00:00Z'),
  referrerId: order.referrer === undefined ? 'user_rui' : order.referrer,
  reason: order.reason ?? 'as they told us',
  settings: order.settings ?? settingsWith(),
});

export const referrerCorrected = (
  event: { readonly at?: string; readonly referrer?: string | null; readonly reason?: string } = {},
): ReferrerCorrected => ({
  type: 'ReferrerCorrected',
  effectiveAt: at(event.at ?? '2026-06-01T00:00:00Z'),
  data: {
    referrer: event.referrer === undefined ? 'user_rui' : event.referrer,
    reason: event.reason ?? 'as they told us',
  },
});

/** The settings are these now. */
export const applySettings = (settings: Settings): Of<'ApplySettings'> => ({
  type: 'ApplySettings',
  at: at('2026-12-02T00:00:00Z'),
  settings,
});

export const assignMembership = (order: Partial<AssignMembership> = {}): AssignMembership => ({
  type: 'AssignMembership',
  at: at('2026-06-01T00:00:00Z'),
  creatorId: CREATOR,
  memberId: MEMBER,
  reason: 'as they told us',
  ...order,
});

export const membershipAssigned = (
  data: Partial<MembershipAssigned['data']> = {},
): MembershipAssigned => ({
  type: 'MembershipAssigned',
  effectiveAt: at('2026-06-01T00:00:00Z'),
  data: { creator: CREATOR, member: MEMBER, reason: 'as they told us', ...data },
});
