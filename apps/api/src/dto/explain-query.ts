/** What may be asked of a figure that is to be explained. */
import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Matches, Max, MaxLength, Min, ValidateBy } from 'class-validator';
import type { CountedPlace, ExplainAsked, FigureState } from '#libs/application';
import { isCurrency } from '#libs/ledger';
import { decodeCursor, encodeCursor } from './cursor.js';
import { STATES } from './explain.js';
import { Digits, IsMonth, MonthQuery, PageQuery } from './queries.js';

const MAX_NAME_LENGTH = 100;
const MAX_VERSION = 1_000_000;
/** Names the row of what has no currency. */
const NO_CURRENCY = 'none';
const DAY = /^(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

export class ExplainQuery extends IntersectionType(PageQuery, MonthQuery) {
  @ApiPropertyOptional({
    example: 'monthlyReferrals',
    description: 'As the field that shows it is called. Absent: what can be explained is listed.',
  })
  @IsOptional()
  @MaxLength(MAX_NAME_LENGTH)
  @Matches(/^[A-Za-z]+$/, { message: '$property must be the name of a figure' })
  figure?: string;

  @ApiPropertyOptional({ example: '2026-03-14', description: 'Of earnings: a day of theirs.' })
  @IsOptional()
  @Matches(DAY, { message: '$property must be a day, YYYY-MM-DD' })
  day?: string;

  @ApiPropertyOptional({
    example: '2026-03-14',
    description: 'Of referrals and signUps of a creator: the days of its month up to this one.',
  })
  @IsOptional()
  @Matches(DAY, { message: '$property must be a day, YYYY-MM-DD' })
  throughDay?: string;

  @ApiPropertyOptional({
    example: 'usd',
    description:
      "Absent: the creator's, and of counts all of them; `none`: the row of what has no currency.",
  })
  @IsOptional()
  @ValidateBy({
    name: 'isCurrency',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && (value === NO_CURRENCY || isCurrency(value)),
      defaultMessage: () => '$property must be a lower-case ISO 4217 code such as usd, or none',
    },
  })
  currency?: string;

  @ApiPropertyOptional({
    enum: STATES,
    default: 'known',
    description:
      'As now known; as a version of the closed month states it; or known and not stated yet.',
  })
  @IsOptional()
  @IsIn(STATES)
  state?: FigureState;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'Absent: the latest.' })
  @IsOptional()
  @Digits()
  @IsInt()
  @Min(1)
  @Max(MAX_VERSION)
  version?: number;

  @ApiPropertyOptional({
    example: '2026-02',
    description: 'The earlier month of which the closed one carries something.',
  })
  @IsOptional()
  @IsMonth()
  origin?: string;

  @ApiPropertyOptional({ example: 'pay_7d3b', description: 'Payment, refund or dispute.' })
  @IsOptional()
  @MaxLength(MAX_NAME_LENGTH)
  @Matches(/^[\w-]+$/, { message: '$property must be the id of a payment, refund or dispute' })
  source?: string;
}

/** What the query asks of a subject. Throws 400 `cursor_invalid`. */
export function explainAsked(
  subject: Pick<ExplainAsked, 'creatorId' | 'memberId'>,
  figure: string,
  query: ExplainQuery,
): ExplainAsked {
  const { currency, source: sourceId, month, day, throughDay, state, version, origin } = query;
  const { limit, cursor } = query;
  const place = decodeCursor(cursor, ['integer', 'text', 'text', 'text']);
  return {
    ...subject,
    ...{ figure, month, day, throughDay, state, version, origin, sourceId, limit },
    currency: currency === NO_CURRENCY ? '' : currency,
    after: place && { at: place[0], sourceId: place[1], kind: place[2], memberId: place[3] },
  };
}

export const explainCursor = ({ at, sourceId, kind, memberId }: CountedPlace): string =>
  encodeCursor([at, sourceId, kind, memberId]);
