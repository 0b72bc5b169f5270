import { describe, expect, it } from '@jest/globals';
import type { ApiClient, Query } from '../api-client.js';
import { sayPage } from './events.command.js';
import type { Event, Events } from './events.said.js';

/** Pages of a log of ten events, each looking through four of them; every second request fails. */
function flakyLog(matches: (position: number) => boolean) {
  let requests = 0;
  const get = async (_path: string, query: Query = {}): Promise<Events> => {
    requests += 1;
    if (requests % 2 === 0) throw new Error('gone');
    const from = Number(query.after) + 1;
    const through = Math.min(from + 3, 10);
    const looked = Array.from({ length: through - from + 1 }, (_, n) => from + n);
    const isCut = through < 10;
    return {
      items: looked.filter(matches).map((position) => ({ position }) as Event),
      nextCursor: isCut ? 'more' : null,
      scannedTo: isCut ? through : null,
      asOf: { position: 10 },
    };
  };
  return { get } as Pick<ApiClient, 'get'>;
}

async function followed(matches: (position: number) => boolean) {
  const client = flakyLog(matches);
  const said: number[] = [];
  const say = ({ position }: Event): void => void said.push(position);
  let after = 0;
  for (let isMore = true; isMore; ) {
    ({ after, isMore } = await sayPage(client, { query: {}, say }, after).catch(() => ({
      after,
      isMore,
    })));
  }
  return { said, after };
}

describe('flywheel events tail --follow', () => {
  it('says each event once, whatever request fails between two pages', async () => {
    const { said, after } = await followed(() => true);
    expect(said).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(after).toBe(10);
  });

  it('goes on behind pages in which nothing was found', async () => {
    const { said, after } = await followed((position) => position > 9);
    expect(said).toEqual([10]);
    expect(after).toBe(10);
  });
});
