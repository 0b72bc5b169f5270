/** What becomes of the deliveries that the ledger sends itself. */
import {
  creatorDecider,
  creatorStream,
  type Instant,
  memberDecider,
  ownerOf,
  settingsOf,
} from '#libs/ledger';
import type { ClaimTask, InternalTask, RouteTask, SettingsTask } from './internal.js';
import { type Keys, membershipKey } from './keys.js';
import type { Routing } from './routing.js';
import type { BatchContext } from './tell.js';

/** The delivery that holds the task. */
interface Bearer {
  readonly id: string;
  readonly receivedAt: Instant;
}

/** What became of it: a verdict of the batch. */
export interface TaskVerdict {
  readonly id: string;
  readonly outcome: 'applied' | 'unchanged' | 'quarantined';
  readonly type: string;
  readonly code: string | null;
  readonly detail: string | null;
  readonly creatorId: string;
  readonly effectiveAt: null;
  readonly eventId: string | null;
  readonly stream: string;
}

const NOTHING = { code: null, detail: null, effectiveAt: null, eventId: null };

/** The key whose route the order opens. */
export const keyOfRouteTask = (task: RouteTask, keys: Keys): string =>
  task.task === 'code' ? keys.code(task.code) : membershipKey(task.membershipId);

/** Before anything of the batch is decided; the key's route has been read. */
export function openRoute(task: RouteTask, keys: Keys, routing: Routing): void {
  const notBefore = task.task === 'code' ? task.notBefore : null;
  routing.addRoute(keyOfRouteTask(task, keys), task.stream, notBefore);
}

export function performTask(
  delivery: Bearer,
  task: InternalTask,
  context: BatchContext,
): TaskVerdict {
  switch (task.task) {
    case 'code':
    case 'membership':
      return routeOpened(delivery, task, context);
    default:
      return reassess(delivery, task, context);
  }
}

function routeOpened(
  { id }: Bearer,
  task: RouteTask,
  { routing, keys }: BatchContext,
): TaskVerdict {
  const { creatorId } = ownerOf(task.stream);
  const about = { ...NOTHING, id, type: `order.${task.task}`, creatorId, stream: task.stream };
  const owner = routing.streamOf(keyOfRouteTask(task, keys));
  if (owner === task.stream) return { ...about, outcome: 'applied' };
  // Orders are checked against the routes under the lock of the log: this cannot be.
  const detail = `the key leads to ${owner} already`;
  return { ...about, outcome: 'quarantined', code: 'route_taken', detail };
}

/** A claim key of this member leads to somebody else now, or the creator's settings changed. */
function reassess(
  { id, receivedAt }: Bearer,
  task: ClaimTask | SettingsTask,
  { decisions, routing, defaults }: BatchContext,
): TaskVerdict {
  const { stream } = task;
  const { creatorId } = ownerOf(stream);
  const creator = creatorStream(creatorId);
  const settings = settingsOf(decisions.stateOf(creatorDecider, creator), defaults);
  const shared = { at: receivedAt, settings };
  const events = memberDecider.decide(
    task.task === 'settings'
      ? { type: 'ApplySettings', ...shared }
      : { type: 'ResolveClaims', ...shared, resolving: [routing.resolve(task.key, creatorId)] },
    decisions.stateOf(memberDecider, stream),
  );
  const accepted = decisions.accept(stream, events, { delivery: id });
  return {
    ...NOTHING,
    id,
    type: task.task === 'settings' ? 'settings.changed' : 'claim.resolved',
    ...{ creatorId, stream },
    outcome: events.length === 0 ? 'unchanged' : 'applied',
    eventId: accepted.at(-1)?.id ?? null,
  };
}
