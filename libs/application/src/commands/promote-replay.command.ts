/** An admin has seen the difference of a replay: it takes the place of what serves, or is discarded. */
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { checkReason } from '#libs/ledger';
import type { Replay } from '../replays/replay.js';
import { discardIn, orderPromotion, replayWithId } from '../replays/replay-orders.js';
import { REPLAY_PARTS, type ReplayOrderParts } from './order-replay.command.js';

export interface PromoteWanted {
  readonly id: string;
  /** Of the difference that was looked at: no other plan is carried out. */
  readonly differenceHash: string;
  /** Undefined: that of the order. Goes into the log for ever, so it must name no person. */
  readonly reason?: string | undefined;
}

export class PromoteReplayCommand {
  constructor(
    readonly wanted: PromoteWanted,
    readonly actor: string,
  ) {}
}

@CommandHandler(PromoteReplayCommand)
export class PromoteReplayHandler implements ICommandHandler<PromoteReplayCommand, Replay> {
  constructor(@Inject(REPLAY_PARTS) private readonly parts: ReplayOrderParts) {}

  async execute({ wanted, actor }: PromoteReplayCommand): Promise<Replay> {
    return promoteReplayOf(this.parts, wanted, actor);
  }
}

/**
 * Without the bus. Orders it: whoever runs replays carries it out. Throws `replay_not_found`,
 * `reason_required` and what `orderPromotion` throws.
 */
export async function promoteReplayOf(
  { db }: Pick<ReplayOrderParts, 'db'>,
  { id, differenceHash, reason }: PromoteWanted,
  actor: string,
): Promise<Replay> {
  const why = reason ?? (await replayWithId(db, id)).reason ?? '';
  checkReason(why);
  return orderPromotion(db, { id, differenceHash, actor, reason: why });
}

export class DiscardReplayCommand {
  constructor(
    readonly id: string,
    readonly actor: string,
  ) {}
}

@CommandHandler(DiscardReplayCommand)
export class DiscardReplayHandler implements ICommandHandler<DiscardReplayCommand, Replay> {
  constructor(@Inject(REPLAY_PARTS) private readonly parts: ReplayOrderParts) {}

  async execute({ id, actor }: DiscardReplayCommand): Promise<Replay> {
    return discardIn(this.parts.db, { id, actor });
  }
}
