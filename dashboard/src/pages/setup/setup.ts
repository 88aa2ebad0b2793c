import type { View } from '../../../../src/wire/answer-fields.ts';
import type { SETUP, SETUP_SUMMARY, SetupChoices } from '../../../../src/wire/setups.ts';

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

/** What was chosen so far, in the words of origin_config. */
export type Choices = SetupChoices;

/** A set-up as `GET /postern/v1/setups` lists it. */
export type SetupSummary = Chosen<View<typeof SETUP_SUMMARY>>;

/** A set-up with all that its step was worked out from. */
export type Setup = Chosen<View<typeof SETUP>>;

/** The API tells the choices as they are stored. */
type Chosen<Told> = Omit<Told, 'choices'> & { readonly choices: Choices };

/** Where a set-up is, what it waits for, and why. */
export type SetupStep = Setup['step'];

/** What is known of one of the names of a set-up. */
export type NameSeen = Setup['names'][number];

/** Who came to the origin while it refused nobody. */
export type Callers = Setup['callers'];

export type CallerCounts = Callers['total'];

/** An address from where requests came that would be refused. */
export type CallerExample = Callers['examples'][number];

/** Where the API keeps a set-up. */
export function setupApi(zone: string, hostname: string): string {
  return `/postern/v1/zones/${zone}/setups/${encodeURIComponent(hostname)}`;
}

/** The code of the API's answer where no such set-up is under way. */
export const NO_SETUP = 10_532;

export { setupPath } from '../../paths.ts';

/** How far a set-up is, as a number: that of the step that it is in, and one more once it is proved. */
export function stepIndex({ kind }: SetupStep): number {
  const index = STEPS.findIndex((step) => step.kind === kind);
  return index === -1 ? STEPS.length : index;
}
