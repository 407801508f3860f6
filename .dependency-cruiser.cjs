/** Which part may import which: docs/architecture.md says why. */
module.exports = {
  forbidden: [
    {
      name: 'protocol-stands-alone',
      comment: 'The engine is pure: no package, no module of Node, nothing of the rest of the project.',
      severity: 'error',
      from: { path: '^protocol/' },
      to: { pathNot: '^protocol/' },
    },
    {
      name: 'contract-knows-protocol-only',
      severity: 'error',
      from: { path: '^contract/' },
      to: { pathNot: ['^protocol/', '^contract/', '^node_modules/typebox/'] },
    },
    {
      name: 'exercises-know-protocol-only',
      comment: 'What reads and checks the files of exercises: for the server and for the commands.',
      severity: 'error',
      from: { path: '^exercises/' },
      to: { pathNot: ['^protocol/', '^crypto/', '^exercises/', '^node_modules/(typebox|yaml)/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'commands-need-no-server',
      comment:
        'The commands read, judge, play and print: the engine, the exercises, its primitives and Node are all that they load.',
      severity: 'error',
      from: { path: '^cli/' },
      to: { pathNot: ['^cli/', '^protocol/', '^exercises/', '^crypto/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'crypto-knows-protocol-only',
      comment: 'The primitives that TLS asks for, by Node: for whatever judges or plays, never for a page.',
      severity: 'error',
      from: { path: '^crypto/' },
      to: { pathNot: ['^protocol/tls/', '^protocol/octets\\.ts$', '^crypto/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'server-and-client-never-meet',
      comment: 'What both need stands in contract/ or protocol/.',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^client/' },
    },
    {
      name: 'client-and-server-never-meet',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^(server|prisma|crypto)/' },
    },
    {
      name: 'no-schemas-in-pages',
      comment: 'Pages take types and constants from contract/; the schemas would bring TypeBox along.',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^contract/schemas[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pages-run-in-browsers',
      severity: 'error',
      from: { path: '^client/src/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-tests-import-tests',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-development-packages-at-run-time',
      severity: 'error',
      from: { path: '^(protocol|crypto|contract|exercises|server|cli|client/src)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'all-resolve', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^server/generated/', '^client/src/paraglide/'] },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'svelte', 'default'] },
  },
}
