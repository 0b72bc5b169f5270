/** An admin erases a person: their words go at once, no figure changes. */
import { Body, Controller, Delete, Inject, Param } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/access';
import { ErasePersonalDataCommand, type PersonalDataErasedAnswer } from '#libs/application';
import { Caller } from '../caller.js';
import { ErasureInput, PersonalDataErasedDto, personalDataErased } from '../dto/personal-data.js';
import { ProblemDto } from '../dto/problem.js';
import { CreatorIdPipe, MemberIdPipe } from '../ids.js';

@ApiTags('members')
@Controller('api/creators/:creator/members/:member/personal-data')
export class PersonalDataController {
  constructor(@Inject(CommandBus) private readonly commands: CommandBus) {}

  @Delete()
  @ApiOperation({
    summary: 'Erases what a person is called, wherever it lies. No figure changes.',
    description:
      'Name, username and email go from the profile, and raw deliveries that tell of the person ' +
      'lose body and headers; those not decided yet lose the words and keep what money needs. An ' +
      'event says that it happened. What is told of the person later is never kept. It cannot be ' +
      'undone; ordering it again erases what has come since, and is no change.',
  })
  @ApiOkResponse({ type: PersonalDataErasedDto })
  @ApiResponse({ status: 404, description: 'No such creator or member.', type: ProblemDto })
  async erase(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('member', MemberIdPipe) memberId: string,
    @Body() input: ErasureInput | undefined,
    @Caller() { actor }: Principal,
  ): Promise<PersonalDataErasedDto> {
    const { reason, dryRun = false } = input ?? {};
    const ordered = { actor, dryRun, ...(reason === undefined ? {} : { reason }) };
    const command = new ErasePersonalDataCommand({ creatorId, memberId }, ordered);
    const done = await this.commands.execute<ErasePersonalDataCommand, PersonalDataErasedAnswer>(
      command,
    );
    return personalDataErased({ creatorId, memberId, dryRun }, done);
  }
}
