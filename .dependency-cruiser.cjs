// Who may import whom: docs/architecture.md, section 3. One rule per row of its table.
const lib = (name) => `^libs/${name}/`;
const only = (from, allowed, comment) => ({
  name: `${from.replace(/[^a-z]+/g, '-').replace(/^-|-$/g, '')}-imports-only`,
  severity: 'error',
  comment,
  from: { path: from, pathNot: '\\.(spec|fixture)\\.ts$' },
  to: { path: '^(apps|libs|projections|migrations|test)/', pathNot: [from, ...allowed] },
});
const packages = (from, allowed, comment) => ({
  name: `${from.replace(/[^a-z]+/g, '-').replace(/^-|-$/g, '')}-packages`,
  severity: 'error',
  comment,
  from: { path: from, pathNot: '\\.(spec|fixture)\\.ts$' },
  to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'], pathNot: allowed.map((name) => `node_modules/${name}/`) },
});
const ports = [lib('ledger'), lib('event-store'), lib('database')];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: { pathNot: '\\.spec\\.ts$' }, to: { circular: true } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'only-via-index',
      severity: 'error',
      comment: 'A lib is imported by its index, never a file inside it.',
      from: { path: '^(apps|libs|projections|migrations)/([^/]+)' },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^$1/$2/' },
    },
    {
      name: 'no-app-imports-an-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'testing-in-specs-only',
      severity: 'error',
      from: { path: '^(apps|libs|projections)/', pathNot: ['\\.(spec|fixture)\\.ts$', lib('testing'), '^apps/[^/]+/test/'] },
      to: { path: lib('testing') },
    },
    only(lib('ledger'), [], 'The domain imports nothing.'),
    packages(lib('ledger'), ['date-fns', 'date-fns-tz'], 'The domain imports no package but date-fns-tz.'),
    only(lib('database'), []),
    only(lib('event-store'), [lib('database')], 'Events are generic here.'),
    only(lib('vault'), [lib('database')], 'The vault knows keys and rows, no domain.'),
    only(lib('projector'), [lib('event-store'), lib('database')], 'The projector knows no domain.'),
    only('^projections/', [lib('ledger'), lib('projector'), lib('database'), lib('vault')]),
    only(lib('ingestion'), [...ports, lib('application'), lib('vault')]),
    only(lib('application'), [...ports, lib('projector'), lib('checks'), lib('vault'), '^projections/']),
    only(lib('backup'), [lib('event-store'), lib('database')], 'A backup knows rows and events, no domain.'),
    only(lib('checks'), [...ports, lib('vault'), '^projections/']),
    only(lib('access'), [lib('ledger'), lib('database')], 'Who may do what needs ids and tables, no figures.'),
    only(lib('audit'), [...ports, lib('checks'), lib('vault')], 'The audit trail reads the log alone.'),
    {
      name: 'projections-are-pure',
      severity: 'error',
      comment: 'SQL of read models lives in *.queries.ts only.',
      from: { path: '^projections/', pathNot: '\\.queries\\.ts$|\\.spec\\.ts$|index\\.ts$' },
      to: { path: [lib('database'), 'node_modules/kysely/'] },
    },
    {
      name: 'nest-ends-at-the-edge',
      severity: 'error',
      from: { path: '^(libs|projections)/', pathNot: [lib('application'), '\\.module\\.ts$', '\\.spec\\.ts$'] },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'eventstoredb-stays-in-its-adapter',
      severity: 'error',
      from: { pathNot: '^libs/event-store/src/eventstoredb/' },
      to: { path: 'node_modules/@eventstore/' },
    },
    {
      name: 'no-sql-in-apps',
      severity: 'error',
      comment: 'Apps are wiring and transport: no rules, no SQL.',
      from: { path: '^apps/', pathNot: ['\\.spec\\.ts$', '^apps/[^/]+/test/'] },
      to: { path: 'node_modules/(kysely|pg)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|apps/dashboard)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
