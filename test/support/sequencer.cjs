'use strict';
// The order in which test files are run: those that last longest first, so that no worker sits idle
// while the other ends with one of them. Jest alone knows only what it has measured on this machine,
// and goes by the size of the files where that is nothing, as in every fresh checkout.
const { default: Sequencer } = require('@jest/test-sequencer');

/** Parts of paths, the longest first; a file of none of them comes last, by its size. */
const LONGEST = [
  'test/e2e/dashboard',
  'test/e2e/replays',
  'test/e2e/cluster',
  'test/e2e/demo.',
  'test/e2e/kills',
  'test/e2e/demo-break',
  'test/laws/explain',
  'test/laws/months-races',
  'test/laws/replays-faults',
  'test/laws/books',
  'test/e2e/',
  'test/laws/',
  'values/month.zones',
  'apps/api/src/explanations',
  'embedded/embedded',
  '.int.spec',
];

module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = LONGEST.findIndex((part) => path.replaceAll('\\', '/').includes(part));
      return place === -1 ? LONGEST.length : place;
    };
    const usual = super.sort(tests);
    return [...usual].sort((a, b) => rank(a) - rank(b));
  }
};
