/**
 * The addresses of the pages. The whole state of a page is in its address: what is asked of the
 * server, and nothing that only the browser knows.
 */
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { HISTORIES, type HistoryField } from './api/histories.js';
import { isSignedOut } from './api/problem.js';
import type { ExplainAsked } from './api/reads.js';
import { meQuery } from './api/session.js';
import { logRoutes } from './router-log.js';
import { monthRoutes } from './router-months.js';
import { opsRoutes } from './router-ops.js';
import { monthIn, oneOf, only, type Search, textIn, versionIn } from './search.js';
import { Lost, LostPage, NotFound, NotFoundPage, Waiting } from './shell/whole-page.js';

interface Context {
  readonly queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  notFoundComponent: NotFoundPage,
  errorComponent: LostPage,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Search): { next?: string } => {
    const next = textIn(search, 'next');
    // Only back to a page of ours.
    return next !== undefined && /^\/(?![/\\])[^\s\\]*$/.test(next) ? { next } : {};
  },
  component: lazyRouteComponent(() => import('./pages/sign-in.js'), 'SignInPage'),
});

/** What only somebody who is signed in may open. */
const house = createRoute({
  getParentRoute: () => root,
  id: 'house',
  beforeLoad: async ({ context, location }) => {
    try {
      return { me: await context.queries.ensureQueryData(meQuery) };
    } catch (error) {
      if (isSignedOut(error)) throw redirect({ to: '/sign-in', search: { next: location.href } });
      throw error;
    }
  },
  component: lazyRouteComponent(() => import('./shell/shell.js'), 'Shell'),
  errorComponent: LostPage,
});

const creators = createRoute({
  getParentRoute: () => house,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/creators.js'), 'CreatorsPage'),
});

const CHART = ['day', 'month'] as const;
const TOP = ['more'] as const;
const VIEWS = ['chart', 'table'] as const;

export interface OverviewSearch {
  readonly month?: string;
  /** What a bar of the chart is. */
  readonly by?: (typeof CHART)[number];
  readonly as?: (typeof VIEWS)[number];
  /** More of the top referrers than the first. */
  readonly top?: (typeof TOP)[number];
}

const overview = createRoute({
  getParentRoute: () => house,
  path: '/c/$creator',
  validateSearch: (search: Search): OverviewSearch => ({
    ...monthIn(search),
    ...only({
      by: oneOf(search.by, CHART),
      as: oneOf(search.as, VIEWS),
      top: oneOf(search.top, TOP),
    }),
  }),
  component: lazyRouteComponent(() => import('./pages/overview/overview.js'), 'OverviewPage'),
});

const SORTS = ['memberId', 'totalReferrals', 'signedUpAt'] as const;

export interface MembersSearch {
  readonly month?: string;
  readonly q?: string;
  readonly tier?: string;
  readonly sort?: (typeof SORTS)[number];
}

const members = createRoute({
  getParentRoute: () => house,
  path: '/c/$creator/members',
  validateSearch: (search: Search): MembersSearch => ({
    ...monthIn(search),
    ...only({
      q: textIn(search, 'q'),
      tier: textIn(search, 'tier'),
      sort: oneOf(search.sort, SORTS),
    }),
  }),
  component: lazyRouteComponent(() => import('./pages/members.js'), 'MembersPage'),
});

const TABS = ['referrals', 'commissions', 'statement', 'history'] as const;
const STATUSES = ['signedUp', 'converted'] as const;

export interface MemberSearch {
  readonly month?: string;
  readonly tab?: (typeof TABS)[number];
  readonly status?: (typeof STATUSES)[number];
  /** Whose history the tab of that name shows. */
  readonly of?: HistoryField;
}

const member = createRoute({
  getParentRoute: () => house,
  path: '/c/$creator/members/$member',
  validateSearch: (search: Search): MemberSearch => ({
    ...monthIn(search),
    ...only({
      tab: oneOf(search.tab, TABS),
      status: oneOf(search.status, STATUSES),
      of: oneOf(search.of, HISTORIES),
    }),
  }),
  component: lazyRouteComponent(() => import('./pages/member/member.js'), 'MemberPage'),
});

const STATES = ['known', 'closed', 'pending'] as const;
export type ExplainSearch = Partial<ExplainAsked>;

const explain = createRoute({
  getParentRoute: () => house,
  path: '/explain',
  validateSearch: (search: Search): ExplainSearch => ({
    ...monthIn(search),
    ...only({
      creator: textIn(search, 'creator'),
      member: textIn(search, 'member'),
      figure: textIn(search, 'figure'),
      day: textIn(search, 'day'),
      throughDay: textIn(search, 'throughDay'),
      currency: textIn(search, 'currency'),
      state: oneOf(search.state, STATES),
      version: versionIn(search),
      origin: textIn(search, 'origin'),
      source: textIn(search, 'source'),
    }),
  }),
  component: lazyRouteComponent(() => import('./pages/explain/explain.js'), 'ExplainPage'),
});

const CHANGES = ['timeZone', 'rates', 'graceHours', 'currency', 'tiers', 'pin'] as const;

export interface SettingsSearch {
  readonly month?: string;
  readonly creator?: string;
  /** What is being changed: its form is open. */
  readonly change?: (typeof CHANGES)[number];
  /** Whose pin. */
  readonly member?: string;
}

const settingsSearch = (search: Search): SettingsSearch => ({
  ...monthIn(search),
  ...only({
    creator: textIn(search, 'creator'),
    change: oneOf(search.change, CHANGES),
    member: textIn(search, 'member'),
  }),
});

const anySettings = createRoute({
  getParentRoute: () => house,
  path: '/settings',
  validateSearch: settingsSearch,
  beforeLoad: ({ search }) => {
    throw redirect({ to: '/settings/$section', params: { section: 'general' }, search });
  },
});

const settings = createRoute({
  getParentRoute: () => house,
  path: '/settings/$section',
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import('./pages/settings/settings.js'), 'SettingsPage'),
});

const tree = root.addChildren([
  signIn,
  house.addChildren([
    ...[creators, overview, members, member, explain],
    ...monthRoutes(house),
    ...logRoutes(house),
    ...[anySettings, settings],
    ...opsRoutes(house),
  ]),
]);

export const createPages = (queries: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: 'intent',
    defaultPendingComponent: Waiting,
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: Lost,
    scrollRestoration: true,
    // Plain texts: `?month=2025-10`, not JSON.
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search) => {
      const text = new URLSearchParams(only(search) as Record<string, string>).toString();
      return text === '' ? '' : `?${text}`;
    },
  });
