/** Closes the months of the demo that are over, as an admin would: through the API, one after the other. */
import { type ApiClient, pathOf } from '../api-client.js';
import { CliError } from '../exit.js';

export interface ClosedMonth {
  readonly month: string;
  readonly version: number;
  readonly digest: string;
  readonly alreadyClosed: boolean;
}

export interface MonthsClosed {
  readonly closed: readonly ClosedMonth[];
  /** What has stopped it; undefined: all are closed. */
  readonly refused: string | undefined;
}

/** A close that is refused ends it: months are closed in order. */
export async function closeMonths(
  client: ApiClient,
  creator: string,
  months: readonly string[],
  onClosed: (month: ClosedMonth) => void,
): Promise<MonthsClosed> {
  const closed: ClosedMonth[] = [];
  for (const month of months) {
    const path = pathOf('api', 'creators', creator, 'months', month, 'close');
    try {
      const { version, digest, alreadyClosed } = await client.post<ClosedMonth>(path, {});
      closed.push({ month, version, digest, alreadyClosed });
      onClosed({ month, version, digest, alreadyClosed });
    } catch (error) {
      // What is not in order for a close: everything else has stopped the load itself.
      if (!(error instanceof CliError) || !REFUSALS.test(error.code ?? '')) throw error;
      return { closed, refused: `${month} is not closed: ${error.why ?? error.message}` };
    }
  }
  return { closed, refused: undefined };
}

const REFUSALS = /^month_/;
