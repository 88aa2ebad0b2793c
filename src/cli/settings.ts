import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import { EXIT, Failure } from './failure.ts';
import { flagName } from './flag-value.ts';

/** A setting's names: as a flag, in the environment and in a configuration file. */
export interface SettingNames {
  readonly flag: string;
  readonly env: string;
  readonly key: string;
}

/** What a configuration file may hold. Unknown keys are refused: a misspelt one would silently do nothing. */
const FILE = z.strictObject({
  data: z.string().optional(),
  kek: z.string().optional(),
  old_kek: z.string().optional(),
  api: z.string().optional(),
  api_cert: z.string().optional(),
  api_key: z.string().optional(),
  api_host: z.union([z.string(), z.array(z.string())]).optional(),
  public: z.string().optional(),
  public_url: z.string().optional(),
  legacy_key: z.boolean().optional(),
  api_rate_limit: z.string().optional(),
  api_address_rate_limit: z.string().optional(),
  https: z.string().optional(),
  http: z.string().optional(),
  workers: z.int().optional(),
  origin_policy: z.string().optional(),
  origin_allow: z.union([z.string(), z.array(z.string())]).optional(),
  proxy_protocol: z.union([z.string(), z.array(z.string())]).optional(),
  trusted_peers: z.union([z.string(), z.array(z.string())]).optional(),
  attest_every: z.string().optional(),
  smtp: z.string().optional(),
  smtp_from: z.string().optional(),
  smtp_password_file: z.string().optional(),
  smtp_plain: z.boolean().optional(),
  ready_file: z.string().optional(),
  log_level: z.string().optional(),
  access_log: z.string().optional(),
  access_log_query: z.boolean().optional(),
  limits: z.record(z.string(), z.int()).optional(),
});

type FileSettings = z.infer<typeof FILE>;

/** Reads a configuration file (YAML or JSON). */
export function readConfigFile(path: string | undefined): FileSettings {
  if (path === undefined) return {};
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(
      `The configuration file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      'Check the path and its permissions.',
      EXIT.wrongUse,
    );
  }
  const parsed = FILE.safeParse(parseYaml(path, text) ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Failure(
    `The configuration file ${path} is not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
    `It may hold ${Object.keys(FILE.shape).join(', ')}.`,
  );
}

function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new Failure(
      `The configuration file ${path} is not YAML: ${(error as Error).message.split('\n')[0]}`,
      'Mend the line named.',
    );
  }
}

/** A text setting: the flag, else the environment, else the file, else nothing. */
export function setting(command: Command, names: SettingNames, file: FileSettings): string | undefined {
  const given = command.getOptionValueSource(names.flag) === 'cli' ? String(command.getOptionValue(names.flag)) : null;
  if (given === '') throw new Failure(`${flagName(names.flag)} is empty.`, 'Give it a value, or leave it out.');
  const fromFile = file[names.key as Exclude<keyof FileSettings, 'limits'>];
  const found = given ?? nonEmpty(process.env[names.env]) ?? fromFile;
  return found === undefined ? undefined : String(found);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
