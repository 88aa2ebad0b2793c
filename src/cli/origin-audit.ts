import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Claim, ConfigurationReading } from '../doctor/configuration.ts';
import type { Finding } from '../doctor/diagnosis/finding.ts';
import { FINDINGS, type FindingCode } from '../doctor/diagnosis/findings.ts';
import { fixText, type ServerKind } from '../doctor/diagnosis/fixes.ts';
import { worst } from '../doctor/diagnosis/verdict.ts';
import { AUDITED, audit } from '../origin/audit/audit.ts';
import { guessServer, mainFile } from '../origin/audit/guess-server.ts';
import { type ConfigSource, DISK } from '../origin/server/config-source.ts';
import { serverVersion } from '../origin/server-version.ts';
import { visible } from '../wire/visible.ts';
import { EXIT, Failure } from './failure.ts';
import { collect } from './flag-value.ts';
import { note, onStdout, show } from './print.ts';

const EXAMPLES = `
Examples:
  postern origin audit /etc/nginx/nginx.conf
  nginx -T | postern origin audit - --host www.example.test
  postern origin audit Caddyfile --server caddy --format json`;

const FORMATS = ['text', 'json'] as const;
const STDIN = '-';

interface AuditFlags {
  readonly server?: ServerKind;
  readonly serverVersion?: string;
  readonly host?: string[];
  readonly format: (typeof FORMATS)[number];
}

/** `postern origin audit`. */
export function auditCommand(): Command {
  return new Command('audit')
    .description("read a web server's configuration and say who gets in, without any connection")
    .argument('<path>', 'its main file or directory, or - for what "nginx -T" prints')
    .addOption(new Option('--server <name>', 'whose configuration it is (default: seen from it)').choices(AUDITED))
    .option('--server-version <version>', 'of that server, such as 1.22.1')
    .option('--host <name>', 'a name that should be locked (default: those it means to lock); repeatable', collect)
    .addOption(new Option('--format <format>', 'how it is told').choices(FORMATS).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(auditOrigin);
}

function auditOrigin(path: string, flags: AuditFlags): void {
  const source = path === STDIN ? withStdin() : DISK;
  const main = path === STDIN ? STDIN : mainOf(path);
  const read = source.read(main);
  if ('code' in read) throw new Failure(`${path} cannot be read (${read.code}).`, 'Name the main file of the server.');
  const server = flags.server ?? guessed(path, main, read.text);
  const reading = audit(server, {
    main,
    source,
    now: Date.now(),
    hosts: (flags.host ?? []).map((name) => name.toLowerCase().replace(/\.$/, '')),
    version: versionOf(flags.serverVersion),
  });
  if (reading === null)
    throw new Failure(`Configurations of ${server} are not read here.`, `Those of ${AUDITED.join(', ')} are.`);
  const verdict = worst(reading.claims.map((claim) => claim.verdict));
  show(flags.format === 'json', view(reading), () => textOf(reading));
  process.exitCode = { locked: EXIT.good, open: EXIT.notGood, broken: EXIT.notGood, unknown: EXIT.undetermined }[
    verdict
  ];
}

function withStdin(): ConfigSource {
  const text = readFileSync(0, 'latin1');
  return { ...DISK, read: (path) => (path === STDIN ? { text } : DISK.read(path)) };
}

function mainOf(path: string): string {
  const main = mainFile(resolve(path), DISK);
  if (main !== null) return main;
  throw new Failure(`There is no main file of a web server that is known here in ${path}.`, 'Name the file itself.');
}

function guessed(path: string, main: string, text: string): ServerKind {
  const server = guessServer(main, text);
  if (server === null) throw new Failure(`${path} does not show of which server it is.`, 'Say it with --server NAME.');
  note(`Read as a configuration of ${server}; --server NAME says otherwise.`);
  return server;
}

function versionOf(text: string | undefined) {
  if (text === undefined) return null;
  const version = serverVersion(text);
  if (version !== null) return version;
  throw new Failure(`${JSON.stringify(text)} is not a version (--server-version).`, 'Write it like 1.22.1.');
}

function view({ server, main, claims, findings, notChecked }: ConfigurationReading) {
  return {
    verdict: worst(claims.map((claim) => claim.verdict)),
    server,
    main,
    targets: claims.map((claim) => ({
      host: claim.host,
      connect: connectOf(claim),
      door: claim.port === 80 ? 'http' : claim.port === 443 ? 'https' : 'other',
      verdict: claim.verdict,
      where: claim.where,
    })),
    findings: findings.map(({ code, target, where, detail, evidence }) => {
      const { severity, title, refs } = FINDINGS[code];
      const fix = fixText(code, server);
      return { code, severity, title, detail, fix, refs, target, ...(where === null ? {} : { where }), evidence };
    }),
    checked: [],
    notChecked,
  };
}

function connectOf({ address, port }: Claim): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const COLOURS = { locked: 'green', open: 'red', broken: 'red', unknown: 'yellow' } as const;

function textOf(reading: ConfigurationReading): string {
  const { server, claims, findings, notChecked } = reading;
  const lines = claims.map(
    (claim) =>
      `${onStdout(COLOURS[claim.verdict], claim.verdict.padEnd(7))} ${visible(claim.host)} at ${connectOf(claim)}`,
  );
  const codes = [...new Set(findings.map(({ code }) => code))];
  const told = codes.map((code) =>
    toldOf(
      code,
      findings.filter((one) => one.code === code),
      server,
    ),
  );
  const rest = notChecked.map(({ what, why }) => `not checked: ${visible(what)}: ${visible(why)}`);
  return [lines.join('\n') || 'unknown', ...told, rest.join('\n')].filter((part) => part !== '').join('\n\n');
}

// Each kind once, with every place, and what to do.
function toldOf(code: FindingCode, findings: readonly Finding[], server: ServerKind): string {
  const { severity, title, refs } = FINDINGS[code];
  const places = findings.map(({ where, detail }) => {
    const parts = [where === null ? '' : `${where.file}:${where.line}`, detail].filter((part) => part !== '');
    return `  ${visible(parts.join(': '))}`;
  });
  const fix = fixText(code, server)
    .split('\n')
    .map((line) => `    ${line}`);
  return [`${severity}: ${title} [${[code, ...refs].join(' ')}]`, ...new Set(places), ...fix].join('\n');
}
