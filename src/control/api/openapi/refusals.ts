import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { PROBLEMS } from '../../../domain/problems.ts';
import { ERROR_ENTRY } from '../../../wire/envelope.ts';
import { MESSAGE } from '../../../wire/messages.ts';
import type { Route } from '../route.ts';
import type { Components } from './components.ts';
import type { ResponseObject } from './document.ts';

const ROWS = Object.values(PROBLEMS);
const STATUSES = [...new Set(ROWS.map(({ status }) => status))].toSorted((a, b) => a - b);

/** The refusals by name, one for each status: its errors carry the codes of that status and no others. */
export function refusalResponses(components: Components): Readonly<Record<string, ResponseObject>> {
  return Object.fromEntries(STATUSES.map((status) => [refusalName(status), refusal(status, components)]));
}

function refusal(status: number, components: Components): ResponseObject {
  const rows = ROWS.filter((row) => row.status === status).toSorted((a, b) => a.code - b.code);
  const errors = z.array(z.strictObject({ ...ERROR_ENTRY.shape, code: z.literal(rows.map(({ code }) => code)) }));
  const envelope = z.strictObject({
    success: z.literal(false),
    errors: errors.meta({ minItems: 1 }),
    messages: z.array(MESSAGE).meta({ maxItems: 0 }),
    result: z.null(),
  });
  const [first] = rows;
  const example = {
    success: false,
    errors: [{ code: first?.code, message: `${first?.text}. ${first?.fix}` }],
    messages: [],
    result: null,
  };
  return {
    description: rows.map(({ code, text }) => `${code}: ${text}`).join('\n\n'),
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
      ...(status === 429 ? { 'Retry-After': { $ref: '#/components/headers/Retry-After' } } : {}),
    },
    content: { 'application/json': { schema: components.describe(envelope, 'output'), example } },
  };
}

/** What a refusal with this status is called: `NotFound`. */
export function refusalName(status: number): string {
  return (STATUS_CODES[status] ?? String(status)).replaceAll(/[^A-Za-z]/g, '');
}

/** The status of a refusal by its name. */
export function refusalStatus(name: string): number {
  return STATUSES.find((status) => refusalName(status) === name) ?? 500;
}

/** The statuses that a call may be refused with. */
export function refusalStatuses({
  method,
  path,
  permission,
  takes,
  precondition,
  credential,
}: Route): readonly number[] {
  const takesSomething = Object.keys(takes).length > 0;
  const conditions: readonly (readonly [holds: boolean, statuses: readonly number[]])[] = [
    [true, [400, 408, 421, 429, 431, 500]],
    [permission !== null || credential !== null, [401, 403]],
    [takesSomething, [404]],
    // A change may fail because the store cannot take it.
    [method !== 'GET', [413]],
    // A list that cannot be signed is not there.
    [method !== 'GET' || path.endsWith('.crl'), [503]],
    [precondition === 'if-match', [412]],
  ];
  const statuses = conditions.flatMap(([holds, some]) => (holds ? some : []));
  return [...new Set(statuses)].toSorted((a, b) => a - b);
}
