import { Command, Option } from 'commander';
import { SERVER_KINDS } from '../doctor/diagnosis/fixes.ts';
import { explain } from './doctor-explain.ts';
import { type ExposureFlags, exposureRound } from './doctor-exposure.ts';
import { DOCTOR_FORMATS, type DoctorFormat, tell } from './doctor-output.ts';
import { permission } from './doctor-permission.ts';
import { readPolicy } from './doctor-policy-file.ts';
import { doctorRequest, type ExamineFlags } from './doctor-request.ts';
import { doctorRound } from './doctor-round.ts';
import { judged } from './doctor-judged.ts';
import { watch, watchPace } from './doctor-watch.ts';
import { Failure } from './failure.ts';
import { collect, oneOf } from './flag-value.ts';

const EXAMPLES = `
Examples:
  postern doctor www.example.test
  postern doctor www.example.test --connect 192.0.2.10:443 --also 192.0.2.10:80
  postern doctor www.example.test --connect [2001:db8::10]:443 \\
      --identity edge.pem,edge.key --foreign-identity other.pem,other.key
  postern doctor --config /etc/nginx/nginx.conf --server nginx
  postern doctor --targets origins.txt --format junit --policy policy.yaml
  postern doctor www.example.test --watch --interval 10m
  postern doctor --exposure example.test --resolver 192.0.2.53 \\
      --origin-address 192.0.2.10
  postern doctor --explain NE-02

Exit codes: 0 locked · 1 open, or the edge cannot pull · 2 wrong use
            3 could not be found out`;

interface DoctorFlags extends ExamineFlags, ExposureFlags {
  readonly format: DoctorFormat;
  readonly policy?: string;
  readonly explain?: string;
  readonly watch?: boolean;
  readonly interval?: string;
  readonly yes?: boolean;
  readonly path: string;
  readonly connect?: readonly string[];
}

/** `postern doctor`. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('find out whether an origin is really locked, why not, and what to do')
    .argument('[target...]', 'names of sites that should be locked');
  addExamining(command);
  addExposing(command);
  return command
    .optionsGroup('Answer:')
    .addOption(
      new Option('--format <format>', 'how it is told')
        .choices(DOCTOR_FORMATS)
        .default('text')
        .argParser((text) => oneOf('--format', text, DOCTOR_FORMATS)),
    )
    .option('--policy <file>', 'what counts as a failure, and which findings are accepted until when')
    .option('--watch', 'look again and again, and say what changed')
    .option('--interval <span>', 'how long between two looks (default: 5m)')
    .option('--explain <code>', 'what a finding means, by its code or an id such as NE-02; looks at nothing')
    .addHelpText('after', EXAMPLES)
    .action(doctor);
}

function addExposing(command: Command): void {
  command
    .optionsGroup('Exposure, instead of a TARGET:')
    .option('--exposure <zone>', "how somebody would learn the origin's address")
    .option('--resolver <host[:port]>', 'the only name server that is asked')
    .option('--sibling <name>', 'another name that is looked at beside the usual ones; repeatable', collect)
    .option(
      '--origin-address <ip>',
      'address of the origin; repeatable (--connect also shows what it answers)',
      collect,
    );
}

function addExamining(command: Command): void {
  command
    .optionsGroup('Where:')
    .option(
      '--connect <host:port>',
      'where the origin is (default: what the name resolves to, port 443); repeatable',
      collect,
    )
    .option('--also <host:port>', 'another door of the same machine, tried with TLS and without; repeatable', collect)
    .option('--usual-ports', 'also the ports where applications are often found')
    .option('--other-name <name>', 'another name on the same server, which may stay open; repeatable', collect)
    .option('--targets <file>', 'more targets: NAME [HOST:PORT]… in each line')
    .optionsGroup('How:')
    .option('--path <path>', 'what is asked for', '/')
    .option('--verified-header <name>', 'header that tells the application who came, to be forged in all spellings')
    .option('--identity <cert,key>', 'what the edge shows: must be let in (without the key, only its chain is tried)')
    .option('--foreign-identity <cert,key>', "somebody else's at the same edge: must be refused; repeatable", collect)
    .option('--ca-cert <file>', 'authority of the edge, to make wrong certificates with')
    .option('--ca-key <file>', 'its key; it is used here and sent nowhere')
    .option('--crl <file>', 'revocation lists of that authority, to make a revoked certificate as well')
    .option('--yes', 'do not ask before many connections')
    .optionsGroup('Configuration:')
    .option('--config <file>', "a server's configuration; with a TARGET, compared with what the server does")
    .addOption(
      new Option('--server <name>', 'whose it is (default: seen from it)')
        .choices(SERVER_KINDS)
        .argParser((text) => oneOf('--server', text, SERVER_KINDS)),
    )
    .option('--host <name>', 'name in it that should be locked; repeatable', collect)
    .optionsGroup('The edge itself:')
    .option('--api <url>', 'control plane, of Postern or Cloudflare: modes, levels, certificates of the targets')
    .option('--api-ca <file>', 'CA of a control plane over TLS, in PEM')
    .option('--token <token>', 'API token (POSTERN_TOKEN)');
}

async function doctor(names: readonly string[], flags: DoctorFlags): Promise<void> {
  if (flags.explain !== undefined) return explain(flags.explain, flags.format === 'json');
  if (flags.exposure !== undefined) return exposure(names, flags);
  const [idle] = given(flags, OF_EXPOSURES);
  if (idle !== undefined)
    throw new Failure(`${idle} says nothing without --exposure.`, 'Add --exposure ZONE, or leave it out.');
  const policy = readPolicy(flags.policy);
  const request = doctorRequest(names, flags);
  if (request.doors.length === 0 && request.configuration === null)
    throw new Failure('Nothing is named to look at.', 'Name a site, or a configuration with --config FILE.');
  const permit = permission(request, flags.yes === true);
  const pace = watchPace(flags);
  if (pace !== null) return watch(request, { permit, policy, format: flags.format, pace });
  const round = await doctorRound(request, { permit, signal: new AbortController().signal });
  const { outcome, code } = judged(round.report, policy, Date.now());
  tell(round, { format: flags.format, outcome: flags.policy === undefined ? null : outcome });
  process.exitCode = code;
}

/** What says something about a lock, and would be passed over in silence where none is looked at. */
const OF_LOCKS = {
  targets: '--targets',
  also: '--also',
  usualPorts: '--usual-ports',
  otherName: '--other-name',
  verifiedHeader: '--verified-header',
  identity: '--identity',
  foreignIdentity: '--foreign-identity',
  caCert: '--ca-cert',
  caKey: '--ca-key',
  config: '--config',
  server: '--server',
  host: '--host',
  api: '--api',
  policy: '--policy',
  watch: '--watch',
  interval: '--interval',
} as const satisfies Partial<Record<keyof DoctorFlags, string>>;

/** What says something about an exposure, likewise. */
const OF_EXPOSURES = {
  resolver: '--resolver',
  sibling: '--sibling',
  originAddress: '--origin-address',
} as const satisfies Partial<Record<keyof DoctorFlags, string>>;

function given(flags: DoctorFlags, names: Partial<Record<keyof DoctorFlags, string>>): readonly string[] {
  const set = new Map<string, unknown>(Object.entries(flags));
  return Object.entries(names).flatMap(([key, flag]) => (set.get(key) === undefined ? [] : [flag]));
}

async function exposure(names: readonly string[], flags: DoctorFlags): Promise<void> {
  const idle = [...(names.length > 0 ? ['TARGET'] : []), ...given(flags, OF_LOCKS)];
  if (idle.length > 0)
    throw new Failure(
      '--exposure looks at a zone by itself.',
      `Run it without ${idle.join(', ')}; look at locks in another run.`,
    );
  const round = await exposureRound(flags, new AbortController().signal);
  tell(round, { format: flags.format, outcome: null });
  process.exitCode = round.code;
}
