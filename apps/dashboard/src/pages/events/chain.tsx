/** From what came from outside to what it did: the delivery or the command, and every event that it made. */
import type { EventInFull } from '../../api/event-reads.js';
import { useMe } from '../../api/session.js';
import { EventLink } from '../../ui/event-link.js';
import { countText } from '../../ui/figures.js';
import { PageLink } from '../../ui/page-link.js';
import classes from './events.module.css';
import { type Names, Says } from './says.js';

interface ChainProps {
  readonly event: EventInFull;
  readonly creator: string | undefined;
  readonly names: Names;
}

export function Chain({ event, creator, names }: ChainProps) {
  const { sameCause } = event;
  const of = creator === undefined ? {} : { creator };
  // The event stands among the others of its cause, in the order of the log.
  const all = [...sameCause.items, event].toSorted((a, b) => a.position - b.position);
  return (
    <>
      <ol className={classes.chain}>
        <li>
          <Cause event={event} creator={creator} />
        </li>
        {all.map((one) => {
          const isHere = one.position === event.position;
          return (
            <li key={one.position} data-here={isHere || undefined} aria-current={isHere}>
              {isHere ? (
                <b>
                  #{countText(one.position)} {one.type}, this event
                </b>
              ) : (
                <>
                  <EventLink position={one.position} id={one.id} {...of} />{' '}
                  <b className={classes.type}>{one.type}</b>
                  <br />
                  <span className={classes.dim}>
                    <Says event={one} names={names} />
                  </span>
                </>
              )}
            </li>
          );
        })}
      </ol>
      {sameCause.items.length > 0 && (
        <PageLink to="/events" search={{ ...of, corr: event.id }} fz="sm">
          {sameCause.isCut ? 'The first of what' : 'All that'} the same cause made, as a list
        </PageLink>
      )}
    </>
  );
}

function Cause({ event: { cause, delivery }, creator }: Omit<ChainProps, 'names'>) {
  const me = useMe();
  if (cause.kind === 'delivery' && cause.delivery !== null)
    return (
      <>
        {me?.role === 'admin' ? (
          <PageLink
            to="/deliveries/$delivery"
            params={{ delivery: String(cause.delivery) }}
            search={creator === undefined ? {} : { creator }}
          >
            Delivery {countText(cause.delivery)}
          </PageLink>
        ) : (
          <span title="What was sent is shown to who runs the ledger.">
            Delivery {countText(cause.delivery)}
          </span>
        )}
        {delivery !== null && (
          <>
            {' '}
            <b className={classes.type}>{delivery.type ?? delivery.generation}</b>
            <br />
            <span className={`${classes.dim} mono`}>
              {delivery.provider} {delivery.deliveryId}
            </span>
          </>
        )}
      </>
    );
  if (cause.kind === 'command')
    return (
      <>
        <b className={classes.type}>{cause.command}</b>, ordered by {cause.actor}
        {cause.reason !== null && (
          <>
            <br />
            <span className={classes.dim}>“{cause.reason}”</span>
          </>
        )}
      </>
    );
  return <span className={classes.dim}>It does not say what caused it.</span>;
}
