import { styleText } from 'node:util';
import type { Invitation } from '../control/sign-in-code.ts';
import { shellWord } from '../doctor/report/shell-word.ts';

/** What there is to tell. */
interface Up {
  /** Where a browser finds the dashboard; `null` where it was not built. */
  readonly dashboard: string | null;
  readonly api_url: string;
  readonly https: string;
  /** `null` once it is gone. */
  readonly bootstrap_token_file: string | null;
}

/**
 * What somebody needs first who has started Postern in a terminal. The token itself is never printed; the code of an
 * invitation is, in the fragment of an address, which browsers send to nobody (RFC 9110 §4.2.5).
 */
export function welcome(up: Up, invitation: Invitation | null): string {
  const { dashboard, api_url: url, https, bootstrap_token_file: file } = up;
  const rows = [
    ['Dashboard', dashboard ?? 'not built: npm run build:dashboard'],
    ['Token', file === null ? 'one of yours: the first has no file any more' : `cat ${shellWord(file)}`],
    ['Edge', `${https}, over TLS`],
    ...(dashboard === null ? [['API', url]] : []),
  ];
  const table = rows.map(([name = '', what = '']) => `  ${name.padEnd(NAMES)}${what}\n`);
  return `${styleText('bold', 'Postern is up.')}\n\n${invitation === null ? '' : inviting(url, invitation)}${table.join('')}`;
}

const NAMES = 12;

// On a line of its own: it is picked up by a click, also where the terminal folds it.
function inviting(url: string, { code, expiresAt }: Invitation): string {
  const until = new Date(expiresAt).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return `  Open this address. It signs you in, once, until ${until}:

  ${styleText('cyan', `${url}/#sign-in=${code}`)}

`;
}
