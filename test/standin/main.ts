/** The stand-in as a process of its own: `main.ts <port> <file>`. Says its address, and lives until it is ended. */
import { StandIn } from './stand-in.js';

const [port = '0', file] = process.argv.slice(2);
const standIn = await StandIn.start({
  port: Number(port),
  ...(file === undefined ? {} : { file }),
});
process.stdout.write(`${standIn.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void standIn.stop().then(() => process.exit(0)));
