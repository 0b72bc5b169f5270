/** What came from outside: a delivery as it was sent, masked, and every event that it made. */
import { Grid, Stack, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { Schemas } from '../../api/client.js';
import { useDelivery } from '../../api/event-reads.js';
import { EventLink } from '../../ui/event-link.js';
import { countText } from '../../ui/figures.js';
import { zonedText } from '../../ui/instants.js';
import { PageTitle } from '../../ui/page-title.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import classes from './events.module.css';
import { Json } from './json.js';

const route = getRouteApi('/house/deliveries/$delivery');
type Delivery = Schemas['DeliveryInFullDto'];

export function DeliveryPage() {
  const { delivery: id } = route.useParams();
  const { creator } = route.useSearch();
  const read = useDelivery(id);
  return (
    <>
      <PageTitle title={`Delivery ${id}`} beside={read.data?.type ?? undefined} />
      <Answer of={read} loading={<Loading lines={8} />}>
        {(found) => (
          <Grid gap="md">
            <Grid.Col span={{ base: 12, md: 6 }}>
              <Stack gap="md">
                <Panel title={`It is ${found.status}`}>
                  {found.detail !== null && <Text size="sm">{found.detail}</Text>}
                  <Facts found={found} />
                </Panel>
                <Made found={found} creator={creator} />
                <Orders found={found} />
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 6 }}>
              <Panel title="As it was sent">
                <Body found={found} />
              </Panel>
            </Grid.Col>
          </Grid>
        )}
      </Answer>
    </>
  );
}

function Facts({ found }: { readonly found: Delivery }) {
  const { provider, deliveryId, generation, receivedAt, decidedAt, effectiveAt, sha256 } = found;
  return (
    <dl className={classes.facts}>
      <dt>To do</dt>
      <dd>{found.next}</dd>
      <dt>From</dt>
      <dd>
        {provider}, generation {generation}
      </dd>
      <dt>Sender’s id</dt>
      <dd className="mono">{deliveryId}</dd>
      <dt>Tells of</dt>
      <dd>{effectiveAt === null ? 'no time' : zonedText(effectiveAt, 'UTC')}</dd>
      <dt>Received</dt>
      <dd>{zonedText(receivedAt, 'UTC')}</dd>
      <dt>Decided</dt>
      <dd>{decidedAt === null ? 'not yet' : zonedText(decidedAt, 'UTC')}</dd>
      {found.code !== null && (
        <>
          <dt>Code</dt>
          <dd className="mono">{found.code}</dd>
        </>
      )}
      <dt>SHA-256</dt>
      <dd className="mono">{sha256}</dd>
    </dl>
  );
}

function Made({ found, creator }: { readonly found: Delivery; creator: string | undefined }) {
  const { events, waitsFor } = found;
  return (
    <Panel title={`What it made (${countText(events.length)})`}>
      {events.length === 0 && (
        <Empty title="No event">
          {waitsFor.length > 0
            ? `It waits: ${waitsFor.join('; ')}.`
            : 'It told nothing that was not known.'}
        </Empty>
      )}
      <ol className={classes.chain}>
        {events.map(({ id, position, type, stream }) => (
          <li key={id}>
            <EventLink position={position} id={id} creator={creator} />{' '}
            <b className={classes.type}>{type}</b>
            <br />
            <span className={`${classes.dim} mono`}>{stream}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Orders({ found: { orders } }: { readonly found: Delivery }) {
  if (orders.length === 0) return null;
  return (
    <Panel title="What was ordered">
      <ol className={classes.chain}>
        {orders.map(({ at, ordered, actor, reason, statusBefore }) => (
          <li key={at}>
            <b className={classes.type}>{ordered}</b> by {actor}, {zonedText(at, 'UTC')}; it was{' '}
            {statusBefore}
            {reason !== null && <span className={classes.dim}> “{reason}”</span>}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** Bodies hold words of people: they go after their time, or when somebody is erased. */
function Body({ found: { body, hasBody, bytes } }: { readonly found: Delivery }) {
  if (typeof body === 'object' && body !== null)
    return (
      <>
        <Text size="xs" c="dimmed">
          {bytes !== null && `${countText(bytes)} bytes. `}What is not known to be harmless is
          masked.
        </Text>
        <Json value={body} label="the body" />
      </>
    );
  return (
    <Text size="sm" className={classes.erased}>
      {hasBody
        ? '‹what was sent is no JSON›'
        : '‹erased: its time of keeping is over, or somebody whom it names was erased›'}
    </Text>
  );
}
