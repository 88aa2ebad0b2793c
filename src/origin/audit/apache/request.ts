import type { ServerVersion } from '../../server-version.ts';
import { type Caller, decided, type Fate } from '../caller.ts';
import type { Said } from '../said.ts';
import type { Door } from '../gate.ts';
import { type Access, accessOf } from './access.ts';
import { apacheContent } from './content.ts';
import { handshake, type Session, tlsVersions, verifyMode } from './handshake.ts';
import { rewritten } from './rewrite.ts';
import { type Scope, scopesFor } from './sections.ts';
import { type ApacheSite, type ApacheSites, setting, siteFor } from './sites.ts';
import { type RequestWorld, requestWorld } from './world.ts';

const REFUSED: Fate = { kind: 'refused', because: null };

/** What becomes of a caller at a door of Apache. */
export function apacheFate(all: ApacheSites, caller: Caller, door: Door, version: ServerVersion): Fate {
  const site = siteFor(all, caller.host, door);
  // Sessions of another name are not taken up since 2.4.64; before, that is for a live look to find out.
  if (caller.resumes === 'other') return REFUSED;
  // Who says a name in the handshake must say one in the request.
  if (caller.host === '' && caller.serverName !== null && door.tls) return REFUSED;
  const session: Session | Fate = door.tls
    ? handshake(all, caller, door, version)
    : { verify: 'NONE', shown: 'nothing' };
  return 'kind' in session ? session : requestFate(site, caller, session, door);
}

function requestFate(site: ApacheSite, caller: Caller, session: Session, door: Door): Fate {
  const { path } = caller;
  const content = apacheContent(site, path);
  const scopes = scopesFor(site, caller, content);
  const options = [...site.above, ...site.level, ...scopes.flat()].filter(({ name }) => name === 'ssloptions');
  const fakesBasic = options.some(({ args }) => args.some((word) => /^\+?fakebasicauth$/i.test(word)));
  const world = requestWorld({ caller, session, door, path, fakesBasic });
  const level = site.host === null ? site.above : site.level;
  return rewritten(level, world, () =>
    askedAgain(site, scopes.flat(), world, () => {
      const access = accessOf(site, content, world);
      const passed = () => rewritten(scopes.flat(), world, () => served(site, content, world, access));
      const refused = () => errorPage(site, world) ?? REFUSED;
      return decided(access.truth, access.where ?? site.place, 'a rule that was not understood', passed, refused);
    }),
  );
}

/** `SSLVerifyClient` in a section asks after the handshake, which in TLS 1.3 nobody answers (RFC 8446 §4.6.2). */
function askedAgain(site: ApacheSite, scope: Scope, world: RequestWorld, on: () => Fate): Fate {
  const again = scope.findLast(({ name }) => name === 'sslverifyclient');
  const mode = again?.args[0]?.toLowerCase();
  if (again === undefined || mode !== 'require' || verifyMode(site) === 'require' || !world.door.tls) return on();
  if (world.caller.shows === 'right' && !tlsVersions(site).includes('1.3')) return on();
  const because: Said = { code: 'verified_by_path', where: again.place, detail: 'TLS 1.3 callers are refused' };
  return { kind: 'refused', because };
}

function served(site: ApacheSite, content: readonly string[], world: RequestWorld, access: Access): Fate {
  const { caller, turned } = world;
  // Without a rule on what is in the certificate everybody whom the authority vouches for is meant.
  if (caller.shows === 'look_alike' && !turned.has('loose')) return { kind: 'refused', because: null };
  return { kind: 'served', reaches: content, because: cause(site, world, access) };
}

/** Why somebody without the right certificate gets in here. */
function cause(site: ApacheSite, { caller, turned, session }: RequestWorld, { where }: Access): Said {
  const rule = where ?? site.place;
  if (caller.shows === 'look_alike') return { code: 'loose_pin', where: rule, detail: '' };
  if (turned.has('address') || turned.has('field')) {
    const asks = verifyMode(site) !== 'none' || turned.has('verify') || turned.has('identity');
    return { code: asks ? 'or_instead_of_and' : 'not_a_lock', where: rule, detail: '' };
  }
  if (session.shown === 'self_made') {
    if (turned.has('identity')) return { code: 'issuer_by_name', where: rule, detail: '' };
    if (turned.has('verify')) return { code: 'tests_for_none_only', where: rule, detail: '' };
  }
  return modeCause(site);
}

function modeCause(site: ApacheSite): Said {
  const ask = setting(site, 'sslverifyclient');
  const where = ask?.place ?? site.place;
  const mode = verifyMode(site);
  if (mode === 'optional_no_ca') return { code: 'unverified', where, detail: '' };
  if (mode === 'optional') return { code: 'optional', where, detail: '' };
  const inside = site.level.flatMap(({ inner }) => inner ?? []);
  const asked = inside.find(({ name, args }) => name === 'sslverifyclient' && args[0]?.toLowerCase() !== 'none');
  if (asked !== undefined) return { code: 'verified_by_path', where: asked.place, detail: '' };
  const authority = setting(site, 'sslcacertificatefile') ?? setting(site, 'sslcacertificatepath');
  if (authority !== undefined) return { code: 'verification_off', where: authority.place, detail: '' };
  return { code: 'not_asked', where, detail: '' };
}

/** A page for refused callers that the application makes is the application: Apache does not ask a second time. */
function errorPage(site: ApacheSite, world: RequestWorld): Fate | null {
  if (world.caller.shows === 'right') return null;
  const page = [...site.above, ...site.level].findLast(
    ({ name, args }) => name === 'errordocument' && args[0] === '403',
  );
  const path = page?.args[1];
  if (page === undefined || path === undefined || !path.startsWith('/')) return null;
  const content = apacheContent(site, path);
  const proxied = content.filter((one) => !one.startsWith('files:'));
  if (proxied.length === 0) return null;
  return { kind: 'served', reaches: proxied, because: { code: 'error_page', where: page.place, detail: path } };
}
