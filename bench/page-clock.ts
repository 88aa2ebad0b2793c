import type { Page } from 'playwright-core';

/**
 * How long a page takes from an input to the frame that shows what was asked for: the clock of the page itself, so that
 * nothing of what drives the browser is in it.
 */

/** One interaction, in milliseconds. */
export interface Taken {
  readonly whole: number;
  /** From the first call of the API that it made to the last answer; 0 where it made none. */
  readonly calls: number;
  /** How many of them were begun only after the answer to another one: the longest chain of such. */
  readonly rounds: number;
  /** Paths of the calls. */
  readonly asked: readonly string[];
  /** Tasks of more than 50 ms meanwhile. */
  readonly longTasks: readonly number[];
}

/** What happened to a page since it was loaded. */
export interface Conduct {
  readonly shift: number;
  /** What moved, of the shifts that no input caused. */
  readonly moved: readonly string[];
  readonly longTasks: number;
}

/** Runs in the page, before its own scripts. Text, because here it would be of another world. */
const CLOCK = `(() => {
  const long = [], shifts = [], inputs = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) long.push({ at: one.startTime, ms: one.duration });
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      if (one.hadRecentInput) continue;
      const nodes = one.sources.map(({ node }) => node?.nodeName + '.' + (node?.className ?? '') + ' ' + (node?.textContent ?? '').slice(0, 40));
      shifts.push({ at: one.startTime, value: one.value, nodes });
    }
  }).observe({ type: 'layout-shift', buffered: true });
  performance.setResourceTimingBufferSize(100000);
  const INPUTS = ['click', 'keydown', 'change'];
  for (const kind of INPUTS) addEventListener(kind, (event) => inputs.push(event.timeStamp), true);
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))));
  const since = (from, to) => {
    const began = from();
    const calls = performance.getEntriesByType('resource').filter(
      ({ startTime, name }) => startTime >= began && /\\/(client|postern)\\/v/.test(name) && !/v1\\/events/.test(name));
    const first = Math.min(...calls.map(({ startTime }) => startTime));
    const last = Math.max(...calls.map(({ responseEnd }) => Math.min(to, responseEnd)));
    // Of calls that wait for each other none begins before the one before has ended: as many as fit without overlapping.
    let rounds = 0, free = began;
    for (const { startTime, responseEnd } of calls.toSorted((a, b) => a.responseEnd - b.responseEnd)) {
      if (startTime < free) continue;
      rounds += 1;
      free = responseEnd;
    }
    return {
      whole: to - began,
      rounds,
      calls: calls.length === 0 ? 0 : last - first,
      asked: calls.map(({ name }) => name.replace(location.origin, '')),
      longTasks: long.filter(({ at, ms }) => at + ms >= began && at < to).map(({ ms }) => ms),
    };
  };
  const shown = (ready) => new Promise((done, fail) => {
    if (ready()) return done();
    const see = () => {
      if (!ready()) return;
      look.disconnect();
      removeEventListener('input', late);
      done();
    };
    // What stands in a field is no mutation.
    const late = () => setTimeout(see);
    addEventListener('input', late);
    const look = new MutationObserver(see);
    setTimeout(() => fail(new Error('not shown: ' + ready + ', but ' + document.querySelector('main')?.innerText.slice(0, 400))), 8000);
    const all = { subtree: true, childList: true, attributes: true, characterData: true };
    look.observe(document, all);
  });
  globalThis.pageClock = {
    shown,
    arm: (ready) => {
      inputs.length = 0;
      const input = new Promise((done) => {
        for (const kind of INPUTS) addEventListener(kind, () => done(), { once: true, capture: true });
      });
      const next = async () => {
        await input;
        await shown(ready);
        return since(() => inputs[0], await painted());
      };
      globalThis.pageClock.result = next();
    },
    load: async (ready) => {
      await shown(ready);
      return since(() => 0, await painted());
    },
    conduct: (from) => ({
      shift: shifts.filter(({ at }) => at >= from).reduce((sum, { value }) => sum + value, 0),
      moved: shifts.filter(({ at }) => at >= from).flatMap(({ nodes }) => nodes),
      longTasks: long.filter(({ at }) => at >= from).length,
    }),
  };
})()`;

/** Puts the clock into every page that is opened from now on. */
export async function withClock(page: Page): Promise<void> {
  await page.context().addInitScript({ content: CLOCK });
}

/** Does something, and answers how long it took until the page showed what it should: an expression of the page. */
export async function taken(page: Page, act: () => Promise<unknown>, ready: string): Promise<Taken> {
  // Whatever went before has been painted.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  // Armed before anything is done: an input may arrive at the page before whatever is asked of it at the same time.
  await page.evaluate(`pageClock.arm(() => ${ready})`);
  await act();
  return (await page.evaluate('pageClock.result')) as Taken;
}

/** Waits until the page shows something: an expression of the page. */
export async function until(page: Page, ready: string): Promise<void> {
  await page.evaluate(`pageClock.shown(() => ${ready})`);
}

/** The same from the moment at which the page was opened. */
export async function loaded(page: Page, ready: string): Promise<Taken> {
  return (await page.evaluate(`pageClock.load(() => ${ready})`)) as Taken;
}

/** What happened within some time from now on, without any input. */
export async function conduct(page: Page, within: number): Promise<Conduct> {
  const from = (await page.evaluate('performance.now()')) as number;
  await new Promise((resolve) => setTimeout(resolve, within));
  return (await page.evaluate(`pageClock.conduct(${from})`)) as Conduct;
}
