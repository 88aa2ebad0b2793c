import { styleText } from 'node:util';
import { shellWord } from '../doctor/report/shell-word.ts';

interface Addresses {
  readonly api_url: string;
  readonly https: string;
}

/** What somebody needs first who has started Postern in a terminal. The token itself is never printed. */
export function welcome(dir: string, { api_url: url, https }: Addresses): string {
  const trust = url.startsWith('https:') ? '--cacert CA.pem ' : '';
  const token = `cat ${shellWord(`${dir}/bootstrap-token`)}`;
  return `${styleText('bold', 'Postern is up.')}

  Dashboard   ${url}/dashboard/
  Sign in     with the token that this shows:
              ${token}
  First lock  ${url}/dashboard/setup
  The edge    listens at ${https} over TLS
  The API     curl ${trust}-H "Authorization: Bearer $(${token})" \\
                ${url}/client/v4/user/tokens/verify
`;
}
