/** Tokens on the wire: how one is ordered, how it is listed, and the one time that it is shown. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, Matches, MaxLength } from 'class-validator';
import {
  MAX_LABEL_LENGTH,
  TOKEN_ROLES,
  type Token,
  type TokenOrder,
  type TokenRole,
} from '#libs/access';
import { INSTANT_TEXT, isDay } from '#libs/ledger';
import { IsCreatorId, IsMemberId } from './deliveries.js';
import { MayBeAbsent } from './queries.js';

export class TokenInput {
  @ApiProperty({ enum: TOKEN_ROLES })
  @IsIn(TOKEN_ROLES)
  role: TokenRole;

  @ApiPropertyOptional({
    example: 'biz_4f2a',
    description: 'Of a creator or member; of an auditor who may see that creator alone.',
  })
  @MayBeAbsent()
  @IsCreatorId()
  creatorId?: string;

  @ApiPropertyOptional({ example: 'user_9c1e', description: 'Of a member.' })
  @MayBeAbsent()
  @IsMemberId()
  memberId?: string;

  @ApiPropertyOptional({
    maxLength: MAX_LABEL_LENGTH,
    example: 'accounting export',
    description: 'What it is for. Kept for ever: name no person.',
  })
  @MayBeAbsent()
  @Matches(/^[^\p{Cc}\p{Cs}]+$/u, { message: '$property must be a line of text' })
  @MaxLength(MAX_LABEL_LENGTH)
  label?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Absent: it does not expire.' })
  @MayBeAbsent()
  @Matches(INSTANT_TEXT, { message: '$property must be an instant such as 2027-01-01T00:00:00Z' })
  expiresAt?: string;
}

/** Throws 400 `expiry_invalid` for an instant that does not exist, by way of the ledger. */
export const tokenOrderOf = ({ expiresAt, ...rest }: TokenInput): TokenOrder => ({
  ...rest,
  expiresAt: expiresAt === undefined ? undefined : momentOf(expiresAt),
});

/** NaN for an instant of a day that does not exist: Date.parse would take one of the next month. */
const momentOf = (text: string): number =>
  isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;

export class TokenDto {
  @ApiProperty({
    example: '12',
    description: 'What orders of its holder are recorded under: `token:12`.',
  })
  id: string;
  @ApiProperty({ enum: TOKEN_ROLES })
  role: TokenRole;
  @ApiProperty({ type: String, nullable: true })
  creatorId: string | null;
  @ApiProperty({ type: String, nullable: true })
  memberId: string | null;
  @ApiProperty({ type: String, nullable: true })
  label: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ example: 'admin', description: 'Who made it.' })
  createdBy: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expiresAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'To the minute.' })
  lastUsedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  revokedAt: string | null;
  @ApiProperty({ type: String, nullable: true })
  revokedBy: string | null;
}

export class MadeTokenDto extends TokenDto {
  @ApiProperty({ description: 'The token itself: shown now, and never again.' })
  token: string;
}

export class TokensDto {
  @ApiProperty({
    type: [TokenDto],
    description: 'The newest first; also those that open nothing any more.',
  })
  items: TokenDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

const moment = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString();

export const tokenJson = (token: Token): TokenDto => ({
  id: token.id,
  role: token.role,
  creatorId: token.creatorId,
  memberId: token.memberId,
  label: token.label,
  createdAt: new Date(token.createdAt).toISOString(),
  createdBy: token.createdBy,
  expiresAt: moment(token.expiresAt),
  lastUsedAt: moment(token.lastUsedAt),
  revokedAt: moment(token.revokedAt),
  revokedBy: token.revokedBy,
});
