/** The one way to the server: typed by its OpenAPI document, and every failure a ProblemError. */
import { QueryCache, QueryClient } from '@tanstack/react-query';
import createFetchClient, { type Middleware } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import { noteCall } from './calls.js';
import { isSignedOut, ProblemError, problemOf, unreachable } from './problem.js';
import type { components, paths } from './schema.js';

export type Schemas = components['schemas'];

const failures: Middleware = {
  onResponse: async ({ response, request }) => {
    noteCall(request, response);
    if (!response.ok) throw await problemOf(response, request);
  },
  onError: ({ error, request }) => {
    if (request.signal.aborted) return undefined;
    return error instanceof ProblemError ? error : unreachable(request);
  },
};

/** Lists are CSV too, for who saves them: a page reads JSON. */
type Media = 'application/json';

export const client = createFetchClient<paths, Media>({
  baseUrl: '/',
  credentials: 'same-origin',
  headers: { accept: 'application/json' },
});
client.use(failures);

export const api = createQueryClient<paths, Media>(client);

const RETRIES = 2;

/** `onSignedOut`: called whenever an answer says that nobody is signed in. */
export const createQueries = (onSignedOut: () => void): QueryClient =>
  new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (isSignedOut(error)) onSignedOut();
      },
    }),
    defaultOptions: {
      queries: {
        // What changes is told by the live feed; a page that is opened again may be shown as it was.
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        // A refusal stays one; what did not answer may answer the next time.
        retry: (count, error) =>
          count < RETRIES &&
          error instanceof ProblemError &&
          (error.status === 0 || error.status === 503),
      },
    },
  });
