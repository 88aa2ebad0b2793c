import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Postern } from '../scenarios/postern.ts';
import { run } from '../scenarios/program.ts';
import { addRecord, createZone, zonePull } from '../scenarios/site.ts';

/** Begins a set-up of `www` that stands where the origin is configured, for an origin of its own; its page. */
export async function setUpFor(postern: Postern, name: string, port: number): Promise<string> {
  const zone = await createZone(postern, name, null);
  await zonePull(postern, zone, true);
  const host = `www.${name}`;
  await addRecord(postern, zone, { name: host, origin: { https_port: port } });
  const choices = { server: 'nginx', mode: 'watch' };
  await postern.call('PUT', `/postern/v1/zones/${zone}/setups/${host}`, { choices });
  return `/setup/${name}/${host}?step=configure`;
}

/** What runs on the origin says that nobody comes, and what its server shows. */
export async function report(postern: Postern, scratch: string, host: string, zone: string): Promise<void> {
  const log = join(scratch, `${host}.log`);
  writeFileSync(log, '');
  const argv = ['origin', 'watch-report', '--api', postern.base, '--zone', zone, '--hostname', host, '--log', log];
  const ended = await run([...argv, '--state', `${log}.state`], { POSTERN_TOKEN: postern.token });
  assert.equal(ended.code, 0, ended.stderr);
}
