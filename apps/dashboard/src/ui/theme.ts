/** How everything looks: one accent, grey for the rest, contrast of at least 4.5 in light and dark. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const ink: MantineColorsTuple = [
  '#f0f2ff',
  '#dfe4fb',
  '#bac6f5',
  '#94a7f0',
  '#748cea',
  '#5b76e4',
  '#4a66de',
  '#3b55cb',
  '#3048ad',
  '#243a90',
];

export const theme = createTheme({
  colors: { ink },
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 7 },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.375rem', lineHeight: '1.3' } } },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
});

/** Grey text is dark enough to read. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#55606e',
    '--mantine-color-placeholder': '#6b7684',
    '--fw-canvas': '#f6f7f9',
    '--fw-surface': '#ffffff',
    '--fw-line': '#e3e6ea',
    '--fw-bar': '#3b55cb',
    '--fw-bar-negative': '#c2410c',
    '--fw-good': '#1b7a43',
    '--fw-bad': '#b42318',
  },
  dark: {
    '--mantine-color-dimmed': '#a5adba',
    '--mantine-color-placeholder': '#8b94a3',
    '--mantine-color-body': '#14161a',
    '--fw-canvas': '#14161a',
    '--fw-surface': '#1c1f25',
    '--fw-line': '#2d323b',
    '--fw-bar': '#748cea',
    '--fw-bar-negative': '#f08c5a',
    '--fw-good': '#5fce8f',
    '--fw-bad': '#ff8a80',
  },
});
