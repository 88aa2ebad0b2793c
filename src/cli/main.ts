import { Command, CommanderError } from 'commander';
import { demoCommand } from './demo.ts';
import { EXIT, sentences } from './failure.ts';
import { originCommand } from './origin-config.ts';
import { upCommand } from './up.ts';
import { VERSION } from './version.ts';

const EPILOGUE = `
Start here:
  postern demo --once        watch a lock hold, on this machine, in a few seconds
  postern up --data ./data   run it

Exit codes: 0 good · 1 what was looked at is not good · 2 wrong use · 3 could not be determined`;

function program(): Command {
  return new Command('postern')
    .description('Authenticated origin pulls that you run yourself.')
    .version(VERSION)
    .showSuggestionAfterError()
    .addHelpText('after', EPILOGUE)
    .addCommand(upCommand())
    .addCommand(demoCommand())
    .addCommand(originCommand());
}

/** Runs the command line and answers the exit code. */
async function run(argv: readonly string[]): Promise<number> {
  const root = program();
  for (const command of [root, ...root.commands, ...root.commands.flatMap(({ commands }) => commands)]) {
    command.exitOverride();
    command.configureOutput({ outputError: (text, write) => write(text) });
  }
  try {
    await root.parseAsync([...argv]);
    return Number(process.exitCode ?? EXIT.good);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.wrongUse;
    const { text, exitCode } = sentences(error);
    process.stderr.write(`postern: ${text}\n`);
    return exitCode;
  }
}

// Started by bin/postern.js under another Node: its end is ours, however it comes.
if (process.env['POSTERN_LIFELINE'] === '1' && process.channel !== undefined) {
  process.on('disconnect', () => process.exit(EXIT.undetermined));
  process.channel?.unref();
}

process.exitCode = await run(process.argv);
