/** How Node is told to run each process: one place, for `flywheel up` and whoever measures it. */

/**
 * What the intake makes of a batch of 500 deliveries, some 40 MB, lives until the batch is written.
 * In V8's usual young generation (16 MB) it is copied twice first, which was a fifth of the worker's
 * time; in this one most of it has died before anybody looks (docs/performance.md).
 */
const YOUNG_GENERATION_MB = 128;

const FLAGS = {
  api: [],
  worker: [
    `--min-semi-space-size=${YOUNG_GENERATION_MB}`,
    `--max-semi-space-size=${YOUNG_GENERATION_MB}`,
  ],
} as const satisfies Record<string, readonly string[]>;

export type ProcessName = keyof typeof FLAGS;

export const nodeFlagsOf = (name: ProcessName): string[] => [
  '--enable-source-maps',
  ...FLAGS[name],
];
