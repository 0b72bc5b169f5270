/** How the dashboard is built: hashed files in dist/apps/dashboard, each also compressed. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const COMPRESSED = /\.(js|css|svg)$/;
/**
 * What every page shows with, and the libraries that draw it. The library's styles too: of two rules
 * that weigh the same the later one holds, and theirs must come before ours.
 */
const FIRST =
  /apps\/dashboard\/src\/(ui\/(?!long-|event-link|not-begun)|api\/(calls|client|live|path|positions|problem|reads|session)|shell\/place)|@mantine\/core\/styles\.css/;
/** Less is not worth a second file. */
const MIN_BYTES = 1_024;

/** The server sends what it finds beside a file, and compresses nothing while people wait. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle({ dir = '' }) {
      const assets = path.join(dir, 'assets');
      for (const name of readdirSync(assets)) {
        const file = path.join(assets, name);
        const bytes = readFileSync(file);
        if (!COMPRESSED.test(name) || bytes.length < MIN_BYTES) continue;
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
      }
    },
  };
}

// biome-ignore lint/style/noDefaultExport: Vite reads the default export.
export default defineConfig({
  root: import.meta.dirname,
  // The server writes a nonce of its own in its place, into each answer.
  html: { cspNonce: '__FLYWHEEL_NONCE__' },
  plugins: [compressed()],
  build: {
    outDir: '../../dist/apps/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing is inlined: the policy of the page allows no data: addresses.
    assetsInlineLimit: 0,
    manifest: true,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What the first page is made of stays together: pages that share a part of it would
        // otherwise split it into many small files, which compress worse.
        codeSplitting: { groups: [{ name: 'first', test: FIRST }] },
      },
      // Libraries mark files for servers that render; there is none here.
      onLog: (level, log, say) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') say(level, log);
      },
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': 'http://127.0.0.1:4310', '/health': 'http://127.0.0.1:4310' },
  },
});
