import { Fragment } from 'preact';
import { Code } from '../../parts/copy.tsx';
import { CheckField } from '../../parts/field.tsx';
import { inQuery, setQuery } from '../../route.tsx';
import { linesOf, loadedHint, loadOf } from './into-host.tsx';
import type { OriginConfig } from './origin-config.ts';
import { pasteBlock } from './paste-block.ts';
import { refuseUnknownNames, unknownNamesFile } from './unknown-names.ts';

interface FilesProps {
  readonly made: OriginConfig;
  readonly hostname: string;
  /** The files of the configuration that was put in place before, by path. */
  readonly before: ReadonlyMap<string, string | null>;
  /** A virtual host that is there includes it. */
  readonly isIntoHost: boolean;
}

type Shown = OriginConfig['files'][number];

/** What is written at the origin by hand: all of it by one block, or file by file. */
export function Files({ made, hostname, before, isIntoHost }: FilesProps) {
  const there = made.files.filter(({ text }) => text === null);
  return (
    <>
      <Block {...{ made, hostname, before }} loads={isIntoHost && made.mode === 'enforce'} />
      {there.length > 0 && (
        <ul class="setup-files">
          {there.map(({ path, from }) => (
            <li key={path}>
              <p>{from}</p>
              <Code label="Has to be there" name={path} text={path} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface BlockProps extends Pick<FilesProps, 'made' | 'hostname' | 'before'> {
  /** It has the server test and load them as well. */
  readonly loads: boolean;
}

function Block({ made, hostname, before, loads }: BlockProps) {
  const written = made.files.flatMap((file) => (file.text === null ? [] : [{ ...file, text: file.text }]));
  const changed = written.filter(({ path, text }) => before.get(path) !== text);
  const asksOthers = loads && made.server === 'nginx' && changed.length > 0;
  const passed = asksOthers && refusesOthers() ? refuseUnknownNames({ hostname, lines: linesOf(made) ?? null }) : [];
  const then = loads ? loadOf({ made, hostname }, passed) : [];
  const writes = [...changed.map(({ path }) => path), ...(passed.length > 0 ? [unknownNamesFile(hostname)] : [])];
  return (
    <div class="setup-command setup-paste">
      {asksOthers && <OtherNames />}
      <p>Paste this into a shell of root on the origin.{made.mode === 'enforce' && WHICH_TERMINAL}</p>
      <Code label="All at once" text={pasteBlock(changed, then)} />
      <p>
        It writes <Listed paths={writes} />
        {changed.length < written.length && then.length === 0 && ', what changes'}
        {then.length > 0 && ', has the server test that and, only if it passes, load it'}.{' '}
        {then.length > 0
          ? 'Where it does not, every file is as it was before.'
          : 'A file that is overwritten leaves a copy beside it.'}
        {made.mode === 'enforce' && ' It needs no token.'}
      </p>
      {loads && <p class="hint">What stands in the virtual host stays as it is. {loadedHint(made)}</p>}
      <details>
        <summary>File by file</summary>
        <ul class="setup-files setup-by-file">
          {written.map((file) => (
            <li key={file.path}>
              <p>{file.from}</p>
              {changed.includes(file) ? <Code label={file.path} text={file.text} path /> : <Unchanged {...file} />}
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}

const STAY = { others: 'stay' } as const;

function refusesOthers(): boolean {
  return inQuery('others') !== STAY.others;
}

/** A site beside the locked one may answer for names that no site has: that is the owner's to decide. */
function OtherNames() {
  return (
    <div>
      <CheckField
        label="Also refuse names that no site has"
        checked={refusesOthers()}
        onChange={(isOn) => setQuery({ others: isOn ? null : STAY.others })}
      />
      <p class="hint">
        Who asks there for the bare address, or for a name that no site has, gets no answer any more; other sites go on.
      </p>
    </div>
  );
}

// What watched goes on in the terminal in which it was begun.
const WHICH_TERMINAL = ' In another terminal, or in the same one after Ctrl-C: nobody need report any more.';

/** All files that are written, by name: nobody need read the block for that. */
function Listed({ paths }: { readonly paths: readonly string[] }) {
  if (paths.length === 0) return <>no file</>;
  return (
    <>
      {paths.map((path, index) => (
        <Fragment key={path}>
          {index > 0 && (index === paths.length - 1 ? ' and ' : ', ')}
          <span class="mono break">{path}</span>
        </Fragment>
      ))}
    </>
  );
}

/** A file that the watching configuration has as well. */
function Unchanged({ path, text }: Pick<Shown, 'path' | 'from'> & { readonly text: string }) {
  return (
    <details>
      <summary>
        <span class="mono break">{path}</span> is the same as while it watched: nothing to paste
      </summary>
      <div class="setup-command">
        <p class="hint">Only where a rotation came in between, or the file is not there, paste it again.</p>
        <Code label={path} text={text} path />
      </div>
    </details>
  );
}
