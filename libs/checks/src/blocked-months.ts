/** Months that were due and could not be closed when it was last tried, kept for health, metrics and whoever asks. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';

export interface BlockedMonth {
  readonly creatorId: string;
  readonly month: string;
  readonly code: string;
  readonly detail: string;
  /** Since when the same has been in the way, unix milliseconds. */
  readonly since: number;
  /** Unix milliseconds. */
  readonly triedAt: number;
}

export class BlockedMonths {
  constructor(private readonly db: Database) {}

  /** In the order of the creators' ids. */
  async all(): Promise<readonly BlockedMonth[]> {
    const rows = await this.db
      .selectFrom('blocked_months')
      .selectAll()
      .orderBy('creator_id')
      .execute();
    return rows.map(({ creator_id, month, code, detail, since, tried_at }) => ({
      creatorId: creator_id,
      month,
      code,
      detail,
      since: since.getTime(),
      triedAt: tried_at.getTime(),
    }));
  }

  /** True if it was not known yet: somebody should hear of it once. */
  async keep(one: Omit<BlockedMonth, 'since' | 'triedAt'>): Promise<boolean> {
    const { creatorId, month, code, detail } = one;
    const { rows } = await sql<{ is_new: boolean }>`
      insert into blocked_months as b (creator_id, month, code, detail, since, tried_at)
      values (${creatorId}, ${month}, ${code}, ${detail}, now(), now())
      on conflict (creator_id) do update set month = excluded.month, code = excluded.code,
        detail = excluded.detail, tried_at = excluded.tried_at,
        since = case when (b.month, b.code, b.detail) = (excluded.month, excluded.code, excluded.detail)
          then b.since else excluded.since end
      returning since = tried_at as is_new`.execute(this.db);
    return rows[0]?.is_new === true;
  }

  /** Nothing of this creator is in the way any more. True if something was. */
  async clear(creatorId: string): Promise<boolean> {
    const { numDeletedRows } = await this.db
      .deleteFrom('blocked_months')
      .where('creator_id', '=', creatorId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }
}
