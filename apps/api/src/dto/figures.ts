/** What every answer with figures carries: the position it was answered from, and whose calendar. */
import type { Type } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { safeNumber } from './numbers.js';

export class AsOfDto {
  @ApiProperty({ type: 'integer', description: 'Position in the log; 0 when it is empty.' })
  position: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  recordedAt: string | null;
}

/** `recordedAt` in unix milliseconds; 0 before the first event. */
export const asOfJson = (asOf: { position: bigint; recordedAt: number }): AsOfDto => ({
  position: safeNumber(asOf.position),
  recordedAt: asOf.recordedAt === 0 ? null : new Date(asOf.recordedAt).toISOString(),
});

/** Whole unix seconds as ISO 8601 in UTC. */
export const instantToJson = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

export const instantOrNull = (seconds: number | null): string | null =>
  seconds === null ? null : instantToJson(seconds);

/** The two fields of FiguresDto. */
export const framed = (answer: {
  asOf: { position: bigint; recordedAt: number };
  period: { timeZone: string };
}): FiguresDto => ({ asOf: asOfJson(answer.asOf), timeZone: answer.period.timeZone });

/** Extend it for every response with figures. */
export class FiguresDto {
  @ApiProperty({ type: AsOfDto })
  asOf: AsOfDto;
  @ApiProperty({ example: 'America/New_York' })
  timeZone: string;
}

export interface Page<Item> extends FiguresDto {
  items: Item[];
  nextCursor: string | null;
}

/** `class ReferralsDto extends pageOf(ReferralDto) {}` */
export function pageOf<Item>(item: Type<Item>): Type<Page<Item>> {
  class PageDto extends FiguresDto implements Page<Item> {
    @ApiProperty({ type: [item] })
    items: Item[];
    @ApiProperty({ type: String, nullable: true, description: 'Absent on the last page: null.' })
    nextCursor: string | null;
  }
  return PageDto;
}
