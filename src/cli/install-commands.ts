import { shellCommand } from '../doctor/report/shell-word.ts';
import { flagName } from './flag-value.ts';

/** Where Postern's own files are on a host, where nobody says. */
export const CONFIG_DIR = '/etc/postern';
export const BACKUP_DIR = '/var/lib/postern/backups';

/** Flags of `postern origin install` that say what is locked and whom to ask. What the record of the lock knows is not among them. */
interface SaidFlags {
  readonly hostname: readonly string[];
  readonly zone?: readonly string[];
  readonly name?: string;
  readonly bundle?: string;
  readonly crl?: string;
  readonly allNames?: boolean;
  readonly acceptShared?: boolean;
  readonly verifiedHeader?: string;
  readonly through?: readonly string[];
  readonly api?: string;
  readonly apiCa?: string;
  readonly data?: string;
  readonly configDir: string;
  readonly backupDir: string;
}

type Places = Pick<SaidFlags, 'configDir' | 'backupDir'>;

const AGAIN = [
  'hostname',
  'zone',
  'name',
  'bundle',
  'crl',
  'allNames',
  'acceptShared',
  'verifiedHeader',
  'through',
  'api',
  'apiCa',
  'data',
] as const satisfies readonly (keyof SaidFlags)[];

/** The same installation once more, with names refused that no site has. A token is in the environment, and in no command. */
export function refusingCommand(flags: SaidFlags): string {
  const said = AGAIN.flatMap((field): readonly string[] => {
    const value = flags[field];
    if (value === undefined || value === false) return [];
    if (value === true) return [flagName(field)];
    return [value].flat().flatMap((one) => [flagName(field), one]);
  });
  return shellCommand(['postern', 'origin', 'install', ...said, ...placeWords(flags), '--default-server']);
}

/** What takes a lock out again. */
export function undoingCommand(name: string, places: Places): string {
  return shellCommand(['postern', 'origin', 'uninstall', name, ...placeWords(places)]);
}

function placeWords({ configDir, backupDir }: Places): readonly string[] {
  return [
    ...(configDir === CONFIG_DIR ? [] : ['--config-dir', configDir]),
    ...(backupDir === BACKUP_DIR ? [] : ['--backup-dir', backupDir]),
  ];
}
