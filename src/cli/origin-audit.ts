import { Command, Option } from 'commander';
import { diagnose } from '../doctor/diagnosis/diagnose.ts';
import type { ServerKind } from '../doctor/diagnosis/fixes.ts';
import { PLAIN_POLICY } from '../doctor/report/policy.ts';
import { diagnosisView, NOTHING_BESIDE } from '../doctor/view.ts';
import { AUDITED } from '../origin/audit/audit.ts';
import { serverVersion } from '../origin/server-version.ts';
import { readConfiguration } from './doctor-configuration.ts';
import { judged } from './doctor-judged.ts';
import { DOCTOR_FORMATS, type DoctorFormat, tell } from './doctor-output.ts';
import { Failure } from './failure.ts';
import { collect, oneOf } from './flag-value.ts';
import { mustNeedNone, type NeedlessFlags, onOwnMachine } from './own-machine.ts';

const EXAMPLES = `
Examples:
  postern origin audit /etc/nginx/nginx.conf
  nginx -T | postern origin audit - --host www.example.test
  postern origin audit Caddyfile --server caddy --format json`;

interface AuditFlags extends NeedlessFlags {
  readonly server?: ServerKind;
  readonly serverVersion?: string;
  readonly host?: string[];
  readonly format: DoctorFormat;
}

/** `postern origin audit`. */
export function auditCommand(): Command {
  return onOwnMachine(new Command('audit'))
    .description("read a web server's configuration and say who gets in, without any connection")
    .argument('<path>', 'its main file or directory, or - for what "nginx -T" prints')
    .addOption(
      new Option('--server <name>', 'whose configuration it is (default: seen from it)')
        .choices(AUDITED)
        .argParser((text) => oneOf('--server', text, AUDITED)),
    )
    .option('--server-version <version>', 'of that server, such as 1.22.1')
    .option('--host <name>', 'a name that should be locked (default: those it means to lock); repeatable', collect)
    .addOption(
      new Option('--format <format>', 'how it is told')
        .choices(DOCTOR_FORMATS)
        .default('text')
        .argParser((text) => oneOf('--format', text, DOCTOR_FORMATS)),
    )
    .addHelpText('after', EXAMPLES)
    .action(auditOrigin);
}

function auditOrigin(path: string, flags: AuditFlags): void {
  mustNeedNone(flags);
  const { server, serverVersion: version, host, format } = flags;
  const hosts = (host ?? []).map((name) => name.toLowerCase().replace(/\.$/, ''));
  const asked = { file: path, server: server ?? null, hosts, version: versionOf(version) };
  const { reading: configuration } = readConfiguration(asked);
  const diagnosis = diagnose({ targets: [], observations: [], configuration, identity: null, notChecked: [] });
  const report = diagnosisView(diagnosis, { ...NOTHING_BESIDE, claims: configuration.claims });
  tell({ report, commands: () => [] }, { format, outcome: null });
  process.exitCode = judged(report, PLAIN_POLICY, Date.now()).code;
}

function versionOf(text: string | undefined) {
  if (text === undefined) return null;
  const version = serverVersion(text);
  if (version !== null) return version;
  throw new Failure(`${JSON.stringify(text)} is not a version (--server-version).`, 'Write it like 1.22.1.');
}
