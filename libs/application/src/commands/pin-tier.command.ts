/** An admin orders a member's tier to be pinned, or to be left to the thresholds again (product.md, "Tiers"). */

import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { EventStore } from '#libs/event-store';
import {
  creatorStream,
  type Instant,
  instantOf,
  memberDecider,
  memberStream,
  type PinTier,
  pinAt,
  settingsOf,
  type TierPin,
} from '#libs/ledger';
import { executeReading } from '../execute.js';
import { knownCreator } from './known-creator.js';
import { COMMAND_PARTS, type CommandParts, type Ordered } from './ordered.js';

/** Whom it concerns; the reason is part of the pin and shown with it. */
export interface PinOrder extends Pick<PinTier, 'tier' | 'reason'> {
  readonly creatorId: string;
  readonly memberId: string;
}

export class PinTierCommand {
  constructor(
    readonly pin: PinOrder,
    readonly ordered: Omit<Ordered, 'reason'>,
  ) {}
}

export interface TierPinnedAnswer {
  /** False: it was so already. */
  readonly changed: boolean;
  /** The pin in force afterwards. */
  readonly tierPin: TierPin | null;
  /** Position of the event; undefined for a dry run or when nothing changed. */
  readonly position: bigint | undefined;
}

@CommandHandler(PinTierCommand)
export class PinTierHandler implements ICommandHandler<PinTierCommand, TierPinnedAnswer> {
  constructor(@Inject(COMMAND_PARTS) private readonly parts: CommandParts) {}

  async execute({ pin, ordered }: PinTierCommand): Promise<TierPinnedAnswer> {
    return pinTierOf(this.parts.store, instantOf(this.parts.clock.now()), pin, ordered);
  }
}

/** Without the bus. Throws `creator_not_found`, `member_not_found`, `tier_unknown`, `reason_required`. */
export async function pinTierOf(
  store: EventStore,
  at: Instant,
  { creatorId, memberId, tier, reason }: PinOrder,
  ordered: Omit<Ordered, 'reason'>,
): Promise<TierPinnedAnswer> {
  const creator = creatorStream(creatorId);
  const { events, state, position } = await executeReading(store, {
    decider: memberDecider,
    stream: memberStream(creatorId, memberId),
    // What a tier is called depends on the creator's settings: they must not change under it.
    reads: [creator],
    commandOf: (seen): PinTier => {
      const known = knownCreator(seen, creatorId);
      const tiers = settingsOf(known.state, known.defaults)
        .tiersAt(at)
        .map(({ name }) => name);
      return { type: 'PinTier', at, tier, reason, tiers };
    },
    ordered,
  });
  return { changed: events.length > 0, tierPin: pinAt(state.pins, at) ?? null, position };
}
