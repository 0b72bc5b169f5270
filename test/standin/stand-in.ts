/**
 * A stand-in for an EventStoreDB server: the real gRPC protocol, spoken with the code that is
 * generated for the client package, over a log in memory (and a file, if it is to survive). It
 * proves the adapter against the real client and the real wire, not against the real server: what
 * passes here says "stand-in", and the same tests run against a server when EVENTSTORE_TEST_URL
 * names one. Left out: access control, persistent subscriptions, projections, deletion, TLS.
 */
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { Appending } from './appending.js';
import { Faults } from './faults.js';
import { features, ServerFeaturesService, StreamsService, type shared } from './generated.js';
import { Reading } from './reading.js';
import { StandInLog } from './stand-in-log.js';
import { errorOf } from './wire.js';

export interface StandInOptions {
  /** 0: any free port. */
  readonly port?: number;
  /** Where the log is kept; absent: in memory, for as long as the process lives. */
  readonly file?: string;
  readonly now?: () => number;
}

export class StandIn {
  readonly faults = new Faults();
  readonly log: StandInLog;
  private server: Server | undefined;
  private stopping = new AbortController();
  private port: number;

  private constructor(options: StandInOptions) {
    this.log = new StandInLog(options.now ?? (() => Date.now()), options.file);
    this.port = options.port ?? 0;
  }

  static async start(options: StandInOptions = {}): Promise<StandIn> {
    const standIn = new StandIn(options);
    await standIn.listen();
    return standIn;
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  /** Every connection breaks; the log stays. */
  async restart(awayMs = 0): Promise<void> {
    await this.stop();
    if (awayMs > 0) await new Promise((resolve) => setTimeout(resolve, awayMs));
    await this.listen();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.server?.forceShutdown();
    this.server = undefined;
  }

  private async listen(): Promise<void> {
    this.stopping = new AbortController();
    const server = new Server({ 'grpc.max_receive_message_length': 32 * 1024 * 1024 });
    const appending = new Appending(this.log, this.faults, () => this.port);
    const reading = new Reading(this.log, this.faults, this.stopping.signal);
    const streams: UntypedServiceImplementation = {
      append: appending.append,
      batchAppend: appending.batchAppend,
      read: reading.read,
      delete: unimplemented,
      tombstone: unimplemented,
    };
    server.addService(StreamsService, streams);
    server.addService(ServerFeaturesService, { getSupportedMethods: this.supportedMethods });
    this.port = await bind(server, this.port);
    this.server = server;
  }

  private readonly supportedMethods: handleUnaryCall<shared.Empty, features.SupportedMethods> = (
    _call,
    answer,
  ) => {
    const fault = this.faults.strike('features');
    if (fault?.kind === 'status') return answer(errorOf(fault.code, 'ordered by the test'));
    const methods = new features.SupportedMethods();
    methods.setEventStoreServerVersion('stand-in');
    for (const name of ['append', 'batchappend', 'read']) {
      const method = new features.SupportedMethod();
      method.setServiceName('event_store.client.streams.Streams');
      method.setMethodName(name);
      methods.addMethods(method);
    }
    answer(null, methods);
  };
}

const UNIMPLEMENTED = 12;
const unimplemented = (_call: unknown, answer: sendUnaryData<never>): void =>
  answer(errorOf(UNIMPLEMENTED, 'the ledger deletes nothing'));

const bind = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
