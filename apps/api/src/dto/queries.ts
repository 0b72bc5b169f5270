/** Query parameters that several routes share, and what they refuse. */
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import { MAX_MONTHS } from '#libs/application';
import { isCurrency } from '#libs/ledger';

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 500;
export const MAX_CURSOR_LENGTH = 512;

/** `YYYY-MM`, a month that exists. */
export const MONTH = /^(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])$/;
/** Only plain digits become a number: `1e2`, ` 7` and repeated parameters stay what they are, and are refused. */
const digits = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

/** An integer parameter of a query. */
export const Digits = (): PropertyDecorator => Transform(digits);

export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
  @Digits()
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit: number = DEFAULT_LIMIT;

  @ApiPropertyOptional({ description: 'The nextCursor of the page before. Opaque.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR_LENGTH)
  cursor?: string;
}

/** `@IsMonth()`: a string `YYYY-MM`. */
export const IsMonth = (): PropertyDecorator =>
  Matches(MONTH, { message: '$property must be a month, YYYY-MM' });

export class MonthQuery {
  @ApiPropertyOptional({ example: '2026-03', description: 'Absent: the current month.' })
  @IsOptional()
  @IsMonth()
  month?: string;
}

export class MonthParams {
  @IsMonth()
  month: string;
}

/** `@IsCurrency()`: one that the ledger lists, so that a slip of the pen is no zero. */
export const IsCurrency = (): PropertyDecorator =>
  ValidateBy({
    name: 'isCurrency',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isCurrency(value),
      defaultMessage: () => '$property must be a lower-case ISO 4217 code such as usd',
    },
  });

/** May be absent, but not null: null is no value of anything here. */
export const MayBeAbsent = (): PropertyDecorator =>
  ValidateIf((_, value: unknown) => value !== undefined);

export class CurrencyQuery {
  @ApiPropertyOptional({ example: 'usd', description: "Absent: the creator's." })
  @IsOptional()
  @IsCurrency()
  currency?: string;
}

const FORMATS = ['json', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** For lists that are CSV too. */
export class FormatQuery {
  @ApiPropertyOptional({
    enum: FORMATS,
    description:
      'csv: the whole list, however long, as of one position (also `accept: text/csv`); ' +
      'without limit and cursor.',
  })
  @IsOptional()
  @IsIn(FORMATS)
  format?: Format;
}

/** Nothing is older: a range that ends in the year 0 begins in none. */
const DAY_OR_MONTH = /^(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$/;

/** Ends of a range, both included; the ledger judges them further. */
export class RangeQuery {
  @ApiPropertyOptional({
    example: '2026-01',
    description:
      'First month (or day, by day). Absent: the 12 months up to the last, or the month.',
  })
  @IsOptional()
  @Matches(DAY_OR_MONTH, { message: '$property must be a month, YYYY-MM, or a day, YYYY-MM-DD' })
  from?: string;

  @ApiPropertyOptional({
    example: '2026-03',
    description: 'Last month (or day, by day), not after the current month. Absent: the current.',
  })
  @IsOptional()
  @Matches(DAY_OR_MONTH, { message: '$property must be a month, YYYY-MM, or a day, YYYY-MM-DD' })
  to?: string;
}

const DEFAULT_GROWTH_MONTHS = 6;

export class MonthsQuery extends FormatQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_MONTHS,
    default: DEFAULT_GROWTH_MONTHS,
    description: 'How many; the last is the current one.',
  })
  @Digits()
  @IsInt()
  @Min(1)
  @Max(MAX_MONTHS)
  months: number = DEFAULT_GROWTH_MONTHS;
}
