// Which folder may import which. The picture is in docs/architecture.md; each rule says why it exists.
const only = (from, allowed, comment) => ({
  name: `arrows-${from}`,
  severity: 'error',
  comment,
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: `^src/(${[from, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    only('domain', [], 'Rules stand alone, so that they can be read, tested and run anywhere.'),
    only('http1', [], 'The wire layer knows nothing but bytes.'),
    only('http2', ['http1'], 'HTTP/2 messages are judged by the rules of HTTP/1.1 and said in its words.'),
    only('inbound', [], 'How connections arrive, before anybody knows what they are for: bytes alone.'),
    only('files', [], 'Files of any kind: read within bounds, followed, put in place whole.'),
    only('pki', ['domain'], 'Certificates know the values, not who uses them.'),
    only('wire', ['domain', 'pki'], 'What crosses a process boundary is made of values.'),
    only(
      'pull',
      ['domain', 'pki', 'wire', 'http1', 'http2'],
      'A pull is shared by the edge, proofs and probes: it stands below them.',
    ),
    only('doctor', ['domain', 'pki', 'wire', 'http1', 'http2', 'pull'], 'Looks at origins: for all who need to know.'),
    {
      name: 'judgement-is-pure',
      severity: 'error',
      comment: 'What was seen is judged without a clock, a socket or a file.',
      from: { path: '^src/doctor/diagnosis/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { dependencyTypes: ['core', 'npm'] },
    },
    only(
      'control',
      ['domain', 'files', 'pki', 'wire', 'http1', 'pull', 'doctor'],
      'The control plane meets edge and origin only in wire shapes.',
    ),
    only(
      'edge',
      ['domain', 'pki', 'wire', 'http1', 'http2', 'inbound', 'pull'],
      'The edge meets control plane and origin only in wire shapes.',
    ),
    only(
      'origin',
      ['domain', 'files', 'pki', 'wire', 'http1', 'inbound', 'pull', 'doctor'],
      'An origin owner never installs control-plane code.',
    ),
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'No clock, no I/O, no packages in the rules.',
      from: { path: '^src/domain/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { dependencyTypes: ['core', 'npm'] },
    },
    {
      name: 'lean-layers',
      severity: 'error',
      comment: 'Everything an origin owner installs has no run-time dependency beyond Node.',
      from: { path: '^src/(domain|files|http1|http2|inbound|pki|pull|doctor|origin)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm'] },
    },
    {
      name: 'dashboard-uses-the-api',
      severity: 'error',
      comment: 'Pages know the installation through its API alone; what they share with it is pure and needs no Node.',
      from: { path: '^dashboard/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(domain|wire)/' },
    },
    {
      name: 'dashboard-takes-types-of-wire',
      severity: 'error',
      comment: 'The shape of an answer is written once, where it is made; nothing of the schemas comes into a browser.',
      from: { path: '^dashboard/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/wire/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'dashboard-alone',
      severity: 'error',
      comment: 'The program serves built files and knows nothing of the pages.',
      from: { path: '^src/' },
      to: { path: '^dashboard/' },
    },
    {
      name: 'no-rings',
      severity: 'error',
      comment: 'Also of types: whoever reads one file of a ring has to read all of it.',
      from: { path: '^(src|dashboard)/', pathNot: '^src/domain/' },
      to: { circular: true },
    },
    {
      name: 'no-rings-in-the-rules',
      severity: 'error',
      comment: 'A zone is made of its parts, and the turns of a part, which stand beside its type, take a zone.',
      from: { path: '^src/domain/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-tests-in-program',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^test/|\\.test\\.ts$' },
    },
    { name: 'found', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};
