/** Who calls, for controllers: the guard has let them in, and what they read is narrowed to their own. */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '#libs/access';
import { Problem } from './problem.js';

/** `@Caller() caller: Principal`. Throws RangeError on a route that is anybody's. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal === null || principal === undefined)
    throw new RangeError('a route that is anybody’s has no caller: give it a row in access.ts');
  return principal;
});

/**
 * Whoever is a member wherever they are one (Whop's user token) is told of a community that does not
 * know them what they are told of one that does not exist.
 */
export function asToldTo(principal: Principal | null | undefined, problem: Problem): Problem {
  const isAnywhere = principal?.role === 'member' && principal.creatorId === undefined;
  if (!isAnywhere || problem.code !== 'creator_not_found') return problem;
  return new Problem(404, 'member_not_found', `no member ${principal.memberId} is known`);
}
