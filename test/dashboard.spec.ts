/** The dashboard as it is built: its types are those of the interface, and its first page is small. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { firstRoute, MANIFEST, MAX_FIRST_ROUTE_KIB } from './dashboard/first-route.js';
import { SCHEMA_FILE, schemaText } from './dashboard/schema.js';

const BUILT = 'dist/apps/dashboard';
const HINT = 'run npm run build first';

describe('the dashboard', () => {
  it('reads the interface by types that are those of the router (npm run dashboard:api)', async () => {
    expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(await schemaText());
  });

  it('asks nobody else for anything: no address of another host is in its files', () => {
    expect(existsSync(BUILT) || HINT).toBe(true);
    const page = readFileSync(path.join(BUILT, 'index.html'), 'utf8');
    expect([...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, to = '']) => to)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\/assets\//)]),
    );
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=/);
    const styles = readdirSync(path.join(BUILT, 'assets')).filter((name) => name.endsWith('.css'));
    for (const name of styles)
      expect(readFileSync(path.join(BUILT, 'assets', name), 'utf8')).not.toMatch(
        /@import|url\(\s*["']?(https?:)?\/\//,
      );
  });

  it('has the styles of the library before its own: of two that weigh the same the later one holds', () => {
    expect(existsSync(BUILT) || HINT).toBe(true);
    const page = readFileSync(path.join(BUILT, 'index.html'), 'utf8');
    const styles = [...page.matchAll(/href="\/(assets\/[^"]+\.css)"/g)]
      .map(([, file = '']) => readFileSync(path.join(BUILT, file), 'utf8'))
      .join('\n');
    // Of Mantine's components, and of a link that says why.
    const [library, own] = [styles.lastIndexOf('.m_'), styles.indexOf('._why_')];
    expect(library).toBeGreaterThan(0);
    expect(own).toBeGreaterThan(library);
  });

  it(`needs at most ${MAX_FIRST_ROUTE_KIB} KiB of gzip JavaScript for its first page`, () => {
    expect(existsSync(MANIFEST) || HINT).toBe(true);
    const { files, kib } = firstRoute();
    expect(files.length).toBeGreaterThan(3);
    expect(files.some((file) => file.includes('earnings-chart'))).toBe(false);
    expect(kib).toBeLessThanOrEqual(MAX_FIRST_ROUTE_KIB);
  });
});
