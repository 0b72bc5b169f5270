/** A member gets a referral code that was chosen, not drawn (product.md, "People"). */
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  codeDecider,
  codeStream,
  creatorStream,
  DomainError,
  drawnCodeLike,
  type Instant,
  instantOf,
  isVanityCode,
  memberDecider,
  memberStream,
  normalCode,
  requireKnown,
} from '#libs/ledger';
import type { Decisions } from '../decisions.js';
import { executeAcross, metadataOf } from '../execute.js';
import { leavingFor } from '../open-orders.js';
import { knownCreator } from './known-creator.js';
import {
  COMMAND_PARTS,
  type CommandParts,
  type IntakeNotices,
  type Ordered,
  type OrderParts,
} from './ordered.js';

export interface CodeOrder {
  readonly creatorId: string;
  readonly memberId: string;
  /** As it was typed: trimmed and raised to upper case here. */
  readonly code: string;
  /** The member asks for it, not who runs the program: more is refused. */
  readonly isOwnChoice?: boolean;
}

export class SetReferralCodeCommand {
  constructor(
    readonly order: CodeOrder,
    readonly ordered: Ordered,
  ) {}
}

export interface ReferralCodeSet {
  readonly changed: boolean;
  /** The code that is shown afterwards. */
  readonly referralCode: string;
  /** The one before; undefined for a member who had none. */
  readonly before: string | undefined;
  /** Position of the last event; undefined for a dry run or when nothing changed. */
  readonly position: bigint | undefined;
}

@CommandHandler(SetReferralCodeCommand)
export class SetReferralCodeHandler
  implements ICommandHandler<SetReferralCodeCommand, ReferralCodeSet>
{
  constructor(@Inject(COMMAND_PARTS) private readonly parts: CommandParts) {}

  async execute({ order, ordered }: SetReferralCodeCommand): Promise<ReferralCodeSet> {
    return setReferralCode(this.parts, instantOf(this.parts.clock.now()), order, ordered);
  }
}

/**
 * Without the bus. Throws `code_invalid`, `code_taken`, `code_looks_taken`, `code_is_username`,
 * `codes_exhausted`, `creator_not_found`, `member_not_found`.
 */
export async function setReferralCode(
  { store, intake }: OrderParts,
  at: Instant,
  { creatorId, memberId, code: typed, isOwnChoice = false }: CodeOrder,
  ordered: Ordered,
): Promise<ReferralCodeSet> {
  const code = normalCode(typed);
  if (!isVanityCode(code)) {
    throw new DomainError('code_invalid', 'a referral code is 4 to 24 of A-Z, 0-9 and -');
  }
  const stream = memberStream(creatorId, memberId);
  if (isOwnChoice) await refuseUsername(intake, { creatorId, code, stream });
  // Reserved first: whoever appends second finds it taken.
  const reservation = codeStream(code);
  const alike = drawnCodeLike(code);
  const looksLike = alike === undefined || alike === code ? undefined : codeStream(alike);
  const metadata = metadataOf('SetReferralCode', ordered);
  const { decided, position } = await executeAcross(store, {
    streams: [
      reservation,
      stream,
      creatorStream(creatorId),
      ...(looksLike === undefined ? [] : [looksLike]),
    ],
    ordered,
    decide: (decisions) => {
      knownCreator(decisions, creatorId);
      const state = decisions.stateOf(memberDecider, stream);
      requireKnown(state);
      const before = state.code;
      const reserved = codeDecider.decide(
        { type: 'ReserveCode', at, creatorId, memberId, vanity: true },
        decisions.stateOf(codeDecider, reservation),
      );
      if (looksLike !== undefined) {
        refuseLookAlike(decisions, looksLike, creatorId, memberId);
        decisions.check(looksLike);
      }
      const assigned = memberDecider.decide(
        { type: 'AssignReferralCode', at, code, isOwnChoice },
        state,
      );
      decisions.accept(reservation, reserved, metadata);
      decisions.accept(stream, assigned, metadata);
      const changed = reserved.length + assigned.length > 0;
      return { changed, before, referralCode: code, isNew: reserved.length > 0 };
    },
    leaves: ({ isNew }) =>
      isNew
        ? leavingFor(intake, reservation, { kind: 'code', code, stream, notBefore: at })
        : undefined,
  });
  const { changed, before, referralCode } = decided;
  return { changed, before, referralCode, position };
}

/** A claim's `affiliate_code` is tried as a code first, then as a username: it would take theirs. */
async function refuseUsername(
  intake: IntakeNotices,
  { creatorId, code, stream }: { creatorId: string; code: string; stream: string },
): Promise<void> {
  const bearer = await intake.bearerOf(creatorId, code.toLowerCase());
  if (bearer === undefined || bearer === stream) return;
  throw new DomainError(
    'code_is_username',
    'another member goes by this name: choose a code that nobody is called by',
  );
}

function refuseLookAlike(
  decisions: Decisions,
  drawn: string,
  creatorId: string,
  memberId: string,
): void {
  const { owner } = decisions.stateOf(codeDecider, drawn);
  if (owner === undefined) return;
  if (owner.creatorId === creatorId && owner.memberId === memberId) return;
  throw new DomainError(
    'code_looks_taken',
    'it would be read for the referral code of another member: choose one that differs in more than dashes, or U for V',
  );
}
