/**
 * Somebody asks to be forgotten: their words go from everywhere at once, and an event says that they
 * did. No figure changes (product.md, "Personal data").
 */
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Transaction } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import {
  creatorStream,
  type Instant,
  instantOf,
  type MemberState,
  memberDecider,
  memberStream,
  ownerOf,
} from '#libs/ledger';
import { executeAcross, metadataOf } from '../execute.js';
import { knownCreator } from './known-creator.js';
import { COMMAND_PARTS, type CommandParts, type Ordered } from './ordered.js';

/** Whoever is erased, by what the log knows of them. */
export interface PersonOrdered {
  readonly creatorId: string;
  readonly memberId: string;
  readonly membershipIds: readonly string[];
  /** Keyed hashes of every username that their facts carry. */
  readonly usernameKeys: readonly string[];
}

export interface ErasedCounts {
  /** There was one. */
  readonly profile: boolean;
  /** Raw deliveries that lost body and headers. */
  readonly deliveries: number;
  /** Undecided ones that lost their words; the rest goes once they are decided. */
  readonly scrubbed: number;
}

/** Where personal data lies (libs/ingestion). */
export interface PersonalData {
  /** Deliveries that tell of them and have no marks yet; opens what nobody has looked at. */
  look(person: PersonOrdered): Promise<readonly string[]>;
  /** What `erase` would take. */
  count(person: PersonOrdered, looked: readonly string[]): Promise<ErasedCounts>;
  /** May be done twice. `within`: a transaction under the lock of the log, that appends the event at first. */
  erase(
    person: PersonOrdered,
    looked: readonly string[],
    within: Transaction,
  ): Promise<ErasedCounts>;
}

/** Nest token of PersonalData. */
export const PERSONAL_DATA = Symbol('PERSONAL_DATA');

export interface ErasureOrder {
  readonly creatorId: string;
  readonly memberId: string;
}

export class ErasePersonalDataCommand {
  constructor(
    readonly order: ErasureOrder,
    readonly ordered: Ordered,
  ) {}
}

export interface PersonalDataErasedAnswer extends ErasedCounts {
  /** False: they were erased before; what has come since is gone now. */
  readonly changed: boolean;
  /** Position of the event; undefined for a dry run or when they were erased before. */
  readonly position: bigint | undefined;
}

@CommandHandler(ErasePersonalDataCommand)
export class ErasePersonalDataHandler
  implements ICommandHandler<ErasePersonalDataCommand, PersonalDataErasedAnswer>
{
  constructor(
    @Inject(COMMAND_PARTS) private readonly parts: CommandParts,
    @Inject(PERSONAL_DATA) private readonly personal: PersonalData,
  ) {}

  async execute({ order, ordered }: ErasePersonalDataCommand): Promise<PersonalDataErasedAnswer> {
    const at = instantOf(this.parts.clock.now());
    return erasePersonalData({ ...this.parts, personal: this.personal }, at, order, ordered);
  }
}

export interface ErasureOrderParts {
  readonly store: EventStore;
  readonly personal: PersonalData;
}

/** Without the bus. Throws `creator_not_found`, `member_not_found`. */
export async function erasePersonalData(
  { store, personal }: ErasureOrderParts,
  at: Instant,
  { creatorId, memberId }: ErasureOrder,
  ordered: Ordered,
): Promise<PersonalDataErasedAnswer> {
  const stream = memberStream(creatorId, memberId);
  let counts: ErasedCounts | undefined;
  const { decided, position } = await executeAcross(store, {
    streams: [stream, creatorStream(creatorId)],
    ordered,
    decide: async (decisions) => {
      knownCreator(decisions, creatorId);
      const state = decisions.stateOf(memberDecider, stream);
      const events = memberDecider.decide({ type: 'ErasePersonalData', at }, state);
      decisions.accept(stream, events, metadataOf('ErasePersonalData', ordered));
      const person = personIn(stream, state);
      return { changed: events.length > 0, person, looked: await personal.look(person) };
    },
    leaves: ({ person, looked }) => ({
      stream,
      notice: { kind: 'erasure', creatorId, memberId },
      perform: async (tx) => {
        counts = await personal.erase(person, looked, tx);
      },
    }),
  });
  const { changed, person, looked } = decided;
  if (ordered.dryRun) counts = await personal.count(person, looked);
  counts ??= await eraseAgain({ store, personal }, person, looked);
  return { changed, position, ...counts };
}

/** What was stored since is found all the same, under the lock of the log as at first. */
async function eraseAgain(
  { store, personal }: ErasureOrderParts,
  person: PersonOrdered,
  looked: readonly string[],
): Promise<ErasedCounts> {
  let counts: ErasedCounts = { profile: false, deliveries: 0, scrubbed: 0 };
  await store.append([], async (tx) => {
    counts = await personal.erase(person, looked, tx);
  });
  return counts;
}

function personIn(stream: string, { facts }: MemberState): PersonOrdered {
  const { creatorId, memberId } = ownerOf(stream);
  const told = [...facts.payments.values(), ...facts.memberships.values()];
  const ofPayments = [...facts.payments.values()].flatMap(({ membershipId }) => membershipId ?? []);
  return {
    creatorId,
    memberId,
    membershipIds: [...new Set([...facts.memberships.keys(), ...ofPayments])],
    usernameKeys: [...new Set(told.flatMap(({ usernames }) => [...usernames]))],
  };
}
