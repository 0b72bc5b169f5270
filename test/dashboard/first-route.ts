/** What a browser loads before the overview is there: the page, the shell, the overview's own code. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

export const MAX_FIRST_ROUTE_KIB = 200;
const BUILT = 'dist/apps/dashboard';
export const MANIFEST = path.join(BUILT, '.vite/manifest.json');
/** The page, and what its address loads. */
const ENTRIES = ['index.html', 'src/shell/shell.tsx', 'src/pages/overview/overview.tsx'];

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
}

/** Every script, once, with what it imports; not what is imported later. */
export function firstRoute(): { readonly files: readonly string[]; readonly kib: number } {
  const chunks = JSON.parse(readFileSync(MANIFEST, 'utf8')) as Readonly<Record<string, Chunk>>;
  const met = new Set<string>();
  const visit = (name: string): void => {
    const chunk = chunks[name];
    if (chunk === undefined) throw new Error(`${MANIFEST} names no ${name}`);
    if (met.has(chunk.file)) return;
    met.add(chunk.file);
    for (const imported of chunk.imports ?? []) visit(imported);
  };
  for (const entry of ENTRIES) visit(entry);
  const files = [...met].sort();
  const bytes = files.map((file) => gzipSync(readFileSync(path.join(BUILT, file))).length);
  return { files, kib: Math.round(bytes.reduce((sum, one) => sum + one, 0) / 102.4) / 10 };
}
