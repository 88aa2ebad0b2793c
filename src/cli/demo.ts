import { styleText } from 'node:util';
import { Command, Option } from 'commander';
import { type Check, type Row, runChecks } from './demo-checks.ts';
import { DEMO_SERVERS, type DemoServer } from './demo-origin.ts';
import { type DemoWorld, openDemoWorld } from './demo-world.ts';
import { EXIT } from './failure.ts';
import { formatHostPort } from './host-port.ts';
import { asked } from './signals.ts';
import { mark, table } from './table.ts';

const EXAMPLES = `
Examples:
  postern demo                 show the story, then stay up to be tried by hand
  postern demo --once          show the story and end; exit 0 only if every
                               check held
  postern demo --once --json   the same for machines:
                               {ok, checks: [{name, expected, observed, ok}],
                               took_ms}`;

/** `postern demo`: a lock that is seen to hold, on loopback, with everything real. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('show a lock hold: control plane, edge and a protected origin, on this machine only')
    .option('--once', 'end after the checks')
    .option('--json', 'print the result as JSON')
    .addOption(
      new Option('--origin <server>', 'server to protect (default: nginx where it is installed)').choices(DEMO_SERVERS),
    )
    .addHelpText('after', EXAMPLES)
    .action(demo);
}

interface Flags {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly origin?: DemoServer;
}

async function demo({ once = false, json = false, origin }: Flags): Promise<void> {
  const started = performance.now();
  const say = json ? () => undefined : (text: string) => process.stdout.write(`${text}\n`);
  say(`${styleText('bold', 'Postern demo')}  ${styleText('dim', 'everything real, everything on loopback')}\n`);
  const world = await openDemoWorld(origin ?? null);
  try {
    say(introduction(world));
    const rows = await runChecks(world);
    const ok = rows.every((row) => row.ok);
    const took = Math.round(performance.now() - started);
    if (json) process.stdout.write(`${JSON.stringify({ ok, checks: rows.map(checkOf), took_ms: took }, null, 2)}\n`);
    say(`\n${story(rows)}\n\n${verdict(ok, took)}`);
    if (!ok) process.exitCode = EXIT.notGood;
    if (!once) {
      // Heard before it is invited to: who answers at once must not end the process without its tidying up.
      const wish = asked();
      say(invitation(world));
      await wish;
    }
  } finally {
    await world.close();
  }
}

function checkOf({ name, expected, observed, ok }: Row): Check {
  return { name, expected, observed, ok };
}

function introduction({ running, origin }: DemoWorld): string {
  const rows = [
    ['control plane', `http://${formatHostPort(running.api)}`],
    ['edge', `https://${formatHostPort(running.https)}`],
    ['origin', `https://127.0.0.1:${origin.port}  (${origin.software})`],
    ['its lock', origin.lock],
    ['zones', 'shop.test, which the origin belongs to, and'],
    ['', 'neighbour.test, which would like to get in'],
  ];
  return rows.map(([name = '', what = '']) => `  ${styleText('dim', name.padEnd(14))}${what}`).join('\n');
}

// Wide enough for the longest of the words.
const VERDICT = 9;

function story(rows: readonly Row[]): string {
  const cells = rows.map(({ ok, name, outcome, brief }) => {
    const verdict = ok ? outcome : 'WRONG';
    return [`${mark(ok)} ${name}`, `${verdict.padEnd(VERDICT)} ${brief}`];
  });
  return [table(['Who asks the origin', 'What happens'], cells), ...rows.filter(({ ok }) => !ok).map(wrong)].join('\n');
}

function wrong({ name, expected, observed }: Row): string {
  return `\n${mark(false)} ${name}\n    expected: ${expected}\n    seen:     ${observed.replace('; ', `;\n${' '.repeat(14)}`)}`;
}

function verdict(ok: boolean, took: number): string {
  const seconds = `${(took / 1000).toFixed(1)} s`;
  return ok
    ? `${styleText(['green', 'bold'], 'The lock holds.')} ${styleText('dim', seconds)}`
    : `${styleText(['red', 'bold'], 'The lock does not hold: see the rows marked ✗.')} ${styleText('dim', seconds)}`;
}

function invitation({ running, origin, directory }: DemoWorld): string {
  const comment = (text: string) => styleText('dim', `# ${text}`);
  const visit = (port: number) => `curl -k --resolve www.shop.test:${port}:127.0.0.1 https://www.shop.test:${port}/`;
  return `
Try it yourself (Ctrl-C ends the demo):
  ${comment('the dashboard; sign in with the token that this shows')}
  http://${formatHostPort(running.api)}/dashboard/
  cat ${directory}/data/bootstrap-token
  ${comment('through the edge')}
  ${visit(running.https.port)}
  ${comment('around it')}
  ${visit(origin.port)}
  ${comment('the API')}
  DIR=${directory}
  curl -H "Authorization: Bearer $(cat $DIR/data/bootstrap-token)" \\
    http://${formatHostPort(running.api)}/client/v4/zones && echo

  files: ${directory}`;
}
