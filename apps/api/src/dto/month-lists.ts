/** Members of a month: as a version states them, and where that is not what is known. */
import { ApiProperty, IntersectionType } from '@nestjs/swagger';
import type { Drifted, SealedMember } from '#libs/application';
import { REFERRER_FIGURES } from '#libs/ledger';
import { pageOf } from './figures.js';
import { ReferrerAmountsDto, referrerAmountsJson } from './month-figures.js';
import { SnapshotQuery } from './months.js';
import { safeNumber } from './numbers.js';
import { PageQuery } from './queries.js';
import { NamedDto } from './referrals.js';

export class SealedMembersQuery extends IntersectionType(SnapshotQuery, PageQuery) {}

class SealedFiguresDto extends ReferrerAmountsDto {
  @ApiProperty({ example: '2026-03', description: 'An earlier one than the month’s own: carried.' })
  month: string;
}

export class SealedMemberDto extends NamedDto {
  @ApiProperty({ type: 'integer', nullable: true, description: 'Null: had referred nobody.' })
  rank: number | null;
  @ApiProperty({ example: 'Gold' })
  tier: string;
  @ApiProperty({ description: "True: the tier was an admin's order." })
  pinned: boolean;
  @ApiProperty({ type: 'integer', description: 'As of the end of the month.' })
  totalReferrals: number;
  @ApiProperty({ type: [SealedFiguresDto], description: 'Empty: nothing but the standing.' })
  figures: SealedFiguresDto[];
}

export class SealedMembersDto extends pageOf(SealedMemberDto) {
  @ApiProperty({ example: '2026-03' })
  month: string;
  @ApiProperty({ type: 'integer' })
  version: number;
  @ApiProperty({ description: 'SHA-256 over the canonical lines of the version, in hex.' })
  digest: string;
}

export const sealedMemberJson = (one: SealedMember): SealedMemberDto => ({
  memberId: one.memberId,
  name: one.name,
  rank: one.rank === null ? null : safeNumber(one.rank),
  tier: one.tier,
  pinned: one.pinned,
  totalReferrals: safeNumber(one.totalReferrals),
  figures: one.figures.map((figures) => ({
    month: figures.origin,
    ...referrerAmountsJson(figures),
  })),
});

export class DriftedDto extends NamedDto {
  @ApiProperty({ example: 'usd' })
  currency: string;
  @ApiProperty({ type: ReferrerAmountsDto, description: 'By the latest version of the month.' })
  sealed: ReferrerAmountsDto;
  @ApiProperty({ type: ReferrerAmountsDto, description: 'By later closes.' })
  carried: ReferrerAmountsDto;
  @ApiProperty({ type: ReferrerAmountsDto, description: 'As now known.' })
  known: ReferrerAmountsDto;
  @ApiProperty({ type: ReferrerAmountsDto, description: 'Known, less sealed and carried.' })
  difference: ReferrerAmountsDto;
}

export class DriftDto extends pageOf(DriftedDto) {
  @ApiProperty({ example: '2026-03' })
  month: string;
}

export const driftedJson = ({
  memberId,
  name,
  currency,
  sealed,
  carried,
  known,
}: Drifted): DriftedDto => {
  const of = (amounts: Drifted['known']) => referrerAmountsJson({ currency, amounts });
  const difference = Object.fromEntries(
    REFERRER_FIGURES.map((figure) => [figure, known[figure] - sealed[figure] - carried[figure]]),
  ) as Drifted['known'];
  return {
    ...{ memberId, name, currency },
    sealed: of(sealed),
    carried: of(carried),
    known: of(known),
    difference: of(difference),
  };
};
