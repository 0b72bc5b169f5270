/** Answers every error of a request as a problem; what nobody expected is logged, never told. */
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asToldTo } from './caller.js';
import type { Flood } from './flood.js';
import { PROBLEM_TYPE, type Problem, problemBody, problemOf } from './problem.js';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly flood: Flood) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = asToldTo(request.principal, problemOf(error));
    if (problem.status >= 500) {
      const { status, code, more } = problem;
      const about = { requestId: request.id, code, err: more.cause ?? problem };
      const { log } = request;
      // What is unavailable is so for everybody who asks; a failure is one of its own.
      if (status === 503)
        this.flood.say(code, (count) =>
          // Refused by a limit that is meant: no failure, and no stack to look at.
          code.endsWith('_busy')
            ? log.warn({ requestId: request.id, code, count }, 'refused')
            : log.error({ ...about, count }, 'failed'),
        );
      else log.error(about, 'failed');
    }
    if (reply.raw.headersSent) {
      // A stream that breaks after its first byte can only be cut off.
      reply.raw.destroy();
      return;
    }
    sendProblem(reply, problem, request.id);
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem, requestId: string): void {
  reply
    .removeHeader('content-length')
    .code(problem.status)
    .headers(problem.more.headers ?? {});
  // Bytes, so that Fastify adds no charset: RFC 9457's type has none.
  const body = Buffer.from(JSON.stringify(problemBody(problem, requestId)));
  void reply.type(PROBLEM_TYPE).send(body);
}
