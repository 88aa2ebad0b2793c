import { z } from 'zod';
import type { NotChecked } from '../doctor/configuration.ts';
import type { ControlFacts } from '../doctor/control-facts.ts';
import { controlled, unknownZone } from '../doctor/diagnosis/controlled.ts';
import type { Finding } from '../doctor/diagnosis/finding.ts';
import { type ApiAccess, callApi, Refusal } from './api.ts';
import { Failure } from './failure.ts';

/** What the control plane says of some hostnames, judged. */
export interface ControlReading {
  readonly findings: readonly Finding[];
  readonly checked: readonly { readonly probe: string; readonly target: string; readonly saw: string }[];
  readonly notChecked: readonly NotChecked[];
}

const MOST_HOSTS = 100;
const UNAUTHENTICATED = 401;
const FORBIDDEN = 403;

const ZONES = z.array(z.object({ id: z.string(), name: z.string() }));
const SETTING = z.object({ value: z.unknown() });
const LEVEL = z.object({ enabled: z.boolean() });
const RECORDS = z.array(z.object({ proxied: z.boolean().optional() }));
const CERTIFICATES = z.array(
  z.object({ status: z.string(), expires_on: z.string().optional(), uploaded_on: z.string().optional() }),
);
const ASSOCIATION = z.object({
  enabled: z.boolean().nullable(),
  status: z.string(),
  cert_status: z.string().optional(),
  expires_on: z.string().optional(),
});

/** Asks the control plane (Postern's or Cloudflare's: the paths are the same), and nobody else. */
export async function readControlFacts(access: ApiAccess, hosts: readonly string[]): Promise<ControlReading> {
  if (hosts.length > MOST_HOSTS)
    throw new Failure(
      `--api is asked for ${hosts.length} names; ${MOST_HOSTS} are the most.`,
      'Leave --api out, or ask in several runs.',
    );
  const asker = new Asker(access);
  const findings: Finding[] = [];
  for (const host of hosts) {
    const zone = await zoneOf(asker, host);
    if (zone === null) findings.push(unknownZone(host));
    else findings.push(...controlled(await factsOf(asker.of(host), zone, host), Date.now()));
  }
  return { findings, checked: asker.checked, notChecked: asker.notChecked };
}

/** Asks one thing after the other, and keeps what could not be asked. */
class Asker {
  readonly #access: ApiAccess;
  readonly #host: string;
  readonly checked: { readonly probe: string; readonly target: string; readonly saw: string }[];
  readonly notChecked: NotChecked[];

  constructor(access: ApiAccess, host = '', kept: Pick<Asker, 'checked' | 'notChecked'> | null = null) {
    this.#access = access;
    this.#host = host;
    this.checked = kept?.checked ?? [];
    this.notChecked = kept?.notChecked ?? [];
  }

  of(host: string): Asker {
    return new Asker(this.#access, host, this);
  }

  /** The answer; null where there is none. A token that is no good at all ends everything. */
  async ask<T>(what: string, path: string, shape: z.ZodType<T>): Promise<T | null> {
    try {
      const { result } = await callApi<unknown>(this.#access, 'GET', `/client/v4/${path}`);
      const parsed = shape.safeParse(result);
      if (parsed.success) {
        this.checked.push({ probe: `control plane: ${what}`, target: this.#host, saw: short(parsed.data) });
        return parsed.data;
      }
      this.notChecked.push({ what: this.#named(what), why: 'the control plane answers in a shape that is not known' });
      return null;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status === UNAUTHENTICATED) throw error;
      const why = error.status === FORBIDDEN ? 'the token may not read it' : 'the control plane knows of none';
      this.notChecked.push({ what: this.#named(what), why });
      return null;
    }
  }

  #named(what: string): string {
    return this.#host === '' ? what : `${what} of ${this.#host}`;
  }
}

const LONGEST = 120;

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

async function zoneOf(asker: Asker, host: string): Promise<string | null> {
  const labels = host.split('.');
  for (let first = 0; first < labels.length - 1; first++) {
    const name = labels.slice(first).join('.');
    const zones = await asker.of(host).ask('zones', `zones?name=${encodeURIComponent(name)}`, ZONES);
    const found = zones?.find((zone) => zone.name === name);
    if (found !== undefined) return found.id;
  }
  return null;
}

async function factsOf(asker: Asker, id: string, host: string): Promise<ControlFacts> {
  const zone = `zones/${encodeURIComponent(id)}`;
  const pulls = `${zone}/origin_tls_client_auth`;
  const mode = await asker.ask('SSL mode', `${zone}/settings/ssl`, SETTING);
  const always = await asker.ask('Always Use HTTPS', `${zone}/settings/always_use_https`, SETTING);
  const records = await asker.ask('DNS records', `${zone}/dns_records?name=${encodeURIComponent(host)}`, RECORDS);
  const global = await asker.ask('global level', `${zone}/settings/tls_client_auth`, SETTING);
  const level = await asker.ask('zone level', `${pulls}/settings`, LEVEL);
  const own = await association(asker, pulls, host);
  const uploads = level?.enabled === true ? await asker.ask('zone certificates', pulls, CERTIFICATES) : null;
  return {
    host,
    mode: typeof mode?.value === 'string' ? mode.value : null,
    alwaysHttps: always === null ? null : always.value === 'on',
    proxied: records === null || records.length === 0 ? null : records.every(({ proxied }) => proxied === true),
    levels: {
      hostname: own.level,
      zone: level?.enabled ?? null,
      global: global === null ? null : global.value === 'on',
    },
    certificate: own.level === 'on' ? own.certificate : own.level === 'unset' ? newest(uploads ?? []) : null,
  };
}

interface OwnLevel {
  readonly level: ControlFacts['levels']['hostname'];
  readonly certificate: ControlFacts['certificate'];
}

// A hostname that was never set is an error of the API, and no fault.
async function association(asker: Asker, pulls: string, host: string): Promise<OwnLevel> {
  const before = asker.notChecked.length;
  const found = await asker.ask('hostname level', `${pulls}/hostnames/${encodeURIComponent(host)}`, ASSOCIATION);
  if (found === null) {
    const [why] = asker.notChecked.splice(before);
    if (why !== undefined && why.why !== 'the control plane knows of none') {
      asker.notChecked.push(why);
      return { level: null, certificate: null };
    }
    return { level: 'unset', certificate: null };
  }
  if (found.enabled === null) return { level: 'unset', certificate: null };
  const status = found.status === 'active' ? (found.cert_status ?? found.status) : found.status;
  return { level: found.enabled ? 'on' : 'off', certificate: { status, ends: timeOf(found.expires_on) } };
}

function newest(certificates: z.infer<typeof CERTIFICATES>): ControlFacts['certificate'] {
  const live = certificates.filter(({ status }) => !/delet/.test(status));
  const [first] = live.toSorted((a, b) => (b.uploaded_on ?? '').localeCompare(a.uploaded_on ?? ''));
  return first === undefined ? null : { status: first.status, ends: timeOf(first.expires_on) };
}

function timeOf(text: string | undefined): number | null {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
