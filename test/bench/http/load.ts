/** Orders to the sender and what it answers. */
import { type Child, startOwn } from '../child.js';
import type { PaymentsAsked } from './payments.js';

export type LoadOrder =
  | ({ readonly order: 'payments' } & PaymentsAsked)
  | { readonly order: 'requests'; readonly requests: readonly Uint8Array[] }
  | ({ readonly order: 'run' } & Run);

export interface Run {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, whatever the answers do; absent: as fast as they come. */
  readonly rate?: number;
  /** `distinct`: each prepared request once, and the run ends with the last. */
  readonly requests: 'distinct' | 'repeated';
  /** A header of the answers to be sampled. */
  readonly header?: string;
}

export interface Sample {
  readonly header: string;
  /** When the answer had come, on the machine's monotonic clock (nanoseconds). */
  readonly at: bigint;
}

export interface LoadResult {
  readonly answered: number;
  /** Answers other than 200. */
  readonly refused: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly samples: readonly Sample[];
}

export class Load {
  private constructor(private readonly child: Child) {}

  static start = async (): Promise<Load> => new Load(await startOwn('http/load.child.ts'));

  /** Renders and signs; answers the mean size of a request. */
  payments = (asked: PaymentsAsked): Promise<number> =>
    this.child.ask({ order: 'payments', ...asked });

  /** What `repeated` sends, in turn. */
  requests = (requests: readonly Buffer[]): Promise<void> =>
    this.child.ask({ order: 'requests', requests });

  /** Throws when anything but 200 was answered: a bench of refusals measures nothing. */
  async run(run: Run): Promise<LoadResult> {
    const result = await this.child.ask<LoadResult>({ order: 'run', ...run });
    if (result.refused > 0)
      throw new Error(
        `${result.refused} of ${result.answered} requests were refused by ${run.url}`,
      );
    return result;
  }

  stop = (): Promise<void> => this.child.stop();
}
