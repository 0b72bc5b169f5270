/**
 * A pinned tier: an admin's order that stands above the thresholds, from the instant at which it was
 * given until another one (product.md, "Tiers"). Of one instant the last order stands.
 */
import type { TierPinned } from './events.js';
import { checkReason } from './reason.js';
import { type Dated, UNRANKED } from './settings.js';
import type { Instant } from './values/clock.js';
import { DomainError } from './values/domain-error.js';

/** A pin that is in force. */
export interface TierPin {
  readonly tier: string;
  readonly reason: string;
  readonly since: Instant;
}

/** Every order of a member's stream, sorted by instant. */
export type PinTimeline = readonly Dated<TierPinned['data']>[];

export interface PinTier {
  readonly type: 'PinTier';
  readonly at: Instant;
  /** Null: the thresholds decide again. */
  readonly tier: string | null;
  /** An admin's words; they must name no person, for the log is for ever. */
  readonly reason: string;
  /** Names of the creator's tiers in force at that instant. */
  readonly tiers: readonly string[];
}

/** Throws `tier_unknown`, `reason_required`. Nothing to unpin, or the same tier for the same reason: it is so already. */
export function pinTier(command: PinTier, pins: PinTimeline): readonly TierPinned[] {
  const { at, tier, reason, tiers } = command;
  checkReason(reason);
  if (tier !== null && tier !== UNRANKED && !tiers.includes(tier)) {
    const names = [UNRANKED, ...tiers].join(', ');
    throw new DomainError('tier_unknown', `'${tier}' is not a tier of this creator: ${names}`);
  }
  const pin = pinAt(pins, at);
  const same = tier === null ? pin === undefined : pin?.tier === tier && pin.reason === reason;
  return same ? [] : [{ type: 'TierPinned', effectiveAt: at, data: { tier, reason } }];
}

/** The pin in force at an instant; undefined: the thresholds decide. */
export function pinAt(pins: PinTimeline, at: Instant): TierPin | undefined {
  const last = pins.filter((pin) => pin.at <= at).at(-1);
  if (last === undefined || last.value.tier === null) return undefined;
  return { tier: last.value.tier, reason: last.value.reason, since: last.at };
}
