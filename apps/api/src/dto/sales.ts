/** What a creator sold in a month: of one month alone, and of each month of a range. */
import { ApiProperty } from '@nestjs/swagger';
import { minorToJson, safeNumber } from './numbers.js';

export class SalesDto {
  @ApiProperty({ type: 'integer', description: 'Gross sales, organic and referred.' })
  revenueMinor: number;
  @ApiProperty({ type: 'integer' })
  organicMinor: number;
  @ApiProperty({ type: 'integer' })
  referredMinor: number;
  @ApiProperty({
    type: 'integer',
    description:
      'Refunds and lost disputes of the month, of sales of any; positive, and not taken off the revenue.',
  })
  refundsMinor: number;
  @ApiProperty({ type: 'integer', description: 'First payments of members, organic included.' })
  initialPayments: number;
  @ApiProperty({ type: 'integer' })
  initialMinor: number;
  @ApiProperty({ type: 'integer' })
  recurringPayments: number;
  @ApiProperty({ type: 'integer' })
  recurringMinor: number;
}

/** Its fields, for what a closed month says of them. */
export const SALES = [
  'revenueMinor',
  'organicMinor',
  'referredMinor',
  'refundsMinor',
  'initialPayments',
  'initialMinor',
  'recurringPayments',
  'recurringMinor',
] as const satisfies readonly (keyof SalesDto)[];

export const salesJson = (sales: Readonly<Record<keyof SalesDto, bigint>>): SalesDto => ({
  revenueMinor: minorToJson(sales.revenueMinor),
  organicMinor: minorToJson(sales.organicMinor),
  referredMinor: minorToJson(sales.referredMinor),
  refundsMinor: minorToJson(sales.refundsMinor),
  initialPayments: safeNumber(sales.initialPayments),
  initialMinor: minorToJson(sales.initialMinor),
  recurringPayments: safeNumber(sales.recurringPayments),
  recurringMinor: minorToJson(sales.recurringMinor),
});
