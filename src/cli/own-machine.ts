import { type Command, Option } from 'commander';
import { Failure } from './failure.ts';
import { flagName } from './flag-value.ts';

/** Flags of a control plane that somebody may give to a command that asks none. */
export interface NeedlessFlags {
  readonly api?: string;
  readonly apiCa?: string;
  readonly token?: string;
  readonly data?: string;
  readonly zone?: string;
}

const NEEDLESS = ['api', 'apiCa', 'token', 'data', 'zone'] as const satisfies readonly (keyof NeedlessFlags)[];

/** A command that works on this machine alone: what its neighbours take to ask a control plane is known to it, to be answered. */
export function onOwnMachine(command: Command): Command {
  for (const field of NEEDLESS) command.addOption(new Option(`${flagName(field)} <value>`).hideHelp());
  return command;
}

/** Throws Failure where a control plane was named: who believes that it is asked would be misled. */
export function mustNeedNone(flags: NeedlessFlags): void {
  const given = NEEDLESS.filter((field) => flags[field] !== undefined).map(flagName);
  const [first] = given;
  if (first === undefined) return;
  throw new Failure(
    `This command needs no ${given.join(', no ')}: it works on this machine alone and asks no control plane.`,
    `Leave ${given.length === 1 ? 'it' : 'them'} out.`,
  );
}
