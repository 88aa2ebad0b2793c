declare const brand: unique symbol;

/** An absolute path without a character that means something to nginx or Apache inside double quotes. */
export type ConfigPath = string & { readonly [brand]: 'ConfigPath' };

// Refused rather than escaped: nginx has no escape for '$' (a variable), Apache none for '${' and '%{', and both
// read '\' differently. '*', '?' and '[' are wildcards in <Directory>, '|' starts a program in Apache's logs and
// separates a socket from its URL in ProxyPass, '<' and '>' end a section.
const PATH = /^\/[\p{L}\p{M}\p{N} ._/+@,=:~()&-]*$/u;
const MAX_PATH = 1024;

/** The path, or `null` when it is relative, too long or holds a character outside the list. */
export function configPath(text: string): ConfigPath | null {
  if (text.length > MAX_PATH || !PATH.test(text) || text.endsWith(' ')) return null;
  return text as ConfigPath;
}

/** Where Debian's and RHEL's nginx keep their logs. */
export const NGINX_LOGS = '/var/log/nginx' as ConfigPath;

/** Where Debian's Apache keeps its logs. */
export const APACHE_LOGS = '/var/log/apache2' as ConfigPath;

/** Where Debian's and RHEL's lighttpd keep their logs. */
export const LIGHTTPD_LOGS = '/var/log/lighttpd' as ConfigPath;

/** A file below a directory that was already accepted. `name` is ours, never a caller's. */
export function below(directory: ConfigPath, name: string): ConfigPath {
  return `${directory.replace(/\/+$/, '')}/${name}` as ConfigPath;
}

/** A file in the same directory as another. `name` is ours, never a caller's. */
export function sibling(path: ConfigPath, name: string): ConfigPath {
  return `${path.slice(0, path.lastIndexOf('/'))}/${name}` as ConfigPath;
}
