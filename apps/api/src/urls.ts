/** What addresses are accepted: what PostgreSQL holds for no text is refused before anybody looks for it. */
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.js';

const NUL = /%00/;

/** Throws 400 `request_malformed` for NUL in a path or a query. Their length is bounded with the headers'. */
export function useUrls(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    if (!NUL.test(request.raw.url ?? '')) return done();
    done(new Problem(400, 'request_malformed', 'The address holds NUL.'));
  });
}
