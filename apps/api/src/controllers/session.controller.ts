/** Signing in and out of a browser, who one is, and links that let somebody in once. */
import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type Authenticator,
  type OpenedSession,
  type Principal,
  type Sessions,
  SIGN_IN_PATH,
  type SignInLinks,
} from '#libs/access';
import type { Clock } from '#libs/ledger';
import { Caller } from '../caller.js';
import { ProblemDto } from '../dto/problem.js';
import {
  MeDto,
  meJson,
  SignInInput,
  SignInLinkDto,
  SignInLinkInput,
  signInLinkJson,
} from '../dto/session.js';
import { type OwnOrigins, refuseOtherPage, requireOwnPage } from '../origin.js';
import { Problem } from '../problem.js';
import { clearSessionCookie, sessionCookies, setSessionCookie } from '../session-cookie.js';

export const SIGN_IN = Symbol('SignIn');

export interface SignIn {
  readonly sessions: Sessions;
  readonly links: SignInLinks;
  /** Of the tokens with which one may sign in. */
  readonly tokens: Authenticator;
  readonly own: OwnOrigins;
  /** The cookie goes over encrypted connections only. */
  readonly secure: boolean;
  /** The real one. */
  readonly clock: Clock;
}

@ApiTags('access')
@Controller('api')
export class SessionController {
  constructor(@Inject(SIGN_IN) private readonly signIn: SignIn) {}

  @Get('me')
  @ApiOperation({ summary: 'Who calls, and until when.' })
  @ApiOkResponse({ type: MeDto })
  me(@Caller() caller: Principal): MeDto {
    return meJson(caller);
  }

  @Post('session')
  @ApiOperation({
    summary: 'Signs a browser in with a token or the code of a one-time link.',
    description:
      'Sets the cookie `flywheel_session` (HttpOnly, SameSite=Strict), which is good for 12 hours, ' +
      'and for 2 hours without a request. Whatever session the browser had ends. 401 ' +
      '`sign_in_refused` for all that opens nothing: unknown, used, expired or revoked.',
  })
  @ApiCreatedResponse({ type: MeDto })
  @ApiResponse({ status: 401, description: 'It opens nothing.', type: ProblemDto })
  @ApiResponse({ status: 403, description: 'From a page of somebody else.', type: ProblemDto })
  async open(
    @Body() { token, link }: SignInInput,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MeDto> {
    const { own, sessions, clock, secure } = this.signIn;
    refuseOtherPage(request, own);
    const opened = await this.#opened(token, link);
    if (opened === undefined) throw signInRefused();
    // What was there before is not built upon: nobody can leave a session for somebody else to use.
    await Promise.all(sessionCookies(request).map((secret) => sessions.end(secret)));
    const { secret, principal, expiresAt } = opened;
    setSessionCookie(reply, secret, { maxAgeMs: expiresAt - clock.now(), secure });
    return meJson(principal);
  }

  @Delete('session')
  @HttpCode(204)
  @ApiOperation({ summary: 'Signs the browser out; without a session there is nothing to end.' })
  @ApiNoContentResponse({ description: 'Signed out.' })
  @ApiResponse({ status: 403, description: 'From a page of somebody else.', type: ProblemDto })
  async end(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { own, sessions, secure } = this.signIn;
    // All of them: a neighbour of the same host may have left a second one beside ours.
    const secrets = sessionCookies(request).filter((secret) => secret !== '');
    if (secrets.length === 0) return;
    requireOwnPage(request, own);
    await Promise.all(secrets.map((secret) => sessions.end(secret)));
    clearSessionCookie(reply, secure);
  }

  @Post('admin/sign-in-links')
  @ApiOperation({
    summary: 'Makes a link that signs somebody in once.',
    description:
      'Good for 15 minutes. Its code stands behind the #, which browsers send to no server. What ' +
      'it opens ends with the token that its maker showed.',
  })
  @ApiCreatedResponse({ type: SignInLinkDto })
  @ApiResponse({
    status: 400,
    description: '`scope_invalid`: ids that do not fit the role.',
    type: ProblemDto,
  })
  @ApiResponse({ status: 403, description: 'With a token of an issuer.', type: ProblemDto })
  async link(
    @Body() input: SignInLinkInput,
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
  ): Promise<SignInLinkDto> {
    const { links, own } = this.signIn;
    // It ends within minutes, and nothing could end what it opened: no session, and no link either.
    if (caller.by === 'jwt')
      throw new Problem(403, 'forbidden', 'A signed token of an issuer makes no sign-in links.');
    const made = await links.make(input, caller);
    const [origin = ''] = own(request);
    return signInLinkJson(input, made, `${origin}${SIGN_IN_PATH}#${made.code}`);
  }

  /** Throws 400 `input_invalid` unless exactly one is shown. */
  async #opened(token?: string, link?: string): Promise<OpenedSession | undefined> {
    if ((token === undefined) === (link === undefined))
      throw new Problem(400, 'input_invalid', 'Send either `token` or `link`.', {
        errors: [{ field: 'token', message: 'either token or link' }],
      });
    if (link !== undefined) return this.signIn.links.use(link);
    const principal = await this.signIn.tokens({ bearer: token });
    if (principal === undefined || principal.role === 'anonymous') return undefined;
    // The cron's secret is for a program that has it anyway.
    if (principal.role === 'cron') return undefined;
    return this.signIn.sessions.open({ ...principal, bound: principal.by === 'configured' });
  }
}

const signInRefused = (): Problem =>
  new Problem(
    401,
    'sign_in_refused',
    'This opens nothing. A link works once and for 15 minutes; a token until it expires or is revoked.',
    { headers: { 'www-authenticate': 'Bearer realm="flywheel"' } },
  );
