/** Which part may import which: docs/architecture.md says why. */

/**
 * The rules of a folder whose parts (folders, or files without their extension) stand on floors, from the lowest up. A part may import the floors
 * below its own, and nothing beside or above it. A part on no floor may import none of the others: it has to be given one.
 *
 * @param {string} root
 * @param {...string[]} plan
 */
function floors(root, ...plan) {
  const parts = (/** @type {string[]} */ names) => `^${root}/(${names.join('|')})(/|[.](ts|svelte|css)$)`
  return [
    ...plan.map((names, index) => ({
      name: `${root}: ${names.join(', ')} above ${plan.slice(0, index).flat().join(', ') || 'nothing'}`,
      severity: 'error',
      from: { path: parts(names) },
      to: {
        path: `^${root}/`,
        pathNot: [`^${root}/$1(/|[.](ts|svelte|css)$)`, ...(index > 0 ? [parts(plan.slice(0, index).flat())] : [])],
      },
    })),
    {
      name: `${root}: a part without a floor`,
      severity: 'error',
      from: { path: `^${root}/`, pathNot: parts(plan.flat()) },
      to: { path: `^${root}/` },
    },
  ]
}

module.exports = {
  forbidden: [
    ...floors(
      'protocol',
      ['seat', 'seq', 'segment', 'octets', 'findings', 'deep-equal', 'version'],
      ['patch'],
      ['tcp', 'tls', 'http', 'wire'],
      ['notation'],
      ['capture', 'round'],
      ['class'],
    ),
    ...floors('protocol/class', ['kind-names', 'activity'], ['flood', 'leak', 'relay'], ['kinds'], ['verdict-view', 'play']),
    ...floors('protocol/tls', ['format'], ['keys'], ['acceptor'], ['endpoint'], ['watch']),
    ...floors('protocol/round', ['model'], ['fold', 'setup'], ['rules', 'insights'], ['view', 'export'], ['round'], ['play']),
    {
      name: 'folding-asks-no-rule',
      comment: 'An old log folds to the same world although the rules have changed.',
      severity: 'error',
      from: { path: '^protocol/round/(model|fold)/' },
      to: {
        path: '^protocol/(http/may-write|tcp/(may-send|segment-arrives|segment-templates|judge-claim|user-calls|timeouts)|tls/acceptor/)',
        dependencyTypesNot: ['type-only'],
      },
    },
    ...floors(
      'server',
      ['base', 'generated'],
      ['database', 'identity', 'nodes'],
      ['rounds'],
      ['lessons'],
      ['courses'],
      ['grades'],
      ['activities'],
      ['lti'],
      ['privacy'],
      ['http', 'live'],
      ['app', 'commands'],
      ['main'],
    ),
    ...floors('server/http', ['plugins', 'readiness', 'pipelining'], ['routes'], ['build-http']),
    ...floors(
      'client/src',
      ['texts', 'app'],
      ['generated'],
      ['lib'],
      ['ui'],
      ['ladder', 'tls'],
      ['round', 'timeline', 'wire', 'practice', 'glossary', 'check', 'privacy', 'home', 'states'],
      ['tls-panel', 'tutorial'],
      ['student', 'debrief', 'teacher', 'lti'],
      ['App'],
      ['main'],
    ),
    ...floors(
      'client/src/teacher',
      ['feed', 'settings', 'student-data'],
      ['account', 'board', 'results', 'sessions', 'exercises', 'platforms', 'round'],
      ['courses', 'grades', 'screen', 'class'],
      ['SessionPages', 'SignInPage'],
      ['TeacherPages'],
    ),
    {
      name: 'players-fold-no-log',
      comment:
        'The pages of those who play show views: they load neither whole logs nor what folds them, except once a round is over. The first minute, which is judged in the page, is loaded while one waits.',
      severity: 'error',
      from: { path: '^client/src/(lib|ui|ladder|tls|round|wire|tls-panel|student)/' },
      to: {
        path: '^(client/src/timeline|protocol/round/(fold|rules|play|export))/',
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'no-cycles-of-folders',
      comment: "Node's module crypto is not this project's folder of that name.",
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true, pathNot: '^crypto$' },
    },
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
      to: { path: '^(client|cli)/' },
    },
    {
      name: 'client-and-server-never-meet',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^(server|prisma|crypto)/' },
    },
    {
      name: 'no-schemas-in-pages',
      comment: 'Pages take types from contract/, and what stands there without schemas: these would bring TypeBox along.',
      severity: 'error',
      from: { path: '^client/' },
      to: {
        path: '^contract/(?!(access-rules|errors|idle-time|launch-refusals|pages|personal-data|wire-version)[.]ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-schemas-in-what-pages-load',
      severity: 'error',
      from: { path: '^contract/(access-rules|errors|idle-time|launch-refusals|pages|personal-data|wire-version)[.]ts$' },
      to: {},
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
    doNotFollow: { path: ['node_modules', '^server/generated/', '^client/src/generated/'] },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'svelte', 'default'] },
  },
}
