import type { Call } from './call.ts';

/** The same call for a terminal. Secrets are named, never shown: the token comes from the environment. */
export function curlOf({ method, path, body, secret = [] }: Call, base: string): string {
  const lines = [`curl ${quoted(`${base}${path}`)}`, '-H "Authorization: Bearer $POSTERN_TOKEN"'];
  if (method !== 'GET') lines[0] = `curl -X ${method} ${quoted(`${base}${path}`)}`;
  if (body !== undefined) {
    const shown = JSON.stringify(body, (key, value: unknown) => (secret.includes(key) ? `<${key}>` : value), 2);
    lines.push('-H "Content-Type: application/json"', `-d ${quoted(shown)}`);
  }
  return lines.join(' \\\n  ');
}

/** One word for a shell: nothing has a meaning within single quotes, and none can stand there (POSIX, XCU 2.2.2). */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
