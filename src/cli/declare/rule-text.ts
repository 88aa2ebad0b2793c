import type { AccessRuleDraft } from '../../domain/access-rule.ts';
import type { RateLimitDraft } from '../../domain/rate-limit.ts';
import { configuration } from '../../wire/access-rules.ts';

/** What becomes of an access rule, in a line that a person reads. */
export function accessRuleText(from: AccessRuleDraft | null, to: AccessRuleDraft | null): string {
  const what = `access rule ${configuration((to ?? from)?.network ?? '').value}`;
  if (from === null || to === null) return `${what}: ${ruleWords(to ?? from)}`;
  const words = [
    ...(from.mode === to.mode ? [] : [`${modeWord(from)} → ${modeWord(to)}`]),
    ...(from.notes === to.notes ? [] : [`notes ${JSON.stringify(to.notes)}`]),
  ];
  return `${what}: ${words.join(', ')}`;
}

function ruleWords(rule: AccessRuleDraft | null): string {
  if (rule === null) return '';
  return rule.notes === '' ? modeWord(rule) : `${modeWord(rule)} (${rule.notes})`;
}

// `whitelist` is the word of the API alone.
function modeWord({ mode }: AccessRuleDraft): string {
  return mode === 'whitelist' ? 'allow' : mode;
}

/** What becomes of a rate limit, in a line that a person reads. */
export function rateLimitText(from: RateLimitDraft | null, to: RateLimitDraft | null): string {
  const limit = from ?? to;
  const what = `rate limit ${limit === null ? '' : limitName(limit)}`;
  if (from === null || to === null) return `${what}: ${limit === null ? '' : limitWords(limit)}`;
  return `${what}: ${limitChanges(from, to).join(', ')}`;
}

function limitName({ description, match: { url } }: RateLimitDraft): string {
  return description === '' ? url : `${description} (${url})`;
}

function limitWords(limit: RateLimitDraft): string {
  const asked = requests(limit);
  return [
    ...(asked === 'all' ? [] : [asked]),
    allowed(limit),
    consequence(limit),
    ...(limit.disabled ? ['disabled'] : []),
  ].join(', ');
}

function limitChanges(from: RateLimitDraft, to: RateLimitDraft): readonly string[] {
  const changed = (a: string, b: string, name = '') => (a === b ? [] : [`${name}${a} → ${b}`]);
  return [
    ...changed(from.match.url, to.match.url),
    ...changed(requests(from), requests(to), 'requests '),
    ...changed(allowed(from), allowed(to)),
    ...changed(consequence(from), consequence(to)),
    ...(from.disabled === to.disabled ? [] : [to.disabled ? 'disabled' : 'enabled']),
    ...(from.description === to.description ? [] : [`description ${JSON.stringify(to.description)}`]),
  ];
}

function requests({ match: { methods, schemes } }: RateLimitDraft): string {
  return (
    [methods, schemes]
      .map((some) => some.join(','))
      .filter((text) => text !== '')
      .join(' ') || 'all'
  );
}

function allowed({ threshold, period, key }: RateLimitDraft): string {
  return `${threshold} in ${period} s${key === 'address_and_host' ? ' per host' : ''}`;
}

// The timeout of one that only simulates counts too: it logs no more often.
function consequence({ action, timeout }: RateLimitDraft): string {
  return `${action} ${timeout} s`;
}
