import { Code } from '../../parts/copy.tsx';
import { LOADED, loadOf } from './into-host.tsx';
import type { OriginConfig } from './origin-config.ts';
import { pasteBlock, type PastedFile } from './paste-block.ts';

interface FilesProps {
  readonly made: OriginConfig;
  /** The files of the configuration that was put in place before, by path. */
  readonly before: ReadonlyMap<string, string | null>;
  /** A virtual host that is there includes it. */
  readonly isIntoHost: boolean;
}

type Shown = OriginConfig['files'][number];

/** What is written at the origin by hand: all of it by one block, or file by file. */
export function Files({ made, before, isIntoHost }: FilesProps) {
  const there = made.files.filter(({ text }) => text === null);
  return (
    <>
      <Block made={made} before={before} loads={isIntoHost && made.mode === 'enforce'} />
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

interface BlockProps extends Pick<FilesProps, 'made' | 'before'> {
  /** It has the server test and load them as well. */
  readonly loads: boolean;
}

function Block({ made, before, loads }: BlockProps) {
  const written = made.files.flatMap((file) => (file.text === null ? [] : [{ ...file, text: file.text }]));
  const changed = written.filter(({ path, text }) => before.get(path) !== text);
  const then = loads ? loadOf(made) : [];
  const left = [...before.keys()].filter((path) => !made.files.some((file) => file.path === path));
  return (
    <div class="setup-command">
      <p>
        Paste this into a shell of root on the origin. It writes {listed(changed)}
        {changed.length < written.length && ', what is another than while it watched'}
        {then.length > 0 && ', has the server test that and, only if it passes, load it'}. A file that is overwritten
        leaves a copy beside it.
      </p>
      <Code label="All at once" text={pasteBlock(changed, then)} />
      {loads && (
        <p class="hint">What stands in the virtual host stays as it is: the file says otherwise now. {LOADED}</p>
      )}
      {left.length > 0 && <p class="hint">Was for watching alone, and may go: {left.join(', ')}.</p>}
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

function listed(files: readonly PastedFile[]): string {
  return files.map(({ path }) => path).join(' and ') || 'no file';
}

/** A file that the watching configuration has as well. */
function Unchanged({ path, text }: PastedFile & Pick<Shown, 'from'>) {
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
