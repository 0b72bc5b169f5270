/** Signing in: what is shown, who that is, and links that let somebody in once. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength, MinLength } from 'class-validator';
import { LINK_ROLES, type LinkRole, type MadeLink, type Principal, ROLES } from '#libs/access';
import { MayBeAbsent } from './queries.js';

const MAX_SHOWN = 1024;
const MAX_ID = 80;
const PROOFS = ['configured', 'token', 'session', 'jwt'] as const;

export class SignInInput {
  @ApiPropertyOptional({
    description: 'The admin’s token, or one that was made; not that of an issuer.',
    maxLength: MAX_SHOWN,
  })
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_SHOWN)
  token?: string;

  @ApiPropertyOptional({
    description: 'The code of a one-time link: what stands behind its #.',
    maxLength: MAX_SHOWN,
  })
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_SHOWN)
  link?: string;
}

export class MeDto {
  @ApiProperty({ enum: ROLES.filter((role) => role !== 'anonymous') })
  role: string;
  @ApiProperty({ type: String, nullable: true, example: 'biz_4f2a' })
  creatorId: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'user_9c1e' })
  memberId: string | null;
  @ApiProperty({ description: 'What events record of it.', example: 'token:7' })
  actor: string;
  @ApiProperty({ enum: PROOFS, description: 'What said so.' })
  by: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Ends then at the latest; null: when somebody ends it.',
  })
  expiresAt: string | null;
}

export const meJson = (principal: Principal): MeDto => ({
  role: principal.role,
  creatorId: principal.creatorId ?? null,
  memberId: principal.memberId ?? null,
  actor: principal.actor,
  by: principal.by,
  expiresAt: principal.expiresAt === undefined ? null : isoOf(principal.expiresAt),
});

export class SignInLinkInput {
  @ApiProperty({ enum: LINK_ROLES, enumName: 'SignInRole' })
  @IsIn(LINK_ROLES)
  role: LinkRole;

  @ApiPropertyOptional({ description: 'Of a creator, a member, or an auditor of one creator.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_ID)
  creatorId?: string;

  @ApiPropertyOptional({ description: 'Of a member.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_ID)
  memberId?: string;
}

export class SignInLinkDto {
  @ApiProperty({ description: 'Part of what events record of whoever uses it.' })
  id: string;
  @ApiProperty({
    example: 'http://127.0.0.1:4310/sign-in#q0P…',
    description: 'Said once. Opens a session once, until `expiresAt`.',
  })
  url: string;
  @ApiProperty({ enum: LINK_ROLES, enumName: 'SignInRole' })
  role: LinkRole;
  @ApiProperty({ type: String, nullable: true })
  creatorId: string | null;
  @ApiProperty({ type: String, nullable: true })
  memberId: string | null;
  @ApiProperty({ type: String, format: 'date-time' })
  expiresAt: string;
}

export const signInLinkJson = (
  { role, creatorId, memberId }: SignInLinkInput,
  { id, expiresAt }: MadeLink,
  url: string,
): SignInLinkDto => ({
  id,
  url,
  role,
  creatorId: creatorId ?? null,
  memberId: memberId ?? null,
  expiresAt: isoOf(expiresAt),
});

const isoOf = (ms: number): string => new Date(ms).toISOString();
