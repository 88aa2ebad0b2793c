import { Command } from 'commander';
import { instant } from '../domain/ids.ts';
import { type Guard, type GuardOptions, startGuard } from '../origin/guard/guard.ts';
import { LockFault } from '../origin/guard/locked-site.ts';
import { EXIT, Failure } from './failure.ts';
import { guardCallers } from './guard-callers.ts';
import { type GuardSettings, guardSettings, withGuardFlags } from './guard-settings.ts';
import { formatHostPort } from './host-port.ts';
import { listenFailure } from './listen-failure.ts';
import { stderrLog } from './log.ts';
import { writeReady } from './ready-file.ts';
import { asked, reloadSignals } from './signals.ts';

const EXAMPLES = `
Examples:
  postern guard --hostname www.example.test --bundle example.test.pem \\
      --server-cert fullchain.pem --server-key privkey.pem \\
      --upstream http://127.0.0.1:3000 --listen :443
  postern guard --config guard.yaml --health 127.0.0.1:9100
  postern guard --watch --zone ZONE_ID --api https://postern.example.com:8400 \\
      --token-file report.token --hostname www.example.test …

Settings come from flags, then POSTERN_* in the environment (POSTERN_BUNDLE,
POSTERN_SERVER_CERT, …); several of one stand behind commas there, --subject and
--uri on lines.
It asks every caller for the certificate that the bundle vouches for, and passes
on what the edge sends: HTTP/1.1 to http:// and unix:, bytes behind a header of
the PROXY protocol to tcp://. Bundle, lists, certificate and manifest are read
again when they change, and at SIGHUP. SIGTERM lets requests under way finish.`;

/** `postern guard`: a lock in front of an application that has none. */
export function guardCommand(): Command {
  const command = new Command('guard').description(
    'lock an application that does no TLS, in the foreground, until SIGTERM',
  );
  return withGuardFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(() => guard(guardSettings(command)));
}

async function guard({ drain, readyFile, logLevel, reportTo, ...options }: GuardSettings): Promise<void> {
  const log = stderrLog(logLevel);
  const callers = reportTo === null ? null : guardCallers(reportTo, options.sites, log);
  const came = callers === null ? {} : { came: callers.came };
  const running = await started({ ...options, ...came, log, now: () => instant(Date.now()) });
  const wish = asked();
  for (const signal of reloadSignals()) process.on(signal, () => running.reload());
  const ready = {
    listen: running.listen.map(formatHostPort),
    health: running.health === null ? null : formatHostPort(running.health),
    pid: process.pid,
  };
  if (readyFile !== null) writeReady(readyFile, ready);
  log('ready', { ...ready, listen: ready.listen.join(' ') });
  await wish;
  log('draining', { within_ms: drain });
  await running.close(drain);
  await callers?.close();
  log('ended', {});
}

async function started(options: GuardOptions): Promise<Guard> {
  try {
    return await startGuard(options);
  } catch (error) {
    if (error instanceof LockFault)
      throw new Failure(`${error.message}.`, error.fix, error.isWrongUse ? EXIT.wrongUse : EXIT.notGood);
    const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
    const where = address === undefined || port === undefined ? '' : ` (${formatHostPort({ host: address, port })})`;
    throw listenFailure(code, where) ?? error;
  }
}
