import { styleText } from 'node:util';
import { Command, Option } from 'commander';
import { type Check, runChecks } from './demo-checks.ts';
import { DEMO_SERVERS, type DemoServer } from './demo-origin.ts';
import { type DemoWorld, openDemoWorld } from './demo-world.ts';
import { EXIT } from './failure.ts';
import { formatHostPort } from './host-port.ts';
import { mark, table } from './table.ts';

const EXAMPLES = `
Examples:
  postern demo                 show the story, then stay up to be tried by hand
  postern demo --once          show the story and end; exit 0 only if every check held
  postern demo --once --json   the same for machines: {ok, checks: [{name, expected, observed, ok}], took_ms}`;

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
    const checks = await runChecks(world);
    const ok = checks.every((check) => check.ok);
    const took = Math.round(performance.now() - started);
    if (json) process.stdout.write(`${JSON.stringify({ ok, checks, took_ms: took }, null, 2)}\n`);
    say(`\n${story(checks)}\n\n${verdict(ok, took)}`);
    if (!ok) process.exitCode = EXIT.notGood;
    if (!once) {
      say(invitation(world));
      await interrupted();
    }
  } finally {
    await world.close();
  }
}

function introduction({ running, origin }: DemoWorld): string {
  const rows = [
    ['control plane', `http://${formatHostPort(running.api)}`],
    ['edge', `https://${formatHostPort(running.https)}`],
    ['origin', `https://127.0.0.1:${origin.port}  (${origin.software}, ${origin.lock})`],
    ['zones', 'shop.test, which the origin belongs to, and neighbour.test, which would like to get in'],
  ];
  return rows.map(([name = '', what = '']) => `  ${styleText('dim', name.padEnd(14))}${what}`).join('\n');
}

function story(checks: readonly Check[]): string {
  const rows = checks.map(({ ok, name, expected, observed }) => [`${mark(ok)} ${name}`, expected, observed]);
  return table(['Who asks the origin', 'Expected', 'Seen'], rows);
}

function verdict(ok: boolean, took: number): string {
  const seconds = `${(took / 1000).toFixed(1)} s`;
  return ok
    ? `${styleText(['green', 'bold'], 'The lock holds.')} ${styleText('dim', seconds)}`
    : `${styleText(['red', 'bold'], 'The lock does not hold: see the rows marked ✗.')} ${styleText('dim', seconds)}`;
}

function invitation({ running, origin, token, directory }: DemoWorld): string {
  const { port } = running.https;
  return `
Try it yourself (Ctrl-C ends the demo):
  curl -k --resolve www.shop.test:${port}:127.0.0.1 https://www.shop.test:${port}/     through the edge
  curl -k --resolve www.shop.test:${origin.port}:127.0.0.1 https://www.shop.test:${origin.port}/     around it
  curl -H "Authorization: Bearer ${token}" http://${formatHostPort(running.api)}/client/v4/zones
  files: ${directory}`;
}

async function interrupted(): Promise<void> {
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
}
