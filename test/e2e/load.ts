/** Senders such as Whop's: each payment is sent until it is acknowledged, or given up for good. */
import { setTimeout as pause } from 'node:timers/promises';
import type { HistoryDelivery } from '../reference/histories.js';
import type { Random } from '../reference/random.js';
import { type Client, inParallel } from './client.js';
import type { PaymentsOracle } from './payments-oracle.js';

const SENDERS = 8;
/** Of a hundred failed attempts so many are the last: nobody knows what became of the delivery. */
const GIVEN_UP_PERCENT = 10;
const RETRY_MS = 25;

export interface LoadOptions {
  readonly oracle: PaymentsOracle;
  readonly client: Client;
  readonly secret: string;
  readonly random: Random;
  /** Of each sender, between two payments. Default: none. */
  readonly pauseMs?: number;
}

/** A constant load from now on. */
export class Load {
  #ending = false;
  readonly #senders: Promise<void>;

  constructor(private readonly options: LoadOptions) {
    this.#senders = inParallel(Array(SENDERS).keys(), SENDERS, () => this.#send());
    this.#senders.catch(() => {}); // end() says it
  }

  /** Throws what a sender met that no fault explains. */
  end(): Promise<void> {
    this.#ending = true;
    return this.#senders;
  }

  async #send(): Promise<void> {
    const { oracle, random, pauseMs = 0 } = this.options;
    while (!this.#ending) {
      const payment = oracle.next();
      while (!(await this.#isAcknowledged(payment))) {
        if (this.#ending || random.chance(GIVEN_UP_PERCENT)) break;
        await pause(RETRY_MS);
      }
      if (pauseMs > 0) await pause(pauseMs);
    }
  }

  async #isAcknowledged(payment: HistoryDelivery): Promise<boolean> {
    const { oracle, client, secret } = this.options;
    const answer = await client.deliver(payment, secret).catch(() => undefined);
    if (answer === undefined || answer.status === 503) return false;
    if (answer.status !== 200)
      throw new Error(`a good delivery was answered with ${answer.status}: ${answer.text}`);
    oracle.acknowledge(payment);
    return true;
  }
}
