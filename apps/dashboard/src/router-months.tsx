/** The addresses of months, of one month, and of commissions. */
import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { monthIn, oneOf, only, type Search, versionIn } from './search.js';

const TABS = ['since', 'versions'] as const;
const ACTS = ['close', 'restate'] as const;
const STATUSES = ['standing', 'reversed'] as const;
const KINDS = ['initial', 'recurring', 'organic'] as const;

export interface OneMonthSearch {
  readonly tab?: (typeof TABS)[number];
  /** Which is listed; absent: the latest. */
  readonly version?: string;
  /** What is being planned. */
  readonly act?: (typeof ACTS)[number];
}

export interface CommissionsSearch {
  readonly month?: string;
  readonly status?: (typeof STATUSES)[number];
  readonly kind?: (typeof KINDS)[number];
}

/** Below what only somebody who is signed in may open. */
export const monthRoutes = <House extends AnyRoute>(house: House) => {
  const getParentRoute = (): House => house;
  return [
    createRoute({
      getParentRoute,
      path: '/c/$creator/months',
      validateSearch: monthIn,
      component: lazyRouteComponent(() => import('./pages/months/months.js'), 'MonthsPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/c/$creator/months/$month',
      validateSearch: (search: Search): OneMonthSearch =>
        only({
          tab: oneOf(search.tab, TABS),
          act: oneOf(search.act, ACTS),
          version: versionIn(search),
        }),
      component: lazyRouteComponent(() => import('./pages/months/month.js'), 'MonthPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/c/$creator/commissions',
      validateSearch: (search: Search): CommissionsSearch => ({
        ...monthIn(search),
        ...only({ status: oneOf(search.status, STATUSES), kind: oneOf(search.kind, KINDS) }),
      }),
      component: lazyRouteComponent(() => import('./pages/commissions.js'), 'CommissionsPage'),
    }),
  ] as const;
};
