// The layers of docs/architecture.md: imports go upwards in this list only.
const layers = [
  '^packages/core-native/',
  '^packages/resolver/',
  '^packages/socket/',
  '^packages/family-testkit/',
  '^packages/families/',
  '^packages/drop-ins/',
  '^packages/examples/',
  '^clients/',
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layers.slice(0, -1).map((path, index) => ({
      name: `layer-${index}-imports-a-higher-one`,
      severity: 'error',
      from: { path },
      to: { path: layers.slice(index + 1) },
    })),
    {
      name: 'family-imports-another-family',
      severity: 'error',
      from: { path: '^packages/families/([^/]+)/' },
      to: { path: '^packages/families/', pathNot: '^packages/families/$1/' },
    },
    {
      name: 'drop-in-imports-another-drop-in',
      severity: 'error',
      from: { path: '^packages/drop-ins/([^/]+)/' },
      to: { path: '^packages/drop-ins/', pathNot: '^packages/drop-ins/$1/' },
    },
    { name: 'circular', severity: 'error', from: { pathNot: '/dist/' }, to: { circular: true } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '/generated/' } },
  ],
  options: {
    exclude: { path: ['/build/'] },
    doNotFollow: { path: ['node_modules', '/dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'types'] },
  },
};
