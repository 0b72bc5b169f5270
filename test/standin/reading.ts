/** Reading streams, and following everything. */
import type { handleServerStreamingCall } from '@grpc/grpc-js';
import type { Faults } from './faults.js';
import { streams } from './generated.js';
import type { StandInEvent, StandInLog } from './stand-in-log.js';
import { errorOf, nameOf, notLeader, readEvent, streamNamed, UNAVAILABLE } from './wire.js';

type Call = Parameters<handleServerStreamingCall<streams.ReadReq, streams.ReadResp>>[0];

/** Events scanned for one checkpoint, times the interval that was asked for. */
const SCANNED_PER_CHECKPOINT = 32;
const BACKWARDS = 1;

export class Reading {
  constructor(
    private readonly log: StandInLog,
    private readonly faults: Faults,
    private readonly stopping: AbortSignal,
  ) {}

  readonly read: handleServerStreamingCall<streams.ReadReq, streams.ReadResp> = (call) => {
    const options = call.request.getOptions();
    call.on('error', () => {});
    if (options === undefined) return void call.emit('error', errorOf(UNAVAILABLE, 'no options'));
    const stream = options.getStream();
    const fault = this.faults.strike(
      options.hasSubscription() ? 'subscribe' : 'read',
      stream === undefined ? undefined : nameOf(stream.getStreamIdentifier()),
    );
    if (fault?.kind === 'status')
      return void call.emit('error', errorOf(fault.code, 'ordered by the test'));
    if (fault?.kind === 'cut-before') return void call.emit('error', errorOf(UNAVAILABLE, 'cut'));
    if (fault?.kind === 'not-leader') return void call.emit('error', notLeader(fault.port ?? 0));
    const breaksAfter = fault?.kind === 'cut-after' ? 1 : Number.POSITIVE_INFINITY;
    const sending = options.hasSubscription()
      ? this.follow(call, options, breaksAfter)
      : options.hasAll()
        ? this.readAll(call, options)
        : this.readStream(call, options);
    // A call that was cut is nobody's any more.
    void sending.catch((error: Error) => call.emit('error', errorOf(UNAVAILABLE, error.message)));
  };

  private async readStream(call: Call, options: streams.ReadReq.Options): Promise<void> {
    const wanted = options.getStream();
    const name = nameOf(wanted?.getStreamIdentifier());
    const events = this.log.stream(name);
    if (events === undefined) {
      const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(streamNamed(name));
      call.write(new streams.ReadResp().setStreamNotFound(missing));
      return void call.end();
    }
    const isBackwards = (options.getReadDirection() as number) === BACKWARDS;
    const edge = wanted?.hasRevision() ? BigInt(wanted.getRevision()) : undefined;
    const found = events.filter(
      ({ revision }) => edge === undefined || (isBackwards ? revision <= edge : revision >= edge),
    );
    if (isBackwards) found.reverse();
    const count = Number(options.getCount());
    for (const event of found.slice(0, count)) await send(call, readEvent(event));
    call.end();
  }

  /** Forwards from a position, with it. */
  private async readAll(call: Call, options: streams.ReadReq.Options): Promise<void> {
    const from = BigInt(options.getAll()?.getPosition()?.getCommitPosition() ?? 0);
    const found = this.log.events.filter(({ position }) => position >= from);
    for (const event of found.slice(0, Number(options.getCount())))
      await send(call, readEvent(event));
    call.end();
  }

  private async follow(
    call: Call,
    options: streams.ReadReq.Options,
    breaksAfter: number,
  ): Promise<void> {
    const id = `stand-in-${this.log.events.length}`;
    const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(id);
    await send(call, new streams.ReadResp().setConfirmation(confirmation));
    const filter = options.getFilter();
    const prefixes = filter?.getStreamIdentifier()?.getPrefixList() ?? [];
    const regex = new RegExp(filter?.getStreamIdentifier()?.getRegex() ?? '');
    const matches = ({ stream }: StandInEvent) =>
      filter === undefined ||
      (prefixes.length > 0
        ? prefixes.some((prefix) => stream.startsWith(prefix))
        : regex.test(stream));
    const window = (filter?.getCheckpointintervalmultiplier() ?? 1) * SCANNED_PER_CHECKPOINT;
    const ended = new AbortController();
    call.on('cancelled', () => ended.abort());
    const stop = AbortSignal.any([ended.signal, this.stopping]);
    let next = this.startOf(options);
    let said = 0;
    while (!stop.aborted) {
      const event = this.log.events[next];
      if (event === undefined) {
        await send(call, new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
        await this.log.more(next, stop);
        continue;
      }
      next += 1;
      if (matches(event)) {
        if (said === breaksAfter) throw new Error('cut in the middle');
        said += 1;
        await send(call, readEvent(event));
        if (this.faults.repeatEvents) await send(call, readEvent(event));
      }
      if (next % window === 0) await send(call, checkpointAt(event));
    }
    call.end();
  }

  /** Subscriptions begin behind a position. */
  private startOf(options: streams.ReadReq.Options): number {
    const all = options.getAll();
    if (all?.hasEnd()) return this.log.events.length;
    const after = all?.getPosition();
    if (after === undefined) return 0;
    const at = BigInt(after.getCommitPosition());
    const index = this.log.events.findIndex((event) => event.position > at);
    return index < 0 ? this.log.events.length : index;
  }
}

const checkpointAt = ({ position }: StandInEvent): streams.ReadResp =>
  new streams.ReadResp().setCheckpoint(
    new streams.ReadResp.Checkpoint()
      .setCommitPosition(String(position))
      .setPreparePosition(String(position)),
  );

/** Waits while the reader cannot keep up. */
async function send(call: Call, message: streams.ReadResp): Promise<void> {
  if (call.cancelled) throw new Error('cancelled');
  if (call.write(message)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      call.removeListener('drain', done);
      call.removeListener('cancelled', done);
      resolve();
    };
    call.on('drain', done);
    call.on('cancelled', done);
  });
}
