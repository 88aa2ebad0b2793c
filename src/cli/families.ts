import type { Command } from 'commander';

/** A first word of the command line, and where its commands are. */
interface Family {
  readonly load: () => Promise<Command>;
  /** Under which heading of the help it stands; the first one where left out. */
  readonly manages?: boolean;
}

/**
 * All of them, in the order of the help. Each is loaded when it is needed: a command that asks the API one question
 * should not wait for an edge to be compiled.
 */
const FAMILIES: Readonly<Record<string, Family>> = {
  up: { load: async () => (await import('./up.ts')).upCommand() },
  demo: { load: async () => (await import('./demo.ts')).demoCommand() },
  restore: { load: async () => (await import('./restore.ts')).restoreCommand() },
  origin: { load: async () => (await import('./origin.ts')).originCommand() },
  setup: { load: async () => (await import('./setup.ts')).setupCommand() },
  doctor: { load: async () => (await import('./doctor.ts')).doctorCommand() },
  guard: { load: async () => (await import('./guard.ts')).guardCommand() },
  overview: { load: async () => (await import('./manage/overview.ts')).overviewCommand(), manages: true },
  expiries: { load: async () => (await import('./manage/overview.ts')).expiriesCommand(), manages: true },
  zones: { load: async () => (await import('./manage/zones.ts')).zonesCommand(), manages: true },
  accounts: { load: async () => (await import('./manage/accounts.ts')).accountsCommand(), manages: true },
  records: { load: async () => (await import('./manage/records.ts')).recordsCommand(), manages: true },
  settings: { load: async () => (await import('./manage/settings.ts')).settingsCommand(), manages: true },
  aop: { load: async () => (await import('./manage/origin-pulls.ts')).originPullsCommand(), manages: true },
  certs: { load: async () => (await import('./manage/certificates.ts')).certificatesCommand(), manages: true },
  visitors: { load: async () => (await import('./manage/visitors.ts')).visitorsCommand(), manages: true },
  'access-rules': { load: async () => (await import('./manage/access-rules.ts')).accessRulesCommand(), manages: true },
  'rate-limits': { load: async () => (await import('./manage/rate-limits.ts')).rateLimitsCommand(), manages: true },
  identities: { load: async () => (await import('./manage/identities.ts')).identitiesCommand(), manages: true },
  attestations: {
    load: async () => (await import('./manage/attestations.ts')).attestationsCommand(),
    manages: true,
  },
  rotations: { load: async () => (await import('./manage/rotations.ts')).rotationsCommand(), manages: true },
  ca: { load: async () => (await import('./manage/trust-bundle.ts')).trustBundleCommand(), manages: true },
  tokens: { load: async () => (await import('./manage/tokens.ts')).tokensCommand(), manages: true },
  notices: { load: async () => (await import('./manage/notices.ts')).noticesCommand(), manages: true },
  edges: { load: async () => (await import('./manage/edges.ts')).edgesCommand(), manages: true },
  analytics: { load: async () => (await import('./manage/analytics.ts')).analyticsCommand(), manages: true },
  audit: { load: async () => (await import('./manage/audit.ts')).auditCommand(), manages: true },
  backup: { load: async () => (await import('./manage/backup.ts')).backupCommand(), manages: true },
  apply: { load: async () => (await import('./declare/apply.ts')).applyCommand(), manages: true },
  diff: { load: async () => (await import('./declare/apply.ts')).diffCommand(), manages: true },
  export: { load: async () => (await import('./declare/export.ts')).exportCommand(), manages: true },
  import: { load: async () => (await import('./declare/import.ts')).importCommand(), manages: true },
  schema: { load: async () => (await import('./declare/export.ts')).schemaCommand(), manages: true },
  completion: { load: async () => (await import('./completion/completion.ts')).completionCommand() },
};

/** The commands for a command line: the one that its first word names, or all of them to choose from. */
export async function familiesFor(word: string | undefined): Promise<readonly Command[]> {
  const named = word === undefined || !Object.hasOwn(FAMILIES, word) ? undefined : FAMILIES[word];
  return Promise.all((named === undefined ? Object.values(FAMILIES) : [named]).map(loaded));
}

async function loaded({ load, manages }: Family): Promise<Command> {
  const command = await load();
  return manages === true ? command.helpGroup('Manage a running Postern:') : command;
}
