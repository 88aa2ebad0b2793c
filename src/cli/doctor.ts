import { Command, Option } from 'commander';
import type { Verdict } from '../doctor/diagnosis/verdict.ts';
import { NOTHING_ACCEPTED } from '../doctor/report/acceptance.ts';
import { junit } from '../doctor/report/junit.ts';
import { markdown } from '../doctor/report/markdown.ts';
import { sarif } from '../doctor/report/sarif.ts';
import { confirm } from './confirm.ts';
import type { FoundDoors } from './doctor-doors.ts';
import { type DoctorRequest, doctorRequest, type ExamineFlags } from './doctor-request.ts';
import { doctorRound, LOOKS, type Round } from './doctor-round.ts';
import { reportText } from './doctor-text.ts';
import { EXIT, Failure } from './failure.ts';
import { collect, oneOf } from './flag-value.ts';
import { isLoopback } from './host-port.ts';
import { writeJson } from './print.ts';
import { VERSION } from './version.ts';

const EXAMPLES = `
Examples:
  postern doctor www.example.test
  postern doctor www.example.test --connect 192.0.2.10:443 --also 192.0.2.10:80
  postern doctor www.example.test --connect [2001:db8::10]:443 \\
      --identity edge.pem,edge.key --foreign-identity other.pem,other.key
  postern doctor --config /etc/nginx/nginx.conf --server nginx
  postern doctor --targets origins.txt --format junit --policy policy.yaml
  postern doctor --explain NE-02

Exit codes: 0 locked · 1 open, or the edge is refused · 2 wrong use
            3 could not be found out`;

const FORMATS = ['text', 'json', 'sarif', 'junit', 'markdown'] as const;
type Format = (typeof FORMATS)[number];

interface DoctorFlags extends ExamineFlags {
  readonly format: Format;
  readonly yes?: boolean;
}

/** `postern doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('find out whether an origin is really locked, why not, and what to do')
    .argument('[target...]', 'names of sites that should be locked')
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
    .option('--verified-header <name>', 'header that tells the application who came (default: X-Postern-Verified)')
    .option('--identity <cert,key>', 'what the edge shows: must be let in')
    .option('--foreign-identity <cert,key>', "somebody else's at the same edge: must be refused; repeatable", collect)
    .option('--ca-cert <file>', 'authority of the edge, to make wrong certificates with')
    .option('--ca-key <file>', 'its key; it is used here and sent nowhere')
    .option('--yes', 'do not ask before many connections')
    .optionsGroup('Configuration:')
    .option('--config <file>', "a server's configuration, read and compared with what the server does")
    .option('--server <name>', 'whose configuration it is: nginx, apache, haproxy, caddy, lighttpd, stunnel, node')
    .option('--host <name>', 'name in it that should be locked; repeatable', collect)
    .optionsGroup('Answer:')
    .addOption(
      new Option('--format <format>', 'how it is told')
        .choices(FORMATS)
        .default('text')
        .argParser((text) => oneOf('--format', text, FORMATS)),
    )
    .addHelpText('after', EXAMPLES)
    .action(doctor);
}

async function doctor(names: readonly string[], flags: DoctorFlags): Promise<void> {
  const request = doctorRequest(names, flags, Date.now());
  if (request.doors.length === 0 && request.configuration === null)
    throw new Failure('Nothing is named to look at.', 'Name a site, or a configuration with --config FILE.');
  const controller = new AbortController();
  const round = await doctorRound(request, { permit: permission(request, flags), signal: controller.signal });
  tell(round, flags.format);
  process.exitCode = exitCode(round.report.verdict);
}

const UNASKED = 1_000;

/** Connections to this machine harm nobody else; before many to others somebody has to agree. */
function permission({ unwanted }: DoctorRequest, { yes }: DoctorFlags) {
  return async ({ targets }: FoundDoors): Promise<void> => {
    const away = targets.filter(({ address }) => !isLoopback({ host: address, port: 0 }));
    const connections = away.length * (LOOKS + unwanted.length * 2);
    if (connections <= UNASKED) return;
    const machines = new Set(away.map(({ address }) => address)).size;
    await confirm(
      `About ${connections} connections will be made to ${machines} addresses.`,
      yes === true ? { yes } : {},
    );
  };
}

function tell({ report, commands }: Round, format: Format): void {
  switch (format) {
    case 'json':
      return writeJson(report);
    case 'sarif':
      return writeJson(sarif(report, VERSION, NOTHING_ACCEPTED));
    case 'junit':
      return void process.stdout.write(junit(report, NOTHING_ACCEPTED));
    case 'markdown':
      return void process.stdout.write(markdown(report, NOTHING_ACCEPTED));
    default:
      process.stdout.write(`${reportText(report, { commands, accepted: NOTHING_ACCEPTED, columns: columns() })}\n`);
  }
}

const NARROWEST = 60;
const WIDEST = 100;

function columns(): number {
  const own = process.stdout.isTTY ? process.stdout.columns : WIDEST;
  return Math.min(WIDEST, Math.max(NARROWEST, own));
}

function exitCode(verdict: Verdict): number {
  return { locked: EXIT.good, open: EXIT.notGood, broken: EXIT.notGood, unknown: EXIT.undetermined }[verdict];
}
