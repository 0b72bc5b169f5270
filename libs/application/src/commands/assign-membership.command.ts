/** An admin says whose a membership is, so that parked deliveries find their member (product.md, "People"). */
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  creatorStream,
  DomainError,
  type Instant,
  instantOf,
  memberStream,
  membershipDecider,
  membershipStream,
  ownerOf,
} from '#libs/ledger';
import { executeAcross, metadataOf, OrderOvertaken } from '../execute.js';
import { leavingFor } from '../open-orders.js';
import { knownCreator } from './known-creator.js';
import {
  COMMAND_PARTS,
  type CommandParts,
  type MembershipTidings,
  type Ordered,
  type OrderParts,
  type WaitingDelivery,
} from './ordered.js';

export interface AssignmentOrder {
  readonly creatorId: string;
  readonly membershipId: string;
  readonly userId: string;
  /** Kept with the assignment for ever. */
  readonly reason: string;
}

export class AssignMembershipCommand {
  constructor(
    readonly order: AssignmentOrder,
    readonly ordered: Omit<Ordered, 'reason'>,
  ) {}
}

export interface MembershipAssignedAnswer {
  /** False: it was so already. */
  readonly changed: boolean;
  /** The first of the deliveries that wait for its person, and how many do. */
  readonly waiting: readonly WaitingDelivery[];
  readonly waitingCount: number;
  /** Position of the event; undefined for a dry run or when nothing changed. */
  readonly position: bigint | undefined;
}

@CommandHandler(AssignMembershipCommand)
export class AssignMembershipHandler
  implements ICommandHandler<AssignMembershipCommand, MembershipAssignedAnswer>
{
  constructor(@Inject(COMMAND_PARTS) private readonly parts: CommandParts) {}

  async execute({ order, ordered }: AssignMembershipCommand): Promise<MembershipAssignedAnswer> {
    return assignMembership(this.parts, instantOf(this.parts.clock.now()), order, ordered);
  }
}

/**
 * Without the bus. Throws `creator_not_found`, `reason_required`, `membership_known` when deliveries
 * name another person, `membership_assigned` when an admin did.
 */
export async function assignMembership(
  { store, intake }: OrderParts,
  at: Instant,
  { creatorId, membershipId, userId, reason }: AssignmentOrder,
  ordered: Omit<Ordered, 'reason'>,
): Promise<MembershipAssignedAnswer> {
  const member = memberStream(creatorId, userId);
  const stream = membershipStream(membershipId);
  const { decided, position } = await executeAcross(store, {
    streams: [stream, creatorStream(creatorId)],
    ordered,
    decide: async (decisions) => {
      knownCreator(decisions, creatorId);
      const events = membershipDecider.decide(
        { type: 'AssignMembership', at, creatorId, memberId: userId, reason },
        decisions.stateOf(membershipDecider, stream),
      );
      const told = await intake.membershipTold(membershipId);
      const isTold = told.stream === member;
      if (events.length > 0 && !isTold) {
        refuseContradiction(told, creatorId, userId);
        decisions.accept(stream, events, metadataOf('AssignMembership', ordered));
      }
      return { told, changed: events.length > 0 && !isTold };
    },
    before: async (tx, { told }) => {
      // Under the lock of the log the intake writes no routes: what is known now is what is known.
      const now = await intake.membershipTold(membershipId, tx);
      if (personOf(now) !== personOf(told)) throw new OrderOvertaken('a delivery named its person');
    },
    leaves: () => leavingFor(intake, stream, { kind: 'membership', membershipId, stream: member }),
  });
  const { waiting, waitingCount } = decided.told;
  return { changed: decided.changed, waiting, waitingCount, position };
}

const personOf = ({ stream, creatorId, userId }: MembershipTidings): string =>
  [stream ?? '', creatorId ?? '', userId ?? ''].join(' ');

/** What a delivery says of the person stands: the provider knows it better than we do. */
function refuseContradiction(told: MembershipTidings, creatorId: string, userId: string): void {
  const owner = told.stream === undefined ? undefined : ownerOf(told.stream);
  const knownCreatorId = owner?.creatorId ?? told.creatorId ?? creatorId;
  const knownUserId = owner?.memberId ?? told.userId ?? userId;
  if (knownCreatorId === creatorId && knownUserId === userId) return;
  throw new DomainError(
    'membership_known',
    `deliveries say that it belongs to ${knownUserId} of ${knownCreatorId}, and stand`,
  );
}
