/** What is ordered of a member: a code that was chosen (also by the member), a referrer that was wrong. */
import { Body, Controller, Inject, Param, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/access';
import {
  CorrectReferrerCommand,
  type ReferralCodeSet,
  type ReferrerCorrectedAnswer,
  SetReferralCodeCommand,
} from '#libs/application';
import { Caller } from '../caller.js';
import {
  ReferralCodeInput,
  ReferralCodeSetDto,
  ReferrerCorrectedDto,
  ReferrerInput,
  referralCodeSet,
  referrerCorrected,
} from '../dto/member-orders.js';
import { ProblemDto } from '../dto/problem.js';
import { CreatorIdPipe, MemberIdPipe } from '../ids.js';

@ApiTags('members')
@Controller('api/creators/:creator/members/:member')
export class MemberOrdersController {
  constructor(@Inject(CommandBus) private readonly commands: CommandBus) {}

  @Put('referral-code')
  @ApiOperation({
    summary: 'Gives a member a referral code that was chosen.',
    description:
      'It resolves claims dated after it was set. The codes before it resolve for ever and are ' +
      'never given to another. What is so already is no change. A member may choose no username of ' +
      'another member of its community, and no more than 10 codes.',
  })
  @ApiOkResponse({ type: ReferralCodeSetDto })
  @ApiResponse({ status: 400, description: 'No such code can be.', type: ProblemDto })
  @ApiResponse({ status: 404, description: 'No such creator or member.', type: ProblemDto })
  @ApiResponse({ status: 409, description: "Another's, or looks like it.", type: ProblemDto })
  async setCode(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('member', MemberIdPipe) memberId: string,
    @Body() { code, reason, dryRun = false }: ReferralCodeInput,
    @Caller() { actor, role }: Principal,
  ): Promise<ReferralCodeSetDto> {
    const ordered = { actor, dryRun, ...(reason === undefined ? {} : { reason }) };
    const order = { creatorId, memberId, code, isOwnChoice: role === 'member' };
    const command = new SetReferralCodeCommand(order, ordered);
    const done = await this.commands.execute<SetReferralCodeCommand, ReferralCodeSet>(command);
    return referralCodeSet({ creatorId, memberId, dryRun }, done);
  }

  @Put('referrer')
  @ApiOperation({
    summary: 'Corrects who referred a member, for all of its payments.',
    description:
      'It stands above every claim, told before or after; of several corrections the latest ' +
      'stands. The answer says what the books change, month by month. What is so already is no change.',
  })
  @ApiOkResponse({ type: ReferrerCorrectedDto })
  @ApiResponse({ status: 400, description: 'No such referrer, or no reason.', type: ProblemDto })
  @ApiResponse({ status: 404, description: 'No such creator or member.', type: ProblemDto })
  async correctReferrer(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('member', MemberIdPipe) memberId: string,
    @Body() { referrerId, reason, dryRun = false }: ReferrerInput,
    @Caller() { actor }: Principal,
  ): Promise<ReferrerCorrectedDto> {
    const command = new CorrectReferrerCommand(
      { creatorId, memberId, referrerId, reason },
      { actor, dryRun },
    );
    const done = await this.commands.execute<CorrectReferrerCommand, ReferrerCorrectedAnswer>(
      command,
    );
    return referrerCorrected({ creatorId, memberId, referrerId, dryRun }, done);
  }
}
