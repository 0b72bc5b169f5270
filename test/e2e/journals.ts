/** The journal of a Flywheel beside the log that it follows, event by event. */
import pg from 'pg';
import { StandInLog } from '../standin/stand-in-log.js';
import { logFileOf } from './event-stores.js';
import { ownerOf } from './running.js';

export interface Place {
  readonly stream: string;
  readonly revision: string;
  readonly id: string;
}

/** Every event of the journal, in its order. */
export async function journalOf(home: string): Promise<Place[]> {
  const db = new pg.Client(await ownerOf(home));
  await db.connect();
  try {
    const { rows } = await db.query<Place>(
      'select stream, revision::text, id::text from events order by position',
    );
    return rows;
  } finally {
    await db.end();
  }
}

/** Every event of ours in the stand-in, in its order. */
export const logOf = (home: string): Place[] =>
  new StandInLog(() => 0, logFileOf(home)).events
    .filter(({ metadata }) => Buffer.from(metadata).includes('"flywheel"'))
    .map(({ stream, revision, id }) => ({ stream, revision: String(revision), id }));
