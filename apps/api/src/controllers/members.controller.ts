/** What may be asked about the members of a creator. */
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { membersOf, ReadSide, referralsOfMember, statsOfMember } from '#libs/application';
import { framed } from '../dto/figures.js';
import {
  MemberDto,
  MemberStatsDto,
  MemberStatsQuery,
  MembersDto,
  MembersQuery,
  memberItem,
  memberJson,
  memberStatsJson,
  sortCursor,
  sortPlace,
} from '../dto/members.js';
import { MemberReferralsQuery, ReferralsDto, referral } from '../dto/referrals.js';
import { CreatorIdPipe, MemberIdPipe } from '../ids.js';
import { timeCursor, timePlace } from './creators.controller.js';

@ApiTags('members')
@Controller('api/creators/:creator/members')
export class MembersController {
  constructor(@Inject(ReadSide) private readonly reads: ReadSide) {}

  @Get()
  @ApiOperation({ summary: 'Members, with their referrer and present total and tier.' })
  @ApiOkResponse({ type: MembersDto })
  async list(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Query() query: MembersQuery,
  ): Promise<MembersDto> {
    const { q, tier, sort, limit } = query;
    const asked = { creatorId, q, tier, sort, limit, after: sortPlace(query) };
    const found = await membersOf(this.reads, asked);
    return {
      items: found.items.map(memberItem),
      nextCursor: found.next === undefined ? null : sortCursor(sort, found.next),
      ...framed(found),
    };
  }

  @Get(':member')
  @ApiOperation({ summary: 'A member, with their referrer and present total, tier and rank.' })
  @ApiOkResponse({ type: MemberDto })
  async read(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('member', MemberIdPipe) memberId: string,
  ): Promise<MemberDto> {
    return memberJson(await statsOfMember(this.reads, { creatorId, memberId }));
  }

  @Get(':member/stats')
  @ApiOperation({
    summary: 'The figures of a member: of a month, and totals, tier and rank as of its end.',
  })
  @ApiOkResponse({ type: MemberStatsDto })
  async stats(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('member', MemberIdPipe) memberId: string,
    @Query() { month, currency }: MemberStatsQuery,
  ): Promise<MemberStatsDto> {
    return memberStatsJson(
      await statsOfMember(this.reads, { creatorId, memberId, month, currency }),
    );
  }

  @Get(':member/referrals')
  @ApiOperation({ summary: 'Those whom a member referred, latest news first.' })
  @ApiOkResponse({ type: ReferralsDto })
  async referrals(
    @Param('creator', CreatorIdPipe) creatorId: string,
    @Param('member', MemberIdPipe) memberId: string,
    @Query() { status, limit, cursor }: MemberReferralsQuery,
  ): Promise<ReferralsDto> {
    const after = timePlace(cursor);
    const asked = { creatorId, memberId, status, limit, after };
    const found = await referralsOfMember(this.reads, asked);
    return {
      items: found.items.map(referral),
      nextCursor: timeCursor(found.next),
      ...framed(found),
    };
  }
}
