/** What stands around every page: the header, the ways to other pages, and the banners. */
import { AppShell } from '@mantine/core';
import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, type RefObject, Suspense, useEffect, useRef } from 'react';
import { LiveProvider } from '../api/live.js';
import { useOwnReads } from '../api/session.js';
import { Banners } from './banners.js';
import { Header } from './header.js';
import { useKeys } from './keys.js';
import { FootNav, SideNav } from './nav.js';
import { useOpened } from './opened.js';
import { useNear, usePlace } from './place.js';
import classes from './shell.module.css';

// What is opened seldom is loaded when it is opened first.
const Palette = lazy(async () => ({ default: (await import('./palette.js')).Palette }));
const Help = lazy(async () => ({ default: (await import('./help.js')).Help }));
const Calls = lazy(async () => ({ default: (await import('./calls.js')).Calls }));

export function Shell() {
  const place = usePlace();
  const near = useNear(place);
  const page = usePageFocus();
  useOwnReads();
  const palette = useOpened();
  const help = useOpened();
  const calls = useOpened();
  useKeys(near, { onPalette: palette.open, onHelp: help.open, onCalls: calls.open });
  return (
    <LiveProvider creator={place.creator}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <AppShell
        header={{ height: { base: 100, sm: 56 } }}
        navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: true } }}
        footer={{ height: { base: 58, sm: 0 } }}
        // Another size of the window is followed at once.
        transitionDuration={0}
      >
        <AppShell.Header className={classes.bar}>
          <Header place={place} onPalette={palette.open} onHelp={help.open} onCalls={calls.open} />
        </AppShell.Header>
        <AppShell.Navbar className={classes.bar} aria-label="Pages" visibleFrom="sm">
          <SideNav place={near} />
        </AppShell.Navbar>
        <AppShell.Main>
          <Banners place={place} />
          <div id="page" ref={page} tabIndex={-1} className={classes.page}>
            <Outlet />
          </div>
        </AppShell.Main>
        <AppShell.Footer className={classes.bar} hiddenFrom="sm">
          <FootNav place={near} />
        </AppShell.Footer>
      </AppShell>
      {palette.wasOpened && (
        <Suspense fallback={null}>
          <Palette place={near} isOpen={palette.isOpen} onClose={palette.close} />
        </Suspense>
      )}
      {help.wasOpened && (
        <Suspense fallback={null}>
          <Help isOpen={help.isOpen} onClose={help.close} />
        </Suspense>
      )}
      {calls.wasOpened && (
        <Suspense fallback={null}>
          <Calls isOpen={calls.isOpen} onClose={calls.close} />
        </Suspense>
      )}
    </LiveProvider>
  );
}

/** Another page begins at its beginning, for the keyboard and for who hears it. */
function usePageFocus(): RefObject<HTMLDivElement | null> {
  const page = useRef<HTMLDivElement>(null);
  const pathname = useLocation({ select: (location) => location.pathname });
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    page.current?.focus({ preventScroll: true });
  }, [pathname]);
  return page;
}
