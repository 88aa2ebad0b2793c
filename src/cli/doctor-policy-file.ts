import { parse } from 'yaml';
import { z } from 'zod';
import { FINDINGS, type FindingCode } from '../doctor/diagnosis/findings.ts';
import { type Policy, PLAIN_POLICY } from '../doctor/report/policy.ts';
import { readBoundedFile } from '../files/bounded-file.ts';
import { isVisible } from '../wire/visible.ts';
import { Failure } from './failure.ts';
import { didYouMean } from './nearest.ts';

const MOST_BYTES = 1024 * 1024;
const MOST_ACCEPTED = 1_000;
const CODES = Object.keys(FINDINGS) as readonly FindingCode[];

const code = z.string().transform((text, context): FindingCode => {
  const found = CODES.find((one) => one === text);
  if (found !== undefined) return found;
  context.addIssue(`there is no finding ${JSON.stringify(text)}. ${didYouMean(text, CODES)}`.trim());
  return z.NEVER;
});

const day = z
  .string()
  .refine(
    (text) =>
      /^\d{4}-\d\d-\d\d$/.test(text) &&
      !Number.isNaN(Date.parse(text)) &&
      new Date(text).toISOString().startsWith(text),
    'is not a day; write it like 2027-01-31',
  );

/** What the file may hold. A misspelt key would silently let something pass, so unknown ones are refused. */
const FILE = z.strictObject({
  fail_on: z
    .strictObject({
      verdicts: z.array(z.enum(['open', 'broken', 'unknown'])).optional(),
      severities: z.array(z.enum(['critical', 'high', 'medium', 'low'])).optional(),
      codes: z.array(code).optional(),
    })
    .optional(),
  accept: z
    .array(
      z.strictObject({
        code,
        target: z.string().min(1).optional(),
        reason: z.string().trim().min(1, 'must say why').max(500).refine(isVisible, 'must be one line'),
        until: day,
      }),
    )
    .max(MOST_ACCEPTED)
    .optional(),
});

/** Reads a policy (YAML or JSON); none given, what is not locked fails. */
export function readPolicy(path: string | undefined): Policy {
  if (path === undefined) return PLAIN_POLICY;
  const parsed = FILE.safeParse(parsedFile(path) ?? {});
  if (!parsed.success) throw refused(path, parsed.error.issues);
  const { fail_on: failOn, accept } = parsed.data;
  return {
    verdicts: failOn?.verdicts ?? PLAIN_POLICY.verdicts,
    severities: failOn?.severities ?? [],
    codes: failOn?.codes ?? [],
    accepted: (accept ?? []).map((one) => ({ ...one, target: one.target ?? null })),
  };
}

function parsedFile(path: string): unknown {
  const read = readBoundedFile(path, MOST_BYTES);
  if (read.kind !== 'bytes') {
    const why = read.kind === 'unreadable' ? (read.error.code ?? 'unreadable') : read.kind.replaceAll('_', ' ');
    throw new Failure(`--policy ${path} cannot be read (${why}).`, 'Name a file in YAML or JSON.');
  }
  try {
    return parse(read.bytes.toString('utf8'));
  } catch (error) {
    throw new Failure(
      `--policy ${path} is not YAML: ${(error as Error).message.split('\n')[0]}`,
      'Mend the line named.',
    );
  }
}

function refused(path: string, issues: readonly z.core.$ZodIssue[]): Failure {
  const [issue] = issues;
  const at = issue?.path.join('.') ?? '';
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const field = unknown === undefined ? at : [at, unknown].filter((part) => part !== '').join('.');
  const what = unknown === undefined ? (issue?.message ?? '') : 'is not known';
  return new Failure(
    `--policy ${path}: ${field === '' ? 'it' : field} ${what}${/[.?]$/.test(what) ? '' : '.'}`,
    'It may hold fail_on (verdicts, severities, codes) and accept (a list of code, target, reason, until).',
  );
}
