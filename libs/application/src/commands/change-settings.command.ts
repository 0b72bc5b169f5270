/** An admin orders a creator's settings to change (product.md, "Settings"). */

import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  type ChangeSettings,
  type CreatorEvent,
  creatorDecider,
  creatorStream,
  type Settings,
  settingsOf,
} from '#libs/ledger';
import { executeReading } from '../execute.js';
import { leavingFor } from '../open-orders.js';
import { COMMAND_PARTS, type CommandParts, type Ordered, type OrderParts } from './ordered.js';

export class ChangeSettingsCommand {
  constructor(
    readonly creatorId: string,
    readonly change: Omit<ChangeSettings, 'type' | 'now' | 'defaults'>,
    readonly ordered: Ordered,
  ) {}
}

export interface SettingsChanged {
  /** What the change would add, or did: empty when all of it is so already. */
  readonly events: readonly CreatorEvent[];
  /** Settings before; of a creator whom nobody knows yet, the configured ones. */
  readonly before: Settings;
  /** Settings afterwards. */
  readonly settings: Settings;
  /** Position of the last event; undefined for a dry run or when nothing changed. */
  readonly position: bigint | undefined;
}

@CommandHandler(ChangeSettingsCommand)
export class ChangeSettingsHandler
  implements ICommandHandler<ChangeSettingsCommand, SettingsChanged>
{
  constructor(@Inject(COMMAND_PARTS) private readonly parts: CommandParts) {}

  async execute({ creatorId, change, ordered }: ChangeSettingsCommand): Promise<SettingsChanged> {
    const { defaults, clock } = this.parts;
    const now = Math.floor(clock.now() / 1000);
    return changeSettings(
      this.parts,
      creatorId,
      { type: 'ChangeSettings', now, defaults, ...change },
      ordered,
    );
  }
}

/** Without the bus: for whoever boots no Nest. */
export async function changeSettings(
  { store, intake }: OrderParts,
  creatorId: string,
  command: ChangeSettings,
  ordered: Ordered,
): Promise<SettingsChanged> {
  const { defaults, now } = command;
  const stream = creatorStream(creatorId);
  let before = settingsOf(creatorDecider.initial(stream), defaults);
  const { events, state, position } = await executeReading(store, {
    decider: creatorDecider,
    stream,
    reads: [],
    commandOf: (seen) => {
      before = settingsOf(seen.stateOf(creatorDecider, stream), defaults);
      return command;
    },
    ordered,
    // Nothing applies before now once facts are stored, and members without facts have no books.
    // Facts may be dated ahead: those were booked under what was known then.
    leaves: (changes) =>
      changes.some(({ type }) => MOVES_BOOKS.has(type))
        ? leavingFor(intake, stream, { kind: 'settings', creatorId, since: now })
        : undefined,
  });
  return {
    events: events as CreatorEvent[],
    before,
    settings: settingsOf(state, defaults),
    position,
  };
}

/** Tiers and grace change no line. */
const MOVES_BOOKS: ReadonlySet<string> = new Set(['RatesSet', 'TimeZoneSet', 'CurrencySet']);
