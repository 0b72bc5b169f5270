/** Messages of the protocol, made and taken apart. */
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { shared, status, streams } from './generated.js';
import type { Expected, Proposed, StandInEvent } from './stand-in-log.js';

export const ABORTED = 10;
export const UNAVAILABLE = 14;
const FAILED_PRECONDITION = 9;

/** What a call ends with; unary errors travel in the trailers. */
export function errorOf(
  code: number,
  details: string,
  trailers: Readonly<Record<string, string>> = {},
): ServiceError {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

export const notLeader = (port: number): ServiceError =>
  errorOf(UNAVAILABLE, 'not the leader', {
    exception: 'not-leader',
    'leader-endpoint-host': '127.0.0.1',
    'leader-endpoint-port': String(port),
  });

export const nameOf = (stream: shared.StreamIdentifier | undefined): string =>
  Buffer.from(stream?.getStreamName_asU8() ?? []).toString('utf8');

export function streamNamed(name: string): shared.StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(name, 'utf8'));
}

interface Message {
  getId(): shared.UUID | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

export const proposedOf = (message: Message): Proposed => ({
  id: message.getId()?.getString() ?? '',
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
});

export function expectedIn(options: streams.BatchAppendReq.Options): Expected {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists()) return 'stream_exists';
  return BigInt(options.getStreamPosition());
}

/** .NET counts 100 ns; the client wants them so. */
const TICKS_PER_MS = 10_000n;

export function readEvent(event: StandInEvent): streams.ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(streamNamed(event.stream))
    .setStreamRevision(String(event.revision))
    .setCommitPosition(String(event.position))
    .setPreparePosition(String(event.position))
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  const headers = recorded.getMetadataMap();
  headers.set('type', event.type);
  headers.set('content-type', event.contentType);
  headers.set('created', String(BigInt(event.created) * TICKS_PER_MS));
  const read = new streams.ReadResp.ReadEvent()
    .setEvent(recorded)
    .setCommitPosition(String(event.position));
  return new streams.ReadResp().setEvent(read);
}

export const position = (at: bigint): shared.AllStreamPosition =>
  new shared.AllStreamPosition().setCommitPosition(String(at)).setPreparePosition(String(at));

/** A batch's errors are google.rpc.Status with the details in an Any, and google's Empty. */
export function wrongVersion(expected: Expected, current: bigint | undefined): status.Status {
  const wrong = new shared.WrongExpectedVersion();
  if (current === undefined) wrong.setCurrentNoStream(new empty.Empty());
  else wrong.setCurrentStreamRevision(String(current));
  if (expected === 'no_stream') wrong.setExpectedNoStream(new empty.Empty());
  else if (expected === 'any') wrong.setExpectedAny(new empty.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new empty.Empty());
  else wrong.setExpectedStreamPosition(String(expected));
  return statusOf('WrongExpectedVersion', wrong.serializeBinary());
}

export const tooLarge = (limit: number): status.Status =>
  statusOf(
    'MaximumAppendSizeExceeded',
    new shared.MaximumAppendSizeExceeded().setMaxappendsize(limit).serializeBinary(),
  );

export const timedOut = (): status.Status =>
  statusOf('Timeout', new shared.Timeout().serializeBinary());

function statusOf(name: string, bytes: Uint8Array): status.Status {
  const details = new any.Any();
  details.pack(bytes, `event_store.client.${name}`);
  return new status.Status().setCode(FAILED_PRECONDITION).setMessage(name).setDetails(details);
}
