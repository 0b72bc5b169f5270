/** A creator's settings: read from the read models, changed through the command bus. */
import { Body, Controller, Get, Inject, Param, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/access';
import {
  ChangeSettingsCommand,
  ReadSide,
  type SettingsChanged,
  settingsOfCreator,
} from '#libs/application';
import { Caller } from '../caller.js';
import { framed } from '../dto/figures.js';
import { safeNumber } from '../dto/numbers.js';
import { ProblemDto } from '../dto/problem.js';
import { changeJson, SettingsChangedDto, SettingsDto, settingsByInstant } from '../dto/settings.js';
import { changeOf, SettingsInput } from '../dto/settings-input.js';
import { CreatorIdPipe } from '../ids.js';

@ApiTags('settings')
@Controller('api/creators/:creator/settings')
export class SettingsController {
  constructor(
    @Inject(ReadSide) private readonly reads: ReadSide,
    @Inject(CommandBus) private readonly commands: CommandBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Settings in force and to come, each with its instant.' })
  @ApiOkResponse({ type: SettingsDto })
  async read(@Param('creator', CreatorIdPipe) creatorId: string): Promise<SettingsDto> {
    const found = await settingsOfCreator(this.reads, creatorId);
    return {
      creatorId,
      settings: settingsByInstant(found.settings, found.period.at),
      ...framed(found),
    };
  }

  @Put()
  @ApiOperation({
    summary: 'Changes settings from an instant on; what is not named stays as it is.',
    description: 'Setting them creates the creator. What is so already is no change.',
  })
  @ApiOkResponse({ type: SettingsChangedDto })
  @ApiResponse({ status: 400, description: 'Values that cannot be.', type: ProblemDto })
  @ApiResponse({ status: 409, description: 'It would reach into the past.', type: ProblemDto })
  async change(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Body() input: SettingsInput,
    @Caller() { actor }: Principal,
  ): Promise<SettingsChangedDto> {
    const { reason, dryRun = false } = input;
    const ordered = { actor, dryRun, ...(reason === undefined ? {} : { reason }) };
    const command = new ChangeSettingsCommand(creatorId, changeOf(input), ordered);
    const changed = await this.commands.execute<ChangeSettingsCommand, SettingsChanged>(command);
    const { settings, events, position } = changed;
    const { now } = this.reads;
    return {
      creatorId,
      settings: settingsByInstant(settings, now),
      changes: events.map((event) => changeJson(event, changed)),
      dryRun,
      position: position === undefined ? null : safeNumber(position),
      timeZone: settings.calendar.zoneAt(now),
    };
  }
}
