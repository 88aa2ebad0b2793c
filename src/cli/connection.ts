import { Command } from 'commander';
import { type ApiAccess, type ApiFlags, apiAccess } from './api.ts';
import { failureView } from './failure.ts';
import { writeJson } from './print.ts';

/** What every command that calls the API takes. */
export interface ApiCommandFlags extends ApiFlags {
  readonly json?: boolean;
}

/** What such a command does: positional arguments, then its flags. */
export type ApiAction<Flags extends ApiCommandFlags> = (
  call: { readonly access: ApiAccess; readonly flags: Flags; readonly json: boolean },
  ...words: string[]
) => Promise<void>;

const EPILOGUE = `
The API is found by --api or POSTERN_API, the token by --token or POSTERN_TOKEN;
both by --data or POSTERN_DATA where "postern up" runs on this machine.`;

/** A command with `examples` below its help, and the flags that say where the API is. */
export function apiCommand(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .option('--api <url>', 'control plane (POSTERN_API)')
    .option('--api-ca <file>', 'CA of a control plane over TLS, in PEM (POSTERN_API_CA)')
    .option('--token <token>', 'API token (POSTERN_TOKEN)')
    .option('--data <dir>', 'data directory of a local "postern up" (POSTERN_DATA)')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  postern ${line}`).join('\n')}\n${EPILOGUE}`);
}

/** One that is about a zone. */
export function zoneCommand(name: string, description: string, examples: readonly string[]): Command {
  return apiCommand(name, description, examples).requiredOption('--zone <zone>', 'name or id of the zone');
}

/** What to run: under --json also a failure is JSON on stdout. */
export function calling<Flags extends ApiCommandFlags>(
  action: ApiAction<Flags>,
): (...given: readonly unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1);
    if (!(command instanceof Command)) throw new TypeError('commander passes the command last');
    // A command above that takes the same flags has taken them already.
    const flags = command.optsWithGlobals<Flags>();
    const json = flags.json === true;
    try {
      await action({ access: apiAccess(flags), flags, json }, ...command.args);
    } catch (error) {
      if (json) writeJson(failureView(error));
      throw error;
    }
  };
}
