/** The addresses of the operations: lag, checks, replays and deliveries. */
import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { oneOf, only, type Search, textIn } from './search.js';
import { isMonth } from './ui/months.js';

const STATUSES = [
  'unresolved',
  'parked',
  'quarantined',
  'excluded',
  'conflict',
  'ignored',
  'pending',
  'applied',
  'unchanged',
] as const;
const SHOWN = ['failing'] as const;
const ORDERS = ['redrive', 'exclude'] as const;
const NAME = /^[a-z][a-z0-9_]{0,79}$/;
const NAMES = /^[a-z0-9_]{1,64}(,[a-z0-9_]{1,64}){0,63}$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

const matching = (search: Search, name: string, form: RegExp): string | undefined => {
  const text = textIn(search, name);
  return text !== undefined && form.test(text) ? text : undefined;
};

export interface RunsSearch {
  /** Names of read models; absent: all. */
  readonly rebuild?: string;
}

export interface RunSearch {
  /** Only rows of this table. */
  readonly table?: string;
}

export interface ChecksSearch {
  readonly show?: (typeof SHOWN)[number];
}

export interface QuarantineSearch {
  readonly status?: (typeof STATUSES)[number];
  readonly reason?: string;
  /** First day of receipt, UTC. */
  readonly since?: string;
  readonly creator?: string;
  /** What is being ordered of those that are listed. */
  readonly order?: (typeof ORDERS)[number];
}

export interface DeliverySearch {
  readonly order?: (typeof ORDERS)[number];
}

export interface DiagnosisSearch {
  readonly creator?: string;
  readonly month?: string;
}

const quarantineIn = (search: Search): QuarantineSearch =>
  only({
    status: oneOf(search.status, STATUSES),
    reason: matching(search, 'reason', NAME),
    since: matching(search, 'since', DAY),
    creator: textIn(search, 'creator'),
    order: oneOf(search.order, ORDERS),
  });

/** Below what only somebody who is signed in may open. */
export const opsRoutes = <House extends AnyRoute>(house: House) => {
  const getParentRoute = (): House => house;
  return [
    createRoute({
      getParentRoute,
      path: '/ops',
      component: lazyRouteComponent(() => import('./pages/ops/home.js'), 'OperationsPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/ops/projections/$projection',
      component: lazyRouteComponent(() => import('./pages/ops/projection.js'), 'ProjectionPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/ops/runs',
      validateSearch: (search: Search): RunsSearch =>
        only({ rebuild: matching(search, 'rebuild', NAMES) }),
      component: lazyRouteComponent(() => import('./pages/ops/runs.js'), 'RunsPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/ops/runs/$run',
      validateSearch: (search: Search): RunSearch =>
        only({ table: matching(search, 'table', NAME) }),
      component: lazyRouteComponent(() => import('./pages/ops/run.js'), 'RunPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/ops/checks',
      validateSearch: (search: Search): ChecksSearch => only({ show: oneOf(search.show, SHOWN) }),
      component: lazyRouteComponent(() => import('./pages/ops/checks.js'), 'ChecksPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/ops/checks/$check',
      component: lazyRouteComponent(() => import('./pages/ops/check.js'), 'CheckPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/ops/quarantine',
      validateSearch: quarantineIn,
      component: lazyRouteComponent(() => import('./pages/ops/quarantine.js'), 'QuarantinePage'),
    }),
    createRoute({
      getParentRoute,
      path: '/ops/quarantine/$delivery',
      validateSearch: (search: Search): DeliverySearch =>
        only({ order: oneOf(search.order, ORDERS) }),
      component: lazyRouteComponent(() => import('./pages/ops/delivery.js'), 'DeliveryPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/ops/diagnosis',
      validateSearch: (search: Search): DiagnosisSearch =>
        only({
          creator: textIn(search, 'creator'),
          month: isMonth(search.month) ? search.month : undefined,
        }),
      component: lazyRouteComponent(() => import('./pages/ops/diagnosis.js'), 'DiagnosisPage'),
    }),
  ] as const;
};
