/** What stands beside the figures of a closed month: its latest version, by the same names. */

import type { Type } from '@nestjs/common';
import { ApiProperty, IntersectionType, PickType } from '@nestjs/swagger';
import { safeNumber } from './numbers.js';

export class AsClosedDto {
  @ApiProperty({ type: 'integer', description: 'The latest version of the closed month.' })
  version: number;
  @ApiProperty({ description: 'Of its snapshot: SHA-256, in hex.' })
  digest: string;
}

/** The fields of an answer that a closed month states too. Name it by a class, for the documentation. */
export const asClosedOf = <T, K extends keyof T & string>(
  figures: Type<T>,
  fields: readonly K[],
): Type<AsClosedDto & Pick<T, K>> =>
  IntersectionType(
    AsClosedDto,
    PickType(figures as Type<Record<K, unknown>>, fields),
  ) as unknown as Type<AsClosedDto & Pick<T, K>>;

type InJson<T> = {
  [K in keyof T]: T[K] extends bigint | undefined ? Exclude<T[K], bigint> | number : T[K];
};

/** Counts and amounts as integers. `{}` for a month that is not closed. */
export const withAsClosed = <T extends object>(
  asClosed: T | undefined,
): { asClosed?: InJson<T> } => {
  if (asClosed === undefined) return {};
  const entries = Object.entries(asClosed).map(([name, value]) => [
    name,
    typeof value === 'bigint' ? safeNumber(value) : value,
  ]);
  return { asClosed: Object.fromEntries(entries) as InJson<T> };
};
