/** `npm run dashboard:size`: what the first page loads, and whether that is little enough. */
import { firstRoute, MAX_FIRST_ROUTE_KIB } from './first-route.js';

const { files, kib } = firstRoute();
process.stdout.write(`${files.join('\n')}\n${kib} KiB of ${MAX_FIRST_ROUTE_KIB} KiB gzip\n`);
