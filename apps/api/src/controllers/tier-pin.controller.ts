/** An admin pins a member's tier, through the command bus. */
import { Body, Controller, Inject, Param, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/access';
import { PinTierCommand, type TierPinnedAnswer } from '#libs/application';
import { Caller } from '../caller.js';
import { ProblemDto } from '../dto/problem.js';
import { TierPinInput, TierPinnedDto, tierPinned } from '../dto/tier-pin.js';
import { CreatorIdPipe, MemberIdPipe } from '../ids.js';

@ApiTags('members')
@Controller('api/creators/:creator/members/:member/tier-pin')
export class TierPinController {
  constructor(@Inject(CommandBus) private readonly commands: CommandBus) {}

  @Put()
  @ApiOperation({
    summary: "Pins a member's tier from now on, or leaves it to the thresholds again.",
    description:
      'What is so already is no change. Months that ended before keep the tier that they had. ' +
      'The reason is kept for ever: name no person in it.',
  })
  @ApiOkResponse({ type: TierPinnedDto })
  @ApiResponse({ status: 400, description: 'No such tier, or no reason.', type: ProblemDto })
  @ApiResponse({ status: 404, description: 'No such creator or member.', type: ProblemDto })
  async pin(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('member', MemberIdPipe) memberId: string,
    @Body() { tier, reason, dryRun = false }: TierPinInput,
    @Caller() { actor }: Principal,
  ): Promise<TierPinnedDto> {
    const pin = { creatorId, memberId, tier, reason };
    const command = new PinTierCommand(pin, { actor, dryRun });
    const done = await this.commands.execute<PinTierCommand, TierPinnedAnswer>(command);
    return tierPinned({ creatorId, memberId, dryRun }, done);
  }
}
