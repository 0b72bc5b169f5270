/** An admin corrects who referred a member (product.md, "Who referred whom"). */
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { EventStore } from '#libs/event-store';
import {
  creatorStream,
  DomainError,
  type Instant,
  instantOf,
  memberDecider,
  memberStream,
  type SumsChange,
  settingsOf,
  sumsChanged,
} from '#libs/ledger';
import { executeAcross, metadataOf } from '../execute.js';
import { knownCreator } from './known-creator.js';
import { COMMAND_PARTS, type CommandParts, type Ordered } from './ordered.js';

export interface ReferrerOrder {
  readonly creatorId: string;
  readonly memberId: string;
  /** Null: nobody referred the member. */
  readonly referrerId: string | null;
  /** Kept with the correction for ever. */
  readonly reason: string;
}

export class CorrectReferrerCommand {
  constructor(
    readonly order: ReferrerOrder,
    readonly ordered: Omit<Ordered, 'reason'>,
  ) {}
}

export interface ReferrerCorrectedAnswer {
  /** False: it was so already. */
  readonly changed: boolean;
  /** What the books of the member's own payments change, by month, referrer and currency. */
  readonly changes: readonly SumsChange[];
  /** Position of the last event; undefined for a dry run or when nothing changed. */
  readonly position: bigint | undefined;
}

@CommandHandler(CorrectReferrerCommand)
export class CorrectReferrerHandler
  implements ICommandHandler<CorrectReferrerCommand, ReferrerCorrectedAnswer>
{
  constructor(@Inject(COMMAND_PARTS) private readonly parts: CommandParts) {}

  async execute({ order, ordered }: CorrectReferrerCommand): Promise<ReferrerCorrectedAnswer> {
    return correctReferrerOf(this.parts.store, instantOf(this.parts.clock.now()), order, ordered);
  }
}

/** Without the bus. Throws `creator_not_found`, `member_not_found`, `referrer_unknown`, `referrer_is_member`, `reason_required`. */
export async function correctReferrerOf(
  store: EventStore,
  at: Instant,
  { creatorId, memberId, referrerId, reason }: ReferrerOrder,
  ordered: Omit<Ordered, 'reason'>,
): Promise<ReferrerCorrectedAnswer> {
  const creator = creatorStream(creatorId);
  const stream = memberStream(creatorId, memberId);
  const referrer = referrerId === null ? undefined : memberStream(creatorId, referrerId);
  const { decided, position } = await executeAcross(store, {
    streams: [stream, creator, ...(referrer === undefined ? [] : [referrer])],
    ordered,
    decide: (decisions) => {
      const known = knownCreator(decisions, creatorId);
      // Commissions follow the creator's settings: they must not change under it.
      decisions.check(creator);
      const before = decisions.stateOf(memberDecider, stream).recorded.lines();
      const events = memberDecider.decide(
        {
          type: 'CorrectReferrer',
          at,
          referrerId,
          reason,
          settings: settingsOf(known.state, known.defaults),
        },
        decisions.stateOf(memberDecider, stream),
      );
      // Who is known once stays known: its stream may move meanwhile.
      if (referrer !== undefined && !decisions.stateOf(memberDecider, referrer).isKnown) {
        throw new DomainError(
          'referrer_unknown',
          `no member ${referrerId} of ${creatorId} is known: name one, or null for nobody`,
        );
      }
      decisions.accept(stream, events, metadataOf('CorrectReferrer', ordered));
      const after = decisions.stateOf(memberDecider, stream).recorded.lines();
      return { changed: events.length > 0, changes: sumsChanged(before, after) };
    },
  });
  return { ...decided, position };
}
