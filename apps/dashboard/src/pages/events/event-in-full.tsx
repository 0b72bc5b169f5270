/** One event: what it means, when, what caused it, what it moved, and how it is stored. */
import { Text } from '@mantine/core';
import type { EventInFull } from '../../api/event-reads.js';
import { useCreator } from '../../api/reads.js';
import { EventLink } from '../../ui/event-link.js';
import { countText } from '../../ui/figures.js';
import { zonedText } from '../../ui/instants.js';
import { PageLink } from '../../ui/page-link.js';
import { Chain } from './chain.js';
import { Changes } from './changes.js';
import classes from './events.module.css';
import { Json } from './json.js';
import { type Names, namesOf, Says } from './says.js';
import { lateText } from './words.js';

interface EventProps {
  readonly event: EventInFull;
  /** Whose pages one is on. */
  readonly creator: string | undefined;
}

export function EventInFullView({ event, creator }: EventProps) {
  const names = namesOf(event.people);
  const of = { event, creator, names };
  return (
    <>
      <Text className={classes.prose}>
        <Says event={event} names={names} isLinked />
      </Text>
      <Facts {...of} />
      <section className={classes.part} aria-label="Caused by">
        <h3>Caused by</h3>
        <Chain {...of} />
      </section>
      <section className={classes.part} aria-label="Changed">
        <h3>Changed</h3>
        <Changes {...of} />
      </section>
      <Stored event={event} />
    </>
  );
}

interface Shown extends EventProps {
  readonly names: Names;
}

/** Both instants, in the creator's zone and in UTC: the day may be another. */
function Facts({ event, creator }: Shown) {
  const { effectiveAt, recordedAt, stream, revision, previous, next } = event;
  const zone = useCreator(
    { creator: event.creatorId ?? '', month: undefined },
    event.creatorId !== null,
  );
  const { timeZone } = zone.data ?? {};
  const late = lateText(effectiveAt, recordedAt);
  const of = creator === undefined ? {} : { creator };
  return (
    <dl className={classes.facts}>
      <dt>Happened</dt>
      <dd>
        <Both iso={effectiveAt} timeZone={timeZone} />
      </dd>
      <dt>Recorded</dt>
      <dd>
        <Both iso={recordedAt} timeZone={timeZone} />
        {late !== undefined && <span className={classes.dim}>{late} later</span>}
      </dd>
      <dt>Stream</dt>
      <dd>
        <PageLink to="/events" search={{ ...of, stream, dir: 'oldest' }} className="mono">
          {stream}
        </PageLink>{' '}
        at revision {countText(revision)}
        <span className={classes.steps}>
          {previous === null ? (
            <span className={classes.dim}>the first of its stream</span>
          ) : (
            <EventLink {...previous} {...of}>
              ‹ {previous.type}
            </EventLink>
          )}
          {next === null ? (
            <span className={classes.dim}>the last so far</span>
          ) : (
            <EventLink {...next} {...of}>
              {next.type} ›
            </EventLink>
          )}
        </span>
      </dd>
      <dt>Id</dt>
      <dd className="mono">{event.id}</dd>
    </dl>
  );
}

function Both({ iso, timeZone }: { iso: string; timeZone: string | undefined }) {
  return (
    <time dateTime={iso} className="num">
      {timeZone !== undefined && timeZone !== 'UTC' && (
        <>
          {zonedText(iso, timeZone)}
          <br />
        </>
      )}
      {zonedText(iso, 'UTC')}
    </time>
  );
}

/** As it lies in the log, and in today's shape where that is another. */
function Stored({ event: { stored, upcast, type } }: { readonly event: EventInFull }) {
  const isOlder = upcast !== null && upcast.version !== stored.version;
  return (
    <section className={classes.part} aria-label="As it is stored">
      <h3>
        {isOlder
          ? `Stored as v${stored.version}, read as v${upcast.version}`
          : `Stored as v${stored.version}`}
      </h3>
      <details open={!isOlder}>
        <summary>data{isOlder && `, as v${stored.version}`}</summary>
        <Json value={stored.data} label={`data of ${type}`} />
      </details>
      {isOlder && (
        <details open>
          <summary>data, as v{upcast.version}</summary>
          <Json value={upcast.data} label={`data of ${type} in today’s shape`} />
        </details>
      )}
      <details>
        <summary>metadata</summary>
        <Json value={stored.metadata} label={`metadata of ${type}`} />
      </details>
      <Text size="xs" c="dimmed" mt="xs" className="mono break">
        SHA-256 {stored.sha256}
      </Text>
    </section>
  );
}
