/** What may be asked about the members of a creator. */
import { Controller, Get, Inject, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  exportMembers,
  exportReferralsOfMember,
  membersOf,
  ReadSide,
  referralsOfMember,
  statsOfMember,
} from '#libs/application';
import { framed } from '../dto/figures.js';
import {
  MemberDto,
  MemberStatsDto,
  MemberStatsQuery,
  MembersDto,
  MembersQuery,
  memberColumns,
  memberItem,
  memberJson,
  memberStatsJson,
  sortCursor,
  sortPlace,
} from '../dto/members.js';
import { MemberReferralsQuery, ReferralsDto, referral, referralColumns } from '../dto/referrals.js';
import { csvFile, wantsCsv } from '../exports.js';
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
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MembersDto | StreamableFile> {
    const { q, tier, sort, limit } = query;
    const pinned = query.pinned === undefined ? undefined : query.pinned === 'true';
    const asked = { creatorId, q, tier, pinned, sort };
    if (wantsCsv(reply, query.format)) {
      const all = await exportMembers(this.reads, asked);
      return csvFile(reply, all, memberColumns, memberItem, [creatorId, 'members']);
    }
    const found = await membersOf(this.reads, asked, { limit, after: sortPlace(query) });
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
    @Query() { status, limit, cursor, format }: MemberReferralsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReferralsDto | StreamableFile> {
    const asked = { creatorId, memberId, status };
    if (wantsCsv(reply, format)) {
      const all = await exportReferralsOfMember(this.reads, asked);
      const name = [creatorId, memberId, 'referrals', status];
      return csvFile(reply, all, referralColumns, referral, name);
    }
    const after = timePlace(cursor);
    const found = await referralsOfMember(this.reads, asked, { limit, after });
    return {
      items: found.items.map(referral),
      nextCursor: timeCursor(found.next),
      ...framed(found),
    };
  }
}
