/** Figures of months in one currency: those of the creator, and those of members as referrers. */
import { ApiProperty } from '@nestjs/swagger';
import type { CarriedAmounts, InCurrency, SealedVersion, SnapshotTotals } from '#libs/application';
import type { CreatorFigure, ReferrerFigure } from '#libs/ledger';
import { instantToJson } from './figures.js';
import { safeNumber } from './numbers.js';

const integer = (description?: string): PropertyDecorator =>
  ApiProperty({ type: 'integer', ...(description === undefined ? {} : { description }) });

export class CreatorAmountsDto {
  @ApiProperty({ type: String, nullable: true, example: 'usd', description: 'Null: sign-ups.' })
  currency: string | null;
  @integer('Referred members who signed up.')
  signUps: number;
  @integer('Conversions.')
  referrals: number;
  @integer('Conversions whose first payment was brought to zero.')
  reversedReferrals: number;
  @integer('Gross sales, organic and referred.')
  revenueMinor: number;
  @integer()
  organicPayments: number;
  @integer()
  organicMinor: number;
  @integer()
  referredPayments: number;
  @integer()
  referredMinor: number;
  @integer('First payments of members, organic included.')
  initialPayments: number;
  @integer()
  initialMinor: number;
  @integer()
  recurringPayments: number;
  @integer()
  recurringMinor: number;
  @integer('Positive; not taken off the revenue.')
  refundsMinor: number;
  @integer("The creator's shares, net of reversals.")
  creatorMinor: number;
}

export class ReferrerAmountsDto {
  @ApiProperty({ example: 'usd' })
  currency: string;
  @integer()
  referrals: number;
  @integer()
  reversedReferrals: number;
  @integer('Member shares of sales.')
  earnedMinor: number;
  @integer('Of them taken back; positive.')
  reversedMinor: number;
  @integer('Net: may be negative.')
  earningsMinor: number;
}

export class CarriedCreatorDto extends CreatorAmountsDto {
  @ApiProperty({ example: '2026-02', description: 'The month that the figures belong to.' })
  origin: string;
}
export class CarriedReferrersDto extends ReferrerAmountsDto {
  @ApiProperty({ example: '2026-02', description: 'The month that the figures belong to.' })
  origin: string;
}

type CreatorNumbers = Record<CreatorFigure, number>;
export const creatorAmountsJson = ({
  currency,
  amounts,
}: InCurrency<CreatorFigure>): CreatorAmountsDto => ({
  currency: currency === '' ? null : currency,
  ...(numbersOf(amounts) as CreatorNumbers),
  revenueMinor: safeNumber(amounts.organicMinor + amounts.referredMinor),
});

export const referrerAmountsJson = ({
  currency,
  amounts,
}: InCurrency<ReferrerFigure>): ReferrerAmountsDto => ({
  currency,
  ...(numbersOf(amounts) as Record<ReferrerFigure, number>),
  earningsMinor: safeNumber(amounts.earnedMinor - amounts.reversedMinor),
});

const numbersOf = (amounts: Readonly<Record<string, bigint>>): Record<string, number> =>
  Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, safeNumber(value)]));

export class SnapshotTotalsDto {
  @integer('Signed up by the end of the month.')
  members: number;
  @integer('Conversions by the end of the month.')
  totalReferrals: number;
  @ApiProperty({ type: [CreatorAmountsDto], description: "The month's own, by currency." })
  creator: CreatorAmountsDto[];
  @ApiProperty({ type: [ReferrerAmountsDto], description: 'Of all members together.' })
  referrers: ReferrerAmountsDto[];
  @ApiProperty({ type: [CarriedCreatorDto], description: 'Learned late of earlier months.' })
  carriedCreator: CarriedCreatorDto[];
  @ApiProperty({ type: [CarriedReferrersDto] })
  carriedReferrers: CarriedReferrersDto[];
}

export const totalsJson = (totals: SnapshotTotals): SnapshotTotalsDto => ({
  members: safeNumber(totals.members),
  totalReferrals: safeNumber(totals.totalReferrals),
  creator: totals.creator.map(creatorAmountsJson),
  referrers: totals.referrers.map(referrerAmountsJson),
  carriedCreator: totals.carriedCreator.map((one: CarriedAmounts<CreatorFigure>) => ({
    origin: one.origin,
    ...creatorAmountsJson(one),
  })),
  carriedReferrers: totals.carriedReferrers.map((one) => ({
    origin: one.origin,
    ...referrerAmountsJson(one),
  })),
});

export class SealedVersionDto {
  @integer()
  version: number;
  @ApiProperty({ description: 'SHA-256 over the canonical lines, in hex.' })
  digest: string;
  @integer('Every event up to it is in the figures, none after it.')
  throughPosition: number;
  @ApiProperty({ format: 'date-time' })
  sealedAt: string;
  @ApiProperty({ description: 'The stream of its pages.' })
  snapshot: string;
  @integer()
  lines: number;
  @ApiProperty({ format: 'date-time', description: 'First instant of the month.' })
  from: string;
  @ApiProperty({ format: 'date-time', description: 'First instant after it.' })
  to: string;
  @ApiProperty({ example: 'America/New_York' })
  timeZone: string;
  @ApiProperty({ example: '2025b', description: 'Version of the time-zone database.' })
  tzVersion: string;
  @ApiProperty({ description: 'Closed before its grace was over.' })
  forced: boolean;
  @ApiProperty({ type: String, nullable: true })
  reason: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Digest of the version before.' })
  replaces: string | null;
  @ApiProperty({ type: SnapshotTotalsDto })
  totals: SnapshotTotalsDto;
}

export const sealedVersionJson = (sealed: SealedVersion): SealedVersionDto => ({
  version: sealed.version,
  digest: sealed.digest,
  throughPosition: safeNumber(sealed.throughPosition),
  sealedAt: instantToJson(sealed.sealedAt),
  snapshot: sealed.snapshot,
  lines: sealed.lines,
  from: instantToJson(sealed.from),
  to: instantToJson(sealed.to),
  timeZone: sealed.timeZone,
  tzVersion: sealed.tzVersion,
  forced: sealed.forced,
  reason: sealed.reason,
  replaces: sealed.replaces,
  totals: totalsJson(sealed.totals),
});
