import type { ApiProblem } from '../../api/call.ts';

/** Where an origin is, while somebody types it. */
export interface OriginDraft {
  readonly content: string;
  readonly port: string;
}

const HIGHEST_PORT = 65_535;

/** What can be seen to be wrong of it without asking: both fields at once, in the words of this form. */
export function originProblems({ content, port }: OriginDraft): readonly ApiProblem[] {
  return [
    ...addressFault(content.trim()).map((message) => wrong(message, '/content')),
    ...(isPort(port.trim()) ? [] : [wrong(`A port is a number from 1 to ${HIGHEST_PORT}.`, '/origin')]),
  ];
}

function addressFault(text: string): readonly string[] {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/i.exec(text) ?? [];
  const bare = rest.replace(/[/?#].*$/, '');
  const [, bracketed, host, port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]*))(?::(\d+))?$/i.exec(bare) ?? [];
  const alone = bracketed ?? host;
  if (alone === undefined || alone === '') return [];
  const isMore = scheme !== undefined || port !== undefined || bracketed !== undefined || bare !== rest;
  if (isMore)
    return [
      `Write the address alone: ${alone}.${port === undefined ? ' It has no scheme, and no path.' : ` The port ${port} has a field of its own.`}`,
    ];
  return /^[\d.]+$/.test(alone) && !isIPv4(alone) ? [`${alone} is not an IPv4 address.`] : [];
}

function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}

function isPort(text: string): boolean {
  return text === '' || (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= HIGHEST_PORT);
}

function wrong(message: string, pointer: string): ApiProblem {
  return { code: 0, message, pointer };
}
