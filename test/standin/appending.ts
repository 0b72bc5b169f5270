/** The two ways of appending: one call for each append, or many of them on one stream of calls. */
import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  ServiceError,
} from '@grpc/grpc-js';
import type { Fault, Faults } from './faults.js';
import { shared, streams } from './generated.js';
import type { AppendResult, Expected, Proposed, StandInLog } from './stand-in-log.js';
import {
  errorOf,
  expectedIn,
  nameOf,
  notLeader,
  position,
  proposedOf,
  timedOut,
  tooLarge,
  UNAVAILABLE,
  wrongVersion,
} from './wire.js';

const INVALID_ARGUMENT = 3;

interface Append {
  readonly correlation: shared.UUID | undefined;
  readonly options: streams.BatchAppendReq.Options;
  readonly proposed: Proposed[];
}

type BatchCall = Parameters<
  handleBidiStreamingCall<streams.BatchAppendReq, streams.BatchAppendResp>
>[0];

export class Appending {
  constructor(
    private readonly log: StandInLog,
    private readonly faults: Faults,
    private readonly port: () => number,
  ) {}

  readonly append: handleClientStreamingCall<streams.AppendReq, streams.AppendResp> = (
    call,
    answer,
  ) => {
    let options: streams.AppendReq.Options | undefined;
    const proposed: Proposed[] = [];
    call.on('data', (request: streams.AppendReq) => {
      options ??= request.getOptions();
      const message = request.getProposedMessage();
      if (message !== undefined) proposed.push(proposedOf(message));
    });
    call.on('end', () => {
      const stream = nameOf(options?.getStreamIdentifier());
      const expected = unaryExpected(options);
      void this.performed(stream, expected, proposed).then((done) => {
        if ('break' in done) return answer(done.break);
        if ('result' in done) answer(null, unaryAnswer(expected, done.result));
      });
    });
  };

  readonly batchAppend: handleBidiStreamingCall<streams.BatchAppendReq, streams.BatchAppendResp> = (
    call,
  ) => {
    const open = new Map<string, Append>();
    // The one writer of a server: appends take place in the order in which they came.
    let before = Promise.resolve();
    call.on('data', (request: streams.BatchAppendReq) => {
      const correlation = request.getCorrelationId();
      const key = correlation?.getString() ?? '';
      const options = request.getOptions();
      const append = open.get(key) ?? (options && { correlation, options, proposed: [] });
      if (append === undefined) {
        call.emit('error', errorOf(INVALID_ARGUMENT, 'options come first'));
        return;
      }
      open.set(key, append);
      append.proposed.push(...request.getProposedMessagesList().map(proposedOf));
      if (!request.getIsFinal()) return;
      open.delete(key);
      before = before.then(() => this.answerOne(call, append));
    });
    call.on('end', () => call.end());
    call.on('error', () => {});
  };

  private async answerOne(call: BatchCall, append: Append): Promise<void> {
    const stream = nameOf(append.options.getStreamIdentifier());
    const expected = expectedIn(append.options);
    const deadline = append.options.getDeadline()?.toDate().getTime();
    const done = await this.performed(stream, expected, append.proposed, deadline);
    if ('break' in done) {
      call.emit('error', done.break);
      return;
    }
    if ('silent' in done) return;
    const answer = new streams.BatchAppendResp()
      .setCorrelationId(append.correlation)
      .setStreamIdentifier(append.options.getStreamIdentifier());
    call.write(batchAnswer(answer, expected, 'late' in done ? 'late' : done.result));
  }

  private async performed(
    stream: string,
    expected: Expected,
    proposed: readonly Proposed[],
    deadline = Number.POSITIVE_INFINITY,
  ): Promise<
    { result: AppendResult } | { late: true } | { silent: true } | { break: ServiceError }
  > {
    const fault = this.faults.strike('append', stream);
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    const broken = brokenBefore(fault, this.port());
    if (broken !== undefined) return { break: broken };
    if (fault?.kind === 'wrong-version') {
      const length = this.log.stream(stream)?.length ?? 0;
      return { result: { wrongVersion: true, current: BigInt(length) } };
    }
    // As the server does: by its own clock.
    if (Date.now() > deadline) return { late: true };
    const result = this.log.append(stream, expected, proposed);
    if (fault?.kind === 'cut-after') return { break: errorOf(UNAVAILABLE, 'cut after the write') };
    return fault?.kind === 'silent' ? { silent: true } : { result };
  }
}

function brokenBefore(fault: Fault | undefined, ownPort: number): ServiceError | undefined {
  switch (fault?.kind) {
    case 'cut-before':
      return errorOf(UNAVAILABLE, 'cut before the write');
    case 'not-leader':
      return notLeader(fault.port ?? ownPort);
    case 'status':
      return errorOf(fault.code, 'ordered by the test');
    default:
      return undefined;
  }
}

function batchAnswer(
  answer: streams.BatchAppendResp,
  expected: Expected,
  result: AppendResult | 'late',
): streams.BatchAppendResp {
  if (result === 'late') return answer.setError(timedOut());
  if ('tooLarge' in result) return answer.setError(tooLarge(result.tooLarge));
  if ('wrongVersion' in result) return answer.setError(wrongVersion(expected, result.current));
  const success = new streams.BatchAppendResp.Success()
    .setCurrentRevision(String(result.revision))
    .setPosition(position(result.position));
  return answer.setSuccess(success);
}

function unaryExpected(options: streams.AppendReq.Options | undefined): Expected {
  if (options?.hasNoStream()) return 'no_stream';
  if (options?.hasAny()) return 'any';
  if (options?.hasStreamExists()) return 'stream_exists';
  return BigInt(options?.getRevision() ?? 0);
}

function unaryAnswer(expected: Expected, result: AppendResult): streams.AppendResp {
  const answer = new streams.AppendResp();
  if ('tooLarge' in result) throw new Error('an append larger than the limit');
  if ('revision' in result) {
    const at = new streams.AppendResp.Position()
      .setCommitPosition(String(result.position))
      .setPreparePosition(String(result.position));
    const success = new streams.AppendResp.Success()
      .setCurrentRevision(String(result.revision))
      .setPosition(at);
    return answer.setSuccess(success);
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (result.current === undefined) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(result.current));
  if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (typeof expected === 'bigint') wrong.setExpectedRevision(String(expected));
  else wrong.setExpectedAny(new shared.Empty());
  return answer.setWrongExpectedVersion(wrong);
}
