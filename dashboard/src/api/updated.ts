import { signal } from '@preact/signals';

/** Whether Postern serves another dashboard by now than the one that this page was loaded from. */
export const isUpdated = signal(false);

const DOCUMENT = '/dashboard/';

/** Finds out. The name of the script changes with every part of the dashboard (see dashboard/vite.config.js). */
export async function lookForUpdate(): Promise<void> {
  const own = document.querySelector('script[type="module"][src]')?.getAttribute('src') ?? '';
  try {
    const response = await fetch(DOCUMENT, { cache: 'no-cache' });
    if (response.ok) isUpdated.value = !(await response.text()).includes(own);
  } catch {
    // Whoever does not answer has not been updated as far as anybody knows; the stream of events asks again.
  }
}
