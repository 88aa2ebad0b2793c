import { madeToken } from '../../api/made-token.ts';
import { Awaited } from '../../parts/awaited.tsx';
import { Code } from '../../parts/copy.tsx';
import { inQuery, setQuery } from '../../route.tsx';
import { edgeAddress, forOrigin } from './addresses.tsx';
import { type OriginCommand, type OriginConfig, useOriginConfig } from './origin-config.ts';
import { Files } from './copied-files.tsx';
import type { StepProps } from './step-props.ts';
import { IntoHost } from './into-host.tsx';
import { tokenLine, WITH_TOKEN } from './token-line.ts';
import { loadingOf } from './loading.ts';
import type { Choices } from './setup.ts';
import { WAYS, type Way } from './way.ts';

interface WaysProps extends Pick<StepProps, 'zone' | 'setup'> {
  readonly mode: 'watch' | 'enforce';
}

/** The ways by which a configuration comes to an origin: one command, or by hand. */
export function Ways({ zone, setup, mode }: WaysProps) {
  const [config, retry] = useOriginConfig(zone.id, setup.hostname, { ...setup.choices, mode });
  const before = useWatchedFiles({ zone, setup, mode });
  return (
    <Awaited of={before === null ? LOADING : config} retry={retry} lines={10}>
      {(made) => (
        <Chosen
          made={made}
          hostname={setup.hostname}
          before={before ?? NONE}
          choices={setup.choices}
          isPart={setup.choices.fragment === true}
          isCertified={setup.choices.origin_ca === true}
        />
      )}
    </Awaited>
  );
}

type Texts = ReadonlyMap<string, string | null>;
const NONE: Texts = new Map();
const LOADING = { kind: 'loading' } as const;

/**
 * The texts of the files that watched, by path; none while it watches, and where the server never could. `null` while that
 * is asked for: what is to be copied would be more than what changed.
 */
function useWatchedFiles({ zone, setup, mode }: WaysProps): Texts | null {
  const asked = mode === 'watch' ? null : ({ ...setup.choices, mode: 'watch' } as const);
  const [watched] = useOriginConfig(zone.id, setup.hostname, asked);
  if (asked === null) return NONE;
  if (watched.kind === 'loading') return null;
  if (watched.kind !== 'ready' || watched.value.mode !== 'watch') return NONE;
  return new Map(watched.value.files.map(({ path, text }) => [path, text]));
}

// What was asked for one way alone does for no other; what is written can be copied as well.
function waysOf({ commands }: OriginConfig, { way: chosen }: Choices): readonly Way[] {
  if (chosen === 'install') return ['install'];
  return (Object.keys(WAYS) as Way[])
    .filter((way) => chosen === undefined || way !== 'install')
    .filter((way) => way === 'copy' || commands.some(({ what }) => what === way));
}

/** The way that somebody chose, or the first one. */
export function chosenWay(made: OriginConfig, choices: Choices): Way {
  const ways = waysOf(made, choices);
  const asked = inQuery('way') ?? choices.way;
  return ways.find((one) => one === asked) ?? ways[0] ?? 'copy';
}

/** What tells who comes, where one block has the server load the lines and then goes on with that. */
export function reportsWhenLoaded({ commands }: OriginConfig): string | null {
  const [only, second] = commands.filter(({ what }) => what === 'report_callers');
  return only === undefined || second !== undefined ? null : forOrigin(only.text);
}

interface ChosenProps {
  readonly made: OriginConfig;
  readonly hostname: string;
  /** The files of the configuration that was put in place before, by path. */
  readonly before: ReadonlyMap<string, string | null>;
  readonly choices: Choices;
  /** It is included into a configuration that is there. */
  readonly isPart: boolean;
  /** Its certificate comes from the Origin CA: nobody but the origin itself makes the key. */
  readonly isCertified: boolean;
}

function Chosen({ made, hostname, before, choices, isPart, isCertified }: ChosenProps) {
  const ways = waysOf(made, choices);
  const way = chosenWay(made, choices);
  const command = made.commands.find(({ what }) => what === way);
  return (
    <>
      {ways.length > 1 && (
        <fieldset class="setup-ways">
          <legend class="unseen">How it comes to the origin</legend>
          {ways.map((one) => (
            <label key={one} class={`setup-way${one === way ? ' chosen' : ''}`}>
              <input type="radio" name="way" checked={one === way} onChange={() => setQuery({ way: one })} />
              {WAYS[one]}
            </label>
          ))}
        </fieldset>
      )}
      {way === 'copy' ? (
        <>
          <Files {...{ made, hostname, before }} isIntoHost={choices.lines === true} />
          {isCertified && <Certifying made={made} hostname={hostname} />}
        </>
      ) : (
        command !== undefined && <Command hostname={hostname} command={command} />
      )}
      {way === 'install' && <Through hasMain={choices.server_config !== undefined} />}
      {way !== 'install' && choices.lines !== true && <Load made={made} isPart={isPart} />}
      {way !== 'install' && choices.lines === true && made.mode === 'watch' && (
        <IntoHost {...{ made, hostname }} reports={reportsWhenLoaded(made)} />
      )}
      {made.notes.length > 0 && (
        <details>
          <summary>What to know before ({made.notes.length})</summary>
          <ul class="setup-notes">
            {made.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** A command, and what the token that runs it must be allowed. */
export function Command({ hostname, command }: CommandProps) {
  const { what, says, text, permissions } = command;
  const token = permissions.length > 0 ? madeToken(hostname) : null;
  return (
    <div class="setup-command">
      <p>{says}</p>
      <Code
        label={LABELS[what]}
        text={forOrigin(text)}
        {...(token === null ? {} : { before: { text: tokenLine(token), title: WITH_TOKEN } })}
      />
      {permissions.length > 0 && (
        <p class="hint">
          {token === null
            ? `With a token in POSTERN_TOKEN that may ${permissions.join(', ')}.`
            : 'Copied with the token, it needs no line before it.'}
        </p>
      )}
    </div>
  );
}

interface CommandProps {
  readonly hostname: string;
  readonly command: OriginCommand;
}

const LABELS: Readonly<Record<OriginCommand['what'], string>> = {
  install: 'Install command',
  configure: 'Command that writes the files',
  enforce: 'Enforcing command',
  report_callers: 'Command that reports callers',
  report_installed: 'Command that reports callers',
  look: 'Look from outside',
  uninstall: 'Uninstall command',
};

/** Nobody but the origin itself makes the key. */
function Certifying({ made, hostname }: Pick<ChosenProps, 'made' | 'hostname'>) {
  const making = made.commands.find(({ what }) => what === 'configure');
  return making === undefined ? null : <Command hostname={hostname} command={making} />;
}

function Load({ made, isPart }: Pick<ChosenProps, 'made' | 'isPart'>) {
  const { says, command } = loadingOf(made, isPart);
  return (
    <div class="setup-command">
      <p>{says}</p>
      {command !== null && <Code label="Load it" text={command} />}
    </div>
  );
}

function Through({ hasMain }: { readonly hasMain: boolean }) {
  return (
    <p class="hint">
      It finds the {hasMain ? 'virtual hosts by itself' : 'server and its virtual hosts by itself'}; add --dry-run to
      see the change first.
      {edgeAddress() === null &&
        ' Where the hostname does not lead to the edge yet, add --through and the HOST:PORT where the edge answers.'}
    </p>
  );
}
