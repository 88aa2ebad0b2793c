import type { AccessLogOptions, AccessLogPolicy } from '../edge/access-log.ts';
import { Failure } from './failure.ts';

const FIX = 'Use on, off, errors, or sample:N for one of N requests and all that failed.';

/** The settings of the access log as people write them. Throws a Failure for what is neither. */
export function accessLogSetting(policy: string, query: string): AccessLogOptions {
  if (query !== 'true' && query !== 'false') {
    throw new Failure(`--access-log-query is ${JSON.stringify(query)}.`, 'Use true or false.');
  }
  return { policy: policyOf(policy), query: query === 'true' };
}

function policyOf(text: string): AccessLogPolicy {
  if (text === 'on' || text === 'off' || text === 'errors') return { kind: text };
  const [, count] = /^sample:([1-9]\d{0,8})$/.exec(text) ?? [];
  if (count === undefined) throw new Failure(`--access-log is ${JSON.stringify(text)}.`, FIX);
  return { kind: 'sample', oneOf: Number(count) };
}
