/** An admin says whose a membership is, through the command bus. */
import { Body, Controller, Inject, Param, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/access';
import { AssignMembershipCommand, type MembershipAssignedAnswer } from '#libs/application';
import { Caller } from '../caller.js';
import { AssignmentInput, MembershipAssignedDto, membershipAssigned } from '../dto/memberships.js';
import { ProblemDto } from '../dto/problem.js';
import { CreatorIdPipe, MembershipIdPipe } from '../ids.js';

@ApiTags('members')
@Controller('api/creators/:creator/memberships/:membership/person')
export class MembershipsController {
  constructor(@Inject(CommandBus) private readonly commands: CommandBus) {}

  @Put()
  @ApiOperation({
    summary: 'Says whose a membership is: parked deliveries that name only it are booked.',
    description:
      'For ever: payments are not moved from one person to another. What deliveries say of the ' +
      'person stands. What is so already is no change.',
  })
  @ApiOkResponse({ type: MembershipAssignedDto })
  @ApiResponse({
    status: 400,
    description: 'No such person can be, or no reason.',
    type: ProblemDto,
  })
  @ApiResponse({ status: 404, description: 'No such creator.', type: ProblemDto })
  @ApiResponse({ status: 409, description: 'It belongs to another.', type: ProblemDto })
  async assign(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('membership', MembershipIdPipe) membershipId: string,
    @Body() { userId, reason, dryRun = false }: AssignmentInput,
    @Caller() { actor }: Principal,
  ): Promise<MembershipAssignedDto> {
    const command = new AssignMembershipCommand(
      { creatorId, membershipId, userId, reason },
      { actor, dryRun },
    );
    const done = await this.commands.execute<AssignMembershipCommand, MembershipAssignedAnswer>(
      command,
    );
    return membershipAssigned({ creatorId, membershipId, userId, dryRun }, done);
  }
}
