import { readFile } from 'node:fs/promises';
import type { InstalledLines, ModeLine } from '../lock-record.ts';
import type { OriginRequirement } from '../requirement.ts';
import type { OpenHostname } from './openings.ts';
import { type ConfigurationStep, decision, digest, editedPath, notMade } from './opening-decision.ts';
import { absent, type NewFile } from './replace.ts';
import type { OpenedConfiguration } from './state.ts';

interface OwnFiles {
  readonly installed: InstalledLines;
  readonly requirement: OriginRequirement;
  readonly open: readonly OpenHostname[];
}

type Mode = keyof ModeLine;

/** A file that holds something of the lock: as it is, as it should be, and whether somebody changed what is the lock's. */
interface Looked {
  readonly file: NewFile;
  /** `null` where the file is gone. */
  readonly present: string | null;
  readonly isOurs: boolean;
}

/**
 * Holds what stands in virtual hosts against the openings. It depends on what else stands there, so both forms were written
 * down when it was installed: files of the lock's own, and its lines in files of others, which are exchanged one by one.
 */
export async function lookAtInstalled(
  { installed, requirement, open }: OwnFiles,
  before: OpenedConfiguration | null,
): Promise<ConfigurationStep> {
  const shut = requirement.sites.every(({ mode }) => mode === 'watch') ? 'watch' : 'enforce';
  const looked = await lookAll(installed, open.length > 0 ? 'watch' : shut);
  if (looked.length === 0 && open.length > 0) {
    return notMade(requirement, before, 'it is not known which lines are to change: that was written down later');
  }
  const differing = looked.filter(({ file, present }) => present !== file.text);
  const edited = looked.filter(({ isOurs }) => !isOurs);
  const hostnames = open.map(({ hostname, zone }) => ({ hostname, zone }));
  const wanted = digest(JSON.stringify(looked.map(({ file: { path, text } }) => [path, text])));
  const next = open.length === 0 ? null : { sha256: wanted, hostnames };
  const step = { requirement, open, opened: next, trouble: null };
  const byHand = { code: 'changed_by_hand', detail: edited[0]?.file.path ?? '' } as const;
  const files = differing.map(({ file }) => file);
  const [isOurs, isSame] = [edited.length === 0, differing.length === 0 && edited.every(isWhole)];
  switch (decision({ isSame, isOurs, isOpen: open.length > 0, wasOpened: before !== null })) {
    case 'nothing':
      return { ...step, files: [] };
    case 'leave':
      return { ...step, open: [], opened: before, files: [], trouble: byHand };
    case 'write':
      return { ...step, files };
    case 'write_over': {
      // A lock that somebody opened for a while must not stay open because of an edit; what was edited is kept.
      const kept = edited.filter((one) => isWhole(one) && differing.includes(one)).flatMap(keptBeside);
      const rest = edited.every(isWhole) ? {} : { opened: before, trouble: byHand };
      return { ...step, ...rest, files: [...kept, ...files] };
    }
  }
}

/** Whether the file is the lock's own and written as a whole; of a file of others only lines that are known are put right. */
function isWhole({ file: { encoding } }: Looked): boolean {
  return encoding === undefined;
}

function keptBeside({ file, present }: Looked): readonly NewFile[] {
  return present === null ? [] : [{ ...file, path: editedPath(file.path), text: present }];
}

function lookAll({ texts, lines = {} }: InstalledLines, mode: Mode): Promise<readonly Looked[]> {
  return Promise.all([
    ...Object.entries(texts[mode]).map(([path, text]) => lookAtOwn({ path, text }, texts)),
    ...Object.entries(lines).map(([path, pairs]) => lookAtLines(path, pairs, mode)),
  ]);
}

async function lookAtOwn(file: NewFile, texts: InstalledLines['texts']): Promise<Looked> {
  const { path } = file;
  const present = await readFile(path, 'utf8').catch(absent);
  const isOurs = present === null || present === texts.watch[path] || present === texts.enforce[path];
  return { file, present, isOurs };
}

// One character for each byte: what stands around the lines is somebody else's, and may be in any encoding.
async function lookAtLines(path: string, pairs: readonly ModeLine[], mode: Mode): Promise<Looked> {
  const present = await readFile(path, 'latin1').catch(absent);
  const { text, isOurs } = exchanged(present ?? '', pairs, mode);
  return { file: { path, text, encoding: 'latin1' }, present: present ?? '', isOurs };
}

/**
 * The text with each known line in the form of a mode. It is as the lock left it only where all its lines are there; those
 * that somebody changed stay, and the others are exchanged all the same.
 */
export function exchanged(
  text: string,
  pairs: readonly ModeLine[],
  mode: Mode,
): { readonly text: string; readonly isOurs: boolean } {
  const wanted = new Map(
    pairs.flatMap((pair) => [pair.enforce, pair.watch].map((line) => [line, pair[mode]] as const)),
  );
  const found: string[] = [];
  const lines = text.split(/(?<=\n)/).map((line) => {
    const bare = line.replace(/\r?\n$/, '');
    const other = wanted.get(bare);
    if (other === undefined) return line;
    found.push(other);
    return other + line.slice(bare.length);
  });
  return { text: lines.join(''), isOurs: sorted(found) === sorted(pairs.map((pair) => pair[mode])) };
}

function sorted(lines: readonly string[]): string {
  return lines.toSorted().join('\n');
}
