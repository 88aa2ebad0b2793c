const DAY = 86_400_000;
const LASTS = 365 * DAY;
const LONGEST = 100;

/** Where a service at the origin finds its token. */
export const TOKEN_FILE = '/etc/postern/report-token';

/** What the token of such a service is called. */
export function serviceTokenName(hostname: string): string {
  return `service at ${hostname}`.slice(0, LONGEST);
}

/** When it ends: in a year, or with the token that makes it. */
export function serviceEnd(now: number, own: string | null): string {
  const year = new Date(now + LASTS).toISOString();
  return own !== null && Date.parse(own) < Date.parse(year) ? own : year;
}

/** Puts the token into its file, for root alone; it begins with a space, so that most shells keep it out of their history. */
export function serviceTokenBlock(token: string): string {
  return ` mkdir -p /etc/postern && (umask 077; rm -f ${TOKEN_FILE}; echo ${token} > ${TOKEN_FILE})`;
}
