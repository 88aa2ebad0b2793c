import { Command } from 'commander';
import { auditCommand } from './origin-audit.ts';
import { configCommand } from './origin-config.ts';
import { firewallCommand } from './origin-firewall.ts';
import { installCommand } from './origin-install.ts';
import { reportsCommand } from './origin-reports.ts';
import { syncCommand } from './origin-sync.ts';
import { rollbackCommand, uninstallCommand } from './origin-uninstall.ts';
import { watchReportCommand } from './origin-watch-report.ts';

const EXAMPLES = `
Examples:
  postern origin config nginx --data ./data --zone example.test \\
      --hostname www.example.test --out www.conf
  postern origin install --data ./data --hostname www.example.test --dry-run
  postern origin sync --dry-run`;

/** `postern origin …`: what the owner of an origin needs. */
export function originCommand(): Command {
  return new Command('origin')
    .description('lock an origin')
    .addCommand(auditCommand())
    .addCommand(configCommand())
    .addCommand(installCommand())
    .addCommand(uninstallCommand())
    .addCommand(rollbackCommand())
    .addCommand(syncCommand())
    .addCommand(reportsCommand())
    .addCommand(watchReportCommand())
    .addCommand(firewallCommand())
    .addHelpText('after', EXAMPLES);
}
