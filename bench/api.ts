/** The API among many zones and many records, in this process with an edge. Requests come over real connections. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../src/cli/serve.ts';
import { takeDirectory } from '../src/control/data-directory.ts';
import { openControlPlane } from '../src/control/start.ts';
import { openStore } from '../src/control/store.ts';
import { visitorNames } from '../src/control/visitor-certificates.ts';
import { loadVisitorCertificates, writeVisitorCertificate } from '../src/control/visitor-rows.ts';
import { writeZone } from '../src/control/zone-rows.ts';
import { type Hostname, hostname, instant, recordId, zoneId } from '../src/domain/ids.ts';
import { DEFAULT_ORIGIN, type DnsRecord } from '../src/domain/record.ts';
import type { Zone } from '../src/domain/zone.ts';
import { alone, compared, median, quantile, ROUNDS, type Row, type Section } from './section.ts';

const ZONES = Number(process.env['BENCH_ZONES'] ?? 10_000);
const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 100_000);
const CHANGES = 200;
const READS = 50;
const WARM_UP = 20;
const LARGE = 'large.test';
const LOOPBACK = { host: '127.0.0.1', port: 0 };
const clock = () => instant(Date.now());

function sure<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('there is no value');
  return value;
}

const hexOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
const nameOf = (text: string): Hostname => sure(hostname(text));
const zoneName = (count: number): string => `zone-${count}.test`;

function recordOf(zone: string, count: number): DnsRecord {
  const id = sure(recordId(hexOf(`${zone} ${count}`)));
  const name = nameOf(`host-${count}.${zone}`);
  const rest = { ttl: 1, proxied: true, origin: DEFAULT_ORIGIN, originSent: null, comment: null, mayBePrivate: false };
  return { id, name, type: 'A', content: '192.0.2.1', ...rest, createdAt: clock(), modifiedAt: clock() };
}

/**
 * A data directory with one large zone and many small ones. They are copies of one that was made in the usual way, but
 * for their names and ids: making keys for each would take minutes and change nothing that is measured here.
 */
async function prepare(dir: string): Promise<void> {
  const plane = await openControlPlane({ dir, kek: null, clock, log: () => undefined });
  const actor = { token: 'bench', from: 'bench' };
  const made = await plane.createZone(nameOf(LARGE), plane.installation.account, actor);
  if (made.kind === 'problem') throw new Error(made.code);
  await plane.close();
  const directory = takeDirectory(dir);
  const store = await openStore(directory);
  const visitor = sure((await loadVisitorCertificates(store)).get(made.zone.id));
  await store.transaction().execute(async (transaction) => {
    const records = Array.from({ length: RECORDS }, (_, count) => recordOf(LARGE, count));
    await writeZone(transaction, made.zone, withRecords(made.zone, records), 1);
    for (let count = 0; count < ZONES; count += 1) {
      const name = nameOf(zoneName(count));
      const id = sure(zoneId(hexOf(name)));
      const copy = withRecords({ ...made.zone, id, name, certificates: new Map() }, [recordOf(name, 0)]);
      await writeZone(transaction, null, copy, 1);
      // With the names that it should hold, or the start would issue another for each.
      await writeVisitorCertificate(transaction, id, { ...visitor, names: visitorNames(copy) });
    }
  });
  await store.destroy();
  directory.release();
}

function withRecords(zone: Zone, records: readonly DnsRecord[]): Zone {
  return { ...zone, records: new Map(records.map((record) => [record.id, record])) };
}

type Ask = (method: string, path: string, body?: unknown) => Promise<void>;

/** A client that keeps its connection and looks at nothing but the status, so that what is measured is the server. */
function client(base: string, token: string): Ask {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const asked = request(`${base}${path}`, { method, headers, agent }, (response) => {
        response.resume().on('end', resolve);
        if (response.statusCode !== 200) reject(new Error(`${method} ${path}: ${response.statusCode}`));
      });
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/** CPU milliseconds of this process for each of so many calls. */
async function cpuPerCall(calls: number, call: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let count = 0; count < calls; count += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / calls;
}

/** The last zone against the first, in turns. */
async function lastAgainstFirst(ask: Ask): Promise<readonly Row[]> {
  const reads: readonly (readonly [name: string, path: (zone: string) => string])[] = [
    ['zone by its id', (zone) => `/client/v4/zones/${hexOf(zone)}`],
    ['zone by its name', (zone) => `/client/v4/zones?name=${zone}`],
    ['records of a zone', (zone) => `/client/v4/zones/${hexOf(zone)}/dns_records`],
    ['plan of a hostname', (zone) => `/postern/v1/zones/${hexOf(zone)}/hostnames/host-0.${zone}/plan`],
  ];
  const rows: Row[] = [];
  for (const [name, path] of reads) {
    const [first, last]: [number[], number[]] = [[], []];
    const read = async (count: number) => (await cpuPerCall(READS, () => ask('GET', path(zoneName(count))))) * 1000;
    for (let turn = 0; turn < WARM_UP; turn += 1) await read(turn % 2 === 0 ? 0 : ZONES - 1);
    // Short turns, so that what else the machine does falls on both alike.
    for (let turn = 0; turn < 4 * ROUNDS; turn += 1) {
      last.push(await read(ZONES - 1));
      first.push(await read(0));
    }
    const [subject, reference] = [median(last), median(first)];
    const row = { name: `${name}, last of ${ZONES}`, unit: 'µs CPU, client and all', subject, reference };
    rows.push(compared({ ...row, against: 'first zone' }, { most: 1.2 }));
  }
  return rows;
}

/** A page of 50 out of very many. */
async function pages(ask: Ask, zone: string): Promise<readonly Row[]> {
  const last = RECORDS / 50;
  const queries: readonly (readonly [name: string, query: string])[] = [
    ['first page of records', ''],
    ['last page', `&page=${last}`],
    ['records of a name', `&name=host-${RECORDS - 1}.${LARGE}`],
    ['records that contain', '&name.contains=99'],
    ['records, searched', '&search=host-99'],
    ['records in order of name', '&order=name'],
    ['the same, last page', `&order=name&direction=desc&page=${last}`],
  ];
  const rows: Row[] = [];
  for (const [name, query] of queries) {
    const page = () => ask('GET', `/client/v4/zones/${zone}/dns_records?per_page=50${query}`);
    await cpuPerCall(3, page);
    const figures: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) figures.push(await cpuPerCall(5, page));
    rows.push(alone({ name: `${name}, of ${RECORDS}`, unit: 'ms CPU', subject: median(figures) }, { most: 10 }));
  }
  return rows;
}

/** From the call to its answer, which comes when the edge has the change in force. */
async function changes(ask: Ask, zone: string, where: string): Promise<readonly Row[]> {
  const figures: number[] = [];
  for (let count = 0; count < CHANGES; count += 1) {
    const before = performance.now();
    await ask('PATCH', `/client/v4/zones/${zone}/settings/ssl`, { value: count % 2 === 0 ? 'full' : 'strict' });
    figures.push(performance.now() - before);
  }
  return [0.5, 0.99].map((share) => {
    const name = `setting in force, p${share * 100}, ${where}`;
    return alone({ name, unit: 'ms', subject: quantile(figures, share) }, { most: 50 });
  });
}

export const API: Section = {
  about: `${ZONES} zones, one with ${RECORDS} records; ${ROUNDS} rounds, medians`,
  run: async () => {
    const parent = mkdtempSync(join(tmpdir(), 'postern-bench-'));
    try {
      const dir = join(parent, 'data');
      await prepare(dir);
      const settings = { dir, kek: null, api: LOOPBACK, apiHosts: [], workers: null, https: LOOPBACK, http: null };
      const running = await serve({ ...settings, log: () => undefined, rateLimits: { token: null, address: null } });
      const token = readFileSync(join(dir, 'bootstrap-token'), 'utf8').trim();
      const base = `http://${running.api.host}:${running.api.port}`;
      const ask = client(base, token);
      const found = await fetch(`${base}/client/v4/zones?name=${LARGE}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const { result } = (await found.json()) as { readonly result: readonly { readonly id: string }[] };
      const large = sure(result[0]).id;
      try {
        return [
          ...(await lastAgainstFirst(ask)),
          ...(await pages(ask, large)),
          ...(await changes(ask, hexOf(zoneName(ZONES - 1)), 'small zone')),
          ...(await changes(ask, large, 'large zone')),
        ];
      } finally {
        await running.close(0);
      }
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  },
};
