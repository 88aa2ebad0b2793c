import { Code } from '../../parts/copy.tsx';
import { newestErrors } from './error-log.ts';
import type { StepProps } from './step-props.ts';
import { StandsBetween } from './stands-between.tsx';
import { ChangeRecord } from './records-step.tsx';

const LOADED = 'The server may still run with the watching configuration: have it test and load the new one.';
const OTHER_HOST = 'Another virtual host on the same address and port may answer for this name.';

const GIVEN_UP =
  'Was it really loaded? A reload that cannot listen is given up silently: the server goes on with the configuration of before, and only its error log says why.';

const RECORD = 'The record has to lead to this very origin, and to the port that the new configuration listens on.';
const KEPT_OPEN =
  'The edge keeps connections open: a visit right after the server was loaded may still have come over one of before.';

/** What keeps people waiting at each place, and how to see which of it is so. */
const HINTS: Readonly<Record<string, readonly string[]>> = {
  origin: [
    'The server has to be loaded with the watching configuration first: only that writes the log which the command reads.',
    'The command that reports callers goes on running: leave its terminal open, or run it as a service.',
    'It ends at once, and says why, where its token may not report (origin:report) or where this Postern is not at the address that it names.',
  ],
  first: [
    GIVEN_UP,
    'The lines have to stand where these names are answered over TLS: a block that only redirects plain HTTP asks nobody for a certificate.',
    'The command that reports callers has to read the log of this very configuration: where that was made anew for other names, start the command of now.',
    'The record has to lead to this very origin, and to the port that it listens on.',
  ],
  visit: [
    'Analytics of the zone show what the edge pulled: where that is nothing, no visit came to it.',
    RECORD,
    KEPT_OPEN,
  ],
  counts: [
    'Whoever installed the lock reports only while the command that reports callers runs there, or postern origin sync.',
  ],
  edge: [
    GIVEN_UP,
    'Analytics of the zone show what the edge pulled: where that is nothing, no visit came to it.',
    'The origin has to ask for a certificate, and to trust the bundle of now.',
    RECORD,
    KEPT_OPEN,
    'Where the edge is refused with a page of its own, that page says why: the certificate of the origin, or its address.',
  ],
  strangers: [
    'Monitoring and health checks often ask the origin itself: point them to the hostname, so that they come through the edge.',
    'Visitors with an old DNS answer still come by themselves for as long as that answer counts.',
    'Whoever scans the Internet comes too. Being refused is what should happen to them.',
  ],
  still_watching: [LOADED, 'What the origin reports may be some seconds old.'],
  carry_out: [
    'The command that installs proves the lock by itself. Where the files were written or copied, the server has to load them.',
  ],
  still_open: [LOADED, OTHER_HOST],
  not_known: [
    LOADED,
    'A firewall at the origin has to let in the machine that Postern runs on.',
    'An origin that is configured otherwise may answer in ways that say nothing.',
  ],
  look: ['A look in every way takes some seconds, and is made from the machine that Postern runs on.'],
  open: [LOADED, OTHER_HOST],
  broken: [
    'The bundle on the origin may be older than the certificate of the edge: write the files again and load the server.',
    'The edge may not believe the certificate of the origin itself: what was found says so, and why.',
  ],
  unknown: ['A firewall at the origin has to let in the machine that Postern runs on.'],
};

/**
 * Where something is amiss the hints are what one looks for: they are not folded away. That it still watches is so whenever it
 * was decided a moment ago, and what is to be pasted then is not pushed out of sight.
 */
const AMISS: ReadonlySet<string> = new Set(['still_open', 'not_known', 'open', 'broken', 'unknown']);

/** Whether what helps is to be read first; otherwise it stands below what is to be done. */
export function isAmiss({ step: { waits_for: at, found } }: StepProps['setup']): boolean {
  return found !== null || (at !== null && AMISS.has(at));
}

/** Where the record may be what leads elsewhere. */
const OF_RECORD: ReadonlySet<string> = new Set(['first', 'visit', 'edge']);

/** Help for whoever waits: what was found, and guesses where nothing was. */
export function Stuck(props: StepProps) {
  const { waits_for: at, found } = props.setup.step;
  if (found !== null) return <StandsBetween {...props} />;
  const hints = at === null ? undefined : HINTS[at];
  if (at === null || hints === undefined) return null;
  return (
    <details key={at} open={AMISS.has(at)}>
      <summary>{AMISS.has(at) ? 'What it may be' : 'Nothing happens?'}</summary>
      <ul class="setup-notes">
        {hints.map((hint) => (
          <li key={hint}>{hint}</li>
        ))}
      </ul>
      {OF_RECORD.has(at) && <ChangeRecord zone={props.zone} hostname={props.setup.hostname} />}
      {hints.includes(GIVEN_UP) && <ErrorLog server={props.setup.choices.server} />}
    </details>
  );
}

/** Where a server says why it did not load what it was told to. */
function ErrorLog({ server }: { readonly server: string | undefined }) {
  const command = newestErrors(server, 20);
  return command === null ? null : <Code label="What the server said of it" text={command} />;
}
