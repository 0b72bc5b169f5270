/** Tokens of the interface: an admin makes them, sees what they were used for, and ends them. */
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import {
  createToken,
  type Principal,
  revokeToken,
  type TokenAuthenticator,
  tokensOf,
} from '#libs/access';
import type { Database } from '#libs/database';
import type { Clock } from '#libs/ledger';
import { Caller } from '../caller.js';
import { decodeCursor, encodeCursor } from '../dto/cursor.js';
import { ProblemDto } from '../dto/problem.js';
import { PageQuery } from '../dto/queries.js';
import {
  MadeTokenDto,
  TokenDto,
  TokenInput,
  TokensDto,
  tokenJson,
  tokenOrderOf,
} from '../dto/tokens.js';

/** Nest token of TokenParts. */
export const TOKEN_PARTS = Symbol('TOKEN_PARTS');

export interface TokenParts {
  readonly db: Database;
  readonly tokens: Pick<TokenAuthenticator, 'forgetAll'>;
  /** The real clock: tokens expire by it. */
  readonly clock: Clock;
}

@ApiTags('access')
@Controller('api/admin/tokens')
export class TokensController {
  constructor(@Inject(TOKEN_PARTS) private readonly parts: TokenParts) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Makes a token: the answer holds it, and nothing else ever will.',
    description:
      'Of a creator, a member (who name the creator and the member), an auditor (of all, or of one ' +
      'creator), the cron or an admin. Kept is its SHA-256.',
  })
  @ApiCreatedResponse({ type: MadeTokenDto })
  @ApiResponse({ status: 400, description: 'scope_invalid, expiry_invalid', type: ProblemDto })
  async make(@Body() input: TokenInput, @Caller() { actor }: Principal): Promise<MadeTokenDto> {
    const { db, clock } = this.parts;
    const { text, token } = await createToken(db, tokenOrderOf(input), { actor, now: clock.now() });
    return { ...tokenJson(token), token: text };
  }

  @Get()
  @ApiOperation({
    summary: 'Every token that was ever made: whose, by whom, when it was last used.',
  })
  @ApiOkResponse({ type: TokensDto })
  async list(@Query() { limit, cursor }: PageQuery): Promise<TokensDto> {
    const [before] = decodeCursor(cursor, ['bigint']) ?? [];
    const { items, next } = await tokensOf(this.parts.db, { limit, before });
    return {
      items: items.map(tokenJson),
      nextCursor: next === undefined ? null : encodeCursor([next]),
    };
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Revokes a token: here at once, in every other process within 2 seconds.',
    description: 'For ever. What is revoked already stays as it is.',
  })
  @ApiOkResponse({ type: TokenDto })
  @ApiResponse({ status: 404, description: 'token_not_found', type: ProblemDto })
  async revoke(@Param('id') id: string, @Caller() { actor }: Principal): Promise<TokenDto> {
    const { db, tokens, clock } = this.parts;
    const { token } = await revokeToken(db, id, { actor, now: clock.now() });
    tokens.forgetAll();
    return tokenJson(token);
  }
}
