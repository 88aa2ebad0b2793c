import { errorFile } from './error-log.ts';

/** Has nginx load what passed its test, for `sh -eu`: a reload is taken before it is tried, and what became of it is in the log alone. */
export const RELOAD_NGINX: readonly string[] = [
  '# Loads it, and looks into the error log whether that was taken.',
  `errors=${errorFile('nginx')}`,
  'lines_of() { cat "$errors" 2> /dev/null | wc -l; }',
  'was=$(lines_of)',
  'nginx -s reload',
  'sleep 1',
  'if [ ! -e "$errors" ]; then',
  '  echo "There is no $errors: whether nginx loaded it, its own error log says."',
  'elif tail -n +$((was + 1)) "$errors" | grep -F "[emerg]"; then',
  '  echo "NOT LOADED, for the reason above: nginx goes on as before."',
  '  exit 1',
  'else',
  '  echo "Loaded."',
  'fi',
];
