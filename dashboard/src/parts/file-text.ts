import { say } from './toast.tsx';

/** Bytes: whatever a field takes is far shorter, and a browser would stand still over a video. */
const MOST = 1_048_576;

/** What stands in a file; `null` where it is no text that a field could take, which is said. */
export async function fileText(file: File): Promise<string | null> {
  const text = file.size > MOST ? null : await file.text().catch(() => null);
  if (text === null) say(`${file.name} cannot be read here: it is no text, or far too long.`);
  return text;
}
