/** The dashboard with very many zones and hostnames, in a real browser: from each input to the frame that shows it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { lookAt, signIn, startBrowser } from '../test/dashboard/browser.ts';
import { cpuSeconds } from './cpu.ts';
import { type Fullness, recordIdOf, seedFull, zoneNamed } from './full-installation.ts';
import { type Installation, startInstallation } from './installation.ts';
import { type Interaction, INTERACTIONS, isShown } from './interactions.ts';
import { conduct, loaded, type Taken, taken, withClock } from './page-clock.ts';
import { alone, median, noted, ROUNDS, type Row, type Section } from './section.ts';
import { openWorkshop } from './servers.ts';

const FULL: Fullness = {
  zones: Number(process.env['BENCH_ZONES'] ?? 10_000),
  hostnames: Number(process.env['BENCH_HOSTNAMES'] ?? 100_000),
  inLarge: 10_000,
  uploads: 1_000,
  auditEntries: 100_000,
};
/** A change each so many milliseconds, each in another zone: within what a token may ask. */
const CHANGE_EVERY = 400;
const BUDGET = 100;
const WATCHED = 10_000;
/** How often each call is made to see what it costs the control plane. */
const CALLS = 10;

export const DASHBOARD: Section = {
  about: `${FULL.zones} zones, ${FULL.hostnames} hostnames, one zone with ${FULL.inLarge} of them; a change every ${CHANGE_EVERY} ms; Chromium, from the input to the second frame after what it asked for is there; ${ROUNDS} rounds, medians`,
  run: async () => {
    const workshop = openWorkshop();
    try {
      // Filling takes minutes: who looks for something keeps what was filled (BENCH_DATA).
      const data = process.env['BENCH_DATA'] ?? join(workshop.directory, 'data');
      if (!existsSync(data)) await seedFull(data, FULL);
      const installation = await startInstallation(workshop, data);
      const changes = await changing(installation);
      try {
        return await measured(installation);
      } finally {
        await changes.stop();
      }
    } finally {
      await workshop.close();
    }
  },
};

async function measured(installation: Installation): Promise<readonly Row[]> {
  await using browser = await startBrowser();
  await using looking = await lookAt(browser, { base: `http://${installation.api}` });
  const { page, complaints } = looking;
  await withClock(page);
  await signIn(page, installation.token);
  await page.reload({ waitUntil: 'commit' });
  const first = await loaded(page, "document.querySelectorAll('.count').length === 5");
  const taken = await rounds(page);
  const tasks = [...taken.values()].flat().flatMap(({ longTasks }) => longTasks);
  for (const complaint of complaints) console.error(`  ${complaint}`);
  return [
    noted({ name: 'overview: opened by its address', unit: 'ms', subject: first.whole }),
    interactionRow('zone: opened by its address', await byAddress(page)),
    ...INTERACTION_NAMES.map((name) => interactionRow(name, taken.get(name) ?? [])),
    noted({ name: 'tasks of more than 50 ms meanwhile', unit: `in ${ROUNDS} rounds`, subject: tasks.length }),
    noted({ name: 'the longest of them', unit: 'ms', subject: Math.max(0, ...tasks) }),
    ...(await watched(page)),
    alone({ name: 'complaints of the page', unit: '', subject: complaints.length }, { most: 0 }),
    ...(await costs(installation, new Set([...taken.values()].flat().flatMap(({ asked }) => asked)))),
  ];
}

const INTERACTION_NAMES = [...new Set(INTERACTIONS.map(({ name }) => name))];

async function rounds(page: Page): Promise<ReadonlyMap<string, readonly Taken[]>> {
  const all = new Map<string, Taken[]>();
  // The first round fetches the code of each page, and is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const interaction of INTERACTIONS) {
      const one = await attempted(page, interaction);
      if (round > 0 && one !== null) all.set(interaction.name, [...(all.get(interaction.name) ?? []), one]);
    }
  }
  return all;
}

/** A zone that somebody has a link to: from the address to the frame that shows it, without anything but code kept. */
async function byAddress(page: Page): Promise<readonly Taken[]> {
  const all: Taken[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await page.goto(`/dashboard/zones/${zoneNamed(3)}`, { waitUntil: 'commit' });
    all.push(await loaded(page, `${isShown(zoneNamed(3))}`));
  }
  return all;
}

// What could not be measured has no figure, and what comes after it may have one.
async function attempted(page: Page, { name, act, ready, before }: Interaction): Promise<Taken | null> {
  try {
    await before?.(page);
    return await taken(page, () => act(page), ready);
  } catch (error) {
    console.error(`  ${name}: ${String(error)}`);
    await page.keyboard.press('Escape');
    return null;
  }
}

function interactionRow(name: string, all: readonly Taken[]): Row {
  const subject = median(all.map(({ whole }) => whole));
  const calls = median(all.map((one) => one.calls));
  const count = median(all.map(({ asked }) => asked.length));
  const rounds = median(all.map((one) => one.rounds));
  const row = alone({ name, unit: 'ms', subject }, { most: BUDGET });
  return calls === 0
    ? row
    : {
        ...row,
        reference: {
          value: calls,
          against: `of it ${count} ${count === 1 ? 'call' : 'calls'}, ${rounds} after each other`,
        },
      };
}

/** What pages do by themselves while events come in. */
async function watched(page: Page): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const path of ['/', '/zones', `/zones/${zoneNamed(0)}`, `/zones/${zoneNamed(0)}/dns`]) {
    await page.goto(`/dashboard${path}`);
    await page.locator('main h1').waitFor();
    await after(2_000);
    const { shift, moved, longTasks } = await conduct(page, WATCHED);
    for (const one of moved) console.error(`  ${path} moved: ${one}`);
    rows.push(alone({ name: `${path}: shift of the layout by events`, unit: 'score', subject: shift }, { most: 0 }));
    rows.push(noted({ name: `${path}: tasks of more than 50 ms by events`, unit: '', subject: longTasks }));
  }
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return [...rows, noted({ name: 'heap of the page after all that', unit: 'MiB', subject: usedSize / 1024 / 1024 })];
}

/** What each call of these costs the control plane. */
async function costs(installation: Installation, asked: ReadonlySet<string>): Promise<readonly Row[]> {
  const { pid } = installation;
  const own = await ownToken(installation, 'costs');
  const alike = new Map<string, string>();
  for (const path of asked) if (!path.includes('/impact')) alike.set(shape(path), path);
  const rows: Row[] = [];
  for (const [name, path] of alike) {
    const before = cpuSeconds(pid);
    for (let count = 0; count < CALLS; count += 1) await call(installation, own, 'GET', path);
    rows.push(noted({ name, unit: 'ms CPU', subject: ((cpuSeconds(pid) - before) * 1_000) / CALLS }));
  }
  return rows;
}

/** A path without what differs from zone to zone. */
function shape(path: string): string {
  return path.replace(/[0-9a-f]{32}/g, ':id').replace(/(hostnames|cursor|search|name)=[^&]+/g, '$1=…');
}

async function call<T>({ api }: Installation, token: string, method: string, path: string, body?: unknown): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const send = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`http://${api}${path}`, { method, headers, ...send });
  const answer = (await response.json()) as { success: boolean; result: T };
  if (!answer.success) throw new Error(JSON.stringify(answer));
  return answer.result;
}

// Each token may ask so much in five minutes.
async function ownToken(installation: Installation, name: string): Promise<string> {
  const rights = { name, permissions: ['*'], zones: 'all' };
  const path = '/postern/v1/tokens';
  const { token } = await call<{ token: string }>(installation, installation.token, 'POST', path, rights);
  return token;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

const NO_ZONE: Named = { id: '', name: '' };
/** One change in so many is in the large zone. */
const IN_LARGE = 10;

interface Changing {
  readonly stop: () => Promise<void>;
}

/** Changes a record in one zone after the other, as people and programs do, until it is told to stop. */
async function changing(installation: Installation): Promise<Changing> {
  const own = await ownToken(installation, 'changes');
  const list = '/postern/v1/overview/zones?sort=name&per_page=500';
  const rows = await call<readonly { readonly zone: Named }[]>(installation, own, 'GET', list);
  let stopped = false;
  const run = async () => {
    for (let count = 0; !stopped; count += 1) {
      const { id, name } = rows[count % IN_LARGE === 0 ? 0 : (count * 7) % rows.length]?.zone ?? NO_ZONE;
      const record = `/client/v4/zones/${id}/dns_records/${recordIdOf(`host-0.${name}`)}`;
      await call(installation, own, 'PATCH', record, { comment: `change ${count}` });
      await after(CHANGE_EVERY);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}
