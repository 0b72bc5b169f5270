/** One replay: how far it is, what differs, and the switch, which is somebody's decision. */
import { Alert, Progress, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import type { Replay } from '../../api/ops-reads.js';
import { isAtWork, useReplay } from '../../api/replay-feed.js';
import { AddressLink } from '../../ui/address-link.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer } from '../../ui/states.js';
import classes from './ops.module.css';
import { Facts, Mark, Ops, type Tone, ZONE } from './parts.js';
import { Decide } from './run-decide.js';
import { Difference } from './run-difference.js';
import { RunState, whatOf } from './run-state.js';
import { durationText } from './values.js';

export function RunPage() {
  const { run = '' } = useParams({ strict: false });
  const { isLost, ...read } = useReplay(run);
  return (
    <Ops title={`Replay ${run}`} beside={read.data && <RunState of={read.data} />}>
      <Answer of={read}>
        {(replay) => (
          <Stack gap="md">
            {isLost && (
              <Alert color="yellow" title="Not told how far it is">
                The stream of its progress was lost. It goes on by itself; it is asked again.
              </Alert>
            )}
            <Panel title="How it stands">
              <Steps of={replay} />
              {isAtWork(replay) && <HowFar of={replay} />}
              <Facts of={factsOf(replay)} />
            </Panel>
            <Outcome of={replay} />
            {replay.difference !== null && replay.state !== 'promoting' && (
              <Difference of={replay} difference={replay.difference} />
            )}
          </Stack>
        )}
      </Answer>
    </Ops>
  );
}

const STEPS = ['Ordered', 'Built beside', 'Compared', 'Switched to'] as const;
const SPOKEN: Readonly<Record<Tone, string>> = {
  ...{ good: ', done', busy: ', under way', warn: ', to be decided' },
  ...{ idle: ', not yet', calm: ', never', bad: ', failed' },
};
/** How many steps are behind a replay in this state. */
const BEHIND: Readonly<Record<string, number>> = {
  ...{ ordered: 0, running: 1, comparing: 2, ready: 3, promoting: 3, promoted: 4 },
};

/** One that is over without having been switched to got as far as what it left. */
function Steps({ of: { state, difference } }: { readonly of: Replay }) {
  const isOver = BEHIND[state] === undefined;
  const behind = BEHIND[state] ?? (difference === null ? 1 : 3);
  const toneOf = (n: number): Tone => {
    if (n < behind) return 'good';
    if (isOver) return 'calm';
    if (n > behind) return 'idle';
    return state === 'ready' ? 'warn' : 'busy';
  };
  return (
    <ol className={classes.steps}>
      {STEPS.map((name, n) => (
        <li key={name}>
          <Mark tone={toneOf(n)}>
            {name}
            <span className="spoken">{SPOKEN[toneOf(n)]}</span>
          </Mark>
        </li>
      ))}
    </ol>
  );
}

const PHASES: Readonly<Record<string, string>> = {
  events: 'reading events',
  tables: 'building tables',
  copies: 'copying the other tables',
  difference: 'comparing tables',
  promotion: 'switching',
};

function HowFar({ of: { progress, state } }: { readonly of: Replay }) {
  if (progress === null)
    return (
      <Text size="sm" c="dimmed" mb="sm" role="status">
        {state === 'ordered' ? 'A worker takes it up in a moment.' : 'It is about to begin.'}
      </Text>
    );
  const { phase, table, position, head, eventsPerSecond, etaMs } = progress;
  const percent = head === 0 ? 100 : Math.floor((position * 100) / head);
  const said = [
    PHASES[phase] ?? phase,
    table,
    `${countText(position)} of ${countText(head)} events`,
    `${countText(eventsPerSecond)} a second`,
    etaMs !== null && `${durationText(etaMs)} left`,
  ].filter(Boolean);
  return (
    <div>
      <Progress value={percent} aria-label="Events read" mb={6} />
      <Text size="sm" c="dimmed" mb="sm" className="num break" role="status">
        {percent} % · {said.join(' · ')}
      </Text>
    </div>
  );
}

const factsOf = (replay: Replay) =>
  [
    ['Rebuilt', whatOf(replay)],
    ['Up to', replay.until],
    [
      'Ordered',
      <>
        <Instant iso={replay.orderedAt} timeZone={ZONE} as="time" /> UTC by {replay.actor}
      </>,
    ],
    ['Reason', replay.reason],
    ['Took', tookText(replay)],
    ['Attempts that failed', replay.errors === 0 ? '' : `${replay.errors}, begun again`],
    ['Last error', replay.state !== 'failed' && replay.errors > 0 ? replay.detail : ''],
  ] as const;

function tookText({ startedAt, readyAt }: Replay): string {
  if (startedAt === null || readyAt === null) return '';
  return durationText(Math.max(0, Date.parse(readyAt) - Date.parse(startedAt)));
}

/** What became of it, or what is to be decided. */
function Outcome({ of: replay }: { readonly of: Replay }) {
  if (replay.state === 'ready') return <Decide of={replay} />;
  if (replay.state === 'failed')
    return (
      <Alert color="red" title="It failed, and what serves is as it was" role="alert">
        <Text size="sm" className="break">
          {replay.detail ?? 'Nobody said why.'}{' '}
          {replay.code !== null && <span className="mono">{replay.code}</span>}
        </Text>
        <PageLink to="/ops/runs">Order another one</PageLink>
      </Alert>
    );
  if (replay.state === 'discarded')
    return (
      <Alert color="gray" title="It was discarded: what serves is as it was">
        <Text size="sm" className="break">
          {replay.detail ?? 'Its tables were dropped.'}
        </Text>
        <PageLink to="/ops/runs">Order another one</PageLink>
      </Alert>
    );
  return replay.state === 'promoted' ? <Switched of={replay} /> : null;
}

function Switched({ of: { promotion, endedAt } }: { readonly of: Replay }) {
  return (
    <Panel title="What happened">
      <Facts
        of={[
          ['Switched', endedAt && <Instant iso={endedAt} timeZone={ZONE} as="time" />],
          ['By', promotion?.actor],
          ['Reason', promotion?.reason],
          [
            'Event',
            promotion && promotion.position !== null && (
              <AddressLink href={`/events/${promotion.position}`}>
                ReplayPromoted #{countText(promotion.position)}
              </AddressLink>
            ),
          ],
        ]}
      />
      <Text size="sm" mt="sm">
        Every figure comes from these tables since.{' '}
        <PageLink to="/ops/checks" underline="always">
          See the checks
        </PageLink>
      </Text>
    </Panel>
  );
}
