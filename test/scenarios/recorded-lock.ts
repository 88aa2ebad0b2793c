import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoneId } from '../../src/domain/ids.ts';
import { generate, trustFiles } from '../../src/origin/generate/generate.ts';
import { type LockRecord, lockRecordText } from '../../src/origin/lock-record.ts';
import { type OriginRequest, originRequirement } from '../../src/origin/requirement.ts';
import { readBundle } from '../../src/pki/bundle.ts';
import { startEcho } from '../support/echo-application.ts';
import { programPath } from '../support/availability.ts';
import { type RunningServer, startCaddy, startNginx } from '../support/server-process.ts';
import type { ServerAuthority } from './authorities.ts';

/** A real nginx under a generated configuration, with its record, as an installation leaves it. */
export interface RecordedLock extends AsyncDisposable {
  readonly server: RunningServer;
  readonly tlsPort: number;
  readonly bundle: string;
  readonly configuration: string;
  /** The configuration as it was installed. */
  readonly text: string;
  /** Directory of the record. */
  readonly locks: string;
  readonly record: LockRecord;
}

interface Wish {
  readonly server: 'nginx' | 'caddy';
  readonly zone: { readonly id: string; readonly name: string };
  readonly hostnames: readonly string[];
  readonly authority: ServerAuthority;
  /** Text of the bundle, and of the revocation lists. */
  readonly bundle: string;
  readonly lists: string | null;
  readonly api: string;
}

/** Starts one. */
export async function recordedLock({
  server: name,
  zone,
  hostnames,
  authority,
  bundle,
  lists,
  api,
}: Wish): Promise<RecordedLock> {
  const application = await startEcho();
  const site = await authority.issue([...hostnames]);
  let made: { readonly text: string; readonly request: OriginRequest } | null = null;
  const start = name === 'nginx' ? startNginx : startCaddy;
  const server = await start({
    ports: 1,
    configuration: ({ ports: [port = 0], directory }) => {
      const file = (name: string, text: string, mode = 0o644): string => {
        writeFileSync(join(directory, name), text, { mode });
        return join(directory, name);
      };
      const request: OriginRequest = {
        sites: [
          {
            zone: zone.name,
            hostnames,
            bundle: { kind: 'zone', path: file('bundle.pem', bundle) },
            ...(lists === null ? {} : { crl: file('lists.pem', lists) }),
            upstream: `http://127.0.0.1:${application.port}`,
          },
        ],
        listen: [`127.0.0.1:${port}`],
        serverCert: file('site.pem', site.cert),
        serverKey: file('site.key', site.key, 0o600),
        runtimeDirectory: directory,
      };
      const requirement = originRequirement(request);
      if ('code' in requirement) return assert.fail(requirement.code);
      const generated = generate(name, requirement);
      if ('code' in generated) return assert.fail(generated.code);
      const [{ trust }] = requirement.sites;
      for (const one of trustFiles(name, { path: trust.bundle, text: bundle })) writeFileSync(one.path, one.text);
      made = { text: generated.text, request };
      return generated.text;
    },
  });
  const { text, request } = made ?? assert.fail('nothing was generated');
  const { directory, ports, pid } = server;
  const configuration = join(directory, 'server.conf');
  const locks = join(directory, 'locks');
  mkdirSync(locks);
  const record: LockRecord = {
    format: 'postern-lock',
    version: 1,
    name,
    server: name,
    program: programPath(name),
    serverVersion: null,
    request,
    files: [{ path: configuration, sha256: createHash('sha256').update(text).digest('hex') }],
    zones: [
      {
        id: zoneId(zone.id) ?? assert.fail(zone.id),
        name: zone.name,
        bundle: join(directory, 'bundle.pem'),
        crl: lists === null ? null : join(directory, 'lists.pem'),
        trusted: readBundle(bundle).map(({ fingerprint }) => fingerprint),
        bundleVersion: null,
      },
    ],
    ...(name === 'nginx'
      ? { test: [programPath('nginx'), '-t', '-c', configuration], reload: ['kill', '-HUP', String(pid)] }
      : caddyCommands(directory, configuration)),
    controlPlane: { url: api, ca: null },
    installedOn: new Date().toISOString(),
  };
  writeFileSync(join(locks, `${name}.json`), lockRecordText(record), { mode: 0o644 });
  return {
    server,
    tlsPort: ports[0] ?? 0,
    bundle: join(directory, 'bundle.pem'),
    configuration,
    text,
    locks,
    record,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await application[Symbol.asyncDispose]();
    },
  };
}

function caddyCommands(directory: string, configuration: string): Pick<LockRecord, 'test' | 'reload'> {
  const config = ['--config', configuration, '--adapter', 'caddyfile'];
  return {
    test: [programPath('caddy'), 'validate', ...config],
    reload: [
      programPath('caddy'),
      'reload',
      ...config,
      '--force',
      '--address',
      `unix/${join(directory, 'caddy.sock')}`,
    ],
  };
}
