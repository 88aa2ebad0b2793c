/** Steps of a set-up, in their order, as the API names them. */
export const STEPS = [
  { kind: 'records', title: 'Name and record', about: 'The edge must serve the name and show its certificate.' },
  { kind: 'server', title: 'The server', about: '' },
  { kind: 'configure', title: 'Configure the origin', about: 'It asks for the certificate, and refuses nobody yet.' },
  { kind: 'watch', title: 'Watch who comes', about: 'Who comes without the certificate would be refused later.' },
  {
    kind: 'enforce',
    title: 'Enforce',
    about: 'Decide it here, carry it out at the origin: then only the edge gets in.',
  },
  { kind: 'prove', title: 'Prove it', about: 'Postern knocks with the right certificate and with wrong ones.' },
] as const;

export type StepKind = (typeof STEPS)[number]['kind'];

/** Where a set-up is, what it waits for, and why. */
export interface SetupStep {
  readonly kind: StepKind | 'proved';
  readonly waits_for: string | null;
  readonly why: string;
  readonly fix: string | null;
  /** The names that keep it there; none where it is all of them alike. */
  readonly hostnames: readonly string[];
  /** The code of what a look found to stand between it and its end; `why` says it. */
  readonly found: string | null;
}

/** What was chosen so far, in the words of origin_config. */
export interface Choices {
  readonly server?: string;
  readonly server_version?: string;
  readonly upstream?: string;
  readonly root?: string;
  readonly listen?: readonly string[];
  readonly server_cert?: string;
  readonly server_key?: string;
  readonly origin_ca?: boolean;
  readonly directory?: string;
  readonly runtime_dir?: string;
  readonly fragment?: boolean;
  readonly mode?: 'watch' | 'enforce';
  readonly lines?: boolean;
  readonly server_config?: string;
  readonly all_names?: boolean;
  /** Not of origin_config: how it comes to the origin, and what else is locked with it. */
  readonly way?: 'install' | 'configure' | 'copy';
  readonly other_names?: readonly string[];
}

export interface CallerCounts {
  readonly accepted: number;
  readonly without: number;
  readonly foreign: number;
  readonly unverified: number;
  readonly looks: number;
}

/** What is known of one of the names of a set-up. */
export interface NameSeen {
  readonly hostname: string;
  readonly records: 'none' | 'dns_only' | 'proxied';
  /** False where a wildcard leads there: only what has one of its own is looked at. */
  readonly own_record: boolean;
  readonly counted: boolean;
  readonly callers: CallerCounts;
  readonly verdict: 'locked' | 'open' | 'broken' | 'unknown' | null;
  readonly proved: boolean;
}

/** Who came to the origin while it refused nobody. */
export interface Callers {
  readonly since: string;
  readonly until: string;
  readonly step: number;
  readonly sources: readonly { readonly host: string; readonly lock: string; readonly reported_on: string }[];
  readonly total: CallerCounts;
  readonly examples: readonly { readonly address: string; readonly count: number }[];
  readonly points: readonly (CallerCounts & { readonly at: string })[];
}

/** A set-up as `GET /postern/v1/setups` lists it. */
export interface SetupSummary {
  readonly zone: { readonly id: string; readonly name: string };
  readonly hostname: string;
  readonly choices: Choices;
  readonly began_on: string;
  readonly modified_on: string;
  /** Since when what the configuration is made of is what it is. */
  readonly configured_on: string;
  /** When it was decided to enforce. */
  readonly decided_on: string | null;
  readonly step: SetupStep;
}

/** A set-up with all that its step was worked out from. */
export interface Setup extends SetupSummary {
  /** Of all its names together. */
  readonly callers: Callers;
  /** Its own, and the others that are locked with it. */
  readonly names: readonly NameSeen[];
  readonly reports: readonly {
    readonly host: string;
    readonly lock: string;
    readonly mode: 'watch' | 'enforce';
    readonly reported_on: string;
  }[];
  /** The command at the origin that asks the person at its terminal to enforce, once that is decided. */
  readonly terminal: {
    readonly host: string;
    readonly lock: string;
    readonly state: 'ready' | 'asking' | 'enforced';
  } | null;
}

/** Where the API keeps a set-up. */
export function setupApi(zone: string, hostname: string): string {
  return `/postern/v1/zones/${zone}/setups/${encodeURIComponent(hostname)}`;
}

export { setupPath } from '../../paths.ts';

/** How far a set-up is, as a number: that of the step that it is in, and one more once it is proved. */
export function stepIndex({ kind }: SetupStep): number {
  const index = STEPS.findIndex((step) => step.kind === kind);
  return index === -1 ? STEPS.length : index;
}
