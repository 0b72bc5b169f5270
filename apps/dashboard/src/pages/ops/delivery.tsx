/** One delivery: what became of it and why, what it said, and what may be ordered about it. */
import { Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import type { Schemas } from '../../api/client.js';
import { useDelivery } from '../../api/ops-reads.js';
import { isOperator, useMe } from '../../api/session.js';
import { AddressLink } from '../../ui/address-link.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { DeliveryActs } from './delivery-acts.js';
import { DeliveryMark } from './delivery-mark.js';
import classes from './ops.module.css';
import { Facts, Ops, ZONE } from './parts.js';

type InFull = Schemas['DeliveryInFullDto'];

export function DeliveryPage() {
  const { delivery = '' } = useParams({ strict: false });
  const mayOpen = isOperator(useMe());
  return (
    <Ops title={`Delivery ${delivery}`}>
      {mayOpen ? (
        <Found id={delivery} />
      ) : (
        <Empty title="What people sent is for admins">
          Why it does not count stands in the{' '}
          <PageLink to="/ops/quarantine" underline="always">
            quarantine
          </PageLink>
          , for auditors too.
        </Empty>
      )}
    </Ops>
  );
}

function Found({ id }: { readonly id: string }) {
  const read = useDelivery(id);
  return (
    <Answer of={read} loading={<Loading lines={10} />}>
      {(found) => (
        <Stack gap="md">
          <Panel title={<DeliveryMark status={found.status} />}>
            <Facts of={factsOf(found)} />
          </Panel>
          <DeliveryActs of={found} />
          <Effects of={found} />
          <Body of={found} />
          <Orders of={found} />
        </Stack>
      )}
    </Answer>
  );
}

const factsOf = (found: InFull) =>
  [
    ['Type', found.type],
    [
      'Why',
      found.code !== null && (
        <>
          {found.detail} <span className="mono">{found.code}</span>
        </>
      ),
    ],
    ['Waits for', found.waitsFor.join('; ')],
    ['What to do', found.next],
    ['Creator', found.creatorId],
    ['Happened', instantOf(found.effectiveAt)],
    ['Received', instantOf(found.receivedAt)],
    ['Decided', instantOf(found.decidedAt)],
    [
      'From',
      <>
        {found.provider}, {found.generation}, as <span className="mono">{found.deliveryId}</span>
      </>,
    ],
  ] as const;

const instantOf = (iso: string | null) =>
  iso === null ? null : (
    <>
      <Instant iso={iso} timeZone={ZONE} as="time" /> UTC
    </>
  );

function Effects({ of: { events } }: { readonly of: InFull }) {
  if (events.length === 0) return null;
  return (
    <Panel title={events.length === 1 ? 'Its event' : `Its ${countText(events.length)} events`}>
      <ul className={classes.list}>
        {events.map(({ id, type, position, stream }) => (
          <li key={id} className={classes.item}>
            <AddressLink href={`/events/${position}`}>
              {type} #{countText(position)}
            </AddressLink>
            <span className="mono break">{stream}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Body({ of: { body, bytes, sha256 } }: { readonly of: InFull }) {
  return (
    <Panel title="What it said">
      {body === null ? (
        <Text size="sm" c="dimmed">
          {bytes === null
            ? 'Its body is not kept any more.'
            : `Its body is ${countText(bytes)} bytes and no JSON.`}
        </Text>
      ) : (
        // What scrolls is reached by the keyboard too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: as above.
        <section className={classes.body} tabIndex={0} aria-label="Body, as JSON">
          <pre>{JSON.stringify(body, null, 2)}</pre>
        </section>
      )}
      <Text size="xs" c="dimmed" mt="xs" className="break">
        {body !== null && 'What may be somebody’s personal data is masked. '}
        {bytes !== null && `${countText(bytes)} bytes, `}SHA-256{' '}
        <span className="mono">{sha256}</span>
      </Text>
    </Panel>
  );
}

function Orders({ of: { orders } }: { readonly of: InFull }) {
  if (orders.length === 0) return null;
  return (
    <Panel title="What was ordered">
      <ul className={classes.list}>
        {orders.map(({ ordered, actor, reason, at, statusBefore }) => (
          <li key={`${at} ${ordered}`} className={classes.item}>
            <span className={`break ${classes.grow}`}>
              {ordered === 'redrive' ? 'Redriven' : 'Excluded'} by {actor}, when it was{' '}
              {statusBefore}
              {reason !== null && `: ${reason}`}
            </span>
            <Instant iso={at} timeZone={ZONE} as="time" />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
