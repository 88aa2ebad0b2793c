import type { ApacheEffective } from '../../server/apache/tree.ts';
import type { Place } from '../../server/place.ts';
import { all, any, not } from '../caller.ts';
import type { Holds } from '../text.ts';
import { addressOf, compare } from '../value.ts';
import { evaluate } from './expression.ts';
import { type Scope, scopesFor } from './sections.ts';
import { type ApacheSite, setting } from './sites.ts';
import type { RequestWorld } from './world.ts';

/** Whether a request may go on, and what said so. */
export interface Access {
  readonly truth: Holds;
  readonly where: Place | null;
}

/** What `Require`, `SSLRequire`, `Order`, `Allow` and `Deny` say of a request, in all sections that it goes through. */
export function accessOf(site: ApacheSite, content: readonly string[], world: RequestWorld): Access {
  const scopes = scopesFor(site, world.caller, content);
  const conditionals = [
    [...site.above, ...site.level].filter(isConditional),
    ...scopes.map((scope) => scope.filter(isConditional)),
  ];
  return withConditionals(conditionals.flat(), scopes, site, world);
}

function isConditional({ name }: ApacheEffective): boolean {
  return name === 'if' || name === 'elseif' || name === 'else';
}

const MAX_CONDITIONALS = 64;

/** `<If>` is merged last, behind everything else. */
function withConditionals(
  conditionals: readonly ApacheEffective[],
  scopes: readonly Scope[],
  site: ApacheSite,
  world: RequestWorld,
): Access {
  let taken: Holds = 'no';
  const added: Scope[] = [];
  const doubtful: ApacheEffective[] = [];
  for (const { name, args, inner, place, source } of conditionals.slice(0, MAX_CONDITIONALS)) {
    if (name === 'if') taken = 'no';
    const own = name === 'else' ? 'yes' : evaluate(expressionIn(args, source.rest, 0), world);
    const holds = all([not(taken), own]);
    taken = any([taken, own]);
    if (holds === 'yes') added.push(inner ?? []);
    else if (holds !== 'no' && decides(inner ?? [])) doubtful.push({ name, args, inner, place, source });
  }
  const whole = [...scopes, ...added];
  const access = judged(whole, site, world);
  const [first] = doubtful;
  if (first === undefined) return access;
  const other = judged([...whole, first.inner ?? []], site, world);
  return other.truth === access.truth ? access : { truth: 'unclear', where: first.place };
}

function decides(inner: Scope): boolean {
  return inner.some(({ name }) => /^(?:require|sslrequire|order$|allow$|deny$|satisfy$)/.test(name));
}

/** The expression behind `skipped` words: quoted as a whole, or written as it is. */
function expressionIn(args: readonly string[], rest: string, skipped: number): string {
  if (args.length === skipped + 1) return args[skipped] ?? '';
  return rest.trim().split(/\s+/).slice(skipped).join(' ');
}

function judged(scopes: readonly Scope[], site: ApacheSite, world: RequestWorld): Access {
  const authorized = authorization(scopes, world);
  const admitted = byAddress(scopes, world);
  const ssl = sslRules(scopes, site, world);
  const satisfy = lastNamed(scopes, 'satisfy');
  const isAny = satisfy?.args[0]?.toLowerCase() === 'any';
  if (isAny) world.turned.add('address');
  const accessible = all([admitted.truth, ssl.truth]);
  const truth = isAny
    ? anyOfTwo(authorized.truth, accessible, isStrict(scopes, site))
    : all([authorized.truth, accessible]);
  const parts = [ssl, authorized, admitted];
  const deciding =
    parts.find((part) => part.truth === truth && part.where !== null) ?? parts.find(({ where }) => where !== null);
  return { truth, where: isAny && satisfy !== undefined ? satisfy.place : (deciding?.where ?? null) };
}

// `SSLRequire` is one of the conditions of which `Satisfy any` wants one. With `StrictRequire` it is asked again, but only
// where a user is wanted: what needs no user, or is not said at all, has let everybody in by then.
function anyOfTwo(authorized: Holds, accessible: Holds, strict: boolean): Holds {
  const either = any([authorized, accessible]);
  return strict && authorized === 'either' && accessible !== 'yes' ? 'unclear' : either;
}

function isStrict(scopes: readonly Scope[], { above, level }: ApacheSite): boolean {
  const said = [...above, ...level, ...scopes.flat()].filter(({ name }) => name === 'ssloptions');
  return said.some(({ args }) => args.some((word) => /^\+?strictrequire$/i.test(word)));
}

function lastNamed(scopes: readonly Scope[], name: string): ApacheEffective | undefined {
  return scopes.flat().findLast((one) => one.name === name);
}

/** The last section that says who is authorized says it alone, unless `AuthMerging` joins it to those before. */
function authorization(scopes: readonly Scope[], world: RequestWorld): Access {
  return scopes.reduce<Access>(
    (before, scope) => {
      const rules = scope.filter(isRequire);
      const [first] = rules;
      if (first === undefined) return before;
      const own = anyOf(rules, world);
      const merging = before.where === null ? 'off' : scope.findLast(({ name }) => name === 'authmerging')?.args[0];
      return { truth: merged(before.truth, own, merging?.toLowerCase()), where: first.place };
    },
    { truth: 'yes', where: null },
  );
}

function merged(before: Holds, own: Holds, merging: string | undefined): Holds {
  if (merging === 'and') return all([before, own]);
  return merging === 'or' ? any([before, own]) : own;
}

function isRequire({ name }: ApacheEffective): boolean {
  return name === 'require' || name === 'requireany' || name === 'requireall' || name === 'requirenone';
}

// What is refused by name does not let anybody in.
function anyOf(rules: readonly ApacheEffective[], world: RequestWorld): Holds {
  const positive = rules.filter(({ name, args }) => !(name === 'require' && args[0]?.toLowerCase() === 'not'));
  return any(positive.map((rule) => ruleTruth(rule, world)));
}

function ruleTruth(rule: ApacheEffective, world: RequestWorld): Holds {
  const inner = (rule.inner ?? []).filter(isRequire);
  switch (rule.name) {
    case 'requireall':
      return all(inner.map((one) => ruleTruth(one, world)));
    case 'requireany':
      return anyOf(inner, world);
    case 'requirenone':
      return not(any(inner.map((one) => ruleTruth(one, world))));
    default:
      return requireTruth(rule, world);
  }
}

function requireTruth({ args, source }: ApacheEffective, world: RequestWorld): Holds {
  const no = args[0]?.toLowerCase() === 'not';
  const [kind = '', ...values] = no ? args.slice(1) : args;
  const { session, door, turned } = world;
  switch (kind.toLowerCase()) {
    case 'all':
      return settled(values[0]?.toLowerCase() === 'granted', no);
    case 'ssl':
      return settled(door.tls, no);
    case 'ssl-verify-client':
      turned.add('verify');
      return settled(session.verify === 'SUCCESS', no);
    case 'expr': {
      const truth = evaluate(
        expressionIn(no ? args.slice(1) : args, no ? source.rest.replace(/^not\s+/i, '') : source.rest, 1),
        world,
      );
      return no ? not(truth) : truth;
    }
    case 'ip':
    case 'host':
    case 'forward-dns':
      return fromAddress(world, no);
    // Nobody outside of this machine is there.
    case 'local':
      return settled(false, no);
    case 'method':
      return settled(
        values.some((method) => method.toUpperCase() === world.caller.method),
        no,
      );
    case 'env':
      if (world.caller.tries === 'nothing') return settled(false, no);
      turned.add('field');
      // What marks a caller as unwanted is easily left out; what marks one as wanted may be a secret.
      return no ? 'either' : 'unclear';
    default:
      // A password is a matter between visitors and the application: whoever has one is no less a stranger to the edge.
      return isOnCertificate(world) ? settled(session.verify === 'SUCCESS', no) : 'either';
  }
}

function fromAddress({ caller, turned }: RequestWorld, no: boolean): Holds {
  const holds = compare(addressOf(caller), { how: 'present' }, turned);
  return no ? not(holds) : holds;
}

function isOnCertificate({ fakesBasic, turned }: RequestWorld): boolean {
  if (fakesBasic) turned.add('verify');
  return fakesBasic;
}

function settled(holds: boolean, no: boolean): Holds {
  return holds !== no ? 'yes' : 'no';
}

/** `Order`, `Allow` and `Deny` (mod_access_compat). */
function byAddress(scopes: readonly Scope[], world: RequestWorld): Access {
  const scope = scopes.findLast((one) =>
    one.some(({ name }) => name === 'allow' || name === 'deny' || name === 'order'),
  );
  if (scope === undefined) return { truth: 'yes', where: null };
  const order = scope.findLast(({ name }) => name === 'order');
  const isAllowFirst = order?.args.join('').toLowerCase().replaceAll(/\s/g, '') === 'allow,deny';
  const [allowed, denied] = [addressed(scope, 'allow', world), addressed(scope, 'deny', world)];
  const truth = isAllowFirst ? all([allowed, not(denied)]) : any([allowed, not(denied)]);
  return { truth, where: (order ?? scope[0])?.place ?? null };
}

function addressed(scope: Scope, name: string, world: RequestWorld): Holds {
  const found = scope.filter((one) => one.name === name).flatMap(({ args }) => args.slice(1));
  return any(
    found.map((word) => {
      if (word.toLowerCase() === 'all') return 'yes';
      if (!/^env=/i.test(word)) return fromAddress(world, false);
      // As with `Require env`.
      if (world.caller.tries === 'nothing') return 'no';
      return name === 'deny' ? 'either' : 'unclear';
    }),
  );
}

function sslRules(scopes: readonly Scope[], site: ApacheSite, world: RequestWorld): Access {
  const rules = scopes.flat().filter(({ name }) => name === 'sslrequire' || name === 'sslrequiressl');
  const found = rules.map(({ name, args, source, place }) => ({
    truth:
      name === 'sslrequiressl' ? settled(world.door.tls, false) : evaluate(expressionIn(args, source.rest, 0), world),
    where: place,
  }));
  const truth = all(found.map((one) => one.truth));
  const where = found.find((one) => one.truth === truth)?.where ?? setting(site, 'sslrequire')?.place ?? null;
  return { truth, where };
}
