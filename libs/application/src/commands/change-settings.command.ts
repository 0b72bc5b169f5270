/** An admin orders a creator's settings to change (product.md, "Settings"). */

import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { EventStore } from '#libs/event-store';
import {
  type ChangeSettings,
  type CreatorEvent,
  creatorDecider,
  creatorStream,
  type Defaults,
  type Settings,
  settingsOf,
} from '#libs/ledger';
import { execute } from '../execute.js';
import { COMMAND_PARTS, type CommandParts, type Ordered } from './ordered.js';

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
      this.parts.store,
      creatorId,
      { type: 'ChangeSettings', now, defaults, ...change },
      ordered,
      defaults,
    );
  }
}

/** Without the bus: for whoever boots no Nest. */
export async function changeSettings(
  store: EventStore,
  creatorId: string,
  command: ChangeSettings,
  ordered: Ordered,
  defaults: Defaults,
): Promise<SettingsChanged> {
  const { events, state, position } = await execute(store, {
    decider: creatorDecider,
    stream: creatorStream(creatorId),
    command,
    ordered,
  });
  return { events: events as CreatorEvent[], settings: settingsOf(state, defaults), position };
}
