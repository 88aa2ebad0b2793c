import { startEdge, startSite } from '../test/install/installed-site.ts';
import { debianNginx, type TreeFiles, type TreePlaces } from '../test/install/nginx-tree.ts';
import { alone, noted, type Row, type Section } from './section.ts';

const HOSTS = 500;
const NAMES = ['--hostname', 'www.example.test', '--hostname', 'example.test'];

/** `postern origin install` on an nginx with 500 virtual hosts, each in a file of its own with a link to it. */
export const INSTALL: Section = {
  about: `postern origin install among ${HOSTS} virtual hosts of nginx`,
  run,
};

async function run(): Promise<readonly Row[]> {
  await using edge = await startEdge();
  await using site = await startSite('nginx', edge, { tree: crowded });
  const looked = await seconds(() => site.origin('install', ...NAMES, '--dry-run'));
  const whole = await seconds(() => site.origin('install', ...NAMES));
  const again = await seconds(() => site.origin('install', ...NAMES));
  const undone = await seconds(() => site.origin('uninstall', 'www.example.test'));
  return [
    alone({ name: 'found, read, judged and planned', unit: 's', subject: looked }, { most: 2 }),
    noted({ name: 'installed and proven, three reloads included', unit: 's', subject: whole }),
    noted({ name: 'a second run, which changes nothing', unit: 's', subject: again }),
    noted({ name: 'uninstalled, one reload included', unit: 's', subject: undone }),
  ];
}

async function seconds(
  work: () => Promise<{ readonly code: number | null; readonly stderr: string }>,
): Promise<number> {
  const begun = performance.now();
  const { code, stderr } = await work();
  if (code !== 0) throw new Error(stderr);
  return (performance.now() - begun) / 1000;
}

function crowded(places: TreePlaces): TreeFiles {
  const files = debianNginx(places);
  const other = files['sites-available/other.test'] ?? '';
  const more = Array.from({ length: HOSTS }, (_none, index) => {
    const name = `site-${index}.test`;
    return [
      [`sites-available/${name}`, other.replaceAll('other.test', name)],
      [`sites-enabled/${name}`, `-> ../sites-available/${name}`],
    ] as const;
  });
  return { ...files, ...Object.fromEntries(more.flat()) };
}
