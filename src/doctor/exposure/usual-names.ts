const LABELS = `
mail smtp imap pop webmail mx mx1 autodiscover autoconfig
ftp sftp ssh vpn remote git db mysql ns1 ns2
direct direct-connect origin origin-www www-origin real server host lb web web1
cpanel whm webdisk plesk admin panel portal status monitor
dev staging stage test uat demo beta old new backup internal api app`;

/** First labels under which origins and their neighbours are often found: what an attacker tries first. */
export const USUAL_NAMES: readonly string[] = LABELS.trim().split(/\s+/);
