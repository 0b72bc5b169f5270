/** The addresses of the log: its events, one of them, and the delivery that one came by. */
import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { monthIn, oneOf, only, type Search, textIn } from './search.js';

const DIRECTIONS = ['newest', 'oldest'] as const;
const FOLLOWS = ['no'] as const;
/** A position in the log, or the id of an event. */
const EVENT = /^([1-9]\d{0,14}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export interface EventsSearch {
  readonly month?: string;
  readonly creator?: string;
  readonly member?: string;
  readonly stream?: string;
  readonly type?: string;
  /** What the same cause made as this event. */
  readonly corr?: string;
  /** Recorded between them: a day or month in UTC, or an instant. */
  readonly from?: string;
  readonly to?: string;
  /** The position that the list begins at. */
  readonly pos?: string;
  readonly dir?: (typeof DIRECTIONS)[number];
  readonly follow?: (typeof FOLLOWS)[number];
  /** The event that is open beside the list. */
  readonly event?: string;
}

const eventsIn = (search: Search): EventsSearch => {
  const eventIn = (name: string): string | undefined =>
    EVENT.test(textIn(search, name) ?? '') ? textIn(search, name) : undefined;
  return {
    ...monthIn(search),
    ...only({
      creator: textIn(search, 'creator'),
      member: textIn(search, 'member'),
      stream: textIn(search, 'stream'),
      type: textIn(search, 'type'),
      corr: eventIn('corr'),
      from: textIn(search, 'from'),
      to: textIn(search, 'to'),
      pos: /^[1-9]\d{0,14}$/.test(textIn(search, 'pos') ?? '') ? textIn(search, 'pos') : undefined,
      dir: oneOf(search.dir, DIRECTIONS),
      follow: oneOf(search.follow, FOLLOWS),
      event: eventIn('event'),
    }),
  };
};

/** Whose pages one came from, where that is no part of what is shown. */
const creatorIn = (search: Search): { month?: string; creator?: string } => ({
  ...monthIn(search),
  ...only({ creator: textIn(search, 'creator') }),
});

export const logRoutes = <Parent extends AnyRoute>(house: Parent) => {
  const getParentRoute = () => house;
  return [
    createRoute({
      getParentRoute,
      path: '/events',
      validateSearch: eventsIn,
      component: lazyRouteComponent(() => import('./pages/events/events.js'), 'EventsPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/events/$event',
      validateSearch: creatorIn,
      component: lazyRouteComponent(() => import('./pages/events/event-page.js'), 'EventPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/deliveries/$delivery',
      validateSearch: creatorIn,
      component: lazyRouteComponent(
        () => import('./pages/events/delivery-page.js'),
        'DeliveryPage',
      ),
    }),
  ] as const;
};
