import { CheckField } from '../../parts/field.tsx';
import { Note } from '../../parts/problems.tsx';
import { serverOf } from './server.ts';
import { Text, type ServerFieldsProps } from './server-text.tsx';
import { formOf, WAYS, type Way, wayOf, waysFor } from './way.ts';

const SAYS: Readonly<Record<Way, string>> = {
  install: 'Finds the site, adds the lock, proves it, or takes it back.',
  configure: 'A configuration of its own, in place of what serves the site now. You test and load it.',
  copy: "You paste; the server's own commands test and load. One command of Postern tells who comes: it can be left out.",
};

/** How the lock comes to the origin: asked before anything that only one of the ways needs. */
export function WayFields({ draft, change }: Pick<ServerFieldsProps, 'draft' | 'change'>) {
  const chosen = wayOf(draft);
  return (
    <fieldset class="setup-ways">
      <legend>How the lock comes to the origin</legend>
      {waysFor(draft.server).map((way) => (
        <label key={way} class={`setup-way tall${way === chosen ? ' chosen' : ''}`}>
          <input type="radio" name="setup-way" checked={way === chosen} onChange={() => change({ way })} />
          <span>
            {WAYS[way]}
            <span class="hint">{SAYS[way]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** What the command that installs may have to be told. */
export function InstallFields(props: ServerFieldsProps) {
  const { draft, change } = props;
  const name = serverOf(draft.server)?.text ?? 'the server';
  return (
    <>
      <div class="fields">
        <Text
          {...props}
          name="serverConfig"
          label="Main file of the server"
          pointer="/server_config"
          hint={`Only where several of ${name} run on that machine, such as /etc/nginx/nginx.conf.`}
        />
      </div>
      <div>
        <CheckField
          label="Also lock names of its virtual host that are not named above"
          checked={draft.allNames}
          onChange={(allNames) => change({ allNames })}
        />
        <p class="hint">
          Needed only where you cannot name them all. Without it the command changes nothing where it meets another
          name, and says which.
        </p>
      </div>
    </>
  );
}

/** Said where a whole block is made for a name that a server may have already. */
export function BlockOfItsOwn({ draft, hostname }: Pick<ServerFieldsProps, 'draft'> & { readonly hostname: string }) {
  if (formOf(draft) !== 'fragment') return null;
  return (
    <Note kind="warning">
      <p>
        It is a server block of its own for {hostname}: the present one for this name must go, with all its locations,
        or the server goes on with whichever it reads first.
      </p>
    </Note>
  );
}
