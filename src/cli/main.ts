import { Command, CommanderError } from 'commander';
import { EXIT, sentences } from './failure.ts';
import { familiesFor } from './families.ts';
import { writeJson } from './print.ts';
import { VERSION } from './version.ts';

const EPILOGUE = `
Start here:
  postern demo --once        see a lock hold, on this machine, in a few seconds
  postern up --data ./data   run it

Exit codes: 0 good · 1 what was looked at is not good · 2 wrong use
            3 could not be determined`;

/** What the scripts of `postern completion` ask. Its words are half of a command line, so they are not parsed as one. */
const COMPLETE = '__complete';

async function program(word: string | undefined): Promise<Command> {
  const root = new Command('postern')
    .description('Authenticated origin pulls that you run yourself.')
    .version(VERSION)
    .showSuggestionAfterError()
    .addHelpText('after', EPILOGUE);
  for (const family of await familiesFor(word)) root.addCommand(family);
  return root;
}

/** Runs the command line and answers the exit code. */
async function run(argv: readonly string[]): Promise<number> {
  if (argv[2] === COMPLETE) {
    const { completed } = await import('./completion/completion.ts');
    const words = argv.slice(3);
    process.stdout.write(await completed(await program(words.length > 1 ? words[0] : undefined), words));
    return EXIT.good;
  }
  const root = await program(argv[2]);
  for (const command of [root, ...root.commands, ...root.commands.flatMap(({ commands }) => commands)]) {
    command.exitOverride();
    command.configureOutput({ outputError: (text, write) => write(text) });
  }
  try {
    await root.parseAsync([...argv]);
    return Number(process.exitCode ?? EXIT.good);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.good;
      if (argv.includes('--json')) writeJson({ error: { message: error.message } });
      return EXIT.wrongUse;
    }
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

// Whoever reads may stop early (`postern … | head`): that is no error, and there is nobody left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.good);
  throw error;
});

process.exitCode = await run(process.argv);
