import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Command, Option } from 'commander';
import { diagnose } from '../doctor/diagnosis/diagnose.ts';
import { examine } from '../doctor/examine.ts';
import type { Observation } from '../doctor/observation.ts';
import type { Target } from '../doctor/target.ts';
import { diagnosisView } from '../doctor/view.ts';
import { EXIT } from './failure.ts';
import { collect } from './flag-value.ts';
import { parseHostPort } from './host-port.ts';
import { show } from './print.ts';

const EXAMPLES = `
Examples:
  postern doctor www.example.test
  postern doctor www.example.test --connect 192.0.2.10:443 --format json`;

const FORMATS = ['text', 'json'] as const;

interface DoctorFlags {
  readonly connect?: string[];
  readonly path: string;
  readonly format: (typeof FORMATS)[number];
}

/** `postern doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('find out whether an origin is really locked')
    .argument('<target...>', 'names that should be locked')
    .option(
      '--connect <host:port>',
      'where the origin is (default: what the name resolves to, port 443); repeatable',
      collect,
    )
    .option('--path <path>', 'what is asked for', '/')
    .addOption(new Option('--format <format>', 'how it is told').choices(FORMATS).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(doctor);
}

async function doctor(names: readonly string[], flags: DoctorFlags): Promise<void> {
  const targets = (await Promise.all(names.map((name) => targetsOf(name.toLowerCase(), flags)))).flat();
  const observations: Observation[] = [];
  const asked = { targets, path: flags.path, timeout: 5_000, signal: new AbortController().signal };
  for await (const one of examine(asked)) observations.push(one);
  const diagnosis = diagnose({ targets, observations, configuration: null, identity: null, notChecked: [] });
  show(flags.format === 'json', diagnosisView(diagnosis), () => diagnosis.verdict);
  process.exitCode = { locked: EXIT.good, open: EXIT.notGood, broken: EXIT.notGood, unknown: EXIT.undetermined }[
    diagnosis.verdict
  ];
}

async function targetsOf(host: string, { connect }: DoctorFlags): Promise<readonly Target[]> {
  const given = (connect ?? []).map((text) => parseHostPort(text, '--connect'));
  const places = given.length > 0 ? given : [{ host, port: 443 }];
  const found = await Promise.all(
    places.map(async ({ host: where, port }) => {
      const addresses = isIP(where) === 0 ? await lookup(where, { all: true }) : [{ address: where }];
      return addresses.map(({ address }) => ({ host, address, port, door: 'https' as const }));
    }),
  );
  return found.flat();
}
