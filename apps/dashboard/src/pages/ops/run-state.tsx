/** How a replay stands, in a word. */
import type { Replay } from '../../api/ops-reads.js';
import { Mark, type Tone } from './parts.js';

const STATES: Readonly<Record<string, readonly [Tone, string]>> = {
  ordered: ['busy', 'waiting to begin'],
  running: ['busy', 'building'],
  comparing: ['busy', 'comparing'],
  ready: ['warn', 'ready to be looked at'],
  promoting: ['busy', 'switching'],
  promoted: ['good', 'switched to'],
  discarded: ['calm', 'discarded'],
  failed: ['bad', 'failed'],
};

export function RunState({ of }: { readonly of: Replay }) {
  const [tone, word] = STATES[of.state] ?? (['calm', of.state] as const);
  return <Mark tone={tone}>{word}</Mark>;
}

export const whatOf = ({ projections }: Replay): string => projections?.join(', ') ?? 'all of them';
